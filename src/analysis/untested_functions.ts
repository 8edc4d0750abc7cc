/**
 * Functions that need no test of their own at their entry: what they cost is added to what their callers owe, and they are
 * too cheap, with all that they call without a test, to defer the callers' next test for long. Loops in them have tests.
 */
import { buildCallGraph } from "./call_graph.ts";
import { LIGHT, type LightFunctions, type WalkedBodies } from "./light_functions.ts";
import { PASS } from "./passed_counters.ts";
import { FUNCTION_FLAGS, SITE, SITE_FLAGS } from "./plan.ts";
import type { Module } from "../wasm/module.ts";

/** Units that may pass untested, in a function and in those that it calls: as many as may be owed. */
const MOST_UNTESTED = 4096;

/**
 * Takes the tests out. Functions on a cycle of direct calls keep theirs, and those that pay what they are passed: the
 * calls that they do so for could be all that a loop makes. A cycle that is closed by any other call has a test where that
 * call arrives.
 */
export function dropEntryTests(module: Module, walked: WalkedBodies & LightFunctions): void {
  const { plan, flags, bodySites, bodyCallees, passed, light, entrySite } = walked;
  const imported = module.imported.function, bodies = module.bodies.length;
  const direct = buildCallGraph(module, {
    ...walked,
    callees: plan.callees.values,
    flags: flags.map(() => 0),
  });
  const untested = new Float64Array(bodies);
  for (const body of direct.order) {
    if (body === bodies || ((passed[body] ?? 0) & PASS.owed) === 0 || direct.recursive[body] === 1) continue;
    if (((flags[body] ?? 0) & FUNCTION_FLAGS.callsUnknown) !== 0) continue;
    let units = 0, settles = false;
    for (let site = bodySites[body] ?? 0; site < (bodySites[body + 1] ?? 0); site++) {
      const kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind;
      if (kind === SITE.charge || kind === SITE.test) units += plan.siteCost[site] ?? 0;
    }
    for (let call = bodyCallees[body] ?? 0; call < (bodyCallees[body + 1] ?? 0); call++) {
      const callee = plan.callees.at(call) - imported;
      units += untested[callee] ?? 0;
      settles ||= light[callee] === LIGHT.no && ((passed[callee] ?? 0) & PASS.owed) === 0;
    }
    if (settles || units > MOST_UNTESTED) continue;
    untested[body] = units;
    const site = entrySite[body] ?? 0;
    plan.siteKind[site] = (plan.siteKind[site] ?? 0) & ~SITE_FLAGS.kind | SITE.charge;
  }
}
