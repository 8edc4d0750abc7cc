import type { MissingGrant } from "../protocol/operations.ts";
import { ABORT_REASONS, type AbortReason } from "../core/outcome.ts";

/** Why the guest's code was stopped by us rather than by an instruction of its own. */
export type StopReason =
  | { readonly kind: "outOfFuel"; readonly consumed: bigint; readonly allowed: bigint }
  | { readonly kind: "timeout"; readonly elapsed: number }
  | { readonly kind: "cpuTime"; readonly elapsed: number }
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: "aborted"; readonly reason: number }
  | { readonly kind: "memory"; readonly used: number; readonly allowed: number }
  | { readonly kind: "stack" }
  | { readonly kind: "hostCalls" }
  | { readonly kind: "hostError" }
  /** Something was refused for want of a grant, and that is to end the call. */
  | { readonly kind: "denied"; readonly missing: MissingGrant }
  /** What an import was told to reach lies outside the memory of the instance that called it. */
  | { readonly kind: "outside" }
  /** A function of the host that runs in the guest's thread threw. */
  | { readonly kind: "inlineError"; readonly message: string }
  /** The guest does not keep to the ABI of values that lie in memory. */
  | { readonly kind: "abi"; readonly message: string }
  | { readonly kind: "fault"; readonly message: string };

/**
 * The reason for an abort by the host; a timeout that the host noticed first is a timeout.
 *
 * @param elapsed milliseconds that the call has taken if so
 */
export function abortStop(code: number, elapsed: number): StopReason {
  const reason = (Object.keys(ABORT_REASONS) as AbortReason[]).find((name) => ABORT_REASONS[name] === code);
  return reason === "timeout" ? { kind: "timeout", elapsed } : { kind: "aborted", reason: code };
}
