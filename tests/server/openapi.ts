/** The API's own document, as a judge of its answers. */
import { Ajv2020 } from "../ajv.ts";
import { assert } from "../assert.ts";
import type { ServerRig } from "./rig.ts";

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

export class OpenApi {
  readonly paths: ReadonlyMap<string, ReadonlyMap<string, Operation>>;
  /** Methods and paths whose answers were judged. */
  readonly judged: Set<string> = new Set();
  readonly #ajv: Ajv2020;
  /** What judges an answer, by its place in the document: making one takes longer than the request. */
  readonly #judges: Map<string, ReturnType<Ajv2020["compile"]>> = new Map();

  private constructor(document: Record<string, unknown>) {
    const paths = document["paths"] as Record<string, Record<string, Operation>>;
    this.paths = new Map(
      Object.entries(paths).map(([path, methods]) => [path, new Map(Object.entries(methods))]),
    );
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false });
    this.#ajv.addSchema({ $id: "api", ...document });
  }

  static async of(rig: ServerRig): Promise<OpenApi> {
    const { status, body } = await rig.ask("GET", "/api/v1/openapi.json");
    assert(status === 200, "the document is served");
    return new OpenApi(body as Record<string, unknown>);
  }

  /** Asks, and judges the answer. */
  async ask(rig: ServerRig, method: string, path: string, options: Parameters<ServerRig["ask"]>[2] = {}) {
    const answer = await rig.ask(method, path, options);
    this.judge(method, path, answer);
    return answer;
  }

  judge(
    method: string,
    path: string,
    { status, body, response }: Awaited<ReturnType<ServerRig["ask"]>>,
  ): void {
    const template = this.#template(path.split("?")[0] ?? ""), name = `${method} ${template}`;
    const operation = this.paths.get(template)?.get(method.toLowerCase());
    assert(operation !== undefined, `${name} stands in the document`);
    const answer = operation.responses[String(status)];
    assert(answer !== undefined, `${name} may answer ${status}: ${JSON.stringify(body)}`);
    const type = response.headers.get("content-type")?.split(";")[0] ?? "",
      schema = answer.content?.[type]?.schema;
    assert(
      answer.content === undefined ? body === "" : schema !== undefined,
      `${name} ${status} may be ${type}`,
    );
    this.judged.add(`${name} ${status}`);
    if (type !== "application/json") return;
    const pointer = [
      "paths",
      template,
      method.toLowerCase(),
      "responses",
      String(status),
      "content",
      type,
      "schema",
    ]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    const validate = this.#judges.get(pointer) ?? this.#ajv.compile({ $ref: `api#/${pointer}` });
    this.#judges.set(pointer, validate);
    assert(
      validate(body) === true,
      `${name} ${status}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`,
    );
  }

  #template(path: string): string {
    const fits = (template: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
    return this.paths.has(path) ? path : [...this.paths.keys()].find(fits) ?? path;
  }
}
