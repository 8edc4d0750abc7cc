/**
 * Writes the code of one function: keeps locals, labels and how much may still be written, and hands each value and
 * each statement to one of the forms that apply. A value leaves one operand, a statement none, whatever is below.
 */
import type { Blueprint, FunctionShape } from "./blueprint.ts";
import { indexed, integer, STATE, STEPS, zero } from "./blueprint.ts";
import { CALL_FORMS } from "./calls.ts";
import { CONTROL_FORMS } from "./control.ts";
import { COUNTING_FORMS } from "./counting.ts";
import { EXCEPTION_FORMS } from "./exceptions.ts";
import { LOOP_FORMS } from "./loops.ts";
import { MEMORY_FORMS } from "./memories.ts";
import { NUMBER_FORMS } from "./numbers.ts";
import { REFERENCE_FORMS } from "./references.ts";
import { TABLE_FORMS } from "./tables.ts";
import { fits, isNullable, type Signature, typeBytes, type ValueType } from "./value_type.ts";
import { type Bytes, leb, sleb } from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";

/** A label that is open. */
export interface Label {
  /** What a branch takes along. */
  readonly types: readonly ValueType[];
  /**
   * `forward`: not a loop. `free`: the loop's header counts a step and leaves when there is none. `counted`: branches
   * back need a look at the counter. `closed`: nothing may branch there.
   */
  readonly kind: "forward" | "free" | "counted" | "closed";
  /** Of a `counted` loop: the local that its header raises, and how far. */
  readonly counter?: { readonly local: number; readonly limit: number };
  /** That of an old catch clause: its exception can be thrown again. */
  readonly caught?: true;
}

/** One way to write a statement. */
export interface StatementForm {
  readonly weight: number;
  applies?(to: CodeWriter): boolean;
  write(to: CodeWriter): void;
}

/** One way to write a value. */
export interface ValueForm {
  readonly weight: number;
  applies(type: ValueType, to: CodeWriter): boolean;
  write(to: CodeWriter, type: ValueType): void;
}

/** Forms of one subject. `ends` leave nothing reachable behind them: no operand is missed there. */
export interface Forms {
  readonly statements?: readonly StatementForm[];
  readonly values?: readonly ValueForm[];
  readonly ends?: readonly StatementForm[];
}

const ALL: readonly Forms[] = [
  NUMBER_FORMS,
  REFERENCE_FORMS,
  CONTROL_FORMS,
  LOOP_FORMS,
  COUNTING_FORMS,
  CALL_FORMS,
  MEMORY_FORMS,
  TABLE_FORMS,
  EXCEPTION_FORMS,
];
const STATEMENTS = ALL.flatMap((forms) => forms.statements ?? []);
const VALUES = ALL.flatMap((forms) => forms.values ?? []);
const ENDS = ALL.flatMap((forms) => forms.ends ?? []);

const LOCAL_GET = 0x20, LOCAL_SET = 0x21, GLOBAL_GET = 0x23, GLOBAL_SET = 0x24, DROP = 0x1a, RETURN = 0x0f;
const IF = 0x04, END = 0x0b, EMPTY = 0x40, BR_IF = 0x0d, BR = 0x0c, BR_TABLE = 0x0e;
const MOST_DEPTH = 7;

export class CodeWriter {
  readonly code: Bytes = [];
  readonly labels: Label[] = [];
  /** Types of all locals, parameters first. */
  readonly locals: ValueType[];
  /** Locals that only the code that made them writes. */
  readonly #reserved = new Set<number>();
  readonly #scratch = new Set<number>();
  /** Product of the turns of the counted loops that are open. */
  turns = 1;
  /** How many values and statements are being written into each other. */
  #depth = 0;

  constructor(
    readonly random: Random,
    readonly blueprint: Blueprint,
    readonly shape: FunctionShape,
    /** How many values and statements may still be written. */
    public room: number,
  ) {
    this.locals = [...shape.params];
    if (!shape.leaf) this.#reserved.add(0);
    const kinds: ValueType[] = ["i32", "i32", "i64", "f32", "f64", "funcref", "externref"];
    if (blueprint.simd) kinds.push("v128");
    if (blueprint.generation === "new") kinds.push("exnref");
    for (const type of kinds) if (!this.often(4)) this.locals.push(type);
    if (this.often(12)) { for (let count = random.below(140); count > 0; count--) this.locals.push("i64"); }
    this.labels.push({ types: shape.results, kind: "forward" });
  }

  /** The whole code, without the last `end`. */
  function(): Bytes {
    if (!this.shape.leaf) this.#enter();
    this.statements(6);
    this.values(this.shape.results);
    return this.code;
  }

  /** Groups of locals. */
  declared(): (readonly [count: number, type: ValueType])[] {
    return this.locals.slice(this.shape.params.length).map((type) => [1, type] as const);
  }

  /** Returns at once when no step is left or the calls are too deep. */
  #enter(): void {
    this.emit(LOCAL_GET, 0, ...integer(1), 0x48); // i32.lt_s
    this.step();
    this.emit(0x72, IF, EMPTY); // i32.or
    this.zeros(this.shape.results);
    this.emit(RETURN, END);
  }

  /** Counts a step; leaves whether none is left. */
  step(): void {
    this.emit(...indexed(GLOBAL_GET, STEPS), ...integer(1), 0x6b, ...indexed(GLOBAL_SET, STEPS));
    this.emit(...indexed(GLOBAL_GET, STEPS), ...integer(0), 0x48); // i32.lt_s
  }

  emit(...bytes: number[]): void {
    for (const byte of bytes) this.code.push(byte);
  }

  often(times: number): boolean {
    return this.random.below(times) === 0;
  }

  /** Leaves a number below a power of two that differs each time. */
  draw(bits: number): void {
    this.emit(...indexed(GLOBAL_GET, STATE), ...integer(1103515245), 0x6c, ...integer(12345), 0x6a);
    this.emit(...indexed(GLOBAL_SET, STATE), ...indexed(GLOBAL_GET, STATE), ...integer(16), 0x76);
    this.emit(...integer((1 << bits) - 1), 0x71);
  }

  /** Leaves 0 or 1, or any number. */
  condition(): void {
    switch (this.random.below(4)) {
      case 0:
        return this.value("i32");
      case 1:
        this.value("i32");
        return this.emit(...integer(1 << this.random.below(3)), 0x71);
      default:
        return this.draw(this.random.pick([1, 1, 1, 2, 3]));
    }
  }

  zeros(types: readonly ValueType[]): void {
    for (const type of types) {
      if (isNullable(type) || !type.includes("ref")) this.emit(...zero(type));
      else REFERENCE_FORMS.function(this, type);
    }
  }

  values(types: readonly ValueType[]): void {
    for (const type of types) this.value(type);
  }

  value(type: ValueType): void {
    this.#depth++;
    this.room--;
    const tight = this.room < 0 || this.#depth > MOST_DEPTH;
    const form = tight ? undefined : this.#choose(VALUES.filter((item) => item.applies(type, this)));
    if (form === undefined) this.#plainValue(type);
    else form.write(this, type);
    this.#depth--;
  }

  statement(): void {
    this.#depth++;
    this.room--;
    const tight = this.room < 0 || this.#depth > MOST_DEPTH;
    const form = tight ? undefined : this.#choose(STATEMENTS.filter((item) => item.applies?.(this) ?? true));
    if (form === undefined) this.emit(0x01);
    else form.write(this);
    this.#depth--;
  }

  /** Some statements, at most `most`. */
  statements(most: number): void {
    for (let count = this.random.below(most + 1); count > 0; count--) this.statement();
  }

  /** Something after which nothing is reached, and then perhaps code that never runs. */
  end(): void {
    this.room--;
    const form = this.#choose(ENDS.filter((item) => item.applies?.(this) ?? true));
    form?.write(this);
    if (this.often(3)) this.statements(2);
    // Operands out of nowhere.
    if (this.often(8)) this.emit(0x6a, DROP);
  }

  #choose<T extends { readonly weight: number }>(forms: readonly T[]): T | undefined {
    let at = this.random.below(forms.reduce((sum, form) => sum + form.weight, 0));
    return forms.find((form) => (at -= form.weight) < 0);
  }

  /** The least code for a value. */
  #plainValue(type: ValueType): void {
    const local = this.often(3) ? undefined : this.readable(type);
    if (local !== undefined) return this.emit(...indexed(LOCAL_GET, local));
    if (type === "i32") return this.emit(...integer(this.interesting()));
    if (type === "i64") return this.emit(...integer(this.interesting(), true));
    if (!type.includes("ref") || isNullable(type)) return this.emit(...zero(type));
    return REFERENCE_FORMS.function(this, type);
  }

  interesting(): number {
    return this.random.pick([
      0,
      1,
      -1,
      2,
      7,
      31,
      64,
      255,
      65535,
      -2147483648,
      2147483647,
      this.random.below(1000),
    ]);
  }

  /** A local whose value may be read as this type. */
  readable(type: ValueType): number | undefined {
    const fitting = this.locals.flatMap((given, index) =>
      fits(given, type) && !this.#scratch.has(index) ? [index] : []
    );
    return fitting.length === 0 ? undefined : this.random.pick(fitting);
  }

  /** A local that may be set to a value of this type. */
  writable(type: ValueType): number | undefined {
    const fitting = this.locals.flatMap((wanted, index) =>
      fits(type, wanted) && !this.#reserved.has(index) ? [index] : []
    );
    return fitting.length === 0 ? undefined : this.random.pick(fitting);
  }

  /** A local of this very type: what `local.tee` leaves has the local's type. */
  ofType(type: ValueType): number | undefined {
    const local = this.writable(type);
    return local !== undefined && this.locals[local] === type ? local : undefined;
  }

  /** A local of one's own that nothing else reads: it may hold a NaN whose bits are not defined. */
  scratch(type: ValueType): number {
    const index = this.reserve(type);
    this.#scratch.add(index);
    return index;
  }

  /** A local that nothing else writes. */
  reserve(type: ValueType): number {
    const index = this.locals.push(type) - 1;
    this.#reserved.add(index);
    return index;
  }

  /** Does away with operands, the last of which is on top. */
  consume(types: readonly ValueType[]): void {
    for (const type of types.toReversed()) {
      const local = this.often(3) ? undefined : this.writable(type);
      if (local !== undefined) this.emit(...indexed(LOCAL_SET, local));
      else if (type === "i32" && this.room > 0 && this.often(3)) {
        this.emit(IF, EMPTY);
        this.inside("forward", [], () => this.often(4) ? this.end() : this.statements(2));
        this.emit(END);
      } else this.emit(DROP);
    }
  }

  /** The immediate of a block. */
  blockType(params: readonly ValueType[], results: readonly ValueType[]): Bytes {
    const [result] = results;
    if (params.length === 0 && results.length === 0 && !this.often(10)) return [EMPTY];
    if (params.length === 0 && results.length === 1 && result !== undefined && !this.often(10)) {
      return typeBytes(result);
    }
    return sleb(this.blueprint.type({ params, results }));
  }

  /** Writes what stands inside a label. */
  inside(
    kind: Label["kind"],
    types: readonly ValueType[],
    write: () => void,
    more: Partial<Label> = {},
  ): void {
    this.labels.push({ types, kind, ...more });
    write();
    this.labels.pop();
  }

  /** Depths of labels that take these types, innermost first. */
  labelsFor(takes: (types: readonly ValueType[]) => boolean): number[] {
    return this.labels.toReversed().flatMap((label, depth) =>
      label.kind !== "closed" && takes(label.types) ? [depth] : []
    );
  }

  label(depth: number): Label {
    const found = this.labels.at(-1 - depth);
    if (found === undefined) throw new RangeError(`No label is open ${depth} further out`);
    return found;
  }

  /** Depth of a label that is not closed. */
  anyLabel(): number {
    return this.random.pick(this.labelsFor(() => true));
  }

  /** Branches for good, with all that the label takes; to a counted loop only while its counter allows. */
  branch(depth: number): void {
    this.#guarded([depth], (outer) => {
      this.values(this.label(depth + outer).types);
      this.emit(...indexed(BR, depth + outer));
    });
  }

  /** Branches on a condition; what the label takes is gone after it. */
  branchIf(depth: number): void {
    this.#guarded([depth], (outer) => {
      const { types } = this.label(depth + outer);
      this.values(types);
      this.condition();
      this.emit(...indexed(BR_IF, depth + outer));
      this.consume(types);
    });
  }

  /** Branches to one of several labels that take the same types. */
  branchTable(depths: readonly number[]): void {
    this.#guarded(depths, (outer) => {
      const [first = 0] = depths;
      this.values(this.label(first + outer).types);
      if (this.often(4)) this.value("i32");
      else this.draw(this.random.pick([1, 2, 3]));
      this.emit(BR_TABLE, ...leb(depths.length - 1), ...depths.flatMap((depth) => leb(depth + outer)));
    });
  }

  /** Looks at the counters of counted loops first: within their limits, the branch stands one label further in. */
  #guarded(depths: readonly number[], write: (outer: number) => void): void {
    const counters = new Set(depths.flatMap((depth) => this.label(depth).counter ?? []));
    for (const { local, limit } of counters) {
      this.emit(...indexed(LOCAL_GET, local), ...integer(limit), 0x48);
    }
    if (counters.size === 0) return write(0);
    for (let more = counters.size; more > 1; more--) this.emit(0x71);
    this.emit(IF, EMPTY);
    this.inside("forward", [], () => write(1));
    this.emit(END);
  }

  /** Imported functions stand before those of the module. */
  get calleeShapes(): readonly Signature[] {
    return [...this.blueprint.hosts, ...this.blueprint.functions];
  }
}
