/**
 * The operations of register code: what the compiler may emit, and what the core has a case for. Arithmetic, comparisons,
 * conversions, vectors and memory accesses are derived from the opcode table, so that none can be missing.
 *
 * Variants, by what stands after the mnemonic:
 *
 *     i32.add      registers: dst, a, b               i32.add #      the last operand is a number in the instruction
 *     if i32.eq    distance, a, b: a branch if true   unless f64.lt  a branch if false
 *     i32.load     dst, address, offset               i32.load 0     offset 0     i32.load +   dst, a, b, offset: at a + b
 *     i32.store    address, value, offset             i32.store 0    offset 0     i32.store #  address, number, offset
 */
import type { CoreWriter } from "./core_writer.ts";
import { EXIT, HEADER, RECORD, TABLE } from "./machine_layout.ts";
import type { OpcodeRow } from "../wasm/opcode.ts";
import { OPCODES } from "../wasm/opcodes.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../wasm/types.ts";

export interface Operation {
  readonly name: string;
  /** Length in words, the operation itself included; of those whose length differs, the part that is always there. */
  readonly words: number;
  /** Writes its case: it ends by going on elsewhere. */
  readonly write: (core: CoreWriter) => void;
}

/** A memory of the guest, as the core imports it. */
export interface CoreMemory {
  /** Index among the memories of the core. */
  readonly index: number;
  readonly wide: boolean;
  /** The block whose end ends the guest with a memory trap. */
  readonly outOfBounds: number;
}

/** An operation on a memory: there is one for each memory. */
export interface MemoryOperation {
  readonly name: string;
  readonly words: number;
  readonly write: (core: CoreWriter, memory: CoreMemory) => void;
}

const TYPES: Readonly<Record<string, ValueType>> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128 };

/** Operands and results of a row whose signature is by value types alone. */
interface Signature {
  readonly operands: readonly string[];
  readonly result: ValueType | undefined;
}

function signatureOf(row: OpcodeRow): Signature | undefined {
  if (row.signature === undefined) return undefined;
  const [operands = "", result = ""] = row.signature.split("->");
  return { operands: operands.split(" ").filter((name) => name !== ""), result: TYPES[result.trim()] };
}

function typeOf(name: string): ValueType {
  return TYPES[name] ?? I32;
}

const MAY_TRAP = /^i(32|64)\.(div_|rem_|trunc_f)/;

const COMPARISON = /^(i32|i64|f32|f64)\.(eqz|eq|ne|lt|gt|le|ge)(_[su])?$/;

/** Comparisons that are false when this is true. */
const INVERSE: Readonly<Record<string, string>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
};

/** The integer comparison that is true when this one is false. */
export function inverseOf(mnemonic: string): string | undefined {
  const [, type = "", relation = "", sign = ""] = COMPARISON.exec(mnemonic) ?? [];
  const inverse = INVERSE[relation];
  return type.startsWith("i") && inverse !== undefined ? `${type}.${inverse}${sign}` : undefined;
}

/** The comparison with its operands exchanged. */
export function swappedOf(mnemonic: string): string | undefined {
  const [, type = "", relation = "", sign = ""] = COMPARISON.exec(mnemonic) ?? [];
  const swapped: Readonly<Record<string, string>> = {
    eq: "eq",
    ne: "ne",
    lt: "gt",
    gt: "lt",
    le: "ge",
    ge: "le",
  };
  const other = swapped[relation];
  return other === undefined ? undefined : `${type}.${other}${sign}`;
}

/** Whether operands of an instruction can be exchanged. */
export const COMMUTATIVE: ReadonlySet<string> = new Set(
  ["i32", "i64"].flatMap((type) => ["add", "mul", "and", "or", "xor"].map((name) => `${type}.${name}`)),
);

/** Instructions on values alone: their operands are registers, their result is one. */
function isPlain(row: OpcodeRow): boolean {
  const signature = signatureOf(row);
  return row.cost === "plain" && row.immediates.length === 0 && signature?.result !== undefined;
}

function plainOperations(row: OpcodeRow): Operation[] {
  const { operands, result = I32 } = signatureOf(row) ?? { operands: [] }, { mnemonic } = row;
  const types = operands.map(typeOf), made: Operation[] = [];
  const mark = (core: CoreWriter) => MAY_TRAP.test(mnemonic) ? core.mark() : core;
  made.push({
    name: mnemonic,
    words: 2 + types.length,
    write: (core) => {
      mark(core).register(1);
      types.forEach((type, place) => core.operand(type, 2 + place));
      core.plain(mnemonic).store(result).next(2 + types.length);
    },
  });
  const [first = I32, second] = types;
  const scalar = second !== undefined && types.length === 2 && first === second && first !== V128;
  const wide = second === F64, words = wide ? 5 : 4;
  if (scalar) {
    made.push({
      name: `${mnemonic} #`,
      words,
      write: (core) =>
        mark(core).register(1).operand(first, 2).immediate(second, 3).plain(mnemonic).store(result).next(
          words,
        ),
    });
  }
  if (!COMPARISON.test(mnemonic)) return made;
  const length = 2 + types.length;
  made.push({
    name: `if ${mnemonic}`,
    words: length,
    write: (core) => {
      types.forEach((type, place) => core.operand(type, 2 + place));
      core.plain(mnemonic).jumpIf(1, length);
    },
  });
  const isFloat = first === F32 || first === F64;
  if (isFloat) {
    made.push({
      name: `unless ${mnemonic}`,
      words: length,
      write: (core) => {
        types.forEach((type, place) => core.operand(type, 2 + place));
        core.plain(mnemonic, "i32.eqz").jumpIf(1, length);
      },
    });
  } else if (scalar) {
    made.push({
      name: `if ${mnemonic} #`,
      words: length,
      write: (core) => core.operand(first, 2).immediate(second, 3).plain(mnemonic).jumpIf(1, length),
    });
  }
  return made;
}

/** Goes to the code of the function whose record is in local `a`, in the frame at `fp`, if it is one of this instance. */
function enterOwn(core: CoreWriter, exit: number, inFrame: (core: CoreWriter) => void): void {
  core.get("a").access("i32.load", RECORD.owner).get("base").access("i32.load").plain("i32.eq").if();
  inFrame(core);
  core.get("a").access("i32.load", RECORD.code).goTo();
  core.end();
  core.i32(0).get("a").access("i32.store", HEADER.record);
  core.exit(exit);
}

/**
 * Makes the frame of a call: `base` is the word with the frame's distance, the next that of the place in it where it is
 * kept where to return to.
 */
function pushFrame(core: CoreWriter, base: number, words: number): void {
  core.get("fp").word(base).plain("i32.add").set("b");
  core.get("b").word(base + 1).plain("i32.add").tee("c");
  core.get("pc").i32(4 * words).plain("i32.add").access("i32.store");
  core.get("c").get("fp").access("i32.store", 4);
  core.get("b").set("fp");
}

/**
 * Takes the place of the frame: words from `base` on are where the arguments lie, how many bytes they are, where this
 * frame keeps where to return to, and where the next one does.
 */
function replaceFrame(core: CoreWriter, base: number): void {
  core.get("fp").word(base + 2).plain("i32.add").access("i64.load").set("wide");
  core.get("fp").register(base).word(base + 1).copy();
  core.get("fp").word(base + 3).plain("i32.add").get("wide").access("i64.store");
}

/** Loads the record that an element of a table holds into local `a`: words are the table's place and the index. */
function loadElement(core: CoreWriter, table: number, index: number): void {
  core.owned(table).access("i32.load").tee("a").access("i32.load", TABLE.length);
  core.operand(I32, index).tee("b").plain("i32.le_u").if();
  core.exit(EXIT.trapTable);
  core.end();
  core.get("a").access("i32.load", TABLE.elements).get("b").i32(2).plain("i32.shl", "i32.add");
  core.access("i32.load").set("a");
}

/** Ends the guest unless the function in local `a` has the type whose place a word gives. */
function checkType(core: CoreWriter, type: number, exit: number): void {
  core.get("a").plain("i32.eqz").if();
  core.exit(EXIT.trapSignature);
  core.end();
  core.get("a").access("i32.load", RECORD.type).owned(type).access("i32.load").plain("i32.ne").if();
  core.i32(0).get("a").access("i32.store", HEADER.record);
  core.exit(exit);
  core.end();
}

function checkNull(core: CoreWriter): void {
  core.get("a").plain("i32.eqz").if();
  core.exit(EXIT.trapNull);
  core.end();
}

const FRAME: readonly Operation[] = [
  // dst, src
  { name: "copy", words: 3, write: (core) => core.register(1).operand(I64, 2).store(I64).next(3) },
  { name: "copy 128", words: 3, write: (core) => core.register(1).operand(V128, 2).store(V128).next(3) },
  // dst, number
  { name: "const 32", words: 3, write: (core) => core.register(1).word(2).store(I32).next(3) },
  { name: "const 64", words: 4, write: (core) => core.register(1).wideImmediate(2).store(I64).next(4) },
  {
    name: "const 128",
    words: 6,
    write: (core) => core.register(1).get("pc").access("v128.load", 8).store(V128).next(6),
  },
  // dst, a, b, condition
  {
    name: "select",
    words: 5,
    write: (core) =>
      core.register(1).operand(I64, 2).operand(I64, 3).operand(I32, 4).plain("select").store(I64).next(5),
  },
  {
    name: "select 128",
    words: 5,
    write: (core) =>
      core.register(1).operand(V128, 2).operand(V128, 3).operand(I32, 4).plain("select").store(V128).next(5),
  },
  // dst, place of what the instance owns
  {
    name: "owned.get 32",
    words: 3,
    write: (core) => core.register(1).owned(2).access("i32.load").store(I32).next(3),
  },
  {
    name: "owned.get",
    words: 3,
    write: (core) => core.register(1).owned(2).access("i64.load").store(I64).next(3),
  },
  {
    name: "owned.get 128",
    words: 3,
    write: (core) => core.register(1).owned(2).access("v128.load").store(V128).next(3),
  },
  // place, src
  { name: "owned.set", words: 3, write: (core) => core.owned(1).operand(I64, 2).store(I64).next(3) },
  { name: "owned.set 128", words: 3, write: (core) => core.owned(1).operand(V128, 2).store(V128).next(3) },
  // The same where another instance owns it: the address stands at the place.
  {
    name: "other.get",
    words: 3,
    write: (core) => core.register(1).owned(2).access("i32.load").access("i64.load").store(I64).next(3),
  },
  {
    name: "other.get 128",
    words: 3,
    write: (core) => core.register(1).owned(2).access("i32.load").access("v128.load").store(V128).next(3),
  },
  {
    name: "other.set",
    words: 3,
    write: (core) => core.owned(1).access("i32.load").operand(I64, 2).store(I64).next(3),
  },
  {
    name: "other.set 128",
    words: 3,
    write: (core) => core.owned(1).access("i32.load").operand(V128, 2).store(V128).next(3),
  },
  // Vectors: lanes are bytes of the register. dst, src
  { name: "lane.get8_s", words: 3, write: (core) => lane(core, "i32.load8_s", "i32.store") },
  { name: "lane.get8_u", words: 3, write: (core) => lane(core, "i32.load8_u", "i32.store") },
  { name: "lane.get16_s", words: 3, write: (core) => lane(core, "i32.load16_s", "i32.store") },
  { name: "lane.get16_u", words: 3, write: (core) => lane(core, "i32.load16_u", "i32.store") },
  { name: "lane.set8", words: 3, write: (core) => lane(core, "i32.load8_u", "i32.store8") },
  { name: "lane.set16", words: 3, write: (core) => lane(core, "i32.load16_u", "i32.store16") },
  { name: "lane.set32", words: 3, write: (core) => lane(core, "i32.load", "i32.store") },
  // dst, a, b, 16 bytes that choose from a, 16 bytes that choose from b; 255 chooses 0
  {
    name: "i8x16.shuffle",
    words: 12,
    write: (core) => {
      core.register(1);
      core.operand(V128, 2).get("pc").access("v128.load", 16).plain("i8x16.swizzle");
      core.operand(V128, 3).get("pc").access("v128.load", 32).plain("i8x16.swizzle");
      core.plain("v128.or").store(V128).next(12);
    },
  },
  // dst, src: an index of 64 bits as one of 32, too large for any table where it is too large
  {
    name: "narrow",
    words: 3,
    write: (core) => {
      core.register(1).operand(I64, 2).plain("i32.wrap_i64").i32(-1);
      core.operand(I64, 2).i64(0xffffffffn).plain("i64.le_u", "select").store(I32).next(3);
    },
  },
];

function lane(core: CoreWriter, load: string, store: string): void {
  core.register(1).register(2).access(load).access(store).next(3);
}

const FLOW: readonly Operation[] = [
  // distance
  { name: "jump", words: 2, write: (core) => core.jump(1) },
  // distance, condition
  { name: "if", words: 3, write: (core) => core.operand(I32, 2).jumpIf(1, 3) },
  { name: "unless", words: 3, write: (core) => core.operand(I32, 2).plain("i32.eqz").jumpIf(1, 3) },
  {
    name: "unless i64.eqz",
    words: 3,
    write: (core) => core.operand(I64, 2).plain("i64.eqz", "i32.eqz").jumpIf(1, 3),
  },
  // distance, a, b: by the bits that both have
  {
    name: "if i32.and",
    words: 4,
    write: (core) => core.operand(I32, 2).operand(I32, 3).plain("i32.and").jumpIf(1, 4),
  },
  {
    name: "if i32.and #",
    words: 4,
    write: (core) => core.operand(I32, 2).word(3).plain("i32.and").jumpIf(1, 4),
  },
  {
    name: "unless i32.and",
    words: 4,
    write: (core) => core.operand(I32, 2).operand(I32, 3).plain("i32.and", "i32.eqz").jumpIf(1, 4),
  },
  {
    name: "unless i32.and #",
    words: 4,
    write: (core) => core.operand(I32, 2).word(3).plain("i32.and", "i32.eqz").jumpIf(1, 4),
  },
  // index, number of distances but the last, distances
  {
    name: "br_table",
    words: 3,
    write: (core) => {
      core.get("pc").get("pc");
      core.operand(I32, 1).tee("a").word(2).tee("b").get("a").get("b").plain("i32.lt_u", "select");
      core.i32(2).plain("i32.shl", "i32.add").access("i32.load", 12).plain("i32.add").goTo();
    },
  },
  // distance of the code, then as `pushFrame`
  {
    name: "call",
    words: 4,
    write: (core) => {
      pushFrame(core, 2, 4);
      core.jump(1);
    },
  },
  // distance of the code, then as `replaceFrame`
  {
    name: "return_call",
    words: 6,
    write: (core) => {
      replaceFrame(core, 2);
      core.jump(1);
    },
  },
  // place of the function's record, then as `pushFrame`
  {
    name: "call owned",
    words: 4,
    write: (core) => {
      core.owned(1).access("i32.load").set("a");
      enterOwn(core, EXIT.call, (core) => pushFrame(core, 2, 4));
    },
  },
  {
    name: "return_call owned",
    words: 6,
    write: (core) => {
      core.owned(1).access("i32.load").set("a");
      enterOwn(core, EXIT.tailCall, (core) => replaceFrame(core, 2));
    },
  },
  // reference, then as `pushFrame`
  {
    name: "call_ref",
    words: 4,
    write: (core) => {
      core.operand(I32, 1).set("a");
      checkNull(core);
      enterOwn(core, EXIT.call, (core) => pushFrame(core, 2, 4));
    },
  },
  {
    name: "return_call_ref",
    words: 6,
    write: (core) => {
      core.operand(I32, 1).set("a");
      checkNull(core);
      enterOwn(core, EXIT.tailCall, (core) => replaceFrame(core, 2));
    },
  },
  // place of the type, then as `pushFrame`, place of the table, index
  {
    name: "call_indirect",
    words: 6,
    write: (core) => {
      loadElement(core, 4, 5);
      checkType(core, 1, EXIT.call);
      enterOwn(core, EXIT.call, (core) => pushFrame(core, 2, 6));
    },
  },
  {
    name: "return_call_indirect",
    words: 8,
    write: (core) => {
      loadElement(core, 6, 7);
      checkType(core, 1, EXIT.tailCall);
      enterOwn(core, EXIT.tailCall, (core) => replaceFrame(core, 2));
    },
  },
  // bytes of the frame, where the registers begin and end that start as 0
  {
    name: "enter",
    words: 4,
    write: (core) => {
      enter(core);
      core.register(2).set("a").register(3).set("b");
      const loop = core.loop();
      core.get("a").i64(0n).access("i64.store");
      core.get("a").i32(8).plain("i32.add").tee("a").get("b").plain("i32.lt_u").br(loop, "br_if");
      core.end();
      core.next(4);
    },
  },
  // bytes of the frame
  {
    name: "enter 0",
    words: 2,
    write: (core) => {
      enter(core);
      core.next(2);
    },
  },
  // dst, src, bytes
  {
    name: "move",
    words: 4,
    write: (core) => core.register(1).register(2).word(3).copy().next(4),
  },
  // where it is kept where to return to
  { name: "return", words: 2, write: (core) => leave(core) },
  // the same, src
  {
    name: "return 1",
    words: 3,
    write: (core) => {
      core.get("fp").operand(I64, 2).store(I64);
      leave(core);
    },
  },
  { name: "unreachable", words: 1, write: (core) => void core.exit(EXIT.trapUnreachable) },
  // src
  {
    name: "trap if null",
    words: 2,
    write: (core) => {
      core.operand(I32, 1).set("a");
      checkNull(core);
      core.next(2);
    },
  },
  { name: "returned", words: 1, write: (core) => void core.exit(EXIT.returned) },
  // which service, its length in words, its own words
  { name: "service", words: 3, write: (core) => void core.exit(EXIT.service) },
  {
    name: "step",
    words: 1,
    write: (core) => {
      core.i32(0).i32(0).access("i32.load", HEADER.steps).i32(1).plain("i32.sub").tee("a");
      core.access("i32.store", HEADER.steps);
      core.get("a").plain("i32.eqz").if();
      core.exit(EXIT.stepped);
      core.end();
      core.next(1);
    },
  },
];

function enter(core: CoreWriter): void {
  core.register(1).i32(0).access("i32.load", HEADER.stackEnd).plain("i32.gt_u").if();
  core.exit(EXIT.stack);
  core.end();
  core.i32(0).get("fp").access("i32.store", HEADER.fp);
}

function leave(core: CoreWriter): void {
  core.register(1).tee("a").access("i32.load", 4).set("fp");
  core.i32(0).get("fp").access("i32.store", HEADER.fp);
  core.get("a").access("i32.load").goTo();
}

const TABLES: readonly Operation[] = [
  // dst, place of the table, index
  {
    name: "table.get",
    words: 4,
    write: (core) => {
      loadElement(core, 2, 3);
      core.register(1).get("a").store(I32).next(4);
    },
  },
  // place of the table, index, src
  {
    name: "table.set",
    words: 4,
    write: (core) => {
      loadElement(core, 1, 2);
      core.owned(1).access("i32.load").access("i32.load", TABLE.elements);
      core.get("b").i32(2).plain("i32.shl", "i32.add").operand(I32, 3).store(I32).next(4);
    },
  },
  // dst, place of the table
  {
    name: "table.size",
    words: 3,
    write: (core) =>
      core.register(1).owned(2).access("i32.load").access("i32.load", TABLE.length).plain("i64.extend_i32_u")
        .store(I64).next(3),
  },
];

/** What instrumented code does to its counters, each in one operation. Fuel is an i64 that the instance owns. */
const COUNTERS: readonly Operation[] = [
  // place, units
  {
    name: "charge #",
    words: 3,
    write: (core) =>
      core.owned(1).owned(1).access("i64.load").immediate(I64, 2).plain("i64.sub").store(I64).next(3),
  },
  // place, register with the units
  {
    name: "charge",
    words: 3,
    write: (core) =>
      core.owned(1).owned(1).access("i64.load").operand(I32, 2).plain("i64.extend_i32_u", "i64.sub").store(
        I64,
      )
        .next(3),
  },
  // place
  {
    name: "refuel",
    words: 2,
    write: (core) => {
      core.owned(1).access("i64.load").i64(0n).plain("i64.lt_s").if();
      core.exit(EXIT.refuel);
      core.end();
      core.next(2);
    },
  },
  // register, number, distance if the sum exceeds, most: adds, and branches
  {
    name: "add # if i32.gt_u #",
    words: 5,
    write: (core) =>
      core.register(1).operand(I32, 1).word(2).plain("i32.add").tee("a").store(I32)
        .get("a").word(4).plain("i32.gt_u").jumpIf(3, 5),
  },
];

/** The operations that do not touch a memory of the guest, by number. */
export const OPERATIONS: readonly Operation[] = [
  ...FLOW,
  ...FRAME,
  ...COUNTERS,
  ...TABLES,
  ...OPCODES.filter(isPlain).flatMap(plainOperations),
];

/** Pushes the address that an access touches: a register and a number of the instruction, which is no i32 in wide memories. */
function pushAddress(
  core: CoreWriter,
  memory: CoreMemory,
  { address, offset }: { address: number; offset: number },
): void {
  if (memory.wide) {
    core.operand(I64, address).wideImmediate(offset).plain("i64.add").tee("wide");
    core.get("wide").wideImmediate(offset).plain("i64.lt_u").br(memory.outOfBounds, "br_if");
  } else {
    core.operand(I32, address).word(offset).plain("i32.add").tee("a");
    core.get("a").word(offset).plain("i32.lt_u").br(memory.outOfBounds, "br_if");
  }
}

/** Words that an offset takes. */
const offsetWords = (memory: CoreMemory): number => memory.wide ? 2 : 1;

const IS_LOAD = /^(i32|i64|f32|f64|v128)\.load/, IS_STORE = /^(i32|i64|f32|f64|v128)\.store/;

/** Length in words, of those whose offset is one word. */
function accessOperations(row: OpcodeRow): MemoryOperation[] {
  const { mnemonic } = row, { operands, result } = signatureOf(row) ?? { operands: [], result: undefined };
  const made: MemoryOperation[] = [], values = operands.slice(1).map(typeOf), [value = I32] = values;
  const isLane = mnemonic.endsWith("_lane"), isVector = mnemonic.startsWith("v128.");
  if (isLane) {
    const bits = /(\d+)_lane/.exec(mnemonic)?.[1] ?? "8", wide = bits === "64";
    const load = wide ? "i64.load" : bits === "32" ? "i32.load" : `i32.load${bits}_u`;
    const store = wide ? "i64.store" : bits === "32" ? "i32.store" : `i32.store${bits}`;
    // Loads: the lane's place, address, offset. Stores: address, the lane's place, offset.
    made.push({
      name: mnemonic,
      words: 4,
      write: (core, memory) => {
        core.mark();
        if (result !== undefined) {
          core.register(1);
          pushAddress(core, memory, { address: 2, offset: 3 });
          core.access(load, 0, memory.index).access(store);
        } else {
          pushAddress(core, memory, { address: 1, offset: 3 });
          core.register(2).access(load).access(store, 0, memory.index);
        }
        core.next(3 + offsetWords(memory));
      },
    });
    return made;
  }
  // Results first, then the address, other operands, and the offset last.
  const first = result === undefined ? 1 : 2, offset = first + 1 + values.length;
  made.push({
    name: mnemonic,
    words: offset + 1,
    write: (core, memory) => {
      core.mark();
      if (result !== undefined) core.register(1);
      pushAddress(core, memory, { address: first, offset });
      values.forEach((type, place) => core.operand(type, first + 1 + place));
      core.access(mnemonic, 0, memory.index);
      if (result !== undefined) core.store(result);
      core.next(offset + offsetWords(memory));
    },
  });
  if (isVector || row.feature === "threads") return made;
  if (IS_LOAD.test(mnemonic) && result !== undefined) {
    made.push({
      name: `${mnemonic} 0`,
      words: 3,
      write: (core, memory) => {
        core.mark().register(1).operand(memory.wide ? I64 : I32, 2);
        core.access(mnemonic, 0, memory.index).store(result).next(3);
      },
    }, {
      name: `${mnemonic} +`,
      words: 5,
      write: (core, memory) => {
        core.mark().register(1);
        if (memory.wide) {
          core.operand(I64, 2).operand(I64, 3).plain("i64.add").tee("wide").wideImmediate(4).plain("i64.add");
          core.get("wide").wideImmediate(4).i64(-1n).plain("i64.xor", "i64.gt_u");
        } else {
          core.operand(I32, 2).operand(I32, 3).plain("i32.add").tee("a").word(4).plain("i32.add");
          core.get("a").word(4).i32(-1).plain("i32.xor", "i32.gt_u");
        }
        core.br(memory.outOfBounds, "br_if");
        core.access(mnemonic, 0, memory.index).store(result).next(4 + offsetWords(memory));
      },
    });
  }
  if (IS_STORE.test(mnemonic)) {
    made.push({
      name: `${mnemonic} 0`,
      words: 3,
      write: (core, memory) => {
        core.mark().operand(memory.wide ? I64 : I32, 1).operand(value, 2);
        core.access(mnemonic, 0, memory.index).next(3);
      },
    });
    if (value === I32 || value === I64) {
      made.push({
        name: `${mnemonic} #`,
        words: 4,
        write: (core, memory) => {
          core.mark();
          pushAddress(core, memory, { address: 1, offset: 3 });
          core.immediate(value, 2).access(mnemonic, 0, memory.index).next(3 + offsetWords(memory));
        },
      });
    }
  }
  return made;
}

const WHOLE_MEMORY: readonly MemoryOperation[] = [
  // dst
  {
    name: "memory.size",
    words: 2,
    write: (core, memory) =>
      core.register(1).indexed("memory.size", memory.index).store(memory.wide ? I64 : I32).next(2),
  },
  // dst, pages
  {
    name: "memory.grow",
    words: 3,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32;
      core.register(1).operand(type, 2).indexed("memory.grow", memory.index).store(type).next(3);
    },
  },
  // at, value, size
  {
    name: "memory.fill",
    words: 4,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32;
      core.mark().operand(type, 1).operand(I32, 2).operand(type, 3).indexed("memory.fill", memory.index).next(
        4,
      );
    },
  },
  // to, from, size: inside of one memory
  {
    name: "memory.copy",
    words: 4,
    write: (core, memory) => {
      const type = memory.wide ? I64 : I32, { index } = memory;
      core.mark().operand(type, 1).operand(type, 2).operand(type, 3).indexed("memory.copy", index, index)
        .next(4);
    },
  },
];

function isAccess(row: OpcodeRow): boolean {
  return row.immediates.includes("memarg");
}

/** The operations that there are for each memory of the guest. Those of a wide memory take one word more for an offset. */
export const MEMORY_OPERATIONS: readonly MemoryOperation[] = [
  ...OPCODES.filter((row) => isAccess(row) && row.feature !== "threads").flatMap(accessOperations),
  ...WHOLE_MEMORY,
];

const NUMBERS: ReadonlyMap<string, number> = new Map(OPERATIONS.map(({ name }, number) => [name, number]));

const MEMORY_NUMBERS: ReadonlyMap<string, number> = new Map(
  MEMORY_OPERATIONS.map(({ name }, number) => [name, OPERATIONS.length + number]),
);

/** The number of an operation; -1 if there is none of this name. */
export function findOperation(name: string): number {
  return NUMBERS.get(name) ?? -1;
}

/** @throws {Error} if there is none of this name */
export function operation(name: string): number {
  const number = NUMBERS.get(name) ?? MEMORY_NUMBERS.get(name);
  if (number === undefined) throw new Error(`Cannot find the operation "${name}"`);
  return number;
}

/** The number of an operation on memory 0 of the guest, -1 if there is none of this name; for the n-th memory add n times {@linkcode MEMORY_STRIDE}. */
export function findMemoryOperation(name: string): number {
  return MEMORY_NUMBERS.get(name) ?? -1;
}

/** What the numbers of an operation on one memory and on the next differ by. */
export const MEMORY_STRIDE: number = MEMORY_OPERATIONS.length;
