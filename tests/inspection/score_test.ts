import { type FindingId, FINDINGS, type Severity } from "../../src/inspection/finding_kinds.ts";
import { scoreOf } from "../../src/inspection/score.ts";
import { assert, assertEquals } from "../assert.ts";

const IDS = Object.keys(FINDINGS) as FindingId[]; // a literal's keys are those of its type

/** What the formula promises of weights. */
const WEIGHTS: Readonly<Record<Severity, readonly [least: number, most: number]>> = {
  info: [0, 0],
  low: [1, 5],
  medium: [5, 20],
  high: [40, 100],
};

Deno.test("FINDINGS' weights are those that their severities may have", () => {
  for (const id of IDS) {
    const { severity, weight } = FINDINGS[id], [least, most] = WEIGHTS[severity];
    assert(weight >= least && weight <= most, `${id}: ${weight}`);
  }
});

Deno.test("scoreOf() takes the weight of each kind once, and never goes below 0", () => {
  assertEquals(scoreOf([]), { score: 100, grade: "A" });
  assertEquals(scoreOf(["unknown-import", "unknown-import", "producers"]), { score: 90, grade: "A" });
  assertEquals(scoreOf(["unknown-import", "start-function"]), { score: 87, grade: "B" });
  assertEquals(scoreOf(["imitates-aegis"]), { score: 60, grade: "D" });
  assertEquals(scoreOf(IDS), { score: 0, grade: "F" });
});

Deno.test("scoreOf() gives no module with a grave finding more than a D", () => {
  for (const id of IDS) {
    if (FINDINGS[id].severity === "high") assert(scoreOf([id]).score < 65, id);
  }
});

Deno.test("FINDINGS takes nothing off for what a guest asks for", () => {
  for (const id of IDS) if (id.startsWith("asks-")) assertEquals(FINDINGS[id].severity, "info", id);
});
