/**
 * Functions so small that they need no test: nothing in them could take long, and whoever calls them again and again passes
 * tests of its own. Those that only direct calls reach are charged there, and look to V8 as they did, so that it puts them
 * in at their callers as it did. A function with a short way out before anything that could take long is tested behind it.
 */
import { type CallGraph } from "./call_graph.ts";
import type { LateEntries } from "./late_entry.ts";
import { PASS } from "./passed_counters.ts";
import { FUNCTION_FLAGS, SITE } from "./plan.ts";
import { CALL_KIND, type PlanBuilder } from "./plan_builder.ts";
import type { Module } from "../wasm/module.ts";
import { isRef, type ValueType } from "../wasm/types.ts";

/** Most units that a call of a light function can cost. */
const LIGHT_UNITS = 64;

/**
 * Most units that all calls of light functions in one body may add up to. Between two tests runs at most a function's own
 * code and this.
 */
export const UNTESTED_UNITS_IN_BODY = 65_536;

/** What is known of the bodies when they have been walked. */
export interface WalkedBodies {
  readonly plan: PlanBuilder;
  readonly flags: Uint16Array;
  readonly bodySites: Uint32Array;
  readonly bodyCallees: Uint32Array;
  readonly graph: CallGraph;
  readonly lateEntry: LateEntries;
  /** By body: bits of {@linkcode PASS}. */
  readonly passed: Uint8Array;
}

/** How light a function is. */
export const LIGHT = { no: 0, chargedAtCallers: 1, chargesItself: 2 } as const;

export interface LightFunctions {
  /** By body: values of {@linkcode LIGHT}. A light function calls only what is light. */
  readonly light: Uint8Array;
  /** By body: the site of the test, where it has one. */
  readonly entrySite: Int32Array;
  /** By body: most units that a call costs without passing a test; 0 where the test is at the entry. */
  readonly untested: Float64Array;
}

/** Says which functions need no test, or not on all of their paths. */
export function findLightFunctions(module: Module, walked: WalkedBodies): LightFunctions {
  const banned = new Uint8Array(module.bodies.length);
  const classes = classify(module, walked, banned);
  if (!banTooMany(module, walked, { ...classes, banned })) return classes;
  // Without the banned ones every sum is as it was or smaller, so nothing more can be too much.
  return classify(module, walked, banned);
}

/**
 * Functions that code of other modules may call, 1 for each, or undefined for all whose address is taken: their callers
 * pass tests of their own counter, which says nothing of ours.
 */
function callableByOthers(module: Module): Uint8Array | undefined {
  const passes = (type: ValueType) => isRef(type);
  for (const { composite } of module.types) {
    if (composite.kind === "func" && [...composite.params, ...composite.results].some(passes)) {
      return undefined;
    }
  }
  if (module.imported.table > 0 || module.globals.some((global) => passes(global.type))) return undefined;
  const exported = new Uint8Array(module.bodies.length);
  for (const { kind, index } of module.exports) {
    if (kind === "table") return undefined;
    if (kind === "function" && index >= module.imported.function) {
      exported[index - module.imported.function] = 1;
    }
  }
  return exported;
}

function classify(module: Module, walked: WalkedBodies, banned: Uint8Array): LightFunctions {
  const foreign = callableByOthers(module);
  const { plan, flags, bodySites, bodyCallees, graph, lateEntry, passed } = walked,
    bodies = module.bodies.length;
  const light = new Uint8Array(bodies), units = new Float64Array(bodies);
  const entrySite = Int32Array.from({ length: bodies }, (_, body) => bodySites[body] ?? 0);
  for (const body of graph.order) {
    if (body === bodies || banned[body] === 1) continue;
    const taken = graph.addressTaken[body] === 1;
    const late = lateEntry.site[body] ?? -1, earlyUnits = lateEntry.units[body] ?? 0;
    if (late >= 0 && (!taken || ((passed[body] ?? 0) & PASS.entry) !== 0) && earlyUnits <= LIGHT_UNITS) {
      entrySite[body] = late;
      units[body] = earlyUnits;
    }
    if (graph.recursive[body] === 1) continue;
    if (taken && (foreign === undefined || foreign[body] === 1)) continue;
    if (((flags[body] ?? 0) & FUNCTION_FLAGS.heavy) !== 0) continue;
    let sum = 0, small = true;
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
      const kind = plan.siteKind[site];
      if (kind === SITE.charge || kind === SITE.test) sum += plan.siteCost[site] ?? 0;
    }
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0) && small; call++) {
      const callee = plan.callees.at(call) - module.imported.function;
      if (plan.callKind.at(call) === CALL_KIND.neverReturns) continue;
      small = light[callee] !== LIGHT.no;
      if (small) sum += units[callee] ?? 0;
    }
    if (!small || sum > LIGHT_UNITS) continue;
    light[body] = taken ? LIGHT.chargesItself : LIGHT.chargedAtCallers;
    entrySite[body] = bodySites[body] ?? 0;
    units[body] = sum;
  }
  return { light, entrySite, untested: units };
}

/** Takes the light functions that a body calls too often out; false when there is none. */
function banTooMany(
  module: Module,
  walked: WalkedBodies,
  classes: LightFunctions & { banned: Uint8Array },
): boolean {
  const { plan, bodyCallees } = walked, { untested: units, banned } = classes;
  let any = false;
  for (let body = 0; body < module.bodies.length; body++) {
    const from = bodyCallees[body] ?? 0, to = bodyCallees[body + 1] ?? 0;
    const callee = (call: number) => plan.callees.at(call) - module.imported.function;
    let sum = 0;
    for (let call = from; call < to; call++) sum += units[callee(call)] ?? 0;
    if (sum <= UNTESTED_UNITS_IN_BODY) continue;
    for (let call = from; call < to; call++) banned[callee(call)] = 1;
    any = true;
  }
  return any;
}
