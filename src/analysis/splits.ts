/**
 * Places where control goes one of two ways, each into a region that is entered from nowhere else. Whatever is charged in
 * both can be charged before: the cheaper way is then charged nothing.
 */
import { Column } from "./column.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** For a label that no split, or more than one branch, leads to. */
export const NO_SPLIT = -1, MANY_EDGES = -2;

/** The splits of the body that is walked. */
export class Splits {
  readonly #region: Column = new Column();
  /** Sites of the two regions, -1 for one that charges nothing. */
  readonly #sites: readonly [Column, Column] = [new Column(), new Column()];

  constructor(readonly plan: PlanBuilder) {}

  /** Begins with a body. */
  clear(): void {
    this.#region.length = this.#sites[0].length = this.#sites[1].length = 0;
  }

  /** Adds a split of a region and returns its number; {@linkcode NO_SPLIT} where the region has no site. */
  add(region: number): number {
    if (region < 0) return NO_SPLIT;
    this.#sites[0].push(-1);
    this.#sites[1].push(-1);
    return this.#region.push(region);
  }

  /** Says which site one of its ways has. */
  lead(split: number, way: 0 | 1, site: number): void {
    this.#sites[way].values[split] = site;
  }

  /** Moves what both ways are charged to the region before. Inner splits come after those around them. */
  settle(): void {
    const { plan } = this;
    for (let split = this.#region.length - 1; split >= 0; split--) {
      const first = this.#sites[0].at(split), second = this.#sites[1].at(split);
      if (first < 0 || second < 0) continue;
      const both = Math.min(plan.siteCost[first] ?? 0, plan.siteCost[second] ?? 0);
      if (both === 0) continue;
      plan.add(this.#region.at(split), both);
      plan.add(first, -both);
      plan.add(second, -both);
    }
  }
}
