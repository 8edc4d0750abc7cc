/** A server without a socket: the API, tasks of a real runtime, a store in memory. */
import { Aegis, type AegisOptions } from "../../mod.ts";
import { serverApp, type ServerParts } from "../../src/server/server_app.ts";
import { Tokens } from "../../src/server/tokens.ts";
import { TaskManager, type TaskManagerOptions } from "../../tasks.ts";
import { FakeTimers } from "../sandbox/pool_rig.ts";
import { compileText } from "../testsuite/module_bytes.ts";

export interface RigOptions {
  readonly runtime?: AegisOptions;
  readonly tasks?: TaskManagerOptions;
  /** Without tokens, as with `--no-auth`. */
  readonly open?: boolean;
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  readonly origins?: readonly string[];
}

export class ServerRig implements AsyncDisposable {
  /** Moves what is looked at each second. */
  readonly timers: FakeTimers = new FakeTimers();
  /** What the process is said to use. */
  process = { cpuTime: 0, rss: 1000, heap: 100 };
  /** What was thrown that nobody foresaw. */
  readonly internal: unknown[] = [];
  now = 0;

  private constructor(
    readonly runtime: Aegis,
    readonly tasks: TaskManager,
    readonly tokens: Tokens,
    readonly admin: string,
    options: RigOptions,
  ) {
    this.parts = serverApp({
      tasks,
      tokens,
      runtime,
      now: () => Date.now(),
      version: "0.0.0",
      meters: {
        timers: this.timers,
        process: {
          cpuTime: () => this.process.cpuTime,
          memory: () => ({ rss: this.process.rss, heap: this.process.heap }),
        },
      },
      isReady: () => true,
      onInternal: (error) => void this.internal.push(error),
      guard: {
        tokens: options.open ? undefined : tokens,
        hosts: ["localhost", "127.0.0.1"],
        origins: options.origins ?? [],
        rate: options.rate ?? { perSecond: 1e6, burst: 1e6 },
        now: () => this.now,
      },
    });
  }

  readonly parts: ServerParts;

  static async start(options: RigOptions = {}): Promise<ServerRig> {
    const runtime = await Aegis.create({ isolation: "worker", ...options.runtime });
    const tasks = TaskManager.open(runtime, options.tasks), tokens = new Tokens(memoryFile());
    return new ServerRig(runtime, tasks, tokens, tokens.add("admin", "admin", 0), options);
  }

  /** Asks as the administrator, unless other headers say otherwise. */
  async ask(method: string, path: string, options: {
    readonly json?: unknown;
    readonly bytes?: Uint8Array<ArrayBuffer>;
    readonly headers?: Readonly<Record<string, string>>;
  } = {}): Promise<{ readonly status: number; readonly body: unknown; readonly response: Response }> {
    const { json, bytes, headers } = options;
    const response = await this.parts.app.request(path, {
      method,
      headers: {
        Host: "localhost",
        Authorization: `Bearer ${this.admin}`,
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...(bytes === undefined ? {} : { "Content-Type": "application/wasm" }),
        ...headers,
      },
      body: json === undefined ? bytes ?? null : JSON.stringify(json),
    });
    const text = await response.text(),
      isJson = /^application\/json\b/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : text, response };
  }

  /** Keeps a module of these fields. @returns its hash */
  async module(fields: string): Promise<string> {
    return (await this.tasks.addModule(compileText(`(module ${fields})`))).hash;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.parts.close();
    await this.tasks.close({ grace: 0 });
    await this.runtime.close();
  }
}

function memoryFile() {
  let text: string | undefined;
  return { read: () => text, write: (next: string) => void (text = next) };
}

/** `main` gives 42. */
export const ANSWER = '(func (export "main") (result i32) (i32.const 42))';

/** `main` never ends by itself. */
export const ENDLESS = '(func (export "main") (loop $l (br $l)))';

/** Waits until something is so. */
export async function until(what: () => boolean | Promise<boolean>, milliseconds = 5000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!await what()) {
    if (performance.now() > end) throw new Error("It did not become so in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
