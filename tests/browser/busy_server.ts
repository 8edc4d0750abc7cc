/**
 * A server that has something to show: a day of history, tasks in each state, guests that run for as long as one looks.
 * The history is made by running tasks; then the server is ended, and what its store says of the time is spread over a day.
 */
import { DatabaseSync } from "node:sqlite";
import { compile } from "watr";
import { assert } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import type { TestServer } from "./browser.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** What the server grants. */
const POLICY = `
memory_limit = "16MiB"
fuel_limit = "unlimited"
timeout = "10h"
sensor = ["0=71,74,78,83,79,75", "1=48,50,49", "2=1013"]
allow_logging = true
allow_alert = "info"
`;

/** Modules to keep: a name, and the file. */
const MODULES = {
  "simple": "simple.wasm",
  "math": "math.wasm",
  "sensor": "sensor.wasm",
  "alert": "alert.wasm",
  "loop": "endless_loop.wat",
  "recursion": "endless_recursion.wat",
  "hog": "memory_hog.wat",
  "factorial": "factorial.wat",
  "pi": "c/pi/pi.wasm",
  "sieve": "assemblyscript/sieve/sieve.wasm",
} as const;

type ModuleName = keyof typeof MODULES;

/** What is made of them and started again and again. */
const REPEATED: readonly (readonly [module: ModuleName, task: Readonly<Record<string, unknown>>])[] = [
  ["simple", { name: "answer" }],
  ["sensor", { name: "read the sensors", group: "greenhouse", priority: "high" }],
  ["alert", { name: "watch the temperature", group: "greenhouse" }],
  ["math", { name: "greatest common divisor", function: "gcd", args: [1071, 462] }],
  ["factorial", { name: "factorial of 20", function: "factorial", args: ["20"] }],
  ["loop", { name: "spends all its fuel", function: "spin", limits: { fuelLimit: 300_000 } }],
  ["sensor", { name: "sensors without a grant", policy: "strict", grants: {} }],
];

/** How often; with the batch some 200 executions. */
const ROUNDS = 20, BATCH = 60;

/** Milliseconds of the history. */
const DAY = 86_400_000;

/** What a part of the answer says, of which no more is read. */
interface Made {
  readonly id: string;
  readonly hash: string;
  readonly total: number;
  readonly state: string;
}

export class BusyServer implements TestServer {
  readonly url: string;
  readonly token: string;
  readonly #server: ServerProcess;
  readonly #folder: string;
  /** The hash of each module. */
  readonly modules: ReadonlyMap<string, string>;

  private constructor(server: ServerProcess, about: {
    readonly token: string;
    readonly folder: string;
    readonly modules: ReadonlyMap<string, string>;
  }) {
    this.#server = server;
    this.#folder = about.folder;
    this.url = server.url;
    this.token = about.token;
    this.modules = about.modules;
  }

  /** @param still whether nothing runs, so that it leaves the processor to others: what would go on for ever is paused */
  static async start({ still = false }: { readonly still?: boolean } = {}): Promise<BusyServer> {
    const folder = await Deno.makeTempDir({ prefix: "aegis_busy_" }), data = `${folder}/data`;
    await Deno.writeTextFile(`${folder}/policy.toml`, POLICY);
    const words = ["--policy", `${folder}/policy.toml`, "--grace", "100ms"];
    const modules = new Map<string, string>();
    let server = await ServerProcess.start(words, data);
    const { token } = server;
    assert(token !== undefined, "the first start of a server makes a token");
    try {
      await makeHistory(new Client(server.url, token), modules);
      await server.end();
      spreadHistory(`${data}/tasks.db`, Date.now());
      server = await ServerProcess.start(words, data);
      await makePresent(new Client(server.url, token), modules, still);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
    return new BusyServer(server, { token, folder, modules });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Asks the API. */
class Client {
  constructor(readonly url: string, readonly token: string) {}

  async ask(method: string, path: string, body?: unknown): Promise<Made> {
    const bytes = body instanceof Uint8Array ? Uint8Array.from(body) : undefined;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": bytes === undefined ? "application/json" : "application/wasm",
      },
      body: bytes ?? (body === undefined ? null : JSON.stringify(body)),
    });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text || "{}") as Made; // of the server under test
  }

  /** Waits until so many tasks are in one of some states. */
  async until(states: string, right: (count: number) => boolean): Promise<void> {
    const end = Date.now() + 120_000;
    for (;;) {
      const { total } = await this.ask("GET", `/tasks?limit=1&state=${states}`);
      if (right(total)) return;
      assert(Date.now() < end, `${total} tasks are still ${states}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function makeHistory(client: Client, modules: Map<string, string>): Promise<void> {
  const settled = () => client.until("queued,running", (count) => count === 0);
  for (const [name, path] of Object.entries(MODULES)) {
    const file = await Deno.readFile(new URL(path, EXAMPLES));
    const bytes = path.endsWith(".wat") ? compile(new TextDecoder().decode(file)) : file;
    modules.set(name, (await client.ask("POST", `/modules?name=${name}`, bytes)).hash);
  }
  const repeated: string[] = [];
  for (const [module, task] of REPEATED) {
    repeated.push((await client.ask("POST", "/tasks", { ...task, module: modules.get(module) })).id);
  }
  for (let round = 0; round < ROUNDS; round++) {
    await client.ask("POST", "/tasks/bulk", { action: "start", ids: repeated });
    await settled();
  }
  await client.ask("POST", "/batches", {
    name: "common divisors",
    module: modules.get("math"),
    function: "gcd",
    group: "divisors",
    rows: Array.from({ length: BATCH }, (_, index) => [1071 + 7 * index, 462]),
  });
  for (
    const [name, module, more] of [
      ["descends for ever", "recursion", { function: "descend" }],
      ["takes all memory", "hog", { function: "hog" }],
      ["has no such function", "simple", { function: "nothing" }],
      ["two hundred digits of pi", "pi", {
        function: "compute",
        args: [200],
        limits: { fuelLimit: 100_000_000 },
      }],
    ] as const
  ) await client.ask("POST", "/tasks", { name, module: modules.get(module), start: true, ...more });
  await settled();
  await client.ask("POST", "/schedules", { task: repeated[1], cron: "*/5 * * * *" });
  await client.ask("POST", "/schedules", { task: repeated[2], cron: "0 6 * * 1-5", enabled: false });
}

/** What goes on while one looks. */
async function makePresent(
  client: Client,
  modules: ReadonlyMap<string, string>,
  still: boolean,
): Promise<void> {
  const limits = { fuelLimit: "unlimited", timeout: "10h" };
  const loop = { module: modules.get("loop"), limits, start: true }, endless: string[] = [];
  for (
    const task of [
      { name: "spins for ever", function: "spin", priority: "low" },
      { name: "counts for ever", function: "count", engine: "interpreter" },
      { name: "counts when it may", function: "count" },
    ]
  ) endless.push((await client.ask("POST", "/tasks", { ...loop, ...task })).id);
  await client.until("running", (count) => count === endless.length);
  for (const id of still ? endless : endless.slice(-1)) await client.ask("POST", `/tasks/${id}/pause`);
  await client.ask("POST", "/tasks", {
    name: "tries again in a while",
    module: modules.get("hog"),
    function: "hog",
    start: true,
    retries: { count: 3, delay: "20m", longest: "1h" },
  });
  await client.ask("POST", "/tasks", { name: "sieve", module: modules.get("sieve"), group: "later" });
  await client.until("waiting", (count) => count === 1);
}

/** Moves executions to times of the day before `now`, more of them by day than at night, in the order that they have. */
function spreadHistory(path: string, now: number): void {
  const store = new DatabaseSync(path);
  try {
    const rows = store.prepare("SELECT id, started_at FROM executions ORDER BY id").all();
    const move = store.prepare(
      "UPDATE executions SET queued_at = queued_at - ?1, started_at = started_at - ?1, " +
        "finished_at = finished_at - ?1 WHERE id = ?2",
    );
    store.exec("BEGIN");
    for (const [index, { id, started_at: started }] of rows.entries()) {
      const share = (index + 1) / (rows.length + 1), wave = Math.sin(4 * Math.PI * share) / 16;
      const at = now - DAY + Math.round(DAY * (share + wave));
      move.run(Number(started) - Math.min(at, now - 60_000), Number(id));
    }
    store.exec(`UPDATE tasks SET created_at = created_at - ${DAY}`);
    store.exec("COMMIT");
  } finally {
    store.close();
  }
}
