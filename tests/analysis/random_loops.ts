/**
 * Modules of random loops: some that count, in every form and nearly so, some that do not, nested at will, left in every way,
 * with calls of small functions in them. Which way they take depends on a number that each branch draws anew. They trap
 * when they have made more turns than they are given.
 */
import { COMPARISONS, countingLoop, fits, FORMS } from "./counted_text.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import type { Random } from "../wasm/random.ts";

const FUNCTIONS = 4, MOST_DEPTH = 5, LOCALS = 6;

/** Draws a number below 2^`bits` and leaves it on the stack. */
const draw = (bits: number): string =>
  `global.get $state i32.const 1103515245 i32.mul i32.const 12345 i32.add global.set $state
   global.get $state i32.const 16 i32.shr_u i32.const ${(1 << bits) - 1} i32.and`;

const TURN = `global.get $turns i32.const -1 i32.add global.set $turns
  global.get $turns i32.const 0 i32.lt_s if unreachable end`;

const LIGHT = `
  (func $light0 (param i32) (result i32) local.get 0 i32.const 5 i32.mul)
  (func $light1 (param i32) (result i32) local.get 0 call $light0 call $light0 i32.const 1 i32.add)
  (func $light2 (param i32) (result i32)
    local.get 0 i32.const 1 i32.and if (result i32) i32.const 7 else local.get 0 call $light1 end)`;

class LoopWriter {
  /** Open labels. */
  #depth = 0;

  constructor(readonly random: Random, readonly index: number, readonly throws: boolean) {}

  function(): string {
    const body = this.#statements(6);
    return `(func $f${this.index} (param i32) (local i32 i32 i32 i32 i32 i32)
      ${body} local.get 1 local.get 2 i32.xor global.get $sum i32.add global.set $sum)`;
  }

  #local(): number {
    return 1 + this.random.below(LOCALS - 1);
  }

  #label(): number {
    return this.random.below(this.#depth + 1);
  }

  /** Statements in blocks that are opened around them. */
  #statements(most: number, opened = 0): string {
    this.#depth += opened;
    const count = this.random.below(most) + 1;
    const texts = Array.from({ length: count }, () => this.#statement());
    this.#depth -= opened;
    return texts.join("\n");
  }

  #statement(): string {
    const { random } = this, deep = this.#depth > MOST_DEPTH;
    switch (random.below(deep ? 8 : 16)) {
      case 0:
        return `local.get ${this.#local()} i32.const ${random.below(9)} i32.add drop`;
      case 1:
        return `i32.const ${random.below(6)} local.set ${this.#local()}`;
      case 2:
        return `local.get ${this.#local()} call $light${
          random.below(3)
        } i32.const 7 i32.and local.set ${this.#local()}`;
      case 3:
        return `local.get ${this.#local()} local.set ${this.#local()}`;
      case 4:
        return random.below(2) === 0 ? `${draw(2)} i32.eqz br_if ${this.#label()}` : "nop";
      case 5:
        return this.#call();
      case 6:
        return random.below(3) === 0 ? this.#leave() : "i32.const 1 drop";
      case 7:
        return random.below(3) === 0
          ? `${draw(2)} br_table ${this.#label()} ${this.#label()} ${this.#label()}`
          : "nop";
      case 8:
        return `block ${this.#statements(4, 1)} end`;
      case 9:
        return `${draw(1)} if ${this.#statements(3, 1)} end`;
      case 10:
        return `${draw(1)} if ${this.#statements(3, 1)} else ${this.#statements(3, 1)} end`;
      case 11:
        return `loop ${TURN} ${this.#statements(4, 1)} ${draw(2)} br_if 0 end`;
      case 12:
        return this.throws
          ? `(block (try_table (catch_all ${random.below(this.#depth + 2)}) ${this.#statements(4, 2)}))`
          : this.#call();
      default:
        return this.#counting();
    }
  }

  #counting(): string {
    const { random } = this, counter = this.#local(), form = random.pick(FORMS);
    const compare = random.pick(COMPARISONS.filter((compare) => fits(form, compare)));
    const up = /^l/.test(compare) || compare === "ne" && random.below(2) === 0;
    const step = random.pick([1, 1, 2, 3, 4]) * (up ? 1 : -1);
    const limit = random.below(2) === 0
      ? `i32.const ${random.pick([0, 3, 7, 7, 40, 900])}`
      : `local.get ${this.#local()}`;
    const before = random.pick([
      `i32.const ${random.below(12)} local.set ${counter}`,
      `i32.const ${random.below(12)} local.set ${counter}`,
      `${draw(3)} local.set ${counter}`,
      "",
    ]);
    const inside = form === "before" ? 2 : 1;
    const body = `${TURN} ${random.below(2) === 0 ? "" : this.#inCounting(inside)}`;
    return `${before} ${countingLoop({ form, compare, step, limit }, counter, body)}`;
  }

  /** What leaves the counter alone, mostly. */
  #inCounting(inside: number): string {
    const { random } = this, other = 1 + random.below(LOCALS - 1);
    switch (random.below(6)) {
      case 0:
        return `block ${draw(1)} br_if 0 local.get ${other} drop end`;
      case 1:
        return `${draw(1)} if i32.const ${random.below(5)} call $light${random.below(3)} drop end`;
      case 2:
        return this.throws ? `${draw(4)} i32.eqz if throw $t end` : `local.get ${other} call $light2 drop`;
      case 3:
        return this.throws ? `${draw(4)} i32.eqz if call $throws unreachable end` : "nop";
      case 4:
        return `i32.const 0 local.set 6 loop ${TURN} local.get 6 i32.const 1 i32.add local.tee 6 i32.const 3 i32.lt_s br_if 0 end`;
      default:
        return this.#statements(2, inside);
    }
  }

  #call(): string {
    const { random } = this, callee = this.index + 1 + random.below(FUNCTIONS - this.index);
    if (callee >= FUNCTIONS) return `local.get ${this.#local()} call $light${random.below(3)} drop`;
    return random.below(3) === 0
      ? `local.get ${this.#local()} i32.const ${callee} call_indirect (param i32)`
      : `local.get ${this.#local()} call $f${callee}`;
  }

  #leave(): string {
    const { random } = this, callee = this.index + 1;
    const way = random.pick(
      this.throws ? ["return", "throw $t", "call $throws unreachable"] : ["return", "return", "nop"],
    );
    const tail = callee < FUNCTIONS && random.below(3) === 0 ? `local.get 1 return_call $f${callee}` : way;
    return `${draw(2)} i32.eqz if ${tail} end`;
  }
}

/** A module that exports `run(number, turns)`, and what it has done as globals: `state`, `turns` and `sum`. */
export function randomLoops(random: Random, options: { throws: boolean }): Uint8Array<ArrayBuffer> {
  const { throws } = options, indices = Array.from({ length: FUNCTIONS }, (_, index) => index);
  const functions = indices.map((index) => new LoopWriter(random, index, throws).function());
  const first = "i32.const 3 call $f0";
  return compileText(`(module
    (global $state (export "state") (mut i32) (i32.const 0))
    (global $turns (export "turns") (mut i32) (i32.const 0))
    (global $sum (export "sum") (mut i32) (i32.const 0))
    ${throws ? "(tag $t) (func $throws throw $t)" : ""}
    (table ${FUNCTIONS} funcref) (elem (i32.const 1) func ${
    indices.slice(1).map((index) => `$f${index}`).join(" ")
  })
    ${LIGHT} ${functions.join("\n")}
    (func (export "run") (param i32 i32) local.get 0 global.set $state local.get 1 global.set $turns
      ${throws ? `(block $c (try_table (catch_all $c) ${first}))` : first}))`);
}
