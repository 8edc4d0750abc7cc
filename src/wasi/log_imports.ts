/**
 * The `log` imports. Whether a message is taken is for the host to decide: without a logging grant it is dropped, and
 * the guest goes on.
 *
 *     aegis:log  log(level, pointer, length)    level 0 error, 1 warn, 2 info, 3 debug, 4 trace
 *     env        log(pointer, length)           the same at level info
 */
import type { WasiHost } from "./host.ts";
import { guestBytes, type GuestMemory } from "./wasi.ts";
import type { ImportName, ProvidedFunction } from "./provided_function.ts";
import { LOG_LEVELS } from "../core/log_level.ts";
import type { FuncType } from "../core/value.ts";

/** Types of the functions by module and name. */
export const LOG_FUNCTIONS: Readonly<Record<string, Readonly<Record<string, FuncType>>>> = {
  "aegis:log": { log: { params: ["i32", "i32", "i32"], results: [] } },
  env: { log: { params: ["i32", "i32"], results: [] } },
};

/** Bytes of a message that cross to the host at most; a grant may say less. */
export const LONGEST_MESSAGE = 64 * 1024;

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** The function of that name for one instance. A message that lies outside the memory is dropped. */
export function logFunction(
  { module }: ImportName,
  { host, memory }: { readonly host: WasiHost; readonly memory: GuestMemory },
): ProvidedFunction {
  const write = (level: number, pointer: number, length: number) => {
    if (level > LOG_LEVELS.trace) return undefined;
    const bytes = guestBytes(memory, pointer, length);
    if (bytes === undefined) return undefined;
    const most = Math.min(LONGEST_MESSAGE, host.room);
    host.flushOutput();
    host.operations.perform("log", { level, message: DECODER.decode(bytes.slice(0, most)) });
    return undefined;
  };
  const u32 = (value: number | bigint | undefined) => Number(value) >>> 0;
  return module === "env"
    ? (pointer, length) => write(LOG_LEVELS.info, u32(pointer), u32(length))
    : (level, pointer, length) => write(u32(level), u32(pointer), u32(length));
}
