/**
 * The reasons for which an instruction of a guest can trap. Codes cross thread, wire and disk: they are never
 * renumbered. `v8` is the text that V8 15 gives its `WebAssembly.RuntimeError` for this trap.
 */
export const TRAPS = {
  unreachable: { code: 1, message: "unreachable executed", v8: ["unreachable"] },
  memoryOutOfBounds: { code: 2, message: "memory access out of bounds", v8: ["memory access out of bounds"] },
  divideByZero: { code: 3, message: "integer divide by zero", v8: ["divide by zero", "remainder by zero"] },
  integerOverflow: { code: 4, message: "integer overflow", v8: ["divide result unrepresentable"] },
  invalidConversion: {
    code: 5,
    message: "float is not representable in the integer range",
    v8: ["float unrepresentable in integer range"],
  },
  tableOutOfBounds: {
    code: 6,
    message: "table access out of bounds",
    v8: ["table index is out of bounds"],
  },
  indirectCall: {
    code: 7,
    message: "indirect call of a null function or one of another type",
    v8: ["null function", "function signature mismatch"],
  },
  nullReference: { code: 8, message: "null reference", v8: ["dereferencing a null pointer"] },
  castFailure: { code: 9, message: "cast failure", v8: ["illegal cast"] },
  arrayOutOfBounds: {
    code: 10,
    message: "array access out of bounds",
    v8: ["array element access out of bounds"],
  },
  arrayTooLarge: { code: 11, message: "array too large", v8: ["requested new array is too large"] },
  dataOutOfBounds: { code: 12, message: "data segment out of bounds", v8: ["data segment out of bounds"] },
  elementOutOfBounds: {
    code: 13,
    message: "element segment out of bounds",
    v8: ["element segment out of bounds"],
  },
  unalignedAtomic: {
    code: 14,
    message: "unaligned atomic access",
    v8: ["operation does not support unaligned accesses"],
  },
  atomicWait: {
    code: 15,
    message: "atomic wait is not allowed here",
    v8: ["Atomics.wait cannot be called in this context"],
  },
  nullException: { code: 16, message: "throw_ref of a null reference", v8: ["rethrowing null value"] },
  uncaughtException: { code: 17, message: "an exception was thrown and not caught", v8: [] },
  unknown: { code: 99, message: "trap", v8: [] },
} as const satisfies Record<string, { code: number; message: string; v8: readonly string[] }>;

/** The name of a trap: a key of {@linkcode TRAPS}. */
export type TrapCode = keyof typeof TRAPS;

const BY_V8_MESSAGE: ReadonlyMap<string, TrapCode> = new Map(
  Object.entries(TRAPS).flatMap(([name, row]) => row.v8.map((text) => [text, name as TrapCode] as const)),
);

/** What V8 puts before the text when the trap happened during instantiation. */
const INSTANTIATION_PREFIX = /^WebAssembly\.\w+\(\): /;

/**
 * Finds the trap that V8 reports with this message; `unknown` when V8 words it in a way the table does not list. An
 * active data segment that does not fit is irregular: V8 names the segment and its place in the message.
 */
export function trapFromV8Message(message: string): TrapCode {
  const text = message.replace(INSTANTIATION_PREFIX, "");
  if (text !== message && /^data segment \d+ is out of bounds/.test(text)) return "memoryOutOfBounds";
  return BY_V8_MESSAGE.get(text) ?? "unknown";
}

/** One function on the guest's stack when it trapped; indices and offsets are those of the original module. */
export interface TrapFrame {
  /** Index in the module's function index space. */
  readonly functionIndex: number;
  /** Name from the module's name section or an export; absent when it has neither. */
  readonly functionName?: string;
  /** Byte offset of the instruction in the original module; absent when it cannot be told. */
  readonly offset?: number;
}
