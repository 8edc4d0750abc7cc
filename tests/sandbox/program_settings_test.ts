import { programSettings } from "../../src/sandbox/program_settings.ts";
import { AegisError } from "../../src/core/errors.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { EMPTY_POLICY, mergeGrants } from "../../src/policy/policy.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const VARIABLES: Readonly<Record<string, string>> = { HOME: "/home", SECRET: "s3cret" };
const variable = (name: string) => VARIABLES[name];

Deno.test("programSettings() shows nothing of the world to a guest without grants", () => {
  assertEquals(programSettings(EMPTY_POLICY, {}, variable), {
    args: ["main"],
    env: [],
    preopens: [],
    clock: undefined,
    seed: 0n,
    terminals: [false, false, false],
  });
});

Deno.test("F50 programSettings() passes on the variables that were granted, and no other of this process", () => {
  const policy = mergeGrants([EnvCapability.inherit(["HOME", "UNSET"]), EnvCapability.set({ A: "1" })]);
  assertEquals(programSettings(policy, {}, variable).env, [["HOME", "/home"], ["A", "1"]]);
});

Deno.test("programSettings() takes random bytes from a seed, or secure ones", () => {
  const seed = (capability: RandomCapability) =>
    programSettings(mergeGrants([capability]), {}, variable).seed;
  assertEquals([seed(RandomCapability.seeded(7)), seed(RandomCapability.secure())], [7n, undefined]);
});

Deno.test("programSettings() refuses words that no program can be given, and quotes no value of a variable", () => {
  const refused = (args: readonly string[]) =>
    assertThrows(() => programSettings(EMPTY_POLICY, { args }, variable), AegisError);
  assertEquals(refused(["a\0b"]).field, "args");
  assertEquals(refused(["x".repeat(400_000)]).field, "args");
  const policy = mergeGrants([EnvCapability.inherit(["SECRET"])]);
  const error = assertThrows(() => programSettings(policy, {}, () => "s3cret\0"), AegisError);
  assertEquals([error.field, error.message.includes("s3cret")], ["env", false]);
});

Deno.test("programSettings() lets a guest start in the root where its directories have relative names", () => {
  const env = (...capabilities: readonly Capability[]) =>
    programSettings(mergeGrants(capabilities), {}, variable).env;
  const { readOnly } = FilesystemCapability;
  assertEquals(env(readOnly(["data"])), [["PWD", "/"]]);
  assertEquals(env(readOnly(["."])), [["PWD", "/"]]);
  assertEquals(env(readOnly(["/data", "x"])), [], "Go takes /data for the current directory");
  assertEquals(env(readOnly(["data"]), EnvCapability.set({ PWD: "/data" })), [["PWD", "/data"]]);
});
