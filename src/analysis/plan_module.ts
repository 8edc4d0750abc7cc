import { compileFacts } from "./compile_counts.ts";
import { buildCallGraph } from "./call_graph.ts";
import type { CostModel } from "./cost.ts";
import { findLightFunctions, LIGHT } from "./light_functions.ts";
import type { LateEntries } from "./late_entry.ts";
import { LoopPlanner } from "./plan_loops.ts";
import { findPassedCounters, findTailCalled } from "./passed_counters.ts";
import { chargeAtCallers, markOwing } from "./place_charges.ts";
import { type CompileFacts, FUNCTION_FLAGS, type ModulePlan } from "./plan.ts";
import { PlanBuilder } from "./plan_builder.ts";
import { dropEntryTests, markEndTests } from "./untested_functions.ts";
import { BodyWalker } from "./walk_body.ts";
import type { Module } from "../wasm/module.ts";

export interface PlanOptions {
  /** Make NaNs canonical. @default false */
  readonly deterministic?: boolean;
}

/** Works out the plan of a validated module: one pass over its code, linear in its bytes. */
export function planModule(module: Module, costs: CostModel, options: PlanOptions = {}): ModulePlan {
  // In a module that can catch, or throw, a call may leave its frame, so it ends a region. A handler without any
  // tag is rare enough to find out on the way and start again.
  const throws = module.tags.length > 0, walked = walkBodies(module, costs, { ...options, throws });
  return !throws && walked.flags.some((flags) => (flags & FUNCTION_FLAGS.hasHandler) !== 0)
    ? placeCharges(module, walkBodies(module, costs, { ...options, throws: true }), true)
    : placeCharges(module, walked, throws);
}

interface Walk {
  readonly plan: PlanBuilder;
  readonly flags: Uint16Array;
  readonly lateEntry: LateEntries;
  readonly callBytes: Uint32Array;
  readonly compile: CompileFacts;
  /** First of each body's sites, calls and loops; one more entry at the end. */
  readonly bodySites: Uint32Array;
  readonly bodyCallees: Uint32Array;
  readonly bodyLoops: Uint32Array;
}

function walkBodies(module: Module, costs: CostModel, how: PlanOptions & { throws: boolean }): Walk {
  const count = module.bodies.length, plan = new PlanBuilder();
  const facts = {
    flags: new Uint16Array(count),
    lateEntry: { site: new Int32Array(count), units: new Float64Array(count) },
    callBytes: new Uint32Array(count),
    compile: compileFacts(count),
  };
  const bodySites = new Uint32Array(count + 1),
    bodyCallees = new Uint32Array(count + 1),
    bodyLoops = new Uint32Array(count + 1);
  const walker = new BodyWalker(module, { ...how, costs, plan, facts });
  for (const [index, body] of module.bodies.entries()) {
    walker.walk(index, body);
    bodySites[index + 1] = plan.siteCount;
    bodyCallees[index + 1] = plan.callees.length;
    bodyLoops[index + 1] = plan.loopFlags.length;
  }
  return { plan, ...facts, bodySites, bodyCallees, bodyLoops };
}

function placeCharges(module: Module, walk: Walk, throws: boolean): ModulePlan {
  const { plan, flags, callBytes, compile, bodySites, bodyCallees } = walk, callees = plan.callees.values;
  const graph = buildCallGraph(module, { flags, callees, bodyCallees });
  const tailCalled = findTailCalled(module, { callees, callKind: (call) => plan.callKind.at(call) });
  const passed = findPassedCounters(module, { flags, callees, bodyCallees, graph, throws, tailCalled });
  const walked = { ...walk, graph, passed }, lightness = findLightFunctions(module, walked);
  const { light, entrySite, untested } = lightness;
  for (let body = 0; body < passed.length; body++) if (light[body] !== LIGHT.no) passed[body] = 0;
  const charged = { ...walked, ...lightness }, chargedAtCallers = chargeAtCallers(module, charged);
  const unseen = untested.map((units, body) => Math.max(0, units - (chargedAtCallers[body] ?? 0)));
  const loops = new LoopPlanner(module, { ...walked, light, unseen });
  for (let body = 0; body < module.bodies.length; body++) loops.plan(body);
  const direct = buildCallGraph(module, { flags: new Uint16Array(flags.length), callees, bodyCallees });
  const planned = { ...charged, staticUnits: loops.staticUnits, direct, unseen };
  dropEntryTests(module, planned);
  markEndTests(module, planned);
  markOwing(module, charged);
  const { siteCount, siteOffset, siteKind, siteCost } = plan;
  return {
    siteCount,
    siteOffset,
    siteKind,
    siteCost,
    bodySites,
    flags,
    callees,
    bodyCallees,
    callBytes,
    tailCalled,
    compile,
    graph,
    light,
    passed,
    throws,
    entrySite,
    chargedAtCallers,
    counted: loops.counted,
  };
}
