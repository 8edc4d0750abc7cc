import { AbiError } from "./content_abi.ts";
import type { Refusal } from "./growth.ts";
import type { StopReason } from "./stop.ts";
import { type TrapCode, trapFromV8Message, TRAPS } from "../core/trap.ts";

/** What an error means that came out of a guest which nobody stopped. */
export type Failure =
  | Extract<StopReason, { readonly kind: "stack" | "memory" | "fault" | "abi" }>
  /** An import does not fit; the message is V8's. */
  | { readonly kind: "link"; readonly message: string }
  /** The message is V8's. */
  | { readonly kind: "trap"; readonly trap: TrapCode; readonly message: string };

/** V8's words for it; other errors of that class are ours. */
const STACK_OVERFLOW = "Maximum call stack size exceeded";

/**
 * Tells what an error means.
 *
 * @param refused the growth that was refused since the call began: a trap after it is for want of memory
 */
export function classifyFailure(error: unknown, refused: Refusal | undefined): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && message === STACK_OVERFLOW) return { kind: "stack" };
  if (error instanceof WebAssembly.LinkError) return { kind: "link", message };
  if (error instanceof AbiError) return { kind: "abi", message };
  const uncaught = isGuestException(error);
  if (!(error instanceof WebAssembly.RuntimeError) && !uncaught) return { kind: "fault", message };
  if (refused !== undefined) return { kind: "memory", ...refused };
  return uncaught
    ? { kind: "trap", trap: "uncaughtException", message: TRAPS.uncaughtException.message }
    : { kind: "trap", trap: trapFromV8Message(message), message };
}

/** Whether the guest itself threw this; the library types lack the class. */
function isGuestException(error: unknown): boolean {
  const { Exception } = WebAssembly as unknown as { Exception: new () => object };
  return error instanceof Exception;
}
