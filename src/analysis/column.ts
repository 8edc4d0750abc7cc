/** Whole numbers of 32 bits that grow at the end: what a walk over a large module collects millions of. */
export class Column {
  values: Int32Array<ArrayBuffer> = new Int32Array(256);
  length = 0;

  /** Adds a number and returns its place. */
  push(value: number): number {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    return this.length++;
  }

  /** The number at a place that exists. */
  at(place: number): number {
    return this.values[place] ?? 0;
  }
}
