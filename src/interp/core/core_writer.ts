/**
 * Writes the cases of the interpreter's core: WebAssembly that reads an instruction of register code, does its work on
 * the registers of the frame, and moves on.
 *
 *     memory 0     the machine: header, stack of frames, register code, tables, what instances own
 *     memory 1 …   the memories of the guest's module
 *     local 0      pc: address of the current instruction       local 1  fp: address of the frame
 *     local 2      base: address of what the instance owns  local 6  rounds of loops until the core is left
 *
 * An instruction is a few words of 32 bits, the number of the operation first; operands are offsets of registers from
 * `fp`, in bytes, or numbers.
 */
import { HEADER } from "../machine_layout.ts";
import { ByteWriter, writeOpcode } from "../../wasm/encoder.ts";
import { op, ROWS } from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

/** Locals of the core's function; those from `link32` on hold what one part of a sequence hands to the next. */
export const LOCAL = {
  pc: 0,
  fp: 1,
  base: 2,
  a: 3,
  b: 4,
  c: 5,
  rounds: 6,
  link32: 7,
  wide: 8,
  link64: 9,
  linkF32: 10,
  linkF64: 11,
  link128: 12,
} as const;

/** A local of the core's function. */
export type LocalName = keyof typeof LOCAL;

const LOADS: ReadonlyMap<ValueType, string> = new Map([
  [I32, "i32.load"],
  [I64, "i64.load"],
  [F32, "f32.load"],
  [F64, "f64.load"],
  [V128, "v128.load"],
]);

const STORES: ReadonlyMap<ValueType, string> = new Map([
  [I32, "i32.store"],
  [I64, "i64.store"],
  [F32, "f32.store"],
  [F64, "f64.store"],
  [V128, "v128.store"],
]);

const LINKS: ReadonlyMap<ValueType, LocalName> = new Map([
  [I32, "link32"],
  [I64, "link64"],
  [F32, "linkF32"],
  [F64, "linkF64"],
  [V128, "link128"],
]);

/** What makes a value of one type that of a register which is read as another: its low bits. */
const READ_AS: ReadonlyMap<ValueType, ReadonlyMap<ValueType, readonly string[]>> = new Map([
  [
    I32,
    new Map([
      [I64, ["i64.extend_i32_u"]],
      [F32, ["f32.reinterpret_i32"]],
    ]),
  ],
  [
    I64,
    new Map([
      [I32, ["i32.wrap_i64"]],
      [F32, ["i32.wrap_i64", "f32.reinterpret_i32"]],
      [F64, ["f64.reinterpret_i64"]],
    ]),
  ],
  [
    F32,
    new Map([
      [I32, ["i32.reinterpret_f32"]],
      [I64, ["i32.reinterpret_f32", "i64.extend_i32_u"]],
    ]),
  ],
  [F64, new Map([[I64, ["i64.reinterpret_f64"]]])],
]);

const MEMORY_INDEX_FLAG = 0x40;

/** What a part of a sequence takes from the part before it. */
export interface Link {
  /** The word that names the register which the part before has written. */
  readonly word: number;
  /** Whether others may read that register, too. */
  readonly kept: boolean;
}

/** A part of a sequence. */
export interface Part {
  readonly words: number;
  readonly write: () => unknown;
  readonly link?: Link | undefined;
}

export class CoreWriter {
  readonly bytes: ByteWriter = new ByteWriter(1 << 16);
  /** Blocks open around what is written, from the loop of the core on. */
  #depth = 0;
  #loop = 0;
  /** Words from the instruction at pc to the one that is written: not 0 in the later parts of a sequence. */
  #origin = 0;
  /** Whether another instruction comes behind in the same case. */
  #goesOn = false;
  /** What the instruction takes from the one before it, and what the next one takes from it. */
  #link: Link | undefined;
  #nextLink: Link | undefined;
  /** Type of what the instruction before has handed on. */
  #linkType: ValueType = I32;

  /** Writes an instruction without immediates. */
  plain(...mnemonics: string[]): this {
    for (const mnemonic of mnemonics) writeOpcode(this.bytes, op(mnemonic));
    return this;
  }

  i32(value: number): this {
    writeOpcode(this.bytes, op("i32.const"));
    this.bytes.s32(value);
    return this;
  }

  i64(value: bigint): this {
    writeOpcode(this.bytes, op("i64.const"));
    this.bytes.s64(value);
    return this;
  }

  get(...names: LocalName[]): this {
    for (const name of names) this.#indexed("local.get", LOCAL[name]);
    return this;
  }

  set(name: LocalName): this {
    return this.#indexed("local.set", LOCAL[name]);
  }

  tee(name: LocalName): this {
    return this.#indexed("local.tee", LOCAL[name]);
  }

  /** An access to a memory by its mnemonic; memory 0 is the machine. */
  access(mnemonic: string, offset = 0, memory = 0): this {
    writeOpcode(this.bytes, op(mnemonic));
    const alignment = mnemonic.includes(".atomic.") ? ROWS[op(mnemonic)]?.alignment ?? 0 : 0;
    if (memory === 0) this.bytes.u8(alignment);
    else {
      this.bytes.u8(alignment | MEMORY_INDEX_FLAG);
      this.bytes.u32(memory);
    }
    this.bytes.u32(offset);
    return this;
  }

  /** Copies within the machine: to, from and the number of bytes are on the stack. */
  copy(): this {
    return this.indexed("memory.copy", 0, 0);
  }

  /** An instruction whose immediates are indices. */
  indexed(mnemonic: string, ...indices: number[]): this {
    writeOpcode(this.bytes, op(mnemonic));
    for (const index of indices) this.bytes.u32(index);
    return this;
  }

  #indexed(mnemonic: string, index: number): this {
    return this.indexed(mnemonic, index);
  }

  // Words of the instruction

  /** Pushes a word of the instruction. */
  word(index: number): this {
    return this.data("i32.load", index);
  }

  /** Pushes what stands from a word on. */
  data(mnemonic: string, index: number): this {
    return this.get("pc").access(mnemonic, 4 * (this.#origin + index));
  }

  /** Pushes the address that lies so many words behind the start of the instruction. */
  address(words = 0): this {
    this.get("pc");
    return words + this.#origin === 0 ? this : this.i32(4 * (words + this.#origin)).plain("i32.add");
  }

  /** Writes one case for a sequence of instructions; all but the last have to go on with the next. */
  sequence(parts: readonly Part[]): void {
    for (const [place, { words, write, link }] of parts.entries()) {
      this.#goesOn = place < parts.length - 1;
      this.#link = link;
      this.#nextLink = parts[place + 1]?.link;
      write();
      this.#origin += words;
    }
    this.#origin = 0;
    this.#link = this.#nextLink = undefined;
  }

  /** Pushes a number of that type that stands in the instruction; of 64 bits an i64 is one word, sign-extended. */
  immediate(type: ValueType, index: number): this {
    return this.data(type === I64 ? "i64.load32_s" : load(type), index);
  }

  /** Pushes an i64 that takes two words. */
  wideImmediate(index: number): this {
    return this.data("i64.load", index);
  }

  /** Pushes the address of the register that a word names. */
  register(index: number): this {
    return this.get("fp").word(index).plain("i32.add");
  }

  /** Pushes the value of the register that a word names: an operand. */
  operand(type: ValueType, index: number): this {
    if (this.#link?.word !== index) return this.register(index).access(load(type));
    return this.get(LINKS.get(this.#linkType) ?? "link32").plain(...readAs(this.#linkType, type));
  }

  /** Begins the instruction's result, for the register that a word names; {@linkcode result} ends it. */
  into(index: number): this {
    return this.#nextLink?.kept === false ? this : this.register(index);
  }

  /** Takes the value on the stack as the instruction's result. */
  result(type: ValueType): this {
    if (this.#nextLink === undefined) return this.store(type);
    this.#linkType = type;
    const local = LINKS.get(type) ?? "link32";
    return this.#nextLink.kept ? this.tee(local).store(type) : this.set(local);
  }

  /** Pushes the address that lies a word's number of bytes into what the instance owns. */
  owned(index: number): this {
    return this.get("base").word(index).plain("i32.add");
  }

  /** Stores the value on the stack at the address under it. */
  store(type: ValueType): this {
    return this.access(store(type));
  }

  /** Notes where the guest is, for what may trap. */
  mark(): this {
    return this.i32(0).address().access("i32.store", HEADER.pc);
  }

  // Flow

  block(): number {
    return this.#open("block");
  }

  loop(): number {
    return this.#open("loop");
  }

  if(): number {
    return this.#open("if");
  }

  #open(mnemonic: string): number {
    writeOpcode(this.bytes, op(mnemonic));
    this.bytes.u8(0x40);
    return ++this.#depth;
  }

  end(): this {
    this.#depth--;
    return this.plain("end");
  }

  /** Branches out of a block by what opening it returned. */
  br(block: number, mnemonic: "br" | "br_if" = "br"): this {
    return this.indexed(mnemonic, this.#depth - block);
  }

  /** Branches by the number on the stack: to the blocks in turn, else to another. */
  table(blocks: readonly number[], otherwise: number): void {
    writeOpcode(this.bytes, op("br_table"));
    this.bytes.u32(blocks.length);
    for (const block of blocks) this.bytes.u32(this.#depth - block);
    this.bytes.u32(this.#depth - otherwise);
  }

  /** Marks the loop that all cases go back to. */
  openDispatch(): void {
    this.#loop = this.loop();
  }

  /** Goes on at the address on the stack. */
  goTo(): this {
    return this.set("pc").br(this.#loop);
  }

  /** Goes on behind an instruction of so many words. */
  next(words: number): this {
    return this.#goesOn ? this : this.address(words).goTo();
  }

  /** Goes on at a distance that a word gives. */
  jump(index: number): this {
    return this.address().word(index).plain("i32.add").goTo();
  }

  /** Goes on at a distance that a word gives if what is on the stack is not 0, else behind the instruction. */
  jumpIf(index: number, words: number): this {
    this.if();
    this.jump(index);
    this.end();
    return this.next(words);
  }

  /** Leaves the core; whoever runs it sees where the guest is, and why. */
  exit(reason: number): this {
    return this.mark().leave(reason);
  }

  /** As {@linkcode exit}, where the guest is having been noted before. */
  leave(reason: number): this {
    return this.i32(0).get("fp").access("i32.store", HEADER.fp).i32(reason).plain("return");
  }
}

/** Whether a value of one type can be read as another from its register. */
export function canReadAs(from: ValueType, to: ValueType): boolean {
  return from === to || READ_AS.get(from)?.has(to) === true;
}

function readAs(from: ValueType, to: ValueType): readonly string[] {
  const way = from === to ? [] : READ_AS.get(from)?.get(to);
  if (way === undefined) throw new TypeError(`A value of type ${from} cannot be read as one of type ${to}`);
  return way;
}

function load(type: ValueType): string {
  return LOADS.get(type) ?? "i64.load";
}

function store(type: ValueType): string {
  return STORES.get(type) ?? "i64.store";
}
