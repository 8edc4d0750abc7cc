import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { explain } from "../../src/policy/explain.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { EMPTY_POLICY, mergeGrants, withoutCapability } from "../../src/policy/policy.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("explain() says what a guest finds where nothing is granted", () => {
  assertEquals(explain(EMPTY_POLICY), [
    "filesystem: not granted; the guest finds no directory",
    "network: not granted; no host can be reached",
    "logging: not granted; the guest's log is dropped",
    "sensor: not granted; every sensor reads 0",
    "alert: not granted; the guest's alerts are dropped",
    "clock: not granted; time is fake, and the same in each run",
    "env: not granted; no variable is seen",
    "random: not granted; random bytes are the same in each run",
    "process: not granted; no command can be run",
    "custom: not granted; no power of the embedder's own",
  ]);
});

Deno.test("explain() has a line for each grant", () => {
  const policy = mergeGrants([
    FilesystemCapability.readOnly(["/data"]),
    FilesystemCapability.full([{ host: "./out", guest: "/out" }], {
      maxFileSize: "1MiB",
      totalBytes: "10MiB",
    }),
    NetworkCapability.hosts(["*.example.com:8443"], { methods: ["GET"], connections: 2 }),
    NetworkCapability.full({ maxBody: "1MiB" }),
    LoggingCapability.atLevel("warn"),
    ClockCapability.monotonic({ resolution: 5 }),
    ClockCapability.fixed(0),
    EnvCapability.inherit(["HOME"]),
    RandomCapability.seeded(7),
    ProcessCapability.command("log", { command: "/bin/git", args: ["log"], moreArgs: true }),
    CustomCapability.named("mail"),
  ]);
  assertEquals(explain(policy), [
    'filesystem: "/data": read',
    'filesystem: "./out" as "/out": read, write, create, delete; each file at most 1MiB; in all at most 10MiB',
    "network: https://*.example.com:8443, http://*.example.com:8443: GET; bodies at most 16MiB; 2 at once",
    "network: https://*, http://* (public hosts alone): every method; bodies at most 1MiB; 8 at once",
    "logging: up to level warn; messages at most 8KiB; 1000 a second",
    "sensor: not granted; every sensor reads 0",
    "alert: not granted; the guest's alerts are dropped",
    "clock: monotonic, realtime that stands at 1970-01-01T00:00:00.000Z; in steps of 1ms",
    'env: "HOME", as the host has it',
    "random: bytes of seed 7",
    'process: "log" runs "/bin/git" "log" and words of the guest, outside the sandbox',
    'custom: "mail"',
  ]);
});

Deno.test("explain() shows no value of a variable", () => {
  const lines = explain(mergeGrants([EnvCapability.set({ TOKEN: "s3cret" })])).join("\n");
  assert(lines.includes('env: "TOKEN", set by the embedder') && !lines.includes("s3cret"), lines);
});

Deno.test("explain() says that a directory was taken away", () => {
  const policy = withoutCapability(mergeGrants([FilesystemCapability.full(["/d"])]), "filesystem");
  assertEquals(explain(policy)[0], 'filesystem: "/d": nothing any more');
});
