/**
 * The import `env.send_alert`. Whether an alert is taken is for the host to decide: without a grant it is dropped, and the
 * guest goes on.
 *
 *     env  send_alert(pointer, length, level)    level 0 info, 1 warning, 2 error, 3 critical
 */
import type { WasiHost } from "./host.ts";
import { LONGEST_MESSAGE } from "./log_imports.ts";
import type { ProvidedFunction } from "./provided_function.ts";
import { guestBytes, type GuestMemory } from "./wasi.ts";
import type { FuncType } from "../core/value.ts";

/** Types of the functions by name. */
export const ALERT_FUNCTIONS: Readonly<Record<string, FuncType>> = {
  send_alert: { params: ["i32", "i32", "i32"], results: [] },
};

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** The function for one instance. A message that lies outside the memory traps, as an access of the guest's own would. */
export function alertFunction(
  { host, memory }: { readonly host: WasiHost; readonly memory: GuestMemory },
): ProvidedFunction {
  return (pointer, length, level) => {
    const bytes = guestBytes(memory, Number(pointer) >>> 0, Number(length) >>> 0);
    if (bytes === undefined) {
      host.trapOutside();
      return undefined;
    }
    const most = Math.min(LONGEST_MESSAGE, host.room), message = DECODER.decode(bytes.slice(0, most));
    host.flushOutput();
    host.operations.perform("sendAlert", { level: Number(level) >>> 0, message });
    return undefined;
  };
}
