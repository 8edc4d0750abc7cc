/**
 * The last step of planning, when all bodies have been walked: what a callee costs at its entry is charged by its direct
 * callers.
 */
import { LIGHT, type LightFunctions, type WalkedBodies } from "./light_functions.ts";
import { FUNCTION_FLAGS, SITE, SITE_FLAGS } from "./plan.ts";
import { PASS } from "./passed_counters.ts";
import type { Module } from "../wasm/module.ts";

/** Units of an entry that callers may be charged for: a larger one is charged, and tested, where it is. */
const MOST_MOVED = 1024;

/**
 * Moves the cost of entering a function to its direct callers, where it has no others or these call another function in
 * its place. Returns what was moved, by body.
 */
export function chargeAtCallers(
  module: Module,
  walked: WalkedBodies & LightFunctions,
): Float64Array {
  const { plan, bodySites, bodyCallees, graph, passed, light, entrySite } = walked;
  const bodies = module.bodies.length;
  const entry = new Float64Array(bodies);
  for (let body = 0; body < bodies; body++) {
    const units = plan.siteCost[bodySites[body] ?? 0] ?? 0;
    const replaced = ((passed[body] ?? 0) & PASS.entry) !== 0;
    if (units <= MOST_MOVED && (graph.addressTaken[body] === 0 || replaced)) entry[body] = units;
  }
  // Callees first, so that the whole of a light function is known before it is charged; it has one region at its entry.
  for (const body of graph.order) {
    if (body === bodies) continue;
    const site = bodySites[body] ?? 0;
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0); call++) {
      const region = plan.callRegion.at(call);
      if (region >= 0) plan.add(region, entry[plan.callees.at(call) - module.imported.function] ?? 0);
    }
    plan.siteKind[site] = SITE.charge;
    if (light[body] === LIGHT.no) plan.siteKind[entrySite[body] ?? site] = SITE.test;
    if (light[body] === LIGHT.chargedAtCallers) entry[body] = plan.siteCost[site] ?? 0;
    plan.siteCost[site] = (plan.siteCost[site] ?? 0) - (entry[body] ?? 0);
  }
  return entry;
}

/** Flags the functions that add up what they owe: those that are passed it, pass it on, or charge more than at their entry. */
export function markOwing(module: Module, walked: WalkedBodies & LightFunctions): void {
  const { plan, flags, bodySites, bodyCallees, passed, light, entrySite } = walked;
  for (let body = 0; body < module.bodies.length; body++) {
    if (light[body] !== LIGHT.no) continue;
    const owed = (bits: number | undefined) => ((bits ?? 0) & PASS.owed) !== 0;
    let owes = owed(passed[body]) || ((flags[body] ?? 0) & FUNCTION_FLAGS.counts) !== 0;
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0) && !owes; site++) {
      if (site === entrySite[body]) continue;
      const kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind;
      owes = kind === SITE.test || kind === SITE.charge && (plan.siteCost[site] ?? 0) > 0;
    }
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0) && !owes; call++) {
      owes = owed(passed[plan.callees.at(call) - module.imported.function]);
    }
    if (owes) flags[body] = (flags[body] ?? 0) | FUNCTION_FLAGS.owes;
  }
}
