/** A server for tests of the page Tasks, and what they ask of it without the page. */
import { compile } from "watr";
import { ServerProcess } from "../cli/server_process.ts";
import type { TestServer } from "./browser.ts";

/** What the server grants. */
const POLICY = `
fuel_limit = "unlimited"
timeout = "10m"
allow_logging = true
`;

/** Text that would do something where it became markup. */
export const HOSTILE = "<img src=x onerror=globalThis.hacked=1>";

/** Logs that text, calls the host, and gives 7. */
export const LOGGING = `(module
  (import "aegis:log" "log" (func $log (param i32 i32 i32)))
  (import "env" "read_sensor" (func $read (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "${HOSTILE}")
  (func (export "main") (result i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const ${HOSTILE.length}))
    (drop (call $read (i32.const 3)))
    (i32.const 7)))`;

export const ANSWER = `(module (func (export "main") (result i32) (i32.const 42)))`;

export const ENDLESS = `(module (func (export "main") (loop $l (br $l))))`;

/** What a part of an answer says, of which no more is read. */
interface Answer {
  readonly id: string;
  readonly hash: string;
  readonly total: number;
  readonly state: string;
  readonly secret: string;
}

export class TaskServer implements TestServer {
  readonly token: string | undefined;
  readonly url: string;
  readonly #words: readonly string[];
  readonly #folder: string;
  #server: ServerProcess;

  private constructor(server: ServerProcess, words: readonly string[], folder: string) {
    this.#server = server;
    this.#words = words;
    this.#folder = folder;
    this.url = server.url;
    this.token = server.token;
  }

  static async start(): Promise<TaskServer> {
    const folder = await Deno.makeTempDir({ prefix: "aegis_tasks_page_" });
    await Deno.writeTextFile(`${folder}/policy.toml`, POLICY);
    const words = ["--policy", `${folder}/policy.toml`, "--grace", "100ms"];
    return new TaskServer(await ServerProcess.start(words, `${folder}/data`), words, folder);
  }

  /** Ends it, with all that is connected to it. */
  async end(): Promise<void> {
    await this.#server.end();
  }

  /** Starts it again, where it was, with the same data. */
  async startAgain(): Promise<void> {
    const port = Number(new URL(this.url).port);
    this.#server = await ServerProcess.start(this.#words, `${this.#folder}/data`, port);
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const bytes = body instanceof Uint8Array ? new Uint8Array(body) : undefined;
    const response = await fetch(new URL(`/api/v1${path}`, this.url), {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": bytes === undefined ? "application/json" : "application/wasm",
      },
      body: bytes ?? (body === undefined ? null : JSON.stringify(body)),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return text === "" ? {} as Answer : JSON.parse(text) as Answer; // as far as the test reads it
  }

  /** Keeps a module. @returns its hash */
  async keep(text: string, name: string): Promise<string> {
    return (await this.ask("POST", `/modules?name=${encodeURIComponent(name)}`, compile(text))).hash;
  }

  /** Makes a task. @returns its id */
  async make(task: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.ask("POST", "/tasks", task)).id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
