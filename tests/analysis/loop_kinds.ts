/** Says how the loops of a body are charged, so that a test names nothing but that. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { type ModulePlan, SITE, SITE_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import type { Module } from "../../src/wasm/module.ts";

/**
 * One word for each loop that can be reached, in the order of the code: `none` for one that nothing branches back to,
 * `tested` for one that tests at its header what is owed, `settling` for one that tests the counter, too, since what is
 * owed is paid in it; `wrapped`, `counted`, or `static`.
 */
export function loopKinds(module: Module, body: number): string {
  return plannedLoopKinds(planModule(module, DEFAULT_COSTS), body);
}

/** The same of a module that was planned, for those who look at many bodies of it. */
export function plannedLoopKinds(plan: ModulePlan, body: number): string {
  const kinds: string[] = [];
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
  return (bits & SITE_FLAGS.settles) !== 0 ? "settling" : "tested";
}

/**
 * One word for each instruction of a body that leaves a loop for good other than by a branch: how the loop is charged
 * whose counter says what is owed by then, `none` where no counter does.
 */
export function exitKinds(module: Module, body: number): string {
  const plan = planModule(module, DEFAULT_COSTS), found: string[] = [];
  const loops = [...plan.counted.keys()].sort((a, b) => a - b);
  for (let site = plan.bodySites[body] ?? 0; site < (plan.bodySites[body + 1] ?? 0); site++) {
    if (((plan.siteKind[site] ?? 0) & SITE_FLAGS.kind) !== SITE.exit) continue;
    const loop = (plan.siteCost[site] ?? 0) - 1;
    found.push(loop < 0 ? "none" : `counted${loops.indexOf(loop)}`);
  }
  return found.join(" ");
}
