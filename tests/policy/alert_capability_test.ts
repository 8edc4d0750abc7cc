import type { AlertLevel } from "../../src/core/alert_level.ts";
import { AlertCapability } from "../../src/policy/alert_capability.ts";
import { decide } from "../../src/policy/decide.ts";
import { explain } from "../../src/policy/explain.ts";
import { EMPTY_POLICY, mergeGrants, narrowPolicy } from "../../src/policy/policy.ts";
import { assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

Deno.test("AlertCapability reads level and bounds", () => {
  assertEquals<unknown>(AlertCapability.all().grants, [
    { kind: "alert", level: "info", maxMessage: 8192, rate: 100, keep: 1000 },
  ]);
  const own = AlertCapability.atLevel("error", { maxMessage: "1KiB", rate: 5, keep: 3 });
  assertEquals<unknown>(own.grants, [{ kind: "alert", level: "error", maxMessage: 1024, rate: 5, keep: 3 }]);
});

Deno.test("AlertCapability refuses unknown levels and bounds without sense", () => {
  for (const level of ["", "warn", "__proto__", "toString"]) {
    assertRefused(() => AlertCapability.atLevel(level as AlertLevel), "alert.level"); // no level, by intent
  }
  for (const bad of [0, 0.5, NaN, Infinity]) {
    assertRefused(() => AlertCapability.all({ rate: bad }), "alert.rate");
    assertRefused(() => AlertCapability.all({ keep: bad }), "alert.keep");
  }
  assertRefused(() => AlertCapability.all({ keep: 1001 }), "alert.keep");
  assertRefused(() => AlertCapability.all({ maxMessage: -1 }), "alert.maxMessage");
  assertRefused(() => AlertCapability.all({ size: 5 } as object), "alert.size");
});

Deno.test("alerts merge to the larger bounds, and narrow to the smaller ones", () => {
  const one = AlertCapability.atLevel("error", { maxMessage: 10, rate: 5, keep: 3 });
  const two = AlertCapability.atLevel("warning", { maxMessage: 5, rate: 9, keep: 2 });
  assertEquals(mergeGrants([one, two]).alert, {
    kind: "alert",
    level: "warning",
    maxMessage: 10,
    rate: 9,
    keep: 3,
  });
  const runtime = mergeGrants([two]);
  assertEquals(narrowPolicy(runtime, [one]).alert, {
    kind: "alert",
    level: "error",
    maxMessage: 5,
    rate: 5,
    keep: 2,
  });
  assertRefused(() => narrowPolicy(runtime, [AlertCapability.all()]), "alert");
  assertRefused(() => narrowPolicy(EMPTY_POLICY, [one]), "alert");
});

Deno.test("decide() takes alerts of a level and of the more important ones", () => {
  const policy = mergeGrants([AlertCapability.atLevel("error")]);
  const levels = ["info", "warning", "error", "critical"] as const;
  assertEquals(levels.map((level) => decide(policy, { kind: "alert", level }).allowed), [
    false,
    false,
    true,
    true,
  ]);
  assertEquals(decide(policy, { kind: "alert", level: "info" }), {
    allowed: false,
    reason: "alerts were granted from level error on, without info",
    flag: "--allow-alert=info",
    hint: 'AlertCapability.atLevel("info")',
  });
  assertEquals(decide(EMPTY_POLICY, { kind: "alert", level: "critical" }), {
    allowed: false,
    reason: "no alert grant",
    flag: "--allow-alert",
    hint: "AlertCapability.all()",
  });
});

Deno.test("explain() tells which alerts are taken", () => {
  const lines = (policy: typeof EMPTY_POLICY) => explain(policy).filter((line) => line.startsWith("alert"));
  assertEquals(lines(mergeGrants([AlertCapability.all()])), [
    "alert: from level info on; messages at most 8KiB; 100 a second",
  ]);
  assertEquals(lines(EMPTY_POLICY), ["alert: not granted; the guest's alerts are dropped"]);
});
