/** The whole state of a guest as plain data: what a snapshot holds beside the modules themselves. */
import type { StackLedgerState } from "./stack.ts";
import type { Kind } from "../core/signature.ts";
import type { StoreState } from "../interp/run/store_state.ts";
import type { STATE_FORMAT } from "../protocol/state_form.ts";
import type { ProcessState } from "../wasi/process_state.ts";

/** A call that is under way: what has to be known when it comes back. */
export interface PendingCall {
  /** Numbers of the instance and of its export. */
  readonly instance: number;
  readonly exported: number;
  /** What it returns in the guest's memory, if it does. */
  readonly content?: Kind;
  /** Room that its arguments take there. */
  readonly rooms: readonly { readonly address: number; readonly size: number }[];
}

/** As `protocol/state_form.ts` looks at it, field by field. */
export interface GuestState {
  readonly format: typeof STATE_FORMAT;
  readonly store: StoreState;
  /** Fuel units since the life began, those of before the call, and what the call alone may consume. */
  readonly consumed: bigint;
  readonly consumedBefore: bigint;
  readonly callFuel?: bigint;
  readonly hostCalls: number;
  readonly refusals: number;
  readonly stack: StackLedgerState;
  readonly wasi: ProcessState;
  /** Absent between two calls. */
  readonly call?: PendingCall;
}
