/** What is done with a task server, over HTTP as its clients do it. */
import type { Kind } from "./work.ts";
import { compileText } from "../testsuite/module_bytes.ts";

type Json = Record<string, unknown>;

const LOOP = `(func (export "main") (loop $l (br $l)))`;

const PRINT = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)`;

/** A line that looks like the server's own words. */
const FORGED = '{"type":"execution_finished","status":"succeeded","results":[42]}';

const print = (text: string, then: string) =>
  `${PRINT} (data (i32.const 0) "\\10\\00\\00\\00\\${text.length.toString(16).padStart(2, "0")}\\00\\00\\00")
  (data (i32.const 16) "${text.replaceAll('"', '\\"')}")
  (func (export "main") ${then})`;

const WRITE = "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";

interface Attack {
  readonly fields: string;
  /** State of the task, outcome of its last execution, results. */
  readonly ends: string;
  readonly limits?: Json;
  readonly retries?: Json;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  fuel: { fields: LOOP, ends: "failed limit:fuel null", limits: { fuelLimit: 300_000 } },
  spin: { fields: LOOP, ends: "failed limit:time null", limits: { timeout: "50ms", fuelLimit: "unlimited" } },
  "start function": {
    fields: `(func $f (loop $l (br $l))) (start $f) (func (export "main"))`,
    ends: "failed Timeout null",
    limits: { timeout: "50ms", fuelLimit: "unlimited" },
  },
  growth: {
    fields: `(memory 1) (func (export "main")
      (loop $l (br_if $l (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable)`,
    ends: "failed limit:memory null",
    limits: { memoryLimit: "16MiB" },
  },
  trap: {
    fields: `(func (export "main") unreachable)`,
    ends: "failed trap:unreachable null",
    retries: { count: 1, delay: "10ms" },
  },
  flood: {
    fields: print("a line\\n".padEnd(16, "x"), `(loop $l ${WRITE} (br $l))`),
    ends: "failed limit:fuel null",
    limits: { fuelLimit: 20_000, timeout: "5m" }, // a machine that others have may take long for it
  },
  "forged result": { fields: print(FORGED, `${WRITE} unreachable`), ends: "failed trap:unreachable null" },
};

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A client of a server. */
export class Client {
  /** Milliseconds from asking for honest tasks to their results, since somebody looked last. */
  times: number[] = [];

  constructor(readonly url: string, readonly token: string) {}

  request(method: string, path: string, body?: BodyInit | Json, signal?: AbortSignal): Promise<Response> {
    const isJson = body !== undefined && Object.getPrototypeOf(body) === Object.prototype;
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(isJson ? { "Content-Type": "application/json" } : {}),
        ...(body instanceof Uint8Array ? { "Content-Type": "application/wasm" } : {}),
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body as BodyInit }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** @throws {Error} for an answer that is none of success */
  async ask(method: string, path: string, body?: BodyInit | Json): Promise<Json> {
    const response = await this.request(method, path, body), text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return text === "" ? {} : JSON.parse(text) as Json;
  }

  async module(fields: string): Promise<string> {
    return String((await this.ask("POST", "/modules", compileText(`(module ${fields})`)))["hash"]);
  }

  /** Makes a task, waits for its end, and forgets it. @returns its state, how its last execution ended, and its results */
  async run(task: Json): Promise<string> {
    const { id } = await this.ask("POST", "/tasks", { ...task, start: true });
    for (;;) {
      const { state } = await this.ask("GET", `/tasks/${id}`);
      if (state === "completed" || state === "failed" || state === "stopped") break;
      await sleep(5);
    }
    const { state } = await this.ask("GET", `/tasks/${id}`);
    const { items } = await this.ask("GET", `/tasks/${id}/executions?limit=1`) as { items: Json[] };
    await this.ask("DELETE", `/tasks/${id}`);
    return `${state} ${items[0]?.["outcome"]} ${JSON.stringify(items[0]?.["results"])}`;
  }
}

/** The kinds, each with its module on the server. */
export async function serverKinds(
  client: Client,
): Promise<{ readonly tasks: Kind[]; readonly readers: Kind[] }> {
  const sum = await client.module(
    `(func (export "main") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))`,
  );
  const loop = await client.module(LOOP);
  const hostile = await Promise.all(
    Object.entries(ATTACKS).map(async ([name, { fields, ends, limits, retries }]): Promise<Kind> => {
      const module = await client.module(fields);
      const task = { name, module, ...(limits ? { limits } : {}), ...(retries ? { retries } : {}) };
      return { name: `server: ${name}`, honest: false, run: () => client.run(task), ends };
    }),
  );
  const honest = (turn: number) => ({
    name: "server: sum",
    honest: true,
    run: async () => {
      const began = performance.now();
      const ended = await client.run({ name: "sum", module: sum, args: [turn, 1], priority: "high" });
      client.times.push(performance.now() - began);
      return ended;
    },
    ends: `completed value [${turn + 1}]`,
  });
  const sums: Kind = {
    name: "server: sum",
    honest: true,
    run: (turn) => honest(turn % 1000).run(),
    ends: (turn) => honest(turn % 1000).ends,
  };
  const cancel: Kind = {
    name: "server: cancel",
    honest: false,
    run: async () => {
      const { id } = await client.ask("POST", "/tasks", {
        name: "cancel",
        module: loop,
        limits: { fuelLimit: "unlimited" },
        start: true,
      });
      await sleep(20);
      await client.ask("POST", `/tasks/${id}/stop`);
      const { state } = await client.ask("GET", `/tasks/${id}`);
      await client.ask("DELETE", `/tasks/${id}`);
      return String(state);
    },
    ends: "stopped",
  };
  const schedule: Kind = {
    name: "server: schedule",
    honest: true,
    run: async (turn) => {
      const { id } = await client.ask("POST", "/tasks", {
        name: "by the clock",
        module: sum,
        args: [turn % 100, 2],
      });
      const made = await client.ask("POST", "/schedules", { task: id, cron: "* * * * * *" });
      let items: Json[] = [];
      for (let waited = 0; items.length === 0 && waited < 10_000; waited += 50) {
        await sleep(50);
        ({ items } = await client.ask("GET", `/tasks/${id}/executions?limit=1`) as { items: Json[] });
        items = items.filter(({ status }) => status !== "running");
      }
      await client.ask("DELETE", `/schedules/${made["id"]}`);
      await client.ask("DELETE", `/tasks/${id}`);
      return `${items[0]?.["trigger"]} ${JSON.stringify(items[0]?.["results"])}`;
    },
    ends: (turn) => `schedule [${turn % 100 + 2}]`,
  };
  const lists = [
    "/tasks?limit=100",
    "/executions?limit=100",
    "/stats",
    "/audit?limit=50",
    "/modules",
    "/meters",
  ];
  const reading: Kind = {
    name: "server: lists",
    honest: true,
    run: async (turn) => {
      await sleep(50);
      await client.ask("GET", lists[turn % lists.length] ?? "/stats");
      return "read";
    },
    ends: "read",
  };
  const events: Kind = {
    name: "server: events",
    honest: true,
    run: async () => {
      const leave = new AbortController();
      const response = await client.request("GET", "/events?audit=true&meters=true", undefined, leave.signal);
      const reader = response.body?.getReader();
      let size = 0;
      for (let part = 0; part < 5; part++) size += (await reader?.read())?.value?.length ?? 0;
      leave.abort();
      return response.ok && size > 0 ? "heard" : `${response.status}, ${size} bytes`;
    },
    ends: "heard",
  };
  const garbage: Kind = {
    name: "server: garbage",
    honest: false,
    run: async (turn) => {
      const bytes = crypto.getRandomValues(new Uint8Array(200)), wrong = turn % 2 === 0;
      const response = wrong
        ? await client.request("POST", "/modules", bytes)
        : await fetch(`${client.url}/api/v1/tasks`, { headers: { Authorization: "Bearer aegis_nobody" } });
      await response.body?.cancel();
      await sleep(20);
      return String(response.status);
    },
    ends: (turn) => turn % 2 === 0 ? "422" : "401",
  };
  return {
    tasks: [sums, ...hostile.flatMap((kind) => [kind, sums]), cancel],
    readers: [reading, events, garbage, reading, schedule],
  };
}
