/** Prints a plan beside the code it is for, so that a test shows what is charged where. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { type ModulePlan, SITE, SITE_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import type { Module } from "../../src/wasm/module.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";

/** Sites that do nothing unless a flag says so. */
const QUIET: ReadonlySet<string> = new Set(["none", "loop", "loopEnd", "exit", "branch"]);

function kindName(bits: number): string {
  const name = Object.entries(SITE).find(([, kind]) => kind === (bits & SITE_FLAGS.kind))?.[0] ?? "?";
  const flags = (["handler", "wrapped", "settles"] as const).filter((flag) => bits & SITE_FLAGS[flag]);
  return name === "call" || QUIET.has(name) && flags.length === 0 ? "" : [name, ...flags].join("+");
}

function sitesAt(plan: ModulePlan, body: number): Map<number, string[]> {
  const byOffset = new Map<number, string[]>();
  for (let site = plan.bodySites[body] ?? 0; site < (plan.bodySites[body + 1] ?? 0); site++) {
    const offset = plan.siteOffset[site] ?? 0, kind = kindName(plan.siteKind[site] ?? 0);
    const cost = plan.siteCost[site] ?? 0;
    if (kind === "") continue;
    // A region that costs nothing is charged nothing: it leaves no trace.
    if (kind.startsWith("charge") && cost === 0) continue;
    const text = kind.startsWith("charge") || kind.startsWith("test") ? `[${kind} ${cost}]` : `[${kind}]`;
    byOffset.set(offset, [...byOffset.get(offset) ?? [], text]);
  }
  return byOffset;
}

/** The mnemonics of a body, each behind the sites that stand at its offset. */
export function listPlan(module: Module, body: number): string {
  const sites = sitesAt(planModule(module, DEFAULT_COSTS), body), words: string[] = [];
  const range = module.bodies[body], reader = new InstructionReader(module.bytes);
  if (range === undefined) throw new RangeError(`There is no body ${body}`);
  reader.reset(range.code, range.end);
  while (reader.next()) {
    words.push(...sites.get(reader.offset) ?? [], ROWS[reader.key]?.mnemonic ?? "?");
    sites.delete(reader.offset);
  }
  if (sites.size > 0) words.push("sites between instructions:", ...[...sites.values()].flat());
  return words.join(" ");
}
