/**
 * Decides how the loops of a body are charged, when all is known about the functions that they call:
 *
 * - **static**: it counts from a constant to a constant and costs little: charged by the region that it is entered from;
 * - **counted**: charged by its counter, a bounded number of iterations at a time;
 * - and all others at every iteration. Of these, innermost ones that call nothing get a loop of ours around them.
 */
import { type CountedLoop, CountedLoopFinder, type MeteredCount } from "./counted_loops.ts";
import { LIGHT, type WalkedBodies } from "./light_functions.ts";
import { type CompileFacts, FUNCTION_FLAGS, MOST_OWED, SITE, SITE_FLAGS } from "./plan.ts";
import { PASS } from "./passed_counters.ts";
import { CALL_KIND, LOOP_FLAGS } from "./plan_builder.ts";
import type { Module } from "../wasm/module.ts";

/** A function with more loops than this is not made to have even more: V8 takes 0.4 ms over each. */
export const MOST_WRAPPED_LOOPS = 100;

/** Units of an iteration up to which a loop is charged by its counter: 14 instructions a run instead of 3 an iteration. */
const MOST_COUNTED_UNITS = 150;

/** Units that a loop may cost without any test, and all such loops of a body together. */
const MOST_STATIC_UNITS = 50_000, MOST_STATIC_UNITS_IN_BODY = 200_000;

/** Loops within each other that are looked at for a count: the outer ones are read again each time. */
const MOST_NESTED = 4;

/** Where the loops of a body are, and what is found out about them. */
export interface WalkedLoops extends WalkedBodies {
  /** First loop of each body; one more entry at the end. */
  readonly bodyLoops: Uint32Array;
  readonly compile: CompileFacts;
  readonly light: Uint8Array;
  /** By body: most units of a call that pass no test, beside those that its callers are charged for. */
  readonly unseen: Float64Array;
}

export class LoopPlanner {
  /** Loops that are charged by their counters, by number. */
  readonly counted: Map<number, MeteredCount> = new Map();
  readonly #finder: CountedLoopFinder;
  /** Iterations of the static loops of the body, by number. */
  readonly #iterations: Map<number, number> = new Map();
  /** How many loops deep the static loops in a loop are, by number. */
  readonly #heights: Map<number, number> = new Map();
  /** Units of those loops. */
  #staticUnits = 0;
  /** Most units that are charged in static loops, site by site, by body: what the sites' costs do not show. */
  readonly staticUnits: Float64Array;
  /** Sites before and behind each loop of the body, by the loop's place in it. */
  #before: number[] = [];
  #behind: number[] = [];
  /** For each loop of the body, the innermost that is targeted or counted: itself or one around it. */
  #targeted: number[] = [];
  #counts: number[] = [];
  #first = 0;
  #end = 0;

  constructor(readonly module: Module, readonly walked: WalkedLoops) {
    this.#finder = new CountedLoopFinder(module);
    this.staticUnits = new Float64Array(module.bodies.length);
  }

  /** Flags the loops and sites of a body. */
  plan(body: number): void {
    const { bodyLoops } = this.walked;
    this.#first = bodyLoops[body] ?? 0;
    this.#end = bodyLoops[body + 1] ?? 0;
    if (this.#first === this.#end) return;
    this.#markHeavy(body);
    this.#findSites(body);
    this.#markCounted(body);
    this.#markSites(body);
  }

  /** Marks the loops that call functions with tests of their own, and those around loops that are heavy. */
  #markHeavy(body: number): void {
    const { plan, bodyCallees, light, passed } = this.walked, imported = this.module.imported.function;
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0); call++) {
      const callee = plan.callees.at(call) - imported;
      if (plan.callKind.at(call) !== CALL_KIND.returns || light[callee] === LIGHT.chargedAtCallers) continue;
      const settles = ((passed[callee] ?? 0) & PASS.owed) === 0 ? LOOP_FLAGS.settles : 0;
      plan.mark(plan.callLoop.at(call), LOOP_FLAGS.heavy | settles);
    }
    // Inner loops come after those around them.
    for (let loop = this.#end - 1; loop >= this.#first; loop--) {
      const inherited = LOOP_FLAGS.heavy | LOOP_FLAGS.calls | LOOP_FLAGS.settles;
      plan.mark(plan.loopParent.at(loop), plan.loopFlags.at(loop) & inherited);
    }
  }

  #findSites(body: number): void {
    const { plan, bodySites } = this.walked;
    this.#before.length = this.#behind.length = 0;
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
      const kind = plan.siteKind[site] ?? 0, loop = (plan.siteCost[site] ?? 0) - this.#first;
      if (kind === SITE.loop) this.#before[loop] = site;
      if (kind === SITE.loopEnd) this.#behind[loop] = site;
    }
  }

  #markCounted(body: number): void {
    const { plan, flags, compile } = this.walked;
    this.#iterations.clear();
    this.#heights.clear();
    this.#staticUnits = 0;
    let wrapped = 0;
    for (let loop = this.#end - 1; loop >= this.#first; loop--) {
      const bits = plan.loopFlags.at(loop), parent = plan.loopParent.at(loop);
      const before = this.#before[loop - this.#first], behind = this.#behind[loop - this.#first];
      const room = wrapped < MOST_WRAPPED_LOOPS, height = this.#heights.get(loop) ?? 0;
      if (
        (bits & (LOOP_FLAGS.targeted | LOOP_FLAGS.heavy | LOOP_FLAGS.fixed | LOOP_FLAGS.outer)) ===
          LOOP_FLAGS.targeted &&
        before !== undefined &&
        behind !== undefined && height < MOST_NESTED
      ) {
        const count = this.#finder.find(plan.siteOffset[before] ?? 0, plan.siteOffset[behind] ?? 0);
        const countable = count !== undefined &&
          (count.tested === "after" || plan.siteKind[before + 2] === SITE.charge);
        if (countable && this.#isStatic(loop, count, before, behind)) {
          const units = (this.#iterations.get(loop) ?? 0) * this.#most(before, behind);
          this.staticUnits[body] = (this.staticUnits[body] ?? 0) + units;
          this.#heights.set(parent, Math.max(height + 1, this.#heights.get(parent) ?? 0));
          continue;
        }
        if (countable && room && this.#isShort(count, before)) {
          this.#meter(loop, count, before, behind);
          flags[body] = (flags[body] ?? 0) | FUNCTION_FLAGS.counts;
          wrapped++;
        } else if ((bits & LOOP_FLAGS.calls) === 0 && room && !this.#holds(SITE.loop, before, behind)) {
          plan.mark(loop, LOOP_FLAGS.wrapped);
          wrapped++;
        }
      }
      plan.mark(parent, LOOP_FLAGS.outer);
    }
    compile.loops[body] = (compile.loops[body] ?? 0) + wrapped;
    compile.calls[body] = (compile.calls[body] ?? 0) + this.#end - this.#first;
  }

  /** V8 makes the most of an innermost loop only. */
  #holds(kind: number, before: number, behind: number): boolean {
    for (let site = before + 1; site < behind; site++) {
      if (this.walked.plan.siteKind[site] === kind) return true;
    }
    return false;
  }

  /** Whether an iteration is so cheap that what is done at its entry and exit is less than what it saves in each. */
  #isShort(count: CountedLoop, before: number): boolean {
    const { header, body } = this.#unitsOf(count, before);
    return header + body <= MOST_COUNTED_UNITS;
  }

  /** The sites that are charged once an iteration: of the comparison and of the body, which may be one. */
  #unitsOf(count: CountedLoop, before: number): { header: number; body: number } {
    const { plan } = this.walked, header = plan.siteCost[before + 1] ?? 0;
    return { header, body: count.tested === "before" ? plan.siteCost[before + 2] ?? 0 : 0 };
  }

  /** Most units that an iteration can still be charged inside of the loop: the loops in it are static. */
  #most(before: number, behind: number): number {
    const { plan, unseen } = this.walked, imported = this.module.imported.function;
    let sum = 0, times = 1;
    for (let site = before + 1; site < behind; site++) {
      const kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind, cost = plan.siteCost[site] ?? 0;
      if (kind === SITE.charge || kind === SITE.test) sum += times * cost;
      else if (kind === SITE.call && cost >= 0) {
        sum += times * (unseen[plan.callees.at(cost) - imported] ?? 0);
      } else if (kind === SITE.loop) times *= this.#iterations.get(cost) || 1;
      else if (kind === SITE.loopEnd) times /= this.#iterations.get(cost) || 1;
    }
    return sum;
  }

  /** Takes the charges that the counter pays for out of the loop. */
  #clear(count: CountedLoop, before: number): void {
    const { plan } = this.walked;
    plan.siteKind[before + 1] = SITE.none;
    plan.siteCost[before + 1] = 0;
    if (count.tested === "before") plan.siteCost[before + 2] = 0;
  }

  /** Charges a loop with a known number of iterations where it is entered, if it costs little. */
  #isStatic(loop: number, count: CountedLoop, before: number, behind: number): boolean {
    const { plan } = this.walked;
    let last = before - 1; // the last site that could be the start of the region
    while (plan.siteKind[last] === SITE.call) last--;
    const iterations = this.#finder.iterations(
      count,
      plan.siteOffset[last] ?? 0,
      plan.siteOffset[before] ?? 0,
    );
    const region = plan.loopRegion.at(loop);
    if (iterations === undefined || region < 0 || this.#holds(SITE.exit, before, behind)) return false;
    const units = iterations * this.#most(before, behind);
    if (units > MOST_STATIC_UNITS || this.#staticUnits + units > MOST_STATIC_UNITS_IN_BODY) return false;
    this.#staticUnits += units;
    const { header, body } = this.#unitsOf(count, before);
    plan.add(region, iterations * (header + body) + (count.tested === "before" ? header : 0));
    this.#clear(count, before);
    this.#iterations.set(loop, iterations);
    return true;
  }

  #meter(loop: number, count: CountedLoop, before: number, behind: number): void {
    const { plan } = this.walked, { header, body } = this.#unitsOf(count, before);
    const most = Math.max(1, Math.floor(MOST_OWED / Math.max(1, this.#most(before, behind))));
    const lastUnits = count.tested === "before" ? header : 0;
    this.counted.set(loop, { ...count, units: header + body, lastUnits, most });
    this.#clear(count, before);
    plan.mark(loop, LOOP_FLAGS.wrapped);
  }

  #markSites(body: number): void {
    const { plan, bodySites } = this.walked;
    let loop = -1;
    this.#findParents();
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
      const kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind;
      if (kind === SITE.loop || kind === SITE.loopEnd) {
        const number = plan.siteCost[site] ?? 0;
        plan.siteKind[site] = kind | this.#bits(number);
        // A loop that nothing branches back to is no loop of V8's.
        if ((plan.loopFlags.at(number) & LOOP_FLAGS.targeted) !== 0) {
          loop = kind === SITE.loop ? number : this.#targetedAround(plan.loopParent.at(number));
        }
      } else if (loop >= 0) {
        plan.siteKind[site] = (plan.siteKind[site] ?? 0) | this.#bits(loop);
        if (kind === SITE.exit) plan.siteCost[site] = this.#countedAround(loop) + 1;
      }
    }
  }

  /** Finds the loops around each; parents come first. */
  #findParents(): void {
    const { plan } = this.walked;
    this.#targeted.length = this.#counts.length = 0;
    for (let loop = this.#first; loop < this.#end; loop++) {
      const parent = plan.loopParent.at(loop);
      const targeted = (plan.loopFlags.at(loop) & LOOP_FLAGS.targeted) !== 0;
      this.#targeted.push(targeted ? loop : this.#targetedAround(parent));
      this.#counts.push(this.counted.has(loop) ? loop : this.#countedAround(parent));
    }
  }

  /** The loop, or the innermost around it that something branches back to; -1 for none. */
  #targetedAround(loop: number): number {
    return loop < 0 ? -1 : this.#targeted[loop - this.#first] ?? -1;
  }

  /** The loop, or the innermost around it that is charged by its counter; -1 for none. */
  #countedAround(loop: number): number {
    return loop < 0 ? -1 : this.#counts[loop - this.#first] ?? -1;
  }

  #bits(loop: number): number {
    const bits = this.walked.plan.loopFlags.at(loop);
    return (bits & LOOP_FLAGS.wrapped ? SITE_FLAGS.wrapped : 0) |
      (bits & LOOP_FLAGS.settles ? SITE_FLAGS.settles : 0);
  }
}
