/** Code of a function as it is written: its bytes, the types on its operand stack, and the blocks that are open. */
import { opcodeBytes } from "./opcode_bytes.ts";
import { type Bytes, F64, I32, I64, leb, sleb, V128 } from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";

/** A value type by its byte. */
export type Type = number;

export interface Signature {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

export interface Label {
  /** What a branch to it takes along. */
  readonly types: readonly Type[];
  readonly results: readonly Type[];
  /** Operands under the block's own. */
  readonly base: number;
  /** Whether it is the part of an old `try` in which its exception can be thrown again. */
  catches: boolean;
}

const SMALL = [0, 1, 2, 3, 7, 8, 31, 32, 64, -1, -2, 100] as const;

export class CodeStack {
  readonly bytes: Bytes = [];
  readonly stack: Type[] = [];
  readonly labels: Label[] = [];

  constructor(readonly random: Random, readonly locals: readonly Type[]) {}

  emit(mnemonic: string, ...immediates: readonly (readonly number[])[]): this {
    this.bytes.push(...opcodeBytes(mnemonic));
    for (const bytes of immediates) this.bytes.push(...bytes);
    return this;
  }

  /** An instruction by the types that it takes and gives, which are on top. */
  operate(mnemonic: string, takes: number, gives: readonly Type[], ...immediates: Bytes[]): this {
    this.stack.length -= takes;
    this.stack.push(...gives);
    return this.emit(mnemonic, ...immediates);
  }

  /** Operands of the innermost block. */
  get own(): number {
    return this.stack.length - (this.labels.at(-1)?.base ?? 0);
  }

  /** A local of a type, by chance; undefined where there is none. */
  local(type: Type): number | undefined {
    const all = [...this.locals.keys()].filter((index) => this.locals[index] === type);
    return all.length === 0 ? undefined : this.random.pick(all);
  }

  get(index: number): this {
    return this.operate("local.get", 0, [this.locals[index] ?? I32], leb(index));
  }

  set(index: number): this {
    return this.operate("local.set", 1, [], leb(index));
  }

  tee(index: number): this {
    return this.operate("local.tee", 1, [this.locals[index] ?? I32], leb(index));
  }

  constant(type: Type, value: number = this.random.pick(SMALL)): this {
    switch (type) {
      case I32:
        return this.operate("i32.const", 0, [I32], sleb(value));
      case I64:
        return this.operate("i64.const", 0, [I64], sleb(this.random.below(8) > 0 ? value : value * 2 ** 33));
      case F64: {
        const bytes = new Uint8Array(new Float64Array([value / 2]).buffer);
        return this.operate("f64.const", 0, [F64], [...bytes]);
      }
      case V128:
        return this.operate(
          "v128.const",
          0,
          [V128],
          Array.from({ length: 16 }, () => this.random.below(256)),
        );
      default:
        return this.operate("ref.null", 0, [type], [type]);
    }
  }

  /** Pushes a value of a type: of a local, or a constant. */
  push(type: Type): this {
    const local = this.local(type);
    return local !== undefined && this.random.below(3) > 0 ? this.get(local) : this.constant(type);
  }

  /** Has these types on top: with what is there, or with more. */
  need(types: readonly Type[]): this {
    const { stack, own } = this, { length } = types;
    for (let there = Math.min(length, own); there >= 0; there--) {
      const from = stack.length - there;
      if (!types.slice(0, there).every((type, place) => stack[from + place] === type)) continue;
      for (const type of types.slice(there)) this.push(type);
      return this;
    }
    return this;
  }

  drop(): this {
    return this.operate("drop", 1, []);
  }

  /** Opens a block whose parameters are on top. */
  open(mnemonic: string, of: Signature & { readonly index: number }, ...immediates: Bytes[]): void {
    const base = this.stack.length - of.params.length;
    this.emit(mnemonic, sleb(of.index), ...immediates);
    const types = mnemonic === "loop" ? of.params : of.results;
    this.labels.push({ types, results: of.results, base, catches: false });
  }

  /** Has exactly the results of the innermost block as its operands. */
  finish(): void {
    const label = this.labels.at(-1), results = label?.results ?? [];
    while (this.own > results.length) this.drop();
    this.need(results);
    while (this.own > results.length) {
      // What is there does not fit: it is put away.
      this.stack.length -= results.length;
      for (const _ of results) this.emit("drop");
      while (this.own > 0) this.drop();
      for (const type of results) this.push(type);
    }
  }

  /** Starts another part of the innermost block with these operands. */
  restart(types: readonly Type[]): void {
    this.stack.length = this.labels.at(-1)?.base ?? 0;
    this.stack.push(...types);
  }

  close(): void {
    const { base = 0, results = [] } = this.labels.pop() ?? {};
    this.stack.length = base;
    this.stack.push(...results);
    this.emit("end");
  }

  /** What comes now is never reached: the operands are whatever they should be. */
  dead(): void {
    this.stack.length = this.labels.at(-1)?.base ?? 0;
  }
}
