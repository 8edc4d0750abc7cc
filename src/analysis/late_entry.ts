/**
 * Finds functions that need their test on some paths only: they return early where there is nothing to do, as most
 * recursive functions do. On such a path nothing is called, no loop runs, and little is charged.
 */
import { SITE } from "./plan.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** What is found, by body. */
export interface LateEntries {
  /** The site behind which everything stands that needs the test; -1 where that is the first, or there is none. */
  readonly site: Int32Array;
  /** Most units of a path that does not pass it. */
  readonly units: Float64Array;
}

/** Follows a walk over one body after the other. */
export class LateEntryFinder {
  #first = 0;
  /** The region of the first instruction that needs the test; -1 before it is found, or where there is no such region. */
  #site = -1;
  #given = false;
  /** Blocks that were open where the region began. */
  #depth = 0;
  /** Number of sites when it ended, -1 before. */
  #closed = -1;

  constructor(readonly plan: PlanBuilder) {}

  /** @param first the first site of the body */
  begin(first: number): void {
    this.#first = first;
    this.#site = this.#closed = -1;
    this.#given = false;
  }

  /** The body must be tested at its entry. */
  giveUp(): void {
    this.#given = true;
  }

  /**
   * An instruction that needs the test.
   *
   * @param region its site
   * @param entry the sites of the regions in which the open blocks were entered
   * @param depth number of open blocks
   */
  need(region: number, entry: Int32Array, depth: number): void {
    if (this.#given) return;
    if (this.#site >= 0) {
      if (this.#closed >= 0) this.#given = true;
      return;
    }
    this.#site = region;
    this.#depth = depth;
    while (this.#depth > 0 && entry[this.#depth - 1] === region) this.#depth--;
    if (region === this.#first) this.#given = true;
  }

  /** The block of that number ends, or another arm of it begins. */
  close(block: number): void {
    if (this.#site >= 0 && this.#closed < 0 && block < this.#depth) this.#closed = this.plan.siteCount;
  }

  /** Writes down what was found out about a body. */
  finish(body: number, entries: LateEntries): void {
    const { plan } = this, found = !this.#given && this.#site >= 0;
    entries.site[body] = found ? this.#site : -1;
    if (!found) return;
    let units = 0;
    for (let site = this.#first; site < plan.siteCount; site++) {
      if (site >= this.#site && site < this.#closed) continue;
      if (plan.siteKind[site] === SITE.charge || plan.siteKind[site] === SITE.test) {
        units += plan.siteCost[site] ?? 0;
      }
    }
    entries.units[body] = units;
  }
}
