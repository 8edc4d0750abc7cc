import { decide, type PolicyRequest } from "../../src/policy/decide.ts";
import { EMPTY_POLICY, mergeGrants } from "../../src/policy/policy.ts";
import { CAPABILITY_PRESETS } from "../../src/policy/presets.ts";
import { assertEquals } from "../assert.ts";

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
