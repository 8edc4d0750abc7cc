/** Draws what a generated module declares: everything but the code. */
import { type Bytes, leb, sleb } from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";
import {
  heapTypeBytes,
  isReference,
  type NumberType,
  type Signature,
  signatureBytes,
  type ValueType,
} from "./value_type.ts";

/** Which exception instructions a module has; V8 takes no mixture. */
export type Generation = "none" | "new" | "old";

export interface FunctionShape extends Signature {
  /** Leaves call nothing and need no depth; every other function takes how deep it may call as its first parameter. */
  readonly leaf: boolean;
  readonly exported: boolean;
  /** So small that calls of it may be charged where they stand. */
  readonly tiny: boolean;
  /** May stand in tables and in `ref.func`. */
  readonly referable: boolean;
}

export interface TableShape {
  readonly element: ValueType;
  readonly wide: boolean;
  readonly min: number;
  readonly max: number | undefined;
  /** Its elements are what the module says, for ever; others are written to. */
  readonly constant: boolean;
  /** Functions in it at the start, by index. */
  readonly functions: readonly number[];
}

export interface MemoryShape {
  readonly wide: boolean;
  readonly min: number;
  readonly max: number | undefined;
}

export interface ActiveData {
  readonly memory: number;
  readonly offset: number;
  readonly size: number;
}

const PAGE = 65_536;

export interface GlobalShape {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** The first globals: a number that is drawn from, and the steps that are left. */
export const STATE = 0, STEPS = 1;

/** A function that only takes a number. */
const IDLE: FunctionShape = {
  params: [],
  results: [],
  leaf: true,
  tiny: true,
  exported: false,
  referable: false,
};

const NUMBERS: readonly NumberType[] = ["i32", "i64", "f32", "f64"];

export class Blueprint {
  readonly types: Signature[] = [];
  readonly #typeNumbers = new Map<string, number>();
  /** Imported functions come first in the index space. */
  readonly hosts: readonly Signature[];
  readonly #referableHosts: readonly number[];
  readonly functions: FunctionShape[] = [];
  readonly tables: TableShape[] = [];
  readonly memories: readonly MemoryShape[];
  readonly globals: readonly GlobalShape[];
  readonly tags: readonly (readonly NumberType[])[];
  readonly dataSizes: readonly number[];
  /** Active data segments, behind the passive ones. */
  readonly activeData: readonly ActiveData[];
  /** Passive element segments of function indices. */
  readonly elements: readonly (readonly number[])[];
  readonly start: boolean;
  readonly simd: boolean;
  /** Without loops all that takes long is recursion. */
  readonly loops: boolean;

  constructor(readonly random: Random, readonly generation: Generation) {
    this.simd = this.often(3);
    this.loops = !this.often(6);
    this.hosts = this.often(2)
      ? this.times(1 + random.below(2), () => ({
        params: ["i32", ...this.#hostTypes(3)],
        results: this.#hostTypes(3),
      }))
      : [];
    this.#referableHosts = this.often(2) ? [...this.hosts.keys()] : [];
    // Indices that take two bytes, also of what instrumentation adds.
    if (this.often(25)) this.functions.push(...this.times(120 + random.below(10), () => IDLE));
    for (let count = 2 + random.below(5); count > 0; count--) this.functions.push(this.#function());
    // The table element types come from the signatures of functions that can be referred to.
    const results = this.#signature().results.filter((type) => type !== "v128");
    this.functions.push({
      params: ["i32", "i32"],
      results,
      leaf: false,
      tiny: false,
      exported: true,
      referable: true,
    });
    for (const shape of [...this.hosts, ...this.functions]) this.type(shape);
    for (let count = random.below(4); count > 0; count--) this.tables.push(this.#table());
    this.memories = this.often(5) ? [] : this.times(1 + (this.often(3) ? random.below(3) : 0), () => ({
      wide: this.often(4),
      min: this.often(10) ? 0 : 1 + random.below(2),
      max: this.often(3) ? undefined : 2 + random.below(6),
    }));
    this.globals = [
      { type: "i32", mutable: true },
      { type: "i32", mutable: true },
      ...this.times(random.below(4), () => ({ type: this.globalType(), mutable: !this.often(4) })),
    ];
    this.tags = generation === "none"
      ? []
      : this.times(1 + random.below(3), () =>
        this.times(random.below(this.often(6) ? 9 : 3), () => random.pick(NUMBERS)));
    this.dataSizes = this.memories.length === 0 ? [] : this.times(random.below(3), () => random.below(40));
    this.activeData = this.memories.length === 0 ? [] : this.times(random.below(4), () => this.#activeData());
    const referable = this.referable();
    this.elements = this.tables.length === 0
      ? []
      : this.times(random.below(3), () => this.times(random.below(5), () => random.pick(referable)));
    this.start = this.often(6);
  }

  /** True once in `times`. */
  often(times: number): boolean {
    return this.random.below(times) === 0;
  }

  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  /** The number of a function type, added if it is new. */
  type(signature: Signature): number {
    const key = signatureBytes(signature).join();
    const known = this.#typeNumbers.get(key);
    if (known !== undefined) return known;
    this.types.push({ params: signature.params, results: signature.results });
    this.#typeNumbers.set(key, this.types.length - 1);
    return this.types.length - 1;
  }

  /** A function of the index space, imported ones first. */
  signature(index: number): Signature {
    const found = index < this.hosts.length ? this.hosts[index] : this.functions[index - this.hosts.length];
    if (found === undefined) throw new RangeError(`The blueprint has no function ${index}`);
    return found;
  }

  /** Functions that references can name, by index. */
  referable(): number[] {
    const defined = this.functions.flatMap((shape, index) =>
      shape.referable ? [index + this.hosts.length] : []
    );
    return [...this.#referableHosts, ...defined];
  }

  numberType(): NumberType {
    return this.simd && this.often(6) ? "v128" : this.random.pick(NUMBERS);
  }

  /** Types of values that hosts take and give. */
  #hostTypes(bound: number): ValueType[] {
    return this.times(
      this.random.below(bound),
      () => this.often(8) ? "externref" : this.random.pick(NUMBERS),
    );
  }

  globalType(): ValueType {
    return this.often(6) ? this.random.pick(["funcref", "externref"]) : this.numberType();
  }

  #valueType(): ValueType {
    return this.often(8) ? this.random.pick(["funcref", "externref"]) : this.numberType();
  }

  #signature(): { params: ValueType[]; results: ValueType[] } {
    const { random } = this, wide = this.often(12);
    return {
      params: this.times(random.below(4), () => this.#valueType()),
      results: this.times(
        wide ? 10 + random.below(30) : random.below(random.pick([2, 2, 4])),
        () => this.#valueType(),
      ),
    };
  }

  #function(): FunctionShape {
    const leaf = this.often(3), tiny = leaf && !this.often(3), { params, results } = this.#signature();
    const referable = !leaf && !this.often(3);
    const exported = !this.often(tiny ? 2 : 3) && ![...params, ...results].includes("v128");
    // What JavaScript sees must not pass exceptions.
    if (this.generation === "new" && !exported && this.often(4)) params.push("exnref");
    return { params: leaf ? params : ["i32", ...params], results, leaf, tiny, referable, exported };
  }

  #activeData(): ActiveData {
    const { random } = this, memory = random.below(this.memories.length), size = random.below(20);
    const { min = 0 } = this.memories[memory] ?? {};
    const last = min * PAGE - size;
    // One that does not fit ends the instantiation.
    const offset = this.often(40) ? last + 1 : Math.max(0, this.often(4) ? last : random.below(5000));
    return { memory, offset: min === 0 ? 0 : offset, size: min === 0 ? 0 : size };
  }

  #table(): TableShape {
    const { random } = this, referable = this.referable(), constant = this.often(2);
    const min = 1 + random.below(8), max = this.often(3) ? undefined : min + random.below(60);
    const shape = { min, max, constant, wide: this.often(6) };
    if (!constant && this.often(4)) return { ...shape, element: "externref", functions: [] };
    const first = random.pick(referable);
    const type = this.often(3) ? this.type(this.signature(first)) : undefined;
    const fitting = type === undefined
      ? referable
      : referable.filter((index) => this.type(this.signature(index)) === type);
    return {
      ...shape,
      element: type === undefined ? "funcref" : `ref null ${type}`,
      functions: this.times(random.below(min + 1), () => random.pick(fitting)),
    };
  }
}

/** The zero of a type, as a constant expression without its end. */
export function zero(type: ValueType): Bytes {
  switch (type) {
    case "i32":
      return [0x41, 0];
    case "i64":
      return [0x42, 0];
    case "f32":
      return [0x43, 0, 0, 0, 0];
    case "f64":
      return [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
    case "v128":
      return [0xfd, 0x0c, ...new Array(16).fill(0)];
    default:
      if (!isReference(type)) throw new TypeError(`No zero of type ${type}`);
      return [0xd0, ...heapTypeBytes(type)];
  }
}

/** `i32.const` and `i64.const` by whether it is wide. */
export function integer(value: number | bigint, wide = false): Bytes {
  return [wide ? 0x42 : 0x41, ...sleb(value)];
}

/** An instruction with one index. */
export function indexed(opcode: number, index: number): Bytes {
  return [opcode, ...leb(index)];
}
