import {
  AegisError,
  CpuTimeExceededError,
  ExitError,
  HostCallsExceededError,
  MemoryExceededError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
} from "./errors.ts";
import type { TrapCode, TrapFrame } from "./trap.ts";
import type { CallValue } from "./value.ts";

/** Why a call was stopped from outside. Codes cross the channel. */
export const ABORT_REASONS = { timeout: 1, cancelled: 2, closed: 3 } as const;

/** A key of {@linkcode ABORT_REASONS}. */
export type AbortReason = keyof typeof ABORT_REASONS;

/** How a call ended. Failures of the guest are values; only misuse by the embedder throws. */
export type Outcome =
  | { readonly kind: "value"; readonly values: readonly CallValue[] }
  | { readonly kind: "exit"; readonly status: number }
  | {
    readonly kind: "trap";
    readonly trap: TrapCode;
    readonly message: string;
    readonly frames: readonly TrapFrame[];
  }
  | { readonly kind: "limit"; readonly limit: "fuel"; readonly consumed: bigint; readonly allowed: bigint }
  | { readonly kind: "limit"; readonly limit: "time"; readonly elapsed: number; readonly allowed: number }
  | { readonly kind: "limit"; readonly limit: "cpuTime"; readonly elapsed: number; readonly allowed: number }
  | {
    readonly kind: "limit";
    readonly limit: "memory";
    readonly used: number;
    readonly allowed: number;
    /** Whether it was V8's heap in the guest's process that was full, and no memory of WebAssembly's. */
    readonly heap?: true;
  }
  | { readonly kind: "limit"; readonly limit: "stack"; readonly allowed: number }
  | { readonly kind: "limit"; readonly limit: "hostCalls"; readonly allowed: number }
  | { readonly kind: "aborted"; readonly reason: "cancelled" | "closed" }
  | { readonly kind: "hostError"; readonly error: unknown }
  /** The guest does not keep to the ABI of values that lie in memory. */
  | { readonly kind: "abi"; readonly message: string }
  | { readonly kind: "fault"; readonly message: string };

/** The error that `call` throws for an outcome that is no value. */
export function outcomeError(outcome: Exclude<Outcome, { kind: "value" }>): unknown {
  switch (outcome.kind) {
    case "exit":
      return new ExitError(outcome.status);
    case "trap":
      return new TrapError(outcome.trap, outcome.message, outcome.frames);
    case "aborted":
      return outcome.reason === "closed"
        ? new AegisError("Closed", "The sandbox was closed during the call")
        : new AegisError("Cancelled", "The call was cancelled");
    case "hostError":
      return outcome.error;
    case "abi":
      return new AegisError("AbiViolation", `The guest does not keep to the guest ABI: ${outcome.message}`);
    case "fault":
      return new AegisError("GuestFault", `The guest's thread failed: ${outcome.message}`);
    case "limit":
      return limitError(outcome);
  }
}

function limitError(outcome: Extract<Outcome, { kind: "limit" }>): AegisError {
  switch (outcome.limit) {
    case "fuel":
      return new OutOfFuelError(outcome.consumed, outcome.allowed);
    case "time":
      return new TimeoutError(outcome.elapsed, outcome.allowed);
    case "cpuTime":
      return new CpuTimeExceededError(outcome.elapsed, outcome.allowed);
    case "memory":
      return new MemoryExceededError(outcome.used, outcome.allowed, outcome.heap);
    case "stack":
      return new StackOverflowError(outcome.allowed);
    case "hostCalls":
      return new HostCallsExceededError(outcome.allowed);
  }
}
