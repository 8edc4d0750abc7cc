/** The API of a server under test, for what a test brings about behind a page's back. */
import { compile } from "watr";
import { assert } from "../assert.ts";

/** What a part of an answer says, of which no more is read. */
export interface Made {
  readonly id: string;
  readonly hash: string;
  readonly secret: string;
  readonly state: string;
  readonly total: number;
}

export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor({ url, token }: { readonly url: string; readonly token: string | undefined }) {
    this.#url = url;
    this.#token = token ?? "";
  }

  /** @throws where the server refuses */
  async ask(method: string, path: string, body?: unknown): Promise<Made> {
    const bytes = body instanceof Uint8Array ? Uint8Array.from(body) : undefined;
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        "Content-Type": bytes === undefined ? "application/json" : "application/wasm",
      },
      body: bytes ?? (body === undefined ? null : JSON.stringify(body)),
    });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text || "{}") as Made; // of the server under test
  }

  /** Keeps a module. @param text its fields @returns its hash */
  async module(text: string, name?: string): Promise<string> {
    const query = name === undefined ? "" : `?${new URLSearchParams({ name })}`;
    return (await this.ask("POST", `/modules${query}`, compile(`(module ${text})`))).hash;
  }

  /** Makes a task. @returns its id */
  async make(task: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.ask("POST", "/tasks", task)).id;
  }

  /** Makes a task and starts it. @returns its id */
  async start(name: string, module: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.ask("POST", "/tasks", { name, module, start: true, ...more })).id;
  }
}
