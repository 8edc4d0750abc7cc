/** Says how the loops of a body are charged, so that a test names nothing but that. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { FUNCTION_FLAGS, type ModulePlan, SITE, SITE_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import type { Module } from "../../src/wasm/module.ts";

/**
 * One word for each loop that can be reached, in the order of the code: `none` for one that nothing branches back to,
 * `tested` for one that is charged and tested at every iteration, `deferred`, `wrapped`, `counted`, or `static`.
 */
export function loopKinds(module: Module, body: number): string {
  const plan = planModule(module, DEFAULT_COSTS), kinds: string[] = [];
  for (let site = plan.bodySites[body] ?? 0; site < (plan.bodySites[body + 1] ?? 0); site++) {
    if (((plan.siteKind[site] ?? 0) & SITE_FLAGS.kind) === SITE.loop) kinds.push(loopKind(plan, site));
  }
  return kinds.join(" ");
}

function loopKind(plan: ModulePlan, site: number): string {
  const bits = plan.siteKind[site] ?? 0, header = (plan.siteKind[site + 1] ?? 0) & SITE_FLAGS.kind;
  if (header === SITE.charge) return "none";
  if (plan.counted.has(plan.siteCost[site] ?? -1)) return "counted";
  if (header === SITE.none) return "static";
  if ((bits & SITE_FLAGS.wrapped) !== 0) return "wrapped";
  return (bits & SITE_FLAGS.deferred) !== 0 ? "deferred" : "tested";
}

/** Names of the sites at which a body pays what its loops owe, in the order of the code. */
export function settlements(module: Module, body: number): string {
  const plan = planModule(module, DEFAULT_COSTS), found: string[] = [];
  for (let site = plan.bodySites[body] ?? 0; site < (plan.bodySites[body + 1] ?? 0); site++) {
    const bits = plan.siteKind[site] ?? 0, kind = bits & SITE_FLAGS.kind;
    const deferred = (bits & SITE_FLAGS.deferred) !== 0, edge = (bits & SITE_FLAGS.edge) !== 0;
    if (kind === SITE.loopEnd && deferred && edge) found.push("loopEnd");
    if (kind === SITE.landing && edge && !deferred) found.push("landing");
    if (kind === SITE.test && edge && !deferred) found.push("header");
    if (kind === SITE.exit && deferred) found.push("exit");
    if (kind === SITE.leave && deferred) found.push("leave");
  }
  if (((plan.flags[body] ?? 0) & FUNCTION_FLAGS.landsAtEnd) !== 0) found.push("end");
  return found.join(" ");
}
