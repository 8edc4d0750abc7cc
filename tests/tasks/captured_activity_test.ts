import type { AegisEvent } from "../../mod.ts";
import { type ActivityEvent, CapturedActivity, type ToldDenial } from "../../src/tasks/captured_activity.ts";
import { assert, assertEquals } from "../assert.ts";

const SANDBOX = "a sandbox";

function decision(
  facts: Partial<Extract<AegisEvent, { type: "capability_checked" }>> & { readonly allowed: boolean },
): ActivityEvent {
  const { allowed } = facts, reason = allowed ? {} : { reason: "not granted" };
  return {
    type: "capability_checked",
    time: 1,
    sandbox: SANDBOX,
    capability: "sensor",
    action: "read",
    target: "7",
    ...reason,
    ...facts,
  };
}

function capture(): { readonly activity: CapturedActivity; readonly told: ToldDenial[] } {
  const told: ToldDenial[] = [];
  return { activity: new CapturedActivity((denial) => told.push(denial)), told };
}

/** UTF-16 code units of all texts. */
function sizeOf({ entries }: CapturedActivity): number {
  return entries.reduce(
    (sum, { capability, action, target, detail = "" }) =>
      sum + capability.length + action.length + target.length + detail.length,
    0,
  );
}

Deno.test("CapturedActivity has what is the same once, with its count and its times", () => {
  const { activity } = capture();
  for (const [time, count] of [[5, undefined], [9, 3], [7, undefined]] as const) {
    activity.take(decision({ allowed: true, time, ...(count === undefined ? {} : { count }) }));
  }
  activity.take(decision({ allowed: false, time: 8 }));
  activity.take(decision({ allowed: true, time: 10, target: "8" }));
  const facts = { capability: "sensor", action: "read", target: "7" };
  assertEquals(activity.entries, [
    { ...facts, kind: "call", time: 5, until: 9, detail: undefined, count: 5 },
    { ...facts, kind: "denial", time: 8, until: 8, detail: "not granted", count: 1 },
    { ...facts, kind: "call", time: 10, until: 10, target: "8", detail: undefined, count: 1 },
  ]);
  assertEquals(activity.cut, 0);
});

Deno.test("CapturedActivity has an alert once, and the growth of memory from where to where", () => {
  const { activity } = capture();
  activity.take(decision({ allowed: true, capability: "alert", action: "send", target: "warning" }));
  const alert = { type: "alert_sent", sandbox: SANDBOX, execution: 1, level: "warning" } as const;
  activity.take({ ...alert, time: 1, message: "hot" });
  activity.take({ ...alert, time: 2, message: "hotter" });
  const growth = { type: "memory_grew", sandbox: SANDBOX, execution: 1 } as const;
  activity.take({ ...growth, time: 3, from: 65536, to: 131072 });
  activity.take({ ...growth, time: 4, from: 131072, to: 262144 });
  assertEquals(activity.entries, [
    {
      kind: "alert",
      capability: "alert",
      action: "send",
      target: "warning",
      time: 1,
      until: 2,
      detail: "hot",
      count: 2,
    },
    {
      kind: "memory",
      capability: "memory",
      action: "grow",
      target: "",
      time: 3,
      until: 4,
      detail: "from 65536 to 262144 bytes",
      count: 2,
    },
  ]);
});

Deno.test("CapturedActivity is bounded, whatever a guest asks for, and what it may do leaves room for what it may not", () => {
  const { activity } = capture();
  for (const allowed of [true, false]) {
    for (let index = 0; index < 5000; index++) activity.take(decision({ allowed, target: String(index) }));
  }
  const kinds = Object.groupBy(activity.entries, ({ kind }) => kind);
  assertEquals([kinds.call?.length, kinds.denial?.length, activity.cut], [100, 100, 9800]);
  activity.take(decision({ allowed: true, target: "3", count: 5 }));
  assertEquals(
    activity.entries.find(({ target }) => target === "3")?.count,
    6,
    "what has an entry is still counted",
  );

  const long = capture().activity;
  for (let index = 0; index < 1000; index++) {
    long.take(
      decision({
        allowed: index % 2 === 0,
        target: `${index} ${"x".repeat(2000)}`,
        reason: "y".repeat(2000),
      }),
    );
  }
  assert(sizeOf(long) <= 2 * 16 * 1024, `${sizeOf(long)} characters`);
  assert(
    long.entries.every(({ target }) => target.length <= 257 && target.endsWith("…")),
    "marked where it is cut",
  );
  assertEquals(long.cut + long.entries.length, 1000);
});

Deno.test("CapturedActivity tells of denials at once, of a few in a second, and of the others at the end", () => {
  const { activity, told } = capture();
  for (let index = 0; index < 1000; index++) activity.take(decision({ allowed: false, time: 1000 }));
  activity.take(decision({ allowed: false, time: 1001, target: "8" }));
  assertEquals(told.length, 10);
  assertEquals(told[0], {
    time: 1000,
    capability: "sensor",
    action: "read",
    target: "7",
    reason: "not granted",
    count: 1,
  });
  activity.take(decision({ allowed: false, time: 2000 }));
  assertEquals(told.slice(10).map(({ target, count }) => [target, count]), [["7", 991]]);
  activity.finish();
  assertEquals(told.slice(11).map(({ target, count }) => [target, count]), [["8", 1]]);
  assertEquals(told.reduce((sum, { count }) => sum + count, 0), 1002);
  activity.finish();
  assertEquals(told.length, 12, "each is told once");
});
