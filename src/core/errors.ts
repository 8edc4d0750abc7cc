import { formatOffset } from "./bytes.ts";
import { quote } from "./quote.ts";
import { formatByteSize, formatDuration } from "./unit_text.ts";
import type { TrapCode, TrapFrame } from "./trap.ts";

/**
 * Every code that an {@linkcode AegisError} can carry. `status` is the exit status of `aegis run` when a run ends
 * with it; numbers cross a process boundary and are never reused.
 */
export const ERROR_CODES = {
  OutOfFuel: { status: 152 },
  Timeout: { status: 124 },
  CpuTimeExceeded: { status: 124 },
  MemoryExceeded: { status: 137 },
  StackOverflow: { status: 139 },
  HostCallsExceeded: { status: 152 },
  Trap: { status: 134 },
  Exit: { status: 0 },
  Cancelled: { status: 1 },
  Reentrant: { status: 1 },
  Closed: { status: 1 },
  FunctionNotFound: { status: 1 },
  TypeMismatch: { status: 1 },
  MissingImport: { status: 77 },
  ModuleInvalid: { status: 65 },
  ModuleRefused: { status: 65 },
  ModuleNotLoaded: { status: 1 },
  InstanceEnded: { status: 1 },
  LimitTooLow: { status: 2 },
  InvalidOption: { status: 2 },
  UnsupportedPlatform: { status: 1 },
  TooManySandboxes: { status: 1 },
  PoolBusy: { status: 1 },
  HostFunctionFailed: { status: 1 },
  GuestFault: { status: 1 },
  AbiViolation: { status: 134 },
  Busy: { status: 1 },
  CapabilityDenied: { status: 77 },
  NotSaved: { status: 1 },
  SnapshotInvalid: { status: 65 },
  NotFound: { status: 1 },
  WrongState: { status: 1 },
  Full: { status: 1 },
  StoreFailed: { status: 1 },
} as const satisfies Record<string, { status: number }>;

/** The code of an {@linkcode AegisError}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What may accompany an error: a way out, the option it concerns, its cause. */
export interface AegisErrorOptions {
  /** What to do about it, in one sentence. */
  readonly suggestion?: string;
  /** The option, flag or key that is to blame. */
  readonly field?: string;
  /** What led to it. */
  readonly cause?: unknown;
}

/** The root of all errors that Aegis throws. `code` tells them apart without `instanceof`. */
export class AegisError extends Error {
  /** The name of the class. */
  override readonly name: string = "AegisError";
  /** What happened; stays the same while messages become better. */
  readonly code: ErrorCode;
  /** What to do about it, in one sentence. */
  readonly suggestion?: string;
  /** The option, flag or key that is to blame. */
  readonly field?: string;

  /** Takes what a message is made of. @param message in the form "Cannot do this: reason" */
  constructor(code: ErrorCode, message: string, options: AegisErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.suggestion !== undefined) this.suggestion = options.suggestion;
    if (options.field !== undefined) this.field = options.field;
  }
}

/** The guest burnt more fuel than its budget. Both figures are fuel units. */
export class OutOfFuelError extends AegisError {
  /** The name of the class. */
  override readonly name = "OutOfFuelError";

  /** Takes fuel units. */
  constructor(
    /** Fuel units that were burnt. */
    readonly consumed: bigint,
    /** Fuel units that might be. */
    readonly limit: bigint,
  ) {
    super("OutOfFuel", `Out of fuel: consumed ${consumed} of ${limit} units`, {
      suggestion: "Raise the fuel limit, or give the guest less to do.",
      field: "fuelLimit",
    });
  }
}

/** The call took longer than its timeout. Both figures are milliseconds of wall time. */
export class TimeoutError extends AegisError {
  /** The name of the class. */
  override readonly name = "TimeoutError";

  /** Takes milliseconds. */
  constructor(
    /** Milliseconds of wall time that passed. */
    readonly elapsed: number,
    /** Milliseconds that were allowed. */
    readonly limit: number,
  ) {
    super(
      "Timeout",
      `Timeout: the guest was stopped after ${formatDuration(elapsed)}, its limit is ${
        formatDuration(limit)
      }`,
      {
        suggestion: "Raise the timeout, or give the guest less to do.",
        field: "timeout",
      },
    );
  }
}

/** The call took more CPU time than it may. Both figures are milliseconds; time that the guest waited is not in them. */
export class CpuTimeExceededError extends AegisError {
  /** The name of the class. */
  override readonly name = "CpuTimeExceededError";

  /** Takes milliseconds. */
  constructor(
    /** Milliseconds of work that were done. */
    readonly elapsed: number,
    /** Milliseconds that were allowed. */
    readonly limit: number,
  ) {
    super(
      "CpuTimeExceeded",
      `CPU time exceeded: the guest was stopped after ${formatDuration(elapsed)} of work, its limit is ${
        formatDuration(limit)
      }`,
      { suggestion: "Raise the limit, or give the guest less to do.", field: "cpuTime" },
    );
  }
}

/** Something was asked for that was not granted, and the guest was stopped for it. */
export class CapabilityDeniedError extends AegisError {
  /** The name of the class. */
  override readonly name = "CapabilityDeniedError";

  /** The message is made of the reason. */
  constructor(
    /** The kind of the capability, or the name of one of the embedder's own. */
    readonly capability: string,
    /** What was to be done. */
    readonly action: string,
    /** Why it was denied: names the grant that is missing. */
    readonly reason: string,
    /** What would grant it. */
    readonly hint?: string,
  ) {
    super(
      "CapabilityDenied",
      `Denied: ${reason}`,
      hint === undefined ? {} : { suggestion: hint },
    );
  }
}

/** The guest failed after it was refused memory. `used` and `limit` are bytes over all memories of the sandbox. */
export class MemoryExceededError extends AegisError {
  /** The name of the class. */
  override readonly name = "MemoryExceededError";

  /** Takes bytes. */
  constructor(
    /** Bytes of all memories together. */
    readonly used: number,
    /** Bytes that they may have. */
    readonly limit: number,
    /** Whether they are bytes of V8's heap in the guest's process: of its objects, or of code that is compiled. */
    readonly heap: boolean = false,
  ) {
    super(
      "MemoryExceeded",
      heap
        ? `Memory exceeded: objects of the guest have filled the ${formatByteSize(limit)} heap of its process`
        : `Memory exceeded: the guest uses ${formatByteSize(used)} and was refused more, its limit is ${
          formatByteSize(limit)
        }`,
      {
        suggestion: heap
          ? "Raise the memory limit: the heap is as large, and 64MiB at least."
          : "Raise the memory limit.",
        field: "memoryLimit",
      },
    );
  }
}

/** The guest's call stack grew past its limit. */
export class StackOverflowError extends AegisError {
  /** The name of the class. */
  override readonly name = "StackOverflowError";

  /** Takes bytes. */
  constructor(
    /** Bytes that the stack may have. */
    readonly limit: number,
  ) {
    super(
      "StackOverflow",
      `Stack overflow: the guest's calls need more than ${formatByteSize(limit)} of stack`,
      {
        suggestion: "Raise the stack limit if the recursion is meant to be this deep.",
        field: "stackLimit",
      },
    );
  }
}

/** The guest called its host functions more often than it may. */
export class HostCallsExceededError extends AegisError {
  /** The name of the class. */
  override readonly name = "HostCallsExceededError";

  /** Takes a count. */
  constructor(
    /** Calls that were allowed. */
    readonly limit: number,
  ) {
    super("HostCallsExceeded", `Too many host calls: the limit is ${limit}`, {
      suggestion: "Raise the limit if the guest is meant to call so often.",
      field: "hostCallLimit",
    });
  }
}

/** An instruction of the guest trapped. */
export class TrapError extends AegisError {
  /** The name of the class. */
  override readonly name = "TrapError";

  /** The message is made of the reason. */
  constructor(
    /** Which trap it was. */
    readonly trap: TrapCode,
    reason: string,
    /** Where the guest was, innermost function first. */
    readonly frames: readonly TrapFrame[],
  ) {
    super("Trap", `Trap: ${reason}`);
  }
}

/** The guest ended itself with a status. */
export class ExitError extends AegisError {
  /** The name of the class. */
  override readonly name = "ExitError";

  /** Takes the status. */
  constructor(
    /** What the guest exited with; 0 says that all went well. */
    readonly status: number,
  ) {
    super("Exit", `The guest exited with status ${status}`);
  }
}

/** No function of that name is exported. `suggestions` are exported functions of a like name. */
export class FunctionNotFoundError extends AegisError {
  /** The name of the class. */
  override readonly name = "FunctionNotFoundError";

  /** The message names what is like it. @param available names of all exported functions */
  constructor(
    /** The name that was asked for. */
    readonly functionName: string,
    /** Names of exported functions that are like it. */
    readonly suggestions: readonly string[],
    available: readonly string[],
  ) {
    const hint = suggestions.length > 0
      ? `Did you mean ${suggestions.map(quote).join(" or ")}?`
      : available.length > 0
      ? `Exported functions: ${available.slice(0, 10).map(quote).join(", ")}${
        available.length > 10 ? ", …" : ""
      }.`
      : "The module exports no function.";
    super("FunctionNotFound", `Cannot find function ${quote(functionName)}. ${hint}`, {
      suggestion: hint,
    });
  }
}

/** Arguments do not fit the function's type. */
export class TypeMismatchError extends AegisError {
  /** The name of the class. */
  override readonly name = "TypeMismatchError";

  /** The message is made of all of it. @param message what could not be done */
  constructor(
    message: string,
    /** What would have fitted. */
    readonly expected: string,
    /** What was given. */
    readonly actual: string,
  ) {
    super("TypeMismatch", `${message}: expected ${expected}, got ${actual}`);
  }
}

/** The module imports something that the sandbox does not have, or has with another type. */
export class MissingImportError extends AegisError {
  /** The name of the class. */
  override readonly name = "MissingImportError";

  /** The message is made of all of it. */
  constructor(
    /** The first name of the import. */
    readonly module: string,
    /** The second name of the import. */
    readonly importName: string,
    /** Why it cannot be linked. */
    readonly reason: string,
    suggestion?: string,
  ) {
    super(
      "MissingImport",
      `Cannot link import ${quote(module)} ${quote(importName)}: ${reason}${
        suggestion ? `. ${suggestion}` : ""
      }`,
      suggestion === undefined ? {} : { suggestion },
    );
  }
}

/** The bytes are no valid WebAssembly module. `offset` counts from the first byte of the module. */
export class ModuleInvalidError extends AegisError {
  /** The name of the class. */
  override readonly name = "ModuleInvalidError";

  /** The message is made of both. */
  constructor(
    /** What is wrong there. */
    readonly reason: string,
    /** Bytes from the start of the module. */
    readonly offset: number,
  ) {
    super("ModuleInvalid", `${reason} at offset ${formatOffset(offset)}`);
  }
}

/** The module is valid, and is not run for a reason of safety or because it exceeds a limit. */
export class ModuleRefusedError extends AegisError {
  /** The name of the class. */
  override readonly name = "ModuleRefusedError";

  /** The message is the reason, and the suggestion behind it. */
  constructor(
    /** Why it is not run. */
    readonly reason: string,
    options: AegisErrorOptions = {},
  ) {
    super("ModuleRefused", options.suggestion ? `${reason}. ${options.suggestion}` : reason, options);
  }
}
