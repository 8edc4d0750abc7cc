import type { Capability } from "../../src/policy/capability.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { decide } from "../../src/policy/decide.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import type { CapabilityKind } from "../../src/policy/grants.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { EMPTY_POLICY, mergeGrants, narrowPolicy, withoutCapability } from "../../src/policy/policy.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

const WORKSPACE = FilesystemCapability.full([{ host: "/srv/work", guest: "/work" }], {
  maxFileSize: 1000,
  totalBytes: 3000,
});

Deno.test("EMPTY_POLICY grants nothing and cannot be changed", () => {
  assertEquals(EMPTY_POLICY, mergeGrants([]));
  assert(Object.isFrozen(EMPTY_POLICY));
  for (const value of Object.values(EMPTY_POLICY)) assert(value === undefined || Object.isFrozen(value));
});

Deno.test("mergeGrants() unites the rights over one path, and keeps the order", () => {
  const { filesystem } = mergeGrants([
    FilesystemCapability.readOnly(["/b", "/a"]),
    FilesystemCapability.writeOnly([{ host: "/b/", guest: "b" }], { maxFileSize: 10 }),
    FilesystemCapability.readWrite(["/b"], { maxFileSize: 30, totalBytes: 5 }),
  ]);
  assertEquals(filesystem.map(({ guestPath }) => guestPath), ["/b", "/a"]);
  const [b] = filesystem;
  assertEquals([b?.read, b?.write, b?.create, b?.delete, b?.maxFileSize], [true, true, true, false, 30]);
  assert(Object.isFrozen(filesystem) && Object.isFrozen(b));
});

Deno.test("mergeGrants() lets a grant that cannot write undo no bound of one that can", () => {
  const reading = FilesystemCapability.readOnly(["/d"]);
  const writing = FilesystemCapability.readWrite(["/d"], { maxFileSize: 10, totalBytes: 20 });
  for (const both of [[reading, writing], [writing, reading]]) {
    const [grant] = mergeGrants(both).filesystem;
    assertEquals([grant?.maxFileSize, grant?.totalBytes], [10, 20]);
  }
});

Deno.test("mergeGrants() refuses what contradicts", () => {
  const conflicts: [CapabilityKind, Capability[]][] = [
    ["filesystem", [FilesystemCapability.readOnly(["/a", { host: "/b", guest: "a" }])]],
    ["filesystem", [FilesystemCapability.readOnly([".", { host: "/b", guest: "/" }])]],
    ["clock", [ClockCapability.fixed(1), ClockCapability.fixed(2)]],
    ["clock", [ClockCapability.fixed(1), ClockCapability.realtime()]],
    ["clock", [ClockCapability.all(), ClockCapability.fixed(0)]],
    ["env", [EnvCapability.set({ A: "1" }), EnvCapability.set({ A: "2" })]],
    ["env", [EnvCapability.set({ A: "1" }), EnvCapability.inherit(["A"])]],
    ["random", [RandomCapability.secure(), RandomCapability.seeded(1)]],
    ["random", [RandomCapability.seeded(1), RandomCapability.seeded(2)]],
    ["process", [
      ProcessCapability.command("git", { command: "/bin/git" }),
      ProcessCapability.command("git", { command: "/bin/sh" }),
    ]],
    ["process", [
      ProcessCapability.command("git", { command: "/bin/git" }),
      ProcessCapability.command("git", { command: "/bin/git", args: ["push"] }),
    ]],
  ];
  for (const [kind, capabilities] of conflicts) assertRefused(() => mergeGrants(capabilities), kind);
});

Deno.test("mergeGrants() quotes no value of a variable", () => {
  const error = assertRefused(
    () => mergeGrants([EnvCapability.set({ A: "s3cret" }), EnvCapability.set({ A: "hidden" })]),
    "env",
  );
  assert(!/s3cret|hidden/.test(error.message), error.message);
});

Deno.test("mergeGrants() takes the finer clock, the more verbose log, the larger bound", () => {
  const policy = mergeGrants([
    ClockCapability.monotonic({ resolution: 5 }),
    ClockCapability.realtime({ resolution: 2 }),
    LoggingCapability.atLevel("error", { rate: 10 }),
    LoggingCapability.atLevel("info", { rate: 2, maxMessage: 100 }),
    NetworkCapability.hosts(["a.com"], { maxBody: 1, connections: 3 }),
    NetworkCapability.hosts(["A.com", "https://a.com"], { maxBody: 2, connections: 2 }),
    ProcessCapability.command("git", { command: "/bin/git" }),
    ProcessCapability.command("git", { command: "/bin/git", moreArgs: true }),
    CustomCapability.named("b"),
    CustomCapability.named("a"),
    CustomCapability.named("b"),
    EnvCapability.inherit(["A"]),
    EnvCapability.inherit(["A"]),
  ]);
  assertEquals<unknown>(policy.clock, {
    kind: "clock",
    monotonic: true,
    realtime: true,
    fixed: undefined,
    resolution: 2,
  });
  assertEquals<unknown>(policy.logging, { kind: "logging", level: "info", maxMessage: 8192, rate: 10 });
  assertEquals(policy.network.map(({ maxBody, connections }) => [maxBody, connections]), [[2, 3], [2, 2]]);
  assertEquals(policy.process.map(({ moreArgs }) => moreArgs), [true]);
  assertEquals(policy.custom, ["a", "b"]);
  assertEquals(policy.env.length, 1);
});

Deno.test("mergeGrants() takes nothing that no builder made", () => {
  const forged = { kind: "filesystem", grants: [{ ...WORKSPACE.grants[0], guestPath: "//.." }] };
  assertRefused(() => mergeGrants([forged as unknown as Capability]), "capabilities"); // by intent
});

Deno.test("narrowPolicy() gives a directory below one of the runtime, under any name, within its bounds", () => {
  const runtime = mergeGrants([WORKSPACE]);
  const { filesystem } = narrowPolicy(runtime, [
    FilesystemCapability.readWrite([{ host: "/srv/work/in", guest: "/x" }], { maxFileSize: 5000 }),
  ]);
  assertEquals(filesystem.map((grant) => ({ ...grant })), [{
    kind: "filesystem",
    hostPath: "/srv/work/in",
    guestPath: "/x",
    read: true,
    write: true,
    create: true,
    delete: false,
    maxFileSize: 1000,
    totalBytes: 3000,
  }]);
});

Deno.test("narrowPolicy() lets several paths share what may be written to one directory", () => {
  const { filesystem } = narrowPolicy(mergeGrants([WORKSPACE]), [
    FilesystemCapability.readOnly([{ host: "/srv/work", guest: "/r" }]),
    FilesystemCapability.readWrite([
      { host: "/srv/work", guest: "/a" },
      { host: "/srv/work/in", guest: "/b" },
    ]),
  ]);
  assertEquals(filesystem.slice(1).map(({ totalBytes }) => totalBytes), [1500, 1500]);
});

Deno.test("narrowPolicy() names what the runtime lacks", () => {
  const runtime = mergeGrants([
    FilesystemCapability.readOnly(["/data"]),
    NetworkCapability.hosts(["https://*.example.com", "b.com:8080"], { methods: ["GET"] }),
    LoggingCapability.atLevel("warn"),
    ClockCapability.monotonic(),
    EnvCapability.set({ A: "1" }),
    RandomCapability.seeded(1),
    ProcessCapability.command("git", { command: "/bin/git", args: ["log"] }),
  ]);
  const get = { methods: ["GET"] };
  const lacking: [CapabilityKind, Capability][] = [
    ["filesystem", FilesystemCapability.readWrite(["/data"])],
    ["filesystem", FilesystemCapability.readOnly(["/database"])],
    ["filesystem", FilesystemCapability.readOnly(["/"])],
    ["filesystem", FilesystemCapability.readOnly(["data"])],
    ["filesystem", FilesystemCapability.readOnly([{ host: "/data/..", guest: "/d" }])],
    ["filesystem", FilesystemCapability.readOnly([{ host: "/data/link/../../etc", guest: "/d" }])],
    ["network", NetworkCapability.full(get)],
    ["network", NetworkCapability.hosts(["https://example.com"], get)],
    ["network", NetworkCapability.hosts(["a.example.com"], get)],
    ["network", NetworkCapability.hosts(["https://a.example.com"])],
    ["network", NetworkCapability.hosts(["https://a.example.com"], { methods: ["GET", "POST"] })],
    ["network", NetworkCapability.hosts(["https://a.example.com:8443"], get)],
    ["logging", LoggingCapability.atLevel("info")],
    ["clock", ClockCapability.all()],
    ["clock", ClockCapability.fixed(0)],
    ["env", EnvCapability.inherit(["A"])],
    ["env", EnvCapability.set({ A: "2" })],
    ["env", EnvCapability.set({ B: "1" })],
    ["random", RandomCapability.secure()],
    ["random", RandomCapability.seeded(2)],
    ["process", ProcessCapability.command("git", { command: "/bin/git" })],
    ["process", ProcessCapability.command("git", { command: "/bin/git", args: ["log"], moreArgs: true })],
    ["process", ProcessCapability.command("git", { command: "/bin/git", args: ["log", "-p"] })],
    ["process", ProcessCapability.command("git", { command: "/bin/sh", args: ["log"] })],
    ["process", ProcessCapability.command("sh", { command: "/bin/sh" })],
    ["custom", CustomCapability.named("mail")],
  ];
  for (const [kind, capability] of lacking) {
    assertRefused(() => narrowPolicy(runtime, [capability]), kind);
    assertRefused(() => narrowPolicy(EMPTY_POLICY, [capability]), kind);
  }
});

Deno.test("narrowPolicy() takes a request for less", () => {
  const runtime = mergeGrants([
    NetworkCapability.full({ maxBody: 100 }),
    NetworkCapability.hosts(["http://a.com:8080", "https://a.com:8080"], { maxBody: 50, connections: 2 }),
    LoggingCapability.all({ rate: 10 }),
    ClockCapability.all({ resolution: 5 }),
    EnvCapability.inherit(["A"]),
    RandomCapability.secure(),
    ProcessCapability.command("git", { command: "/bin/git", moreArgs: true }),
    CustomCapability.named("mail"),
  ]);
  const policy = narrowPolicy(runtime, [
    NetworkCapability.hosts(["*.example.com", "a.com:8080"]),
    LoggingCapability.atLevel("error"),
    ClockCapability.fixed(7, { resolution: 1 }),
    EnvCapability.set({ A: "x" }),
    RandomCapability.seeded(3),
    ProcessCapability.command("git", { command: "/bin/git", args: ["log"] }),
  ]);
  assertEquals(policy.network.map(({ maxBody, connections }) => [maxBody, connections]), [[100, 8], [50, 2]]);
  assertEquals([policy.logging?.level, policy.logging?.rate], ["error", 10]);
  assertEquals([policy.clock?.realtime, policy.clock?.fixed, policy.clock?.resolution], [false, 7, 5]);
  assertEquals([policy.env[0]?.value, policy.random?.seed, policy.custom.length], ["x", 3n, 0]);
});

Deno.test("withoutCapability() takes the rights over files and leaves the places", () => {
  const policy = mergeGrants([WORKSPACE, FilesystemCapability.readOnly(["/data"])]);
  const none = withoutCapability(policy, "filesystem");
  assertEquals(none.filesystem.map(({ guestPath }) => guestPath), ["/work", "/data"]);
  for (const action of ["read", "write", "create", "delete"] as const) {
    for (const path of ["/work/x", "/data/x"]) {
      assert(!decide(none, { kind: "filesystem", action, path }).allowed);
    }
  }
  const one = withoutCapability(
    policy,
    (grant) => grant.kind === "filesystem" && grant.guestPath === "/work",
  );
  assertEquals(one.filesystem.map(({ read }) => read), [false, true]);
  assert(one.filesystem.every(Object.isFrozen));
});

Deno.test("withoutCapability() takes one kind or what is chosen, and leaves the rest", () => {
  const policy = mergeGrants([
    LoggingCapability.all(),
    ClockCapability.all(),
    CustomCapability.named("a"),
    CustomCapability.named("b"),
    NetworkCapability.hosts(["a.com", "b.com"]),
  ]);
  const { clock, ...rest } = withoutCapability(policy, "clock");
  assertEquals([clock, rest.logging], [undefined, policy.logging]);
  assertEquals(withoutCapability(policy, (grant) => grant.kind === "custom" && grant.name === "a").custom, [
    "b",
  ]);
  const { network } = withoutCapability(
    policy,
    (grant) => grant.kind === "network" && grant.host === "a.com",
  );
  assertEquals(network.map(({ host }) => host), ["b.com"]);
});

Deno.test("withoutCapability() refuses a kind that there is not, which would take nothing away", () => {
  assertRefused(() => withoutCapability(EMPTY_POLICY, "file" as CapabilityKind), "capability"); // by intent
});
