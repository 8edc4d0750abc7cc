import {
  AegisError,
  CapabilityDeniedError,
  CpuTimeExceededError,
  ERROR_CODES,
  type ErrorCode,
  ExitError,
  FunctionNotFoundError,
  HostCallsExceededError,
  MemoryExceededError,
  MissingImportError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
  TypeMismatchError,
} from "../../src/core/errors.ts";
import * as errors from "../../src/core/errors.ts";
import { assert, assertEquals, assertInstanceOf } from "../assert.ts";

/** One error of each class, with what it must say; a class that is missing here fails the first test. */
const SAMPLES: readonly { error: AegisError; code: ErrorCode; message: string; field?: string }[] = [
  {
    error: new OutOfFuelError(1_000_007n, 1_000_000n),
    code: "OutOfFuel",
    message: "Out of fuel: consumed 1000007 of 1000000 units",
    field: "fuelLimit",
  },
  {
    error: new TimeoutError(1002.5, 1000),
    code: "Timeout",
    message: "Timeout: the guest was stopped after 1.00s, its limit is 1.00s",
    field: "timeout",
  },
  {
    error: new CpuTimeExceededError(12, 10),
    code: "CpuTimeExceeded",
    message: "CPU time exceeded: the guest was stopped after 12.00ms of work, its limit is 10.00ms",
    field: "cpuTime",
  },
  {
    error: new CapabilityDeniedError("database", "use", 'no custom grant names "database"', "Grant it."),
    code: "CapabilityDenied",
    message: 'Denied: no custom grant names "database"',
  },
  {
    error: new MemoryExceededError(65_536, 1_048_576),
    code: "MemoryExceeded",
    message: "Memory exceeded: the guest uses 64KiB and was refused more, its limit is 1MiB",
    field: "memoryLimit",
  },
  {
    error: new StackOverflowError(524_288),
    code: "StackOverflow",
    message: "Stack overflow: the guest's calls need more than 512KiB of stack",
    field: "stackLimit",
  },
  {
    error: new HostCallsExceededError(1000),
    code: "HostCallsExceeded",
    message: "Too many host calls: the limit is 1000",
    field: "hostCallLimit",
  },
  {
    error: new TrapError("divideByZero", "integer divide by zero", [{ functionIndex: 3, offset: 0x1f }]),
    code: "Trap",
    message: "Trap: integer divide by zero",
  },
  { error: new ExitError(3), code: "Exit", message: "The guest exited with status 3" },
  {
    error: new FunctionNotFoundError("ad", ["add"], ["add", "sub"]),
    code: "FunctionNotFound",
    message: 'Cannot find function "ad". Did you mean "add"?',
  },
  {
    error: new TypeMismatchError('Cannot call "add" with argument 2', "i32", '"five"'),
    code: "TypeMismatch",
    message: 'Cannot call "add" with argument 2: expected i32, got "five"',
  },
  {
    error: new MissingImportError("env", "log", "no such function", "Register it with registerFunc."),
    code: "MissingImport",
    message: 'Cannot link import "env" "log": no such function. Register it with registerFunc.',
  },
  {
    error: new ModuleInvalidError('Cannot read section "code": count 70000 exceeds 50000', 31),
    code: "ModuleInvalid",
    message: 'Cannot read section "code": count 70000 exceeds 50000 at offset 0x1f',
  },
  {
    error: new ModuleRefusedError("Cannot run a module with GC types", { suggestion: "Compile without GC." }),
    code: "ModuleRefused",
    message: "Cannot run a module with GC types. Compile without GC.",
  },
];

Deno.test("every error class carries its code, its name, its message and the option to blame", () => {
  for (const { error, code, message, field } of SAMPLES) {
    assertInstanceOf(error, AegisError);
    assertInstanceOf(error, Error);
    assertEquals(error.code, code);
    assertEquals(error.name, `${code}Error`);
    assertEquals(error.constructor.name, error.name);
    assertEquals(error.message, message);
    assertEquals(error.field, field, code);
  }
});

Deno.test("every exported error class has a sample, and no two share a code", () => {
  const classes = Object.values(errors)
    .filter((value) => typeof value === "function" && value.prototype instanceof AegisError)
    .map((value) => String((value as { name?: unknown }).name)); // a class, by the filter
  assertEquals(SAMPLES.map(({ error }) => error.name).sort(), classes.sort());
  assertEquals(new Set(SAMPLES.map(({ code }) => code)).size, SAMPLES.length);
});

Deno.test("ERROR_CODES keeps the exit statuses that scripts rely on", () => {
  const statuses: Record<ErrorCode, number> = {
    OutOfFuel: 152,
    Timeout: 124,
    CpuTimeExceeded: 124,
    MemoryExceeded: 137,
    StackOverflow: 139,
    HostCallsExceeded: 152,
    Trap: 134,
    Exit: 0,
    Cancelled: 1,
    Reentrant: 1,
    Closed: 1,
    FunctionNotFound: 1,
    TypeMismatch: 1,
    MissingImport: 77,
    ModuleInvalid: 65,
    ModuleRefused: 65,
    ModuleNotLoaded: 1,
    InstanceEnded: 1,
    LimitTooLow: 2,
    InvalidOption: 2,
    UnsupportedPlatform: 1,
    TooManySandboxes: 1,
    PoolBusy: 1,
    HostFunctionFailed: 1,
    GuestFault: 1,
    AbiViolation: 134,
    Busy: 1,
    CapabilityDenied: 77,
    NotSaved: 1,
    SnapshotInvalid: 65,
    NotFound: 1,
    WrongState: 1,
    Full: 1,
    StoreFailed: 1,
  };
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) { // keys of the table
    assertEquals<number>(ERROR_CODES[code].status, statuses[code], code);
  }
});

Deno.test("an error keeps the figures that a handler needs", () => {
  const fuel = new OutOfFuelError(7n, 5n);
  assertEquals([fuel.consumed, fuel.limit], [7n, 5n]);
  const time = new TimeoutError(12, 10);
  assertEquals([time.elapsed, time.limit], [12, 10]);
  const memory = new MemoryExceededError(3, 4);
  assertEquals([memory.used, memory.limit], [3, 4]);
  assertEquals(new ExitError(9).status, 9);
  assertEquals(new ModuleInvalidError("x", 17).offset, 17);
  const frames = [{ functionIndex: 1, functionName: "f", offset: 2 }];
  const trap = new TrapError("unreachable", "unreachable executed", frames);
  assertEquals([trap.trap, trap.frames], ["unreachable", frames]);
  const missing = new MissingImportError("env", "log", "none");
  assertEquals([missing.module, missing.importName, missing.suggestion], ["env", "log", undefined]);
  const mismatch = new TypeMismatchError("Cannot call", "i32", "string");
  assertEquals([mismatch.expected, mismatch.actual], ["i32", "string"]);
});

Deno.test("AegisError keeps its cause, and has none unless given", () => {
  const cause = new Error("inner");
  assertEquals(new AegisError("GuestFault", "outer", { cause }).cause, cause);
  assertEquals(Object.hasOwn(new AegisError("GuestFault", "outer"), "cause"), false);
});

Deno.test("FunctionNotFoundError lists exports when no name is like the wanted one", () => {
  const few = new FunctionNotFoundError("zzz", [], ["add", "sub"]);
  assertEquals(few.message, 'Cannot find function "zzz". Exported functions: "add", "sub".');
  assertEquals(few.suggestion, 'Exported functions: "add", "sub".');
  const many = new FunctionNotFoundError("zzz", [], Array.from({ length: 11 }, (_, index) => `f${index}`));
  assert(many.message.endsWith('"f9", ….'), many.message);
  const none = new FunctionNotFoundError("zzz", [], []);
  assertEquals(none.message, 'Cannot find function "zzz". The module exports no function.');
});

Deno.test("an error shows names that a guest chose without control characters, and cut", () => {
  const hostile = `\u001b]0;owned\u0007\u202e${"x".repeat(100_000)}`;
  for (
    const error of [
      new FunctionNotFoundError(hostile, [hostile, hostile, hostile], []),
      new FunctionNotFoundError("f", [], Array.from({ length: 1000 }, () => hostile)),
      new MissingImportError(hostile, hostile, "no such function"),
    ]
  ) {
    assert(error.message.length < 3000, `${error.name}: ${error.message.length} characters`);
    // deno-lint-ignore no-control-regex -- control characters are what must be absent
    assert(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(error.message), error.message);
  }
});
