/** Handlers of small guests, written down as text. */
import { Aegis, type AegisOptions } from "../../../mod.ts";
import { type HttpHandler, httpHandler, type HttpOptions, type LogEntry } from "../../../wrappers.ts";
import { compileText } from "../../testsuite/module_bytes.ts";

/** A handler in a runtime of its own. */
export class Served implements AsyncDisposable {
  readonly log: LogEntry[] = [];

  constructor(readonly runtime: Aegis, readonly make: (onLog: (entry: LogEntry) => void) => HttpHandler) {
    this.handler = make((entry) => void this.log.push(entry));
  }

  readonly handler: HttpHandler;

  /** Status and text of an answer. */
  async ask(path: string, init: RequestInit = {}): Promise<readonly [status: number, text: string]> {
    const response = await this.handler.fetch(new Request(`http://localhost${path}`, init));
    return [response.status, await response.text()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handler.close({ grace: 0 });
    await this.runtime.close();
  }
}

/** What guests of these tests are bounded by. */
const LIMITS: AegisOptions = { timeout: "20s", memoryLimit: "16MiB", fuelLimit: "unlimited" };

/** @param guest text, bytes, or the path of a file below the root */
export async function served(
  guest: string | Uint8Array<ArrayBuffer>,
  options: HttpOptions = {},
  limits: AegisOptions = {},
): Promise<Served> {
  const runtime = await Aegis.create({ ...LIMITS, ...limits });
  const module = typeof guest !== "string"
    ? await runtime.loadBytes(guest)
    : guest.startsWith("(")
    ? await runtime.loadBytes(compileText(guest))
    : await runtime.loadFile(new URL(`../../../${guest}`, import.meta.url).pathname);
  return new Served(runtime, (onLog) => httpHandler(runtime, module, { onLog, ...options }));
}

function escaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}

/** A program that prints these bytes as they are, and then does what the text says. */
export function printing(output: string | Uint8Array, then = ""): string {
  const bytes = typeof output === "string" ? new TextEncoder().encode(output) : output;
  const pages = Math.ceil((bytes.length + 1024) / 65_536);
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") ${pages})
    (data (i32.const 1024) "${escaped(bytes)}")
    (func $print (param $from i32) (param $length i32)
      (i32.store (i32.const 0) (local.get $from)) (i32.store (i32.const 4) (local.get $length))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") (call $print (i32.const 1024) (i32.const ${bytes.length})) ${then}))`;
}

/** A function handle that returns these bytes, whatever it is asked. */
export function returning(output: string | Uint8Array, kind = "json"): string {
  const bytes = typeof output === "string" ? new TextEncoder().encode(output) : output;
  const section = `handle(${kind}) -> ${kind}\\n`;
  return `(module
    (@custom "aegis:signatures" "${section}")
    (memory (export "memory") 64)
    (data (i32.const 4096) "${escaped(bytes)}")
    (func (export "aegis_alloc") (param i32) (result i32) (i32.const 2097152))
    (func (export "aegis_free") (param i32 i32))
    (func (export "handle") (param i32 i32) (result i64)
      (i64.const ${(4096n << 32n) | BigInt(bytes.length)})))`;
}
