import { auditEvent } from "../../src/policy/audit_event.ts";
import { decide, type PolicyRequest } from "../../src/policy/decide.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { EMPTY_POLICY, mergeGrants } from "../../src/policy/policy.ts";
import { assertEquals } from "../assert.ts";

const READ = { kind: "filesystem", action: "read", path: "/data/x" } as const;

Deno.test("auditEvent() records a denial with its reason and its flag", () => {
  assertEquals(auditEvent("box", READ, { decision: decide(EMPTY_POLICY, READ), time: 5 }), {
    time: 5,
    sandbox: "box",
    capability: "filesystem",
    action: "read",
    target: "/data/x",
    allowed: false,
    reason: 'no filesystem grant covers "/data/x"',
    flag: "--allow-read=/data/x",
  });
});

Deno.test("auditEvent() has no reason where it was allowed, and no flag where there is none", () => {
  const policy = mergeGrants([FilesystemCapability.readOnly(["/data"])]);
  const allowed = auditEvent("box", READ, { decision: decide(policy, READ), time: 5 });
  assertEquals([allowed.allowed, "reason" in allowed, "flag" in allowed], [true, false, false]);
  const custom = { kind: "custom", name: "mail" } as const;
  assertEquals(
    "flag" in auditEvent("box", custom, { decision: decide(EMPTY_POLICY, custom), time: 5 }),
    false,
  );
});

Deno.test("auditEvent() names action and target of every kind", () => {
  const rows: [PolicyRequest, string, string][] = [
    [
      { kind: "network", method: "GET", scheme: "https", host: "a.com", port: 8443 },
      "connect",
      "https://a.com:8443",
    ],
    [{ kind: "logging", level: "info" }, "log", "info"],
    [{ kind: "clock", clock: "realtime" }, "read", "realtime"],
    [{ kind: "env", name: "HOME" }, "read", "HOME"],
    [{ kind: "random" }, "read", "bytes"],
    [{ kind: "process", name: "git", moreArgs: true }, "run", "git"],
    [{ kind: "custom", name: "mail" }, "use", "mail"],
  ];
  for (const [request, action, target] of rows) {
    const event = auditEvent("box", request, { decision: decide(EMPTY_POLICY, request), time: 0 });
    assertEquals([event.capability, event.action, event.target], [request.kind, action, target]);
  }
});

Deno.test("auditEvent() cuts a target that fills memory", () => {
  const request = { ...READ, path: "/x".repeat(1_000_000) };
  const event = auditEvent("box", request, { decision: decide(EMPTY_POLICY, request), time: 0 });
  assertEquals([event.target.length, (event.reason ?? "").length < 400, "flag" in event], [
    1025,
    true,
    false,
  ]);
});
