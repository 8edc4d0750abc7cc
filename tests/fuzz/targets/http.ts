/**
 * The HTTP API: sessions of requests that are made of its own document, right and wrong. No answer is a fault of the
 * server, each is what the document says, and what the store tells of itself stays consistent.
 */
import { TASK_STATES } from "../../../src/tasks/task_states.ts";
import { OpenApi } from "../../server/openapi.ts";
import { ANSWER, ServerRig } from "../../server/rig.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { Choices } from "../choices.ts";
import { type Schema, SchemaValues } from "../schema_values.ts";
import type { Attempts, Input, Target } from "../target.ts";

/** An operation of the document. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, "method" | "path">>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Requests of an input. */
const MOST_REQUESTS = 6;

/** Inputs after which the server begins anew: what it keeps makes it slow. */
const LIFE = 150;

/** Streams that do not end by themselves. */
const ENDLESS = "/api/v1/events";

const MODULES = [
  ANSWER,
  '(func (export "add") (param i32 i64) (result i64) (local.get 1))',
  '(func (export "main") unreachable)',
].map((fields) => compileText(`(module ${fields})`));

class HttpTarget implements Attempts {
  #inputs = 0;
  /** Whether the session has removed its own token. */
  #shutOut = false;
  /** Ids, hashes and names that there are. */
  #known: string[] = [];

  private constructor(
    private rig: ServerRig,
    private api: OpenApi,
    private document: Document,
    private operations: readonly Operation[],
  ) {}

  static async start(): Promise<HttpTarget> {
    const target = new HttpTarget(...await HttpTarget.#server());
    await target.#fill();
    return target;
  }

  static async #server(): Promise<[ServerRig, OpenApi, Document, readonly Operation[]]> {
    const rig = await ServerRig.start({ runtime: { fuelLimit: 100_000, timeout: 200 } }),
      api = await OpenApi.of(rig);
    const { body } = await rig.ask("GET", "/api/v1/openapi.json"), document = body as Document; // what serves it made it
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        parameters: operation.parameters ?? [],
        method: method.toUpperCase(),
        path,
      }))
    );
    return [rig, api, document, operations.filter(({ path }) => path !== ENDLESS)];
  }

  /** Modules and a task to begin with. */
  async #fill(): Promise<void> {
    this.#known = [];
    for (const bytes of MODULES) this.#learn((await this.rig.ask("POST", "/api/v1/modules", { bytes })).body);
    const [module] = this.#known;
    this.#learn((await this.rig.ask("POST", "/api/v1/tasks", { json: { name: "first", module } })).body);
  }

  #learn(body: unknown): void {
    if (typeof body !== "object" || body === null) return;
    for (const key of ["id", "hash", "group", "name", "data"]) {
      const value = (body as Record<string, unknown>)[key]; // read by name
      if ((typeof value === "string" || typeof value === "number") && !this.#known.includes(String(value))) {
        this.#known.push(String(value));
      }
    }
    if (this.#known.length > 60) this.#known.splice(8, 20);
  }

  async attempt(input: Input): Promise<void> {
    const choices = new Choices(input);
    for (let request = 0; request < MOST_REQUESTS && !choices.ended; request++) await this.#request(choices);
    this.#checkStore();
    if (++this.#inputs % LIFE === 0 || this.#shutOut) {
      this.#shutOut = false;
      await this.close();
      [this.rig, this.api, this.document, this.operations] = await HttpTarget.#server();
      await this.#fill();
    }
  }

  async #request(choices: Choices): Promise<void> {
    const operation = choices.pick(this.operations), { method } = operation;
    const values = new SchemaValues(this.document.components.schemas, choices, () => this.#known);
    const headers: Record<string, string> = {}, query = new URLSearchParams();
    let path = operation.path;
    for (const { name, in: place, schema, required = false } of operation.parameters) {
      if (!required && choices.below(3) > 0) continue;
      const drawn = values.value(schema), value = typeof drawn === "string" ? drawn : JSON.stringify(drawn);
      // A path that is another one is the document's no more.
      if (place === "path") {
        path = path.replace(`{${name}}`, encodeURIComponent(toWellFormed(value).replace(/^\.*$|^$/, "x")));
      } else if (place === "query") query.append(name, value);
      else headers[name] = value.replaceAll(/[^\x20-\x7e]/g, "?");
    }
    if (query.size > 0) path += `?${query}`;
    const answer = await this.rig.ask(method, path, {
      headers,
      ...this.#body(operation, { choices, values, headers }),
    });
    const what = `${method} ${path}`;
    if (answer.status >= 500 && !isNotReady(answer.status, path)) {
      throw new Error(
        `Status ${answer.status} of ${what}: ${JSON.stringify(answer.body)} ${
          String(this.rig.internal.at(-1))
        }`,
      );
    }
    this.api.judge(method, path, answer);
    this.#shutOut ||= answer.status === 401;
    this.#learn(answer.body);
  }

  /** What goes with a request: what the document says, cut, spoiled, or of another type. */
  #body(
    { requestBody }: Operation,
    { choices, values, headers }: {
      readonly choices: Choices;
      readonly values: SchemaValues;
      readonly headers: Record<string, string>;
    },
  ): { readonly bytes?: Input } {
    const [type = "", content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    if (content === undefined) return {};
    const how = choices.byte();
    headers["Content-Type"] = how === 255 ? "text/plain" : how === 254 ? "application/json; charset=x" : type;
    if (type !== "application/json") {
      const module = Uint8Array.from(choices.pick(MODULES)), at = choices.below(module.length);
      if (how % 2 === 0) module[at] = choices.byte();
      return { bytes: how < 16 ? choices.bytes(64) : module };
    }
    const text = JSON.stringify(values.value(content.schema)) ?? "", bytes = new TextEncoder().encode(text);
    if (how < 230) return { bytes };
    const at = choices.u16() % (bytes.length + 1);
    return {
      bytes: how < 242
        ? bytes.slice(0, at)
        : Uint8Array.from([...bytes.slice(0, at), ...choices.bytes(4), ...bytes.slice(at)]),
    };
  }

  /** Whether what the task layer tells of its tasks belongs together. */
  #checkStore(): void {
    const { tasks, internal } = this.rig, ids = tasks.ids({});
    if (internal.length > 0) throw internal[0];
    for (const id of ids) {
      const { state } = tasks.get(id);
      if (!Object.hasOwn(TASK_STATES, state)) throw new Error(`A task is ${state}`);
    }
    if (new Set(ids).size !== ids.length) throw new Error("A task is there twice");
  }

  async close(): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
  }
}

/** A unit of UTF-16 alone is no text that a URL could hold. */
function toWellFormed(text: string): string {
  return text.toWellFormed();
}

function isNotReady(status: number, path: string): boolean {
  return status === 503 && path.startsWith("/api/v1/ready");
}

/** Each operation with values that are likely, for as many as there may be, and sessions of some. */
function seeds(): Input[] {
  const plain = (index: number, fill: number) => [index, ...new Array<number>(40).fill(fill)];
  const single = Array.from(
    { length: 60 },
    (_, index) => [40, 100, 200].map((fill) => Uint8Array.from(plain(index, fill))),
  );
  return single.flat();
}

export const target: Target = {
  doc: "HTTP API: no answer above 499, each as the document says, the store consistent",
  seeds,
  mostBytes: 1500,
  patience: { base: 4000, perKiB: 1000 },
  open: () => HttpTarget.start(),
};
