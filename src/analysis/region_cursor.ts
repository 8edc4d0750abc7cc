import { LateEntryFinder } from "./late_entry.ts";
import { SITE } from "./plan.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { NO_SPLIT, Splits } from "./splits.ts";

/** States of the current region besides a site's number: not reached; reached, but nothing charged yet. */
export const DEAD = -1, PENDING = -2;

/** The region that a walk over a body is in. */
export class RegionCursor {
  /** Its site, or {@linkcode DEAD}, or {@linkcode PENDING}. */
  current = DEAD;
  readonly splits: Splits;
  readonly late: LateEntryFinder;
  /** While the region is pending: the split whose way it is, and which. */
  #split = NO_SPLIT;
  #way: 0 | 1 = 0;

  constructor(readonly plan: PlanBuilder) {
    this.splits = new Splits(plan);
    this.late = new LateEntryFinder(plan);
  }

  /** Starts a body with the region of its entry. */
  start(offset: number, units: number): void {
    this.current = this.plan.site(SITE.test, offset, units);
    this.late.begin(this.current);
    this.splits.clear();
  }

  /** Adds to the region, opening it at this offset if it is pending; nothing in dead code. */
  charge(units: number, offset: number): void {
    if (units === 0 || this.current === DEAD) return;
    this.open(offset);
    this.plan.add(this.current, units);
  }

  /** Opens the region at this offset if it is pending. */
  open(offset: number): void {
    if (this.current !== PENDING) return;
    this.current = this.plan.site(SITE.charge, offset);
    if (this.#split >= 0) this.splits.lead(this.#split, this.#way, this.current);
  }

  /** From here on another region runs, unless nothing does: the way of a split, if one is given. */
  next(split: number = NO_SPLIT, way: 0 | 1 = 0): void {
    if (this.current !== DEAD) this.pend(split, way);
  }

  /** From here on another region runs. */
  pend(split: number = NO_SPLIT, way: 0 | 1 = 0): void {
    this.current = PENDING;
    this.#split = split;
    this.#way = way;
  }

  /** From here on nothing runs. */
  die(): void {
    this.current = DEAD;
  }

  /**
   * What follows must not be reached without the test of the function's entry.
   *
   * @param open the sites of the regions in which the open blocks were entered, and their number
   */
  need(offset: number, open: { readonly entry: Int32Array; readonly depth: number }): void {
    if (this.current === DEAD) return;
    this.open(offset);
    this.late.need(this.current, open.entry, open.depth);
  }
}
