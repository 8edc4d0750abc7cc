/**
 * The operand stack as the compiler sees it. An operand has a place of its own in the frame, by what lies under it, but
 * need not be there yet: a constant, or a local that was pushed and not changed since, is used where it is.
 *
 * Nothing here is quadratic in the code: each entry is put into its place at most once, and entries below `settled` are
 * not looked at again.
 */
import type { CodeBuffer } from "./code_buffer.ts";
import { operation } from "../core/operations.ts";
import { widthOf } from "../owned_layout.ts";
import { F64, I64, V128, type ValueType } from "../../wasm/types.ts";

/** Where the value of an entry is. */
export const PLACE = { own: 0, local: 1, constant: 2 } as const;

/** From so many values on a block is moved as one. */
export const MANY = 4;

const COPY_COPY = operation("copy copy"), COPY = operation("copy"), COPY128 = operation("copy 128");
const CONST32 = operation("const 32"), CONST64 = operation("const 64");

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

export class OperandStack {
  height = 0;
  /** The place behind the entries, in bytes from the start of the frame. */
  top = 0;
  /** Where the first entry lies: behind the locals. */
  bottom = 0;
  /** The largest that `top` was. */
  most = 0;
  /** By entry: value of {@linkcode PLACE}. */
  places: Int32Array<ArrayBuffer> = new Int32Array(256);
  types: Int32Array<ArrayBuffer> = new Int32Array(256);
  /** By entry: its own place. */
  at: Int32Array<ArrayBuffer> = new Int32Array(256);
  /** By entry: index of the local, or the low and the high word of the constant. */
  low: Int32Array<ArrayBuffer> = new Int32Array(256);
  high: Int32Array<ArrayBuffer> = new Int32Array(256);
  /** Entries below this one stand in their own places or are constants. */
  #settled = 0;
  /** Entries below this one stand in their own places. */
  #placed = 0;
  /** By local: entries that stand for it. */
  #uses: Int32Array = new Int32Array(0);
  #localAt: Int32Array = new Int32Array(0);
  /** The copy that was emitted last; -1 once something may jump behind it. */
  #lastCopy = -1;

  constructor(readonly code: CodeBuffer) {}

  /** Says that something may jump to the current position. */
  barrier(): void {
    this.#lastCopy = -1;
  }

  /** Begins a function. @param localAt place of each local */
  begin(localAt: Int32Array, base: number): void {
    this.height = 0;
    this.top = this.most = this.bottom = base;
    this.#settled = this.#placed = 0;
    this.#localAt = localAt;
    this.#uses = new Int32Array(localAt.length);
  }

  /** Pushes a value that stands in its own place. @returns the place */
  push(type: ValueType): number {
    const at = this.#push(type);
    this.places[this.height - 1] = PLACE.own;
    return at;
  }

  pushLocal(index: number, type: ValueType): void {
    this.#push(type);
    this.places[this.height - 1] = PLACE.local;
    this.low[this.height - 1] = index;
    this.#uses[index] = (this.#uses[index] ?? 0) + 1;
  }

  pushConstant(type: ValueType, low: number, high: number): void {
    this.#push(type);
    this.places[this.height - 1] = PLACE.constant;
    this.low[this.height - 1] = low;
    this.high[this.height - 1] = high;
  }

  #push(type: ValueType): number {
    const { height, top } = this;
    if (height === this.at.length) {
      this.places = grown(this.places);
      this.types = grown(this.types);
      this.at = grown(this.at);
      this.low = grown(this.low);
      this.high = grown(this.high);
    }
    this.types[height] = type;
    this.at[height] = top;
    this.height = height + 1;
    this.top = top + widthOf(type);
    if (this.top > this.most) this.most = this.top;
    return top;
  }

  /** Takes the entry on top; it can be looked at until the next push. @returns its number */
  pop(): number {
    const entry = --this.height;
    this.top = this.at[entry] ?? 0;
    if (this.places[entry] === PLACE.local) {
      const local = this.low[entry] ?? 0;
      this.#uses[local] = (this.#uses[local] ?? 0) - 1;
    }
    if (this.#settled > entry) this.#settled = entry;
    if (this.#placed > entry) this.#placed = entry;
    return entry;
  }

  /** Takes all entries from a number on. */
  drop(height: number): void {
    while (this.height > height) this.pop();
  }

  /** The register that holds an entry; a constant is put into its place. */
  register(entry: number): number {
    switch (this.places[entry]) {
      case PLACE.local:
        return this.#localAt[this.low[entry] ?? 0] ?? 0;
      case PLACE.constant:
        this.#put(entry);
    }
    return this.at[entry] ?? 0;
  }

  isConstant(entry: number): boolean {
    return this.places[entry] === PLACE.constant;
  }

  /** Whether an i64 constant fits into one word. */
  isShort(entry: number): boolean {
    return (this.high[entry] ?? 0) === (this.low[entry] ?? 0) >> 31;
  }

  /** Whether an entry stands for a local. */
  isUsed(local: number): boolean {
    return (this.#uses[local] ?? 0) > 0;
  }

  /** Puts entries that stand for locals into their own places; constants stay constants. */
  settle(): void {
    for (let entry = this.#settled; entry < this.height; entry++) {
      if (this.places[entry] === PLACE.local) this.#put(entry);
    }
    this.#settled = this.height;
  }

  /** Puts the uppermost entries into their own places, constants, too. */
  place(count: number): void {
    for (let entry = this.height - count; entry < this.height; entry++) {
      if (this.places[entry] !== PLACE.own) this.#put(entry);
    }
  }

  /** Puts all entries into their own places, constants, too; those of the last time are not looked at again. */
  placeAll(): void {
    for (let entry = this.#placed; entry < this.height; entry++) {
      if (this.places[entry] !== PLACE.own) this.#put(entry);
    }
    this.#placed = this.height;
  }

  #put(entry: number): void {
    const at = this.at[entry] ?? 0;
    if (this.places[entry] === PLACE.local) {
      const local = this.low[entry] ?? 0;
      this.#uses[local] = (this.#uses[local] ?? 0) - 1;
    }
    this.write(entry, at);
    this.places[entry] = PLACE.own;
  }

  /** Copies the value of an entry to a register. */
  write(entry: number, to: number): void {
    const { code } = this, type = this.types[entry] ?? 0, low = this.low[entry] ?? 0;
    if (this.places[entry] === PLACE.constant) {
      if (type === I64 || type === F64) code.emit4(CONST64, to, low, this.high[entry] ?? 0);
      else code.emit3(CONST32, to, low);
      return;
    }
    const from = this.places[entry] === PLACE.local ? this.#localAt[low] ?? 0 : this.at[entry] ?? 0;
    if (from === to) return;
    const last = this.#lastCopy;
    if (type !== V128 && last === code.position - 3 && code.at(last) === COPY) {
      code.words[last] = COPY_COPY;
      code.emit2(to, from);
      return;
    }
    this.#lastCopy = type === V128 ? -1 : code.position;
    code.emit3(type === V128 ? COPY128 : COPY, to, from);
  }
}
