/**
 * A guest that asks for whatever a test says: it passes `aegis:http` on, so every request of an attack comes out of
 * WebAssembly, through the public library, to the broker's own Worker.
 */
import { nameOf } from "../../broker/errno_name.ts";
import {
  Aegis,
  type AegisOptions,
  type AuditEvent,
  type Capability,
  type Outcome,
  type Sandbox,
  type SandboxOptions,
} from "../../../mod.ts";

/** Where the guest finds texts, each with 20 KiB of room, and where it puts what it gets. */
const TEXTS = 4096, ROOM = 20 * 1024, BUFFER = 131_072, COUNT = 16;

const at = (index: number) => `(i32.const ${TEXTS + index * ROOM})`;

const textOf = (pages: number) =>
  `(module
  (import "aegis:http" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "headers" (func $headers (param i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "close" (func $close (param i32) (result i32)))
  (memory (export "memory") ${pages})
  (func (export "request") (param i32 i32 i32 i32) (result i32)
    (call $request ${at(0)} (local.get 0) ${at(1)} (local.get 1) ${at(2)} (local.get 2) ${at(3)} (local.get 3)
      (i32.const 0)))
  (func (export "headers") (param i32) (result i32)
    (call $headers (local.get 0) (i32.const ${BUFFER}) (i32.const 65536) (i32.const ${COUNT})))
  (func (export "read") (param i32) (result i32)
    (call $read (local.get 0) (i32.const ${BUFFER}) (i32.const 65536) (i32.const ${COUNT})))
  (func (export "close") (param i32) (result i32) (call $close (local.get 0))))`;

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

export interface Asked {
  readonly method?: string;
  /** Lines, each with a line feed behind it. */
  readonly headers?: string;
  readonly body?: string;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** The head of a response, while its body is unread. */
export interface Head {
  readonly response: number;
  readonly status: number;
  readonly headers: string;
}

export class HttpGuest {
  private constructor(readonly sandbox: Sandbox) {}

  /** @param pages of its memory, of 64 KiB */
  static async start(runtime: Aegis, options: SandboxOptions = {}, pages = 4): Promise<HttpGuest> {
    const sandbox = await runtime.sandbox(options).build();
    await sandbox.loadModule(await runtime.loadWat(textOf(pages)));
    return new HttpGuest(sandbox);
  }

  /** How the call ended that sends a request. */
  async ask(url: string, asked: Asked = {}): Promise<Outcome> {
    const { method = "GET", headers = "", body = "", ...options } = asked;
    const texts = [method, url, headers, body].map((text) => ENCODER.encode(text));
    for (const [index, bytes] of texts.entries()) await this.sandbox.writeMemory(TEXTS + index * ROOM, bytes);
    return await this.sandbox.tryCall("request", texts.map(({ length }) => length), options);
  }

  /** Sends a request; its head, or the name of the error number, or how else the call ended. */
  async head(url: string, asked: Asked = {}): Promise<Head | string> {
    const outcome = await this.ask(url, asked);
    if (outcome.kind !== "value") return outcome.kind === "limit" ? outcome.limit : outcome.kind;
    const errno = Number(outcome.values[0]);
    if (errno !== 0) return nameOf(errno);
    const response = await this.#u32(0), status = await this.#u32(4);
    await this.sandbox.call("headers", [response]);
    const lines = await this.sandbox.readMemory(BUFFER, await this.#u32(COUNT));
    return { response, status, headers: DECODER.decode(lines) };
  }

  /** The next bytes of a body, none at its end, or the name of the error number. */
  async read(response: number): Promise<Uint8Array | string> {
    const errno = Number(await this.sandbox.call("read", [response]));
    return errno === 0 ? await this.sandbox.readMemory(BUFFER, await this.#u32(COUNT)) : nameOf(errno);
  }

  /** The rest of a body, or the name of the error number. */
  async body(response: number): Promise<string> {
    let text = "";
    for (;;) {
      const bytes = await this.read(response);
      if (typeof bytes === "string") return bytes;
      if (bytes.length === 0) return text;
      text += DECODER.decode(bytes);
    }
  }

  /** The name of the error number. */
  async close(response: number): Promise<string> {
    return nameOf(Number(await this.sandbox.call("close", [response])));
  }

  /** Status and body; the name of the error number of whatever failed. */
  async fetch(url: string, asked: Asked = {}): Promise<string> {
    const head = await this.head(url, asked);
    if (typeof head === "string") return head;
    const text = await this.body(head.response);
    await this.close(head.response);
    return `${head.status} ${text}`;
  }

  async #u32(offset: number): Promise<number> {
    return new DataView((await this.sandbox.readMemory(offset, 4)).buffer).getUint32(0, true);
  }
}

/** A runtime with one guest in it, and what was recorded. */
export interface HttpRig extends AsyncDisposable {
  readonly runtime: Aegis;
  readonly guest: HttpGuest;
  readonly events: readonly AuditEvent[];
  /** Places that were refused, in order; those of a moment ago may still be missing before the runtime is closed. */
  readonly refused: () => string[];
}

export async function startHttp(
  capabilities: readonly Capability[],
  options: AegisOptions = {},
  own: SandboxOptions = {},
): Promise<HttpRig> {
  const events: AuditEvent[] = [];
  const runtime = await Aegis.create({
    isolation: "worker",
    timeout: "5s",
    capabilities,
    onAudit: (event) => void events.push(event),
    ...options,
  });
  return {
    runtime,
    guest: await HttpGuest.start(runtime, own),
    events,
    refused: () => events.filter(({ allowed }) => !allowed).map(({ target }) => target),
    [Symbol.asyncDispose]: () => runtime.close(),
  };
}
