import { Column } from "./column.ts";

/** Bits of a loop. */
export const LOOP_FLAGS = {
  /** Something branches to its header: without that it is a block. */
  targeted: 1,
  /** Holds an instruction that must find the fuel counter right, or a call of a function that is not light. */
  heavy: 2,
  /** Holds a call of any kind. */
  calls: 4,
  /** Holds something before which what is owed is paid. */
  settles: 32,
  /** Set when charges are placed: another loop is in it that takes tests. */
  outer: 8,
  /** Has parameters, or branches that cannot be written anew. */
  fixed: 16,
  /** Set when charges are placed: another loop of ours is put around it. */
  wrapped: 64,
} as const;

/** How control goes on after a call. */
export const CALL_KIND = { returns: 0, neverReturns: 1, tail: 2 } as const;

/** Collects what a walk over the bodies finds. Sites, calls and loops are each in the order of the code. */
export class PlanBuilder {
  siteCount = 0;
  siteOffset: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  siteKind: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  siteCost: Float64Array<ArrayBuffer> = new Float64Array(1024);

  /** Direct calls: the function, the site that charges the call (-1 in dead code), the loop around it (-1), the kind. */
  readonly callees: Column = new Column();
  readonly callRegion: Column = new Column();
  readonly callLoop: Column = new Column();
  readonly callKind: Column = new Column();

  /** Loops: the loop around (-1), bits of {@linkcode LOOP_FLAGS}, the site of the region that they are entered from. */
  readonly loopParent: Column = new Column();
  readonly loopFlags: Column = new Column();
  readonly loopRegion: Column = new Column();

  /** Adds a site and returns its number. */
  site(kind: number, offset: number, cost = 0): number {
    const index = this.siteCount++;
    if (index === this.siteOffset.length) this.#growSites();
    this.siteOffset[index] = offset;
    this.siteKind[index] = kind;
    this.siteCost[index] = cost;
    return index;
  }

  /** Adds to the cost of a site. */
  add(site: number, units: number): void {
    this.siteCost[site] = (this.siteCost[site] ?? 0) + units;
  }

  /** Adds a loop and returns its number. */
  loop(parent: number, region: number): number {
    this.loopFlags.push(0);
    this.loopRegion.push(region);
    return this.loopParent.push(parent);
  }

  /** Sets bits of a loop; -1 is none. */
  mark(loop: number, flags: number): void {
    if (loop >= 0) this.loopFlags.values[loop] = this.loopFlags.at(loop) | flags;
  }

  call(functionIndex: number, facts: { region: number; loop: number; kind: number }): void {
    this.callees.push(functionIndex);
    this.callRegion.push(facts.region);
    this.callLoop.push(facts.loop);
    this.callKind.push(facts.kind);
  }

  #growSites(): void {
    const size = this.siteOffset.length * 2;
    const offsets = new Uint32Array(size), kinds = new Uint8Array(size), costs = new Float64Array(size);
    offsets.set(this.siteOffset);
    kinds.set(this.siteKind);
    costs.set(this.siteCost);
    this.siteOffset = offsets;
    this.siteKind = kinds;
    this.siteCost = costs;
  }
}
