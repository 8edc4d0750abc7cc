/**
 * Loops that count: one local goes up or down by a constant once an iteration, and the loop ends when it reaches a limit
 * that does not change. How often such a loop runs can be had from the local, so nothing needs to be charged or tested in
 * it: it runs for a bounded number of iterations at a time, by a nearer limit in the place of its own, and is charged for
 * them afterwards.
 *
 * Two forms are known, which is what compilers make of `for` and `while`:
 *
 *     loop  counter and limit, compare, if  …  counter = counter + step, br 1  end  end
 *     loop  …  counter = counter + step, compare with limit, br_if 0  end
 *
 * Nothing but these branches may lead to the loop's header or out of the loop.
 */
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import { op, ROWS } from "../wasm/opcodes.ts";

/** A limit: an i32 constant, or a local that the loop does not write. */
export interface CountLimit {
  readonly kind: "constant" | "local";
  readonly value: number;
}

export interface CountedLoop {
  /** The limit is compared before the body, in an `if` around it; or behind the body. */
  readonly tested: "before" | "after";
  /** The local that counts. */
  readonly counter: number;
  /** What is added to it in each iteration; not 0, and a power of 2 where the comparison is i32.ne. */
  readonly step: number;
  readonly limit: CountLimit;
  /** Key of the instruction that compares counter and limit, in that order: the loop goes on while it gives 1. */
  readonly compare: number;
  /** Whether the code pushes the limit first. The counter is then pushed in the range below, too. */
  readonly swapped: boolean;
  /**
   * Where the limit is pushed, in absolute offsets: from the first byte to past the last; empty where it is left out.
   * Where the comparison is not `i32.ne` it is in the range, too.
   */
  readonly limitFrom: number;
  readonly limitTo: number;
}

/** A counted loop that is charged by its counter. */
export interface MeteredCount extends CountedLoop {
  /** Units of an iteration, the comparison included. */
  readonly units: number;
  /** Units of the comparison that ends the loop, where it comes first. */
  readonly lastUnits: number;
  /** Most iterations between two tests. */
  readonly most: number;
}

/** Loops with more bytes than this are charged as others are. */
const MOST_BYTES = 4096;

/** Steps beyond this are taken for something else than counting. */
const MOST_STEP = 1 << 16;

/** Constants up to this are far enough from where a counter wraps around. */
const MOST_STATIC = 1 << 29;

const LOOP = op("loop"),
  IF = op("if"),
  END = op("end"),
  BR = op("br"),
  BR_IF = op("br_if"),
  ADD = op("i32.add"),
  SUB = op("i32.sub");
const GET = op("local.get"), SET = op("local.set"), TEE = op("local.tee"), CONST = op("i32.const");
const NOT_EQUAL = op("i32.ne");
const UPWARD = new Set([op("i32.lt_s"), op("i32.lt_u"), op("i32.le_s"), op("i32.le_u"), NOT_EQUAL]);
/** The comparison that gives the same with its operands the other way round. */
const SWAPPED: ReadonlyMap<number, number> = new Map(
  ["_s", "_u"].flatMap((sign) =>
    [["lt", "gt"], ["gt", "lt"], ["le", "ge"], ["ge", "le"]].map(([from, to]) =>
      [op(`i32.${from}${sign}`), op(`i32.${to}${sign}`)] as const
    )
  ),
);
const DOWNWARD = new Set([op("i32.gt_s"), op("i32.gt_u"), op("i32.ge_s"), op("i32.ge_u"), NOT_EQUAL]);

/** What an instruction does to the flow of control, beyond its mnemonic: how the scan treats it. */
const FLOW: Int8Array = new Int8Array(ROWS.length);
const OPENS = 1, CLOSES = 2, BRANCHES = 3, TABLE = 4, LEAVES = 5, WRITES = 6, DIVIDES = 7;
for (const [key, row] of ROWS.entries()) {
  const mnemonic = row?.mnemonic ?? "";
  if (/^(block|loop|if|try|try_table)$/.test(mnemonic)) FLOW[key] = OPENS;
  else if (/^(end|delegate)$/.test(mnemonic)) FLOW[key] = CLOSES;
  else if (mnemonic === "else") FLOW[key] = DIVIDES;
  else if (/^(br|br_if)$/.test(mnemonic)) FLOW[key] = BRANCHES;
  else if (mnemonic === "br_table") FLOW[key] = TABLE;
  else if (/^(br_|return|rethrow)/.test(mnemonic)) FLOW[key] = LEAVES;
  else if (/^local\.(set|tee)$/.test(mnemonic)) FLOW[key] = WRITES;
}

/** Instructions of the loop that is looked at, and those before it that may set its counter. */
export class CountedLoopFinder {
  readonly #reader: InstructionReader;
  #keys: number[] = [];
  #values: number[] = [];
  #offsets: number[] = [];
  /** Number of the first instruction that closes a block of the loop's own level, or that is an else there. */
  #closed = 0;
  /** Whether a branch leads to the end of a block of the loop's own level. */
  #skips = false;

  constructor(module: Module) {
    this.#reader = new InstructionReader(module.bytes);
  }

  /**
   * @param start offset of the loop instruction
   * @param end past the loop's end
   */
  find(start: number, end: number): CountedLoop | undefined {
    if (end - start > MOST_BYTES || !this.#read(start, end)) return undefined;
    const loop = this.#testedBefore() ?? this.#testedAfter();
    if (loop === undefined) return undefined;
    const { counter, limit, step } = loop;
    if (step === 0 || Math.abs(step) > MOST_STEP) return undefined;
    if (!(step > 0 ? UPWARD : DOWNWARD).has(loop.compare)) return undefined;
    if (loop.compare === NOT_EQUAL && !Number.isInteger(Math.log2(Math.abs(step)))) return undefined;
    if (limit.kind === "local" && limit.value === counter) return undefined;
    return this.#writesOnly(loop) ? loop : undefined;
  }

  /**
   * The number of iterations of a loop whose counter is set to a constant in the straight code before it and whose limit
   * is one; undefined otherwise, and where the counter may wrap around.
   *
   * @param start offset of an instruction in front of the loop
   * @param end offset of the loop instruction
   */
  iterations(loop: CountedLoop, start: number, end: number): number | undefined {
    const { counter, step, limit } = loop, reader = this.#reader;
    if (limit.kind !== "constant") return undefined;
    let constant: number | undefined, first: number | undefined;
    reader.reset(start, end);
    while (reader.next()) {
      const flow = FLOW[reader.key];
      if (flow === WRITES && reader.index === counter) first = constant;
      else if (flow === CLOSES || flow === DIVIDES) first = undefined;
      constant = reader.key === CONST ? reader.i32 : undefined;
    }
    if (first === undefined || Math.abs(first) > MOST_STATIC || Math.abs(limit.value) > MOST_STATIC) {
      return undefined;
    }
    const { mnemonic = "" } = ROWS[loop.compare] ?? {};
    if (mnemonic.endsWith("_u") && (first < 0 || limit.value < 0)) return undefined;
    // How far the counter is from the limit, in steps, when it is first compared.
    const compared = loop.tested === "before" ? first : first + step,
      distance = (limit.value - compared) / step;
    const more = loop.tested === "before" ? 0 : 1;
    if (loop.compare === NOT_EQUAL) {
      return Number.isInteger(distance) && distance >= 0 ? distance + more : undefined;
    }
    const passes = /_(le|ge)_/.test(mnemonic.replace(".", "_"))
      ? Math.floor(distance) + 1
      : Math.ceil(distance);
    const count = Math.max(0, passes) + more;
    return mnemonic.endsWith("_u") && first + count * step < 0 ? undefined : count;
  }

  /** Collects the loop's instructions; false if control can leave it, or reach its header, by more than one branch. */
  #read(start: number, end: number): boolean {
    const reader = this.#reader;
    this.#keys.length = this.#values.length = this.#offsets.length = 0;
    let depth = 0, back = 0;
    this.#closed = 0;
    this.#skips = false;
    reader.reset(start, end);
    while (reader.next()) {
      const { key } = reader;
      switch (FLOW[key]) {
        case OPENS:
          depth++;
          break;
        case CLOSES:
          depth--;
          if (depth === 1 && this.#closed === 0) this.#closed = this.#keys.length;
          break;
        case DIVIDES:
          if (depth === 2 && this.#closed === 0) this.#closed = this.#keys.length;
          break;
        case BRANCHES:
          if (reader.index >= depth) return false;
          if (reader.index === depth - 1) back++;
          if (reader.index === depth - 2) this.#skips = true;
          break;
        case TABLE:
          for (let i = 0; i < reader.labelCount; i++) if ((reader.labels[i] ?? 0) >= depth - 2) return false;
          break;
        case LEAVES:
          return false;
      }
      this.#keys.push(key);
      this.#values.push(key === CONST ? reader.i32 : reader.index);
      this.#offsets.push(reader.offset);
    }
    this.#offsets.push(reader.end);
    return back === 1;
  }

  #is(at: number, key: number): boolean {
    return this.#keys[at] === key;
  }

  #value(at: number): number {
    return this.#values[at] ?? 0;
  }

  /** The limit that is pushed by the instruction of that number. */
  #limit(at: number): CountLimit | undefined {
    if (this.#is(at, CONST)) return { kind: "constant", value: this.#value(at) };
    return this.#is(at, GET) ? { kind: "local", value: this.#value(at) } : undefined;
  }

  /** `counter, step, i32.add` or `i32.sub` that ends at that number, exclusive. */
  #step(to: number): { counter: number; step: number } | undefined {
    const subtracts = this.#is(to - 1, SUB);
    if (!this.#is(to - 3, GET) || !this.#is(to - 2, CONST) || !subtracts && !this.#is(to - 1, ADD)) {
      return undefined;
    }
    return { counter: this.#value(to - 3), step: subtracts ? -this.#value(to - 2) : this.#value(to - 2) };
  }

  #testedBefore(): CountedLoop | undefined {
    const last = this.#keys.length;
    if (!this.#is(4, IF) || this.#skips || this.#closed !== last - 2) return undefined;
    if (
      !this.#is(last - 1, END) || !this.#is(last - 2, END) || !this.#is(last - 3, BR) ||
      this.#value(last - 3) !== 1
    ) {
      return undefined;
    }
    const step = this.#step(last - 4);
    if (!this.#is(last - 4, SET) || step === undefined) return undefined;
    if (step.counter !== this.#value(last - 4)) return undefined;
    const is = (at: number) => this.#is(at, GET) && this.#value(at) === step.counter;
    const key = this.#keys[3] ?? 0, compare = is(1) ? key : SWAPPED.get(key);
    const limit = this.#limit(is(1) ? 2 : 1);
    if (!is(1) && !is(2) || compare === undefined || limit === undefined) return undefined;
    return {
      tested: "before",
      ...step,
      limit,
      compare,
      swapped: !is(1),
      limitFrom: this.#offsets[is(1) ? 2 : 1] ?? 0,
      limitTo: this.#offsets[this.#is(3, NOT_EQUAL) ? 3 : 4] ?? 0,
    };
  }

  #testedAfter(): CountedLoop | undefined {
    const last = this.#keys.length, branch = last - 2;
    if (
      !this.#is(0, LOOP) || !this.#is(last - 1, END) || !this.#is(branch, BR_IF) || this.#value(branch) !== 0
    ) {
      return undefined;
    }
    // counter + step, tee, br_if: until it is 0.
    const bare = this.#is(branch - 1, TEE) ? this.#step(branch - 1) : undefined;
    if (bare !== undefined) {
      const at = this.#offsets[branch] ?? 0;
      return this.#value(branch - 1) !== bare.counter ? undefined : {
        tested: "after",
        ...bare,
        limit: { kind: "constant", value: 0 },
        compare: NOT_EQUAL,
        swapped: false,
        limitFrom: at,
        limitTo: at,
      };
    }
    // counter + step, tee, limit, compare, br_if; for `!=` also the other way round.
    const limit = this.#limit(branch - 2);
    if (this.#is(branch - 3, TEE) && limit !== undefined) {
      const step = this.#step(branch - 3);
      if (step?.counter !== this.#value(branch - 3)) return undefined;
      return this.#after(step, limit, branch, branch - 2);
    }
    const early = this.#limit(branch - 6), step = this.#step(branch - 2);
    if (!this.#is(branch - 1, NOT_EQUAL) || !this.#is(branch - 2, TEE) || early === undefined) {
      return undefined;
    }
    if (step?.counter !== this.#value(branch - 2)) return undefined;
    return this.#after(step, early, branch, branch - 6);
  }

  #after(
    step: { counter: number; step: number },
    limit: CountLimit,
    branch: number,
    at: number,
  ): CountedLoop {
    return {
      tested: "after",
      ...step,
      limit,
      compare: this.#keys[branch - 1] ?? 0,
      swapped: false,
      limitFrom: this.#offsets[at] ?? 0,
      limitTo: this.#offsets[this.#is(branch - 1, NOT_EQUAL) ? at + 1 : branch] ?? 0,
    };
  }

  /** Whether the counter is written once in the loop, and a local that is the limit never. */
  #writesOnly({ counter, limit }: CountedLoop): boolean {
    let writes = 0;
    for (let at = 0; at < this.#keys.length; at++) {
      if (FLOW[this.#keys[at] ?? 0] !== WRITES) continue;
      if (this.#value(at) === counter) writes++;
      if (limit.kind === "local" && this.#value(at) === limit.value) return false;
    }
    return writes === 1;
  }
}
