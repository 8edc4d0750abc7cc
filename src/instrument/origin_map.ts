/**
 * Maps offsets in instrumented bytes to offsets in the original: pairs of positions after which both run in step.
 * Eight bytes a pair; a pair for each insertion.
 */
export interface OriginMap {
  /** Ascending. */
  readonly instrumented: Uint32Array;
  readonly original: Uint32Array;
}

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

  /** Moves the instrumented offsets of all pairs from number `first` on. */
  shift(first: number, by: number): void {
    for (let i = first; i < this.#count; i++) this.#instrumented[i] = (this.#instrumented[i] ?? 0) + by;
  }

  build(): OriginMap {
    return {
      instrumented: this.#instrumented.slice(0, this.#count),
      original: this.#original.slice(0, this.#count),
    };
  }
}

/** The original offset of an instrumented one; the instruction that an insertion was made for when it lies inside the insertion. */
export function originalOffset(map: OriginMap, instrumented: number): number | undefined {
  let low = 0, high = map.instrumented.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((map.instrumented[middle] ?? 0) <= instrumented) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return undefined;
  const original = (map.original[low - 1] ?? 0) + instrumented - (map.instrumented[low - 1] ?? 0);
  const next = map.original[low];
  return next === undefined ? original : Math.min(original, next);
}
