/**
 * Maps offsets in instrumented bytes to offsets in the original: pairs of positions after which both run in step.
 * Eight bytes a pair; a pair for each insertion.
 */
export interface OriginMap {
  /** Ascending. */
  readonly instrumented: Uint32Array;
  /** Ascending within a body; the greatest number where what follows is ours. */
  readonly original: Uint32Array;
  /** Offset at which the functions that were added begin. */
  readonly addedFrom: number;
  /** Original offset of each body. */
  readonly bodies: Uint32Array;
  /** Index of the first function that has a body. */
  readonly firstFunction: number;
}

/** In the place of an original offset: what follows is ours. */
const OURS = 0xffffffff;

/** Collects pairs while code is written. */
export class OriginMapBuilder {
  #instrumented: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  #original: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(instrumented: number, original: number): void {
    if (this.#count === this.#instrumented.length) {
      const double = (from: Uint32Array): Uint32Array<ArrayBuffer> => {
        const to = new Uint32Array(from.length * 2);
        to.set(from);
        return to;
      };
      this.#instrumented = double(this.#instrumented);
      this.#original = double(this.#original);
    }
    this.#instrumented[this.#count] = instrumented;
    this.#original[this.#count] = original;
    this.#count++;
  }

  /** From here to the next pair stands code that is ours alone. */
  addOurs(instrumented: number): void {
    this.add(instrumented, OURS);
  }

  /** Moves the instrumented offsets of all pairs from number `first` on. */
  shift(first: number, by: number): void {
    for (let i = first; i < this.#count; i++) this.#instrumented[i] = (this.#instrumented[i] ?? 0) + by;
  }

  build(code: Pick<OriginMap, "addedFrom" | "bodies" | "firstFunction">): OriginMap {
    return {
      ...code,
      instrumented: this.#instrumented.slice(0, this.#count),
      original: this.#original.slice(0, this.#count),
    };
  }
}

/** How many entries of an ascending array are at most `value`. */
function countUpTo(ascending: Uint32Array, value: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The original offset of an instrumented one; that of the instruction for which an insertion was made when it lies
 * inside the insertion; undefined in functions that are ours alone.
 */
export function originalOffset(map: OriginMap, instrumented: number): number | undefined {
  const index = countUpTo(map.instrumented, instrumented) - 1;
  if (index < 0 || instrumented >= map.addedFrom) return undefined;
  const from = map.original[index] ?? 0, next = map.original[index + 1] ?? 0;
  if (from === OURS) return undefined;
  const original = from + instrumented - (map.instrumented[index] ?? 0);
  return next < from ? original : Math.min(original, next); // bodies can be in another order than they were
}

/** As {@linkcode originalOffset}, but undefined inside of an insertion, too. */
export function instructionAt(map: OriginMap, instrumented: number): number | undefined {
  const index = countUpTo(map.instrumented, instrumented) - 1;
  if (index < 0 || instrumented >= map.addedFrom) return undefined;
  const from = map.original[index] ?? 0, next = map.original[index + 1] ?? 0;
  if (from === OURS) return undefined;
  const original = from + instrumented - (map.instrumented[index] ?? 0);
  return next < from || original < next ? original : undefined; // bodies can be in another order than they were
}

/** The function whose body an original offset lies in. */
export function functionAt(map: OriginMap, original: number): number | undefined {
  const index = countUpTo(map.bodies, original) - 1;
  return index < 0 ? undefined : map.firstFunction + index;
}
