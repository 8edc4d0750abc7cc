/**
 * What the host of the suite and its Worker say to each other. A script becomes steps; the Worker takes each step and
 * says what it saw, the host judges. So the Worker knows nothing of what is expected.
 */
import type { StopReason } from "../../../src/guest/stop.ts";
import type { PrepareOptions } from "../../../src/guest/prepare.ts";
import type { ErrorCode } from "../../../src/core/errors.ts";
import type { TrapCode } from "../../../src/core/trap.ts";

export type NumericType = "i32" | "i64" | "f32" | "f64" | "v128";

/** A number or vector, as its bits: NaNs are told apart. */
export interface NumericValue {
  readonly type: NumericType;
  readonly bits: bigint;
}

/** An argument; references are null, or an object of the host that has a number. */
export type Argument = NumericValue | { readonly type: "null" } | {
  readonly type: "host";
  readonly host: number;
};

/** What can be told of a reference. */
export type ReferenceKind = "null" | "func" | "extern" | "host" | "i31" | "struct" | "array" | "exn";

/** A result. */
export type Observed =
  | NumericValue
  /** `host` is the number of the host's object behind a reference of kind `extern` or `host`. */
  | { readonly type: "ref"; readonly is: ReferenceKind; readonly host?: number };

export type Step =
  /** Checks, instruments and compiles. */
  | { readonly do: "prepare"; readonly module: number }
  /** Links and runs the start function; unless `keep`, nothing can name the instance. */
  | {
    readonly do: "instantiate";
    readonly module: number;
    readonly keep: boolean;
    readonly name: string | undefined;
  }
  | { readonly do: "register"; readonly as: string; readonly name: string | undefined }
  | {
    readonly do: "invoke";
    readonly name: string | undefined;
    readonly field: string;
    readonly args: readonly Argument[];
  }
  | { readonly do: "get"; readonly name: string | undefined; readonly field: string };

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "returned"; readonly values: readonly Observed[] }
  | { readonly kind: "trap"; readonly trap: TrapCode; readonly message: string }
  | { readonly kind: "stopped"; readonly by: StopReason["kind"] }
  | {
    readonly kind: "refused";
    readonly code: ErrorCode;
    readonly message: string;
    readonly offset: number | undefined;
    /** Whether our reader and validator refuse it, rather than V8 alone. */
    readonly byUs: boolean;
  }
  /** It needs an instance of a module that was not even prepared. */
  | { readonly kind: "missing"; readonly because: Outcome & { readonly kind: "refused" | "fault" } }
  | { readonly kind: "unlinkable"; readonly message: string }
  /** An error that must not happen. */
  | { readonly kind: "fault"; readonly message: string };

export interface StepResult {
  readonly outcome: Outcome;
  /** Units that the step consumed. */
  readonly fuel: bigint;
}

/** What may differ between two runs of a script. */
export interface RunOptions {
  /** Units between two looks at the control words. */
  readonly slice: bigint;
  /** What an action may consume: anything, or exactly what it consumed in the first run. */
  readonly budget: "unlimited" | "exact";
  readonly prepare: Omit<PrepareOptions, "limits" | "label" | "unboundedHeap">;
}

/** First message. */
export interface StartMessage {
  readonly kind: "start";
  readonly buffer: SharedArrayBuffer;
  /** Bytes of the module that scripts import as `spectest`. */
  readonly spectest: Uint8Array<ArrayBuffer>;
  /** Bytes of the module that tells references apart. */
  readonly classifier: Uint8Array<ArrayBuffer>;
}

/** Run a script, once for each of `runs`. */
export interface ScriptRequest {
  readonly kind: "script";
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  readonly steps: readonly Step[];
  readonly runs: readonly RunOptions[];
  /** Milliseconds that a step may take. */
  readonly timeout: number;
}

/** Results by run and step, or what went wrong with the runner itself. */
export type ScriptReply = { readonly runs: readonly (readonly StepResult[])[] } | { readonly fault: string };
