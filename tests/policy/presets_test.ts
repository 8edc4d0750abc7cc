import { decide, type PolicyRequest } from "../../src/policy/decide.ts";
import { AlertCapability } from "../../src/policy/alert_capability.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import type { Policy } from "../../src/policy/grants.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { EMPTY_POLICY, mergeGrants, narrowPolicy } from "../../src/policy/policy.ts";
import {
  applyPolicyPreset,
  CAPABILITY_PRESETS,
  type PolicyPreset,
  type PolicyPresetName,
} from "../../src/policy/presets.ts";
import { SensorCapability } from "../../src/policy/sensor_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

Deno.test("CAPABILITY_PRESETS.minimal is nothing", () => {
  assertEquals(mergeGrants(CAPABILITY_PRESETS.minimal()), EMPTY_POLICY);
});

Deno.test("CAPABILITY_PRESETS.development reads, logs, tells time and reaches this machine, and no more", () => {
  const policy = mergeGrants(CAPABILITY_PRESETS.development());
  const hop = { kind: "network", method: "GET", scheme: "http" } as const;
  const asked: [boolean, PolicyRequest][] = [
    [true, { kind: "filesystem", action: "read", path: "src/main.ts" }],
    [false, { kind: "filesystem", action: "write", path: "src/main.ts" }],
    [false, { kind: "filesystem", action: "read", path: "../secret" }],
    [true, { kind: "logging", level: "trace" }],
    [true, { kind: "clock", clock: "realtime" }],
    [true, { kind: "clock", clock: "monotonic" }],
    [true, { kind: "random" }],
    [true, { ...hop, host: "localhost", port: 8080 }],
    [true, { ...hop, host: "127.0.0.1", port: 80 }],
    [false, { ...hop, host: "localhost", port: 22 }],
    [false, { ...hop, host: "example.com", port: 80 }],
    [false, { kind: "env", name: "HOME" }],
    [false, { kind: "process", name: "git", moreArgs: false }],
  ];
  for (const [allowed, request] of asked) {
    assertEquals(decide(policy, request).allowed, allowed, JSON.stringify(request));
  }
});

const RUNTIME = mergeGrants([
  LoggingCapability.all(),
  SensorCapability.constant(0, 1),
  SensorCapability.constant(1, 2),
  AlertCapability.all(),
  ClockCapability.all(),
  CustomCapability.named("mail"),
]);

function applied(preset: PolicyPresetName | PolicyPreset, listed: readonly Capability[] = []): Policy {
  return narrowPolicy(RUNTIME, applyPolicyPreset(preset, RUNTIME, listed).capabilities);
}

Deno.test("applyPolicyPreset() permissive gives whatever the runtime grants", () => {
  assertEquals(applied("permissive"), RUNTIME);
  assertEquals(applyPolicyPreset("permissive", RUNTIME).onDenial, "continue");
});

Deno.test("applyPolicyPreset() sandbox gives the log, sensors and alerts alone", () => {
  const { logging, sensor, alert } = RUNTIME;
  assertEquals(applied("sandbox"), { ...EMPTY_POLICY, logging, sensor, alert });
  assertEquals(applyPolicyPreset("sandbox", RUNTIME).onDenial, "continue");
  assertRefused(() => applied("sandbox", [ClockCapability.all()]), "clock");
});

Deno.test("applyPolicyPreset() strict gives what is listed and nothing else, and stops", () => {
  assertEquals(applied("strict"), EMPTY_POLICY);
  const listed = [SensorCapability.ids([1])];
  assertEquals(applied("strict", listed).sensor, RUNTIME.sensor.slice(1));
  assertEquals(applied("strict", listed).logging, undefined);
  assertEquals(applyPolicyPreset("strict", RUNTIME).onDenial, "stop");
});

Deno.test("applyPolicyPreset() puts what is listed in the place of the runtime's grants of its kind", () => {
  const listed = [LoggingCapability.atLevel("error"), SensorCapability.constant(1, 9)];
  for (const preset of ["permissive", "sandbox"] as const) {
    const { logging, sensor, alert } = applied(preset, listed);
    assertEquals([logging?.level, sensor, alert], ["error", listed[1]?.grants, RUNTIME.alert]);
  }
  assertEquals(applied({ kinds: ["clock"], onDenial: "stop" }).clock, RUNTIME.clock);
});

Deno.test("applyPolicyPreset() refuses a preset that there is none of", () => {
  for (const name of ["none", "__proto__"]) assertRefused(() => applied(name as PolicyPresetName), "preset");
  assert(Object.isFrozen(applyPolicyPreset("sandbox", RUNTIME)));
});
