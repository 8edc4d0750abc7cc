/** The last step of planning: tests that nothing needs are left out, and ones that something needs are added. */
import type { CallGraph } from "./call_graph.ts";
import { LIGHT, type LightFunctions, UNTESTED_UNITS_IN_BODY, type WalkedBodies } from "./light_functions.ts";
import { PASS } from "./passed_counters.ts";
import { FUNCTION_FLAGS, MOST_OWED, SITE, SITE_FLAGS } from "./plan.ts";
import type { Module } from "../wasm/module.ts";

/** Units that may pass untested, in a function and in those that it calls: as many as may be owed. */
const MOST_UNTESTED = MOST_OWED;

/** Units that each frame may be charged on the way out of a recursion, untested. */
const MOST_BEHIND = 64;

/** What is known when the loops are planned. */
export interface PlannedBodies extends WalkedBodies, LightFunctions {
  /** By body: most units that are charged inside of static loops. */
  readonly staticUnits: Float64Array;
  /**
   * By body: most units of a call that pass no test, beside those that its callers are charged for. Those of functions
   * whose test is taken out are added here.
   */
  readonly unseen: Float64Array;
  /** The graph of direct calls alone. */
  readonly direct: CallGraph;
}

/**
 * Takes out the tests of functions that need none of their own: what they cost is added to what their callers owe, and
 * they are too cheap, with all that they call without a test, to defer the callers' next test for long. Loops in them have
 * tests. Functions on a cycle of direct calls keep theirs, and those that pay what they are passed: the calls that they do
 * so for could be all that a loop makes. A cycle that is closed by any other call has a test where that call arrives.
 */
export function dropEntryTests(module: Module, walked: PlannedBodies): void {
  const { plan, bodyCallees, entrySite, unseen } = walked;
  const bodies = module.bodies.length, imported = module.imported.function, banned = new Uint8Array(bodies);
  let untested = findUntested(module, walked, banned);
  let any = false;
  for (let body = 0; body < bodies; body++) {
    const from = bodyCallees[body] ?? 0, to = bodyCallees[body + 1] ?? 0;
    let sum = 0;
    for (let call = from; call < to; call++) sum += untested[plan.callees.at(call) - imported] ?? 0;
    if (sum <= UNTESTED_UNITS_IN_BODY) continue;
    for (let call = from; call < to; call++) banned[plan.callees.at(call) - imported] = 1;
    any = true;
  }
  // Without the banned ones every sum is as it was or smaller, so nothing more can be too much.
  if (any) untested = findUntested(module, walked, banned);
  for (let body = 0; body < bodies; body++) {
    const site = entrySite[body] ?? 0, bits = plan.siteKind[site] ?? 0;
    if ((untested[body] ?? 0) === 0) continue;
    plan.siteKind[site] = bits & ~SITE_FLAGS.kind | SITE.charge;
    unseen[body] = untested[body] ?? 0;
  }
}

/** Most units of a call that passes no test, by body; 0 for functions that need their test. */
function findUntested(
  module: Module,
  walked: PlannedBodies,
  banned: Uint8Array,
): Float64Array {
  const { plan, flags, bodySites, bodyCallees, passed, light, staticUnits, unseen, direct } = walked;
  const imported = module.imported.function, bodies = module.bodies.length;
  const untested = new Float64Array(bodies);
  for (const body of direct.order) {
    if (body === bodies || banned[body] === 1 || direct.recursive[body] === 1) continue;
    if (((passed[body] ?? 0) & PASS.owed) === 0) continue;
    if (((flags[body] ?? 0) & FUNCTION_FLAGS.callsUnknown) !== 0) continue;
    let units = (staticUnits[body] ?? 0) + 1, settles = false;
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
      units += chargedAt(walked, site);
    }
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0); call++) {
      const callee = plan.callees.at(call) - imported;
      units += untested[callee] || (unseen[callee] ?? 0);
      settles ||= light[callee] === LIGHT.no && ((passed[callee] ?? 0) & PASS.owed) === 0;
    }
    if (!settles && units <= MOST_UNTESTED) untested[body] = units;
  }
  return untested;
}

function chargedAt({ plan }: WalkedBodies, site: number): number {
  const kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind;
  return kind === SITE.charge || kind === SITE.test ? plan.siteCost[site] ?? 0 : 0;
}

/**
 * Flags the functions that are tested where they end, since a recursion could be as long on its way out as on its way in:
 * those that are charged behind a direct call which leads back to them. Where a cycle is closed by other calls, it is the
 * functions that these can arrive at, or their entry functions.
 */
export function markEndTests(module: Module, walked: PlannedBodies): void {
  const { flags, graph, direct } = walked, bodies = module.bodies.length;
  const long = new Uint8Array(graph.size); // cycles, by component, on which some function is charged behind its call
  for (let body = 0; body < bodies; body++) {
    if (graph.recursive[body] === 0) continue;
    if (direct.recursive[body] === 1 && isLongBehind(module, { ...walked, body, calls: direct })) {
      flags[body] = (flags[body] ?? 0) | FUNCTION_FLAGS.testsEnd;
    }
    if (isLongBehind(module, { ...walked, body, calls: graph })) long[graph.component[body] ?? 0] = 1;
  }
  for (let body = 0; body < bodies; body++) {
    const arrives = graph.recursive[body] === 1 && graph.addressTaken[body] === 1;
    if (!arrives || long[graph.component[body] ?? 0] === 0) continue;
    const hasEntry = ((walked.passed[body] ?? 0) & PASS.entry) !== 0;
    flags[body] = (flags[body] ?? 0) | (hasEntry ? FUNCTION_FLAGS.testsEntryEnd : FUNCTION_FLAGS.testsEnd);
  }
}

/** Whether much can be charged in a body behind the first call that leads back to it. */
function isLongBehind(
  module: Module,
  walked: PlannedBodies & { readonly body: number; readonly calls: CallGraph },
): boolean {
  const { plan, bodySites, staticUnits, body } = walked;
  let units = staticUnits[body] ?? 0, behind = false;
  for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
    const isCall = ((plan.siteKind[site] ?? 0) & SITE_FLAGS.kind) === SITE.call;
    if (behind) units += chargedAt(walked, site) + (isCall ? unseenAt(module, walked, site) : 0);
    else behind = isCall && leadsBack(module, walked, site);
  }
  return behind && units > MOST_BEHIND;
}

/** The body that the call at a site leads to; past the last for one that is not known. */
function calleeAt(module: Module, { plan }: PlannedBodies, site: number): number {
  const call = plan.siteCost[site] ?? -1;
  return call < 0 ? module.bodies.length : plan.callees.at(call) - module.imported.function;
}

function unseenAt(module: Module, walked: PlannedBodies, site: number): number {
  return walked.unseen[calleeAt(module, walked, site)] ?? 0;
}

function leadsBack(
  module: Module,
  walked: PlannedBodies & { readonly body: number; readonly calls: CallGraph },
  site: number,
): boolean {
  const { component } = walked.calls;
  return component[calleeAt(module, walked, site)] === component[walked.body];
}
