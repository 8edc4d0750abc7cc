/**
 * Where things lie in the memory of the machine.
 *
 *     0              header: words through which the core and whoever runs it talk
 *     STACK_START    frames, upwards
 *     records        of functions; reserved for as many as there can be, so that the place of a record tells its number
 *     behind them    register code, tables, what instances own: in the order in which they come
 */

/** Words of the header, by offset in bytes. */
export const HEADER = {
  /** Address of the instruction at which the guest is, when it may trap and when the core was left. */
  pc: 8,
  /** Address of its frame. */
  fp: 12,
  /** Address past which no frame may end. */
  stackEnd: 16,
  /** Of a call that leaves the core: the record of the function. */
  record: 20,
  /** Address of the instruction behind it. */
  next: 28,
  /** Number of the type that the function must have; -1 where it was compared or is known. */
  expected: 32,
  /** Address of the first record of a function, and bytes that records take. */
  records: 36,
  recordBytes: 40,
  /** Instructions until the core is to be left, in code that counts them. */
  steps: 24,
} as const;

export const STACK_START = 64;

/** The index type of a memory. */
export type MemoryKind = "i32" | "i64";

/** Names of the core's imports and exports. */
export const CORE = { module: "machine", run: "run" } as const;

/** Why the core was left. */
export const EXIT = {
  /** The function that was called from outside has returned. */
  returned: 0,
  /** An instruction that is done outside; its second word tells which: {@linkcode SERVICE}. */
  service: 1,
  /** A call of a function of another instance or of the host, or one whose type has to be looked at. */
  call: 2,
  /** As `call`, in place of the frame. */
  tailCall: 3,
  /** Fuel is below zero. */
  refuel: 4,
  /** A frame does not fit. */
  stack: 5,
  trapUnreachable: 6,
  trapMemory: 7,
  trapTable: 8,
  trapSignature: 9,
  trapNull: 10,
  /** Many rounds of loops were made without another reason to leave. */
  rounds: 12,
  /** As many instructions were executed as were asked for. */
  stepped: 11,
  /** A function begins or ends in code that is watched; its second word tells which: {@linkcode PROBE}. */
  probed: 13,
} as const;

/** What a probe stands at. */
export const PROBE = { enter: 0, leave: 1 } as const;

/** Words of the record of a function, by offset in bytes; the address of the record is the reference to the function. */
export const RECORD = {
  /** Address of its code; 0 for one of the host. */
  code: 0,
  /** Number of its type among all types of the store. */
  type: 4,
  /** Number of the instance that it belongs to; 0 for one of the host. */
  owner: 8,
  size: 16,
} as const;

/** Functions that a store can have, those of the host included. */
export const MOST_FUNCTIONS = 1 << 20;

/** Words of the record of a table. */
export const TABLE = {
  /** Address of its elements, four bytes each. */
  elements: 0,
  length: 4,
  size: 8,
} as const;

/** What is done outside the core. */
export const SERVICE = {
  tableGrow: 0,
  tableFill: 1,
  tableCopy: 2,
  tableInit: 3,
  elementDrop: 4,
  memoryInit: 5,
  dataDrop: 6,
  memoryCopy: 7,
  throw: 8,
  throwReference: 9,
  rethrow: 10,
} as const;
