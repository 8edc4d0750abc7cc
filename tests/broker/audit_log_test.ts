import { AuditLog } from "../../src/broker/audit_log.ts";
import { Refused } from "../../src/broker/refusals.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { assert, assertEquals } from "../assert.ts";
import { mountOf, Place, READ_ONLY, TestClock } from "./files_rig.ts";

function log(): {
  clock: TestClock;
  posts: AuditEvent[][];
  log: AuditLog;
  refuse: (target: string, by?: string) => void;
} {
  const clock = new TestClock(),
    posts: AuditEvent[][] = [],
    log = new AuditLog(clock, (events) => posts.push([...events]));
  const refuse = (target: string, by = "one") =>
    log.refused(by, new Refused("readOnly", { action: "write", target, flag: "--allow-write=/data" }));
  return { clock, posts, log, refuse };
}

Deno.test("AuditLog posts at once when idle, and equal events as one with a count", () => {
  const { clock, posts, log: audit, refuse } = log();
  assertEquals(audit.settle(true), Infinity);
  for (let i = 0; i < 5; i++) refuse("/data/f");
  refuse("/data/g");
  assertEquals(audit.settle(true), Infinity);
  const common = {
    time: clock.wall(),
    sandbox: "one",
    capability: "filesystem",
    action: "write",
    allowed: false,
    reason: "the directory was granted for reading only",
    flag: "--allow-write=/data",
  };
  assertEquals(posts, [[{ ...common, target: "/data/f", count: 5 }, { ...common, target: "/data/g" }]]);
});

Deno.test("AuditLog waits between two messages, and while at work for a full batch or old events", () => {
  const { clock, posts, log: audit, refuse } = log();
  refuse("a");
  assertEquals(audit.settle(false), 100);
  clock.time = 99;
  assertEquals(audit.settle(false), 1);
  assertEquals(posts.length, 0);
  clock.time = 100;
  assertEquals(audit.settle(false), Infinity);
  assertEquals(posts.length, 1);
  for (let i = 0; i < 64; i++) refuse(`${i}`);
  assertEquals(audit.settle(true), 50, "not so soon after the last message");
  clock.time = 150;
  audit.settle(false);
  assertEquals(posts.map(({ length }) => length), [1, 64]);
});

Deno.test("AuditLog keeps so many events of a sandbox, and counts the rest", () => {
  const { posts, log: audit, refuse } = log();
  for (let i = 0; i < 100_000; i++) refuse(`/data/${i}`, "noisy");
  refuse("/data/x", "quiet");
  audit.flush();
  const [events = []] = posts;
  assertEquals(events.length, 202);
  assertEquals(events.reduce((sum, { count = 1 }) => sum + count, 0), 100_001, "none is lost");
  assertEquals(events.filter(({ sandbox }) => sandbox === "quiet").map(({ target }) => target), ["/data/x"]);
  assertEquals(events.filter(({ reason }) => reason === "too many to tell").map(({ count }) => count), [
    99_800,
  ]);
});

Deno.test("the broker tells of every refusal, and of what it allowed when it is to", () => {
  using place = new Place().file("f").directory("d");
  const rig = place.rig(), guest = rig.attach([mountOf(place.path, READ_ONLY)]);
  guest.openErrno("d/../f", "write");
  guest.openErrno("../out", "read");
  guest.openErrno("missing", "read");
  guest.readFile("f");
  guest.openErrno("f", "write");
  const denied = { sandbox: "sandbox 0", capability: "filesystem", allowed: false };
  const readOnly = {
    reason: "the directory was granted for reading only",
    flag: `--dir=${place.path}::/data`,
  };
  assertEquals(rig.events(), [
    { ...denied, action: "write", target: "/data/d/../f", ...readOnly },
    {
      ...denied,
      action: "read",
      target: "/data/../out",
      reason: "the path leads out of the directory that was granted",
    },
    { ...denied, action: "write", target: "/data/f", ...readOnly },
  ]);
  const all = place.rig(), watched = all.attach([mountOf(place.path)], { auditAll: true });
  watched.readFile("f");
  watched.open("new", "create", "write");
  watched.rename("new", "newer");
  watched.errno("unlink", watched.at("newer"));
  watched.errno("createDirectory", watched.at("e"));
  watched.names();
  const events = all.events();
  assert(events.every(({ allowed, flag, reason }) => allowed && flag === undefined && reason === undefined));
  assertEquals(events.map(({ action, target }) => `${action} ${target}`), [
    "read /data/f",
    "create /data/new",
    "delete /data/new",
    "create /data/newer",
    "delete /data/newer",
    "create /data/e",
    "read /data",
  ]);
});
