import type { LogLevel } from "../../src/core/log_level.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

function onlyGrant(capability: Capability): unknown {
  assertEquals(capability.grants.length, 1);
  assert(
    Object.isFrozen(capability) && Object.isFrozen(capability.grants) &&
      Object.isFrozen(capability.grants[0]),
  );
  return capability.grants[0];
}

Deno.test("LoggingCapability reads level and bounds", () => {
  assertEquals<unknown>(onlyGrant(LoggingCapability.all()), {
    kind: "logging",
    level: "trace",
    maxMessage: 8192,
    rate: 1000,
  });
  assertEquals<unknown>(onlyGrant(LoggingCapability.atLevel("warn", { maxMessage: "1KiB", rate: 5 })), {
    kind: "logging",
    level: "warn",
    maxMessage: 1024,
    rate: 5,
  });
});

Deno.test("LoggingCapability refuses unknown levels and bounds without sense", () => {
  for (const level of ["", "fatal", "__proto__", "toString"]) {
    assertRefused(() => LoggingCapability.atLevel(level as LogLevel), "logging.level"); // no level, by intent
  }
  for (const rate of [0, 0.5, NaN, Infinity]) {
    assertRefused(() => LoggingCapability.all({ rate }), "logging.rate");
  }
  assertRefused(() => LoggingCapability.all({ maxMessage: -1 }), "logging.maxMessage");
});

Deno.test("ClockCapability grants what its builders say", () => {
  const clocks = (capability: ClockCapability) =>
    capability.grants.map((
      { monotonic, realtime, fixed, resolution },
    ) => [monotonic, realtime, fixed, resolution]);
  assertEquals(clocks(ClockCapability.monotonic()), [[true, false, undefined, 1]]);
  assertEquals(clocks(ClockCapability.realtime({ resolution: "10ms" })), [[false, true, undefined, 10]]);
  assertEquals(clocks(ClockCapability.all({ resolution: 0.001 })), [[true, true, undefined, 0.001]]);
  assertEquals(clocks(ClockCapability.fixed("1970-01-02")), [[false, false, 86_400_000, 1]]);
  assertEquals(clocks(ClockCapability.fixed(new Date(5))), [[false, false, 5, 1]]);
  assertEquals(clocks(ClockCapability.none()), []);
});

Deno.test("ClockCapability refuses steps below a microsecond and times that no guest can be told", () => {
  for (const resolution of [0, 0.0009, -1, NaN, "1ns"]) {
    assertRefused(() => ClockCapability.all({ resolution }), "clock.resolution");
  }
  for (const date of ["", "soon", NaN, -1, "1969-12-31", 9_223_372_036_855, Infinity]) {
    assertRefused(() => ClockCapability.fixed(date), "clock.fixed");
  }
  assertEquals(ClockCapability.fixed(9_223_372_036_854).grants[0]?.fixed, 9_223_372_036_854);
});

Deno.test("EnvCapability names variables, with values of its own or of the host's", () => {
  assertEquals(EnvCapability.inherit(["HOME", "PATH"]).grants.map(({ name, value }) => [name, value]), [
    ["HOME", undefined],
    ["PATH", undefined],
  ]);
  assertEquals(EnvCapability.set({ A: "", B: "x=y" }).grants.map(({ name, value }) => [name, value]), [
    ["A", ""],
    ["B", "x=y"],
  ]);
});

Deno.test("EnvCapability refuses names and values that no environment can hold, and quotes no value", () => {
  for (const name of ["", "A=B", "A\0", "\ud800"]) {
    assertRefused(() => EnvCapability.inherit([name]), "env.name");
    assertRefused(() => EnvCapability.set({ [name]: "x" }), "env.name");
  }
  const error = assertRefused(() => EnvCapability.set({ TOKEN: "s3cret\0" }), "env.value");
  assert(!`${error.message}${error.suggestion}`.includes("s3cret"), error.message);
});

Deno.test("RandomCapability takes whole seeds of 64 bits", () => {
  assertEquals<unknown>(onlyGrant(RandomCapability.secure()), { kind: "random", seed: undefined });
  assertEquals<unknown>(onlyGrant(RandomCapability.seeded(7)), { kind: "random", seed: 7n });
  assertEquals(RandomCapability.seeded(2n ** 64n - 1n).grants[0]?.seed, 2n ** 64n - 1n);
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53, -1n, 2n ** 64n]) {
    assertRefused(() => RandomCapability.seeded(seed), "random.seed");
  }
});

Deno.test("ProcessCapability names one program by its absolute path", () => {
  assertEquals<unknown>(
    onlyGrant(ProcessCapability.command("status", { command: "/usr/bin/git", args: ["status"] })),
    {
      kind: "process",
      name: "status",
      command: "/usr/bin/git",
      args: ["status"],
      moreArgs: false,
    },
  );
  for (const command of ["git", "./git", "/bin/a,b"]) {
    assertRefused(() => ProcessCapability.command("git", { command }), "process.command");
  }
  assertRefused(() => ProcessCapability.command("", { command: "/bin/git" }), "process.name");
  assertRefused(
    () => ProcessCapability.command("git", { command: "/bin/git", args: ["a\0"] }),
    "process.args",
  );
});

Deno.test("CustomCapability has a name", () => {
  assertEquals<unknown>(onlyGrant(CustomCapability.named("mail")), { kind: "custom", name: "mail" });
  assertRefused(() => CustomCapability.named(""), "custom.name");
});
