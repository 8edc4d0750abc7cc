import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { decide, type PolicyRequest } from "../../src/policy/decide.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import type { Policy } from "../../src/policy/grants.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { EMPTY_POLICY, mergeGrants } from "../../src/policy/policy.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import type { FileAction } from "../../src/policy/request.ts";
import { assert, assertEquals } from "../assert.ts";

const FILES = mergeGrants([
  FilesystemCapability.readOnly(["/data"]),
  FilesystemCapability.full([{ host: "/scratch", guest: "/data/out" }]),
]);

function file(action: FileAction, path: string, policy: Policy = FILES) {
  return decide(policy, { kind: "filesystem", action, path });
}

/** The guest path of the grant that allows, or the reason and the flag of the denial. */
function answer(action: FileAction, path: string): string {
  const decision = file(action, path);
  if (decision.allowed) return decision.grant.kind === "filesystem" ? decision.grant.guestPath : "";
  return `${decision.reason} ${decision.flag}`;
}

Deno.test("decide() finds a path in the grant with the longest guest path", () => {
  assertEquals(answer("read", "/data"), "/data");
  assertEquals(answer("read", "/data/a/b"), "/data");
  assertEquals(answer("write", "/data/out/x"), "/data/out");
  assertEquals(answer("delete", "data//./out/"), "/data/out");
  assertEquals(answer("read", "/data/outside"), "/data");
});

Deno.test("decide() compares components, not letters", () => {
  assertEquals(answer("read", "/database"), 'no filesystem grant covers "/database" --allow-read=/database');
  assertEquals(
    answer("read", "/data\\x"),
    "no filesystem grant covers \"/data\\\\x\" --allow-read='/data\\x'",
  );
  assertEquals(answer("read", "/"), 'no filesystem grant covers "/" --allow-read=/');
});

Deno.test("decide() resolves .. by the text, and covers nothing above the root", () => {
  assertEquals(
    answer("read", "/data/../etc/passwd"),
    'no filesystem grant covers "/etc/passwd" undefined',
    "no library looks up what leads upwards, so no flag would help",
  );
  assertEquals(answer("write", "/data/x/../out/y"), "/data/out");
  assertEquals(answer("read", "/../data"), 'no filesystem grant can cover "/../data" undefined');
  const root = mergeGrants([FilesystemCapability.full([".", "/x"])]);
  assert(!file("read", "../x", root).allowed);
  assert(file("read", "a/../b", root).allowed);
});

Deno.test("decide() denies paths that are none", () => {
  for (const path of ["", "/data/\0", "\0"]) assert(!file("read", path).allowed, JSON.stringify(path));
});

Deno.test("decide() names the right that is missing, with the flag and the builder that give it", () => {
  const decision = file("write", "/data/x");
  assertEquals<unknown>(decision, {
    allowed: false,
    reason: '"/data" was granted without write',
    flag: "--allow-write=/data",
    hint: 'FilesystemCapability.readWrite(["/data"])',
  });
  const missing = file("read", "/etc/passwd");
  assert(!missing.allowed);
  assertEquals([missing.flag, missing.hint], [
    "--allow-read=/etc/passwd",
    'FilesystemCapability.readOnly(["/etc/passwd"])',
  ]);
});

Deno.test("decide() names the directory of what would be changed, since what is not there cannot be granted", () => {
  const flags = (path: string) =>
    (["write", "create", "delete"] as const).map((action) => {
      const decision = file(action, path);
      return decision.allowed ? "" : decision.flag;
    });
  assertEquals(flags("/srv/out/new"), Array(3).fill("--allow-write=/srv/out"));
  assertEquals(flags("/new"), Array(3).fill("--allow-write=/new"), "never the root");
});

Deno.test("decide() suggests no flag that a shell would act on", () => {
  const flagOf = (path: string) => {
    const decision = file("read", path);
    assert(!decision.allowed);
    return decision.flag;
  };
  assertEquals(flagOf("/x; rm -rf $HOME"), "--allow-read='/x; rm -rf $HOME'");
  for (
    const path of ["/x'; rm -rf '", "/x\ny", "/x,/etc", "/\u001b[2J", "/\u202eexe", `/${"x".repeat(500)}`]
  ) {
    assertEquals(flagOf(path), undefined, path);
  }
});

/** Of kinds other than files and network: the grant is missing, and what is said then. */
const ABSENT: readonly [PolicyRequest, string, string | undefined, string][] = [
  [{ kind: "logging", level: "info" }, "no logging grant", "--allow-logging", "LoggingCapability.all()"],
  [{ kind: "clock", clock: "monotonic" }, "no clock grant", "--allow-clock", "ClockCapability.monotonic()"],
  [{ kind: "clock", clock: "realtime" }, "no clock grant", "--allow-clock", "ClockCapability.realtime()"],
  [
    { kind: "env", name: "HOME" },
    'no env grant names "HOME"',
    "--allow-env=HOME",
    'EnvCapability.inherit(["HOME"])',
  ],
  [{ kind: "random" }, "no random grant", "--allow-random", "RandomCapability.secure()"],
  [
    { kind: "process", name: "git", moreArgs: false },
    'no process grant names "git"',
    undefined,
    'ProcessCapability.command("git", { command: "/path/of/the/program" })',
  ],
  [
    { kind: "custom", name: "mail" },
    'no custom grant names "mail"',
    undefined,
    'CustomCapability.named("mail")',
  ],
];

Deno.test("decide() denies each kind by default, and says what would allow it", () => {
  for (const [request, reason, flag, hint] of ABSENT) {
    assertEquals<unknown>(decide(EMPTY_POLICY, request), { allowed: false, reason, flag, hint });
  }
});

Deno.test("decide() allows each kind that is granted", () => {
  const policy = mergeGrants([
    LoggingCapability.atLevel("info"),
    ClockCapability.all(),
    EnvCapability.inherit(["HOME"]),
    RandomCapability.secure(),
    ProcessCapability.command("git", { command: "/bin/git" }),
    CustomCapability.named("mail"),
  ]);
  for (const [request] of ABSENT) {
    const decision = decide(policy, request);
    assert(decision.allowed && decision.grant.kind === request.kind, request.kind);
  }
});

Deno.test("decide() tells levels, clocks and added words apart", () => {
  const policy = mergeGrants([
    LoggingCapability.atLevel("info"),
    ClockCapability.monotonic(),
    ProcessCapability.command("git", { command: "/bin/git" }),
  ]);
  const denied = (request: PolicyRequest) => {
    const decision = decide(policy, request);
    assert(!decision.allowed);
    return [decision.reason, decision.flag];
  };
  assertEquals(denied({ kind: "logging", level: "debug" }), [
    "logging was granted up to level info, without debug",
    "--allow-logging",
  ]);
  assertEquals(denied({ kind: "clock", clock: "realtime" }), [
    "the clock was granted without realtime",
    "--allow-clock",
  ]);
  assertEquals(denied({ kind: "process", name: "git", moreArgs: true }), [
    'command "git" was granted without words of the guest',
    undefined,
  ]);
});

Deno.test("decide() takes a time that stands still for the realtime clock", () => {
  const policy = mergeGrants([ClockCapability.fixed(0)]);
  assert(decide(policy, { kind: "clock", clock: "realtime" }).allowed);
  assert(!decide(policy, { kind: "clock", clock: "monotonic" }).allowed);
});
