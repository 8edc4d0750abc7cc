/** A slice that took less than this many milliseconds is made larger, one that took more than that smaller. */
const SHORT = 0.25, LONG = 1;

/**
 * How large the slices of fuel are. A unit takes between 0.02 and 25 nanoseconds, so a slice of a fixed size would either
 * refuel all the time or look at the control words too late. Where a guest stops does not depend on slices.
 */
export class SlicePace {
  #factor = 1;
  #last = NaN;

  /** @param least units of the smallest slice @param most of the largest, which bounds what a guest can do that changes its pace */
  constructor(readonly least: bigint, readonly most: bigint) {}

  /** A call begins, with the smallest slice: it may be of another kind than the last. */
  begin(): void {
    this.#last = NaN;
    this.#factor = 1;
  }

  /** The size of the next slice, at this time in milliseconds, when the last is used up. */
  next(now: number): bigint {
    const took = now - this.#last;
    this.#last = now;
    if (took > LONG) this.#factor = Math.max(1, this.#factor / Math.ceil(took / LONG));
    else if (took < SHORT) this.#factor *= 2;
    const units = this.least * BigInt(Math.floor(this.#factor));
    if (units < this.most) return units;
    this.#factor = Number(this.most / this.least);
    return this.most;
  }
}
