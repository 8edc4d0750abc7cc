import { AuditFold } from "../../src/audit/fold.ts";
import type { AuditEntry } from "../../src/audit/record.ts";
import { assert, assertEquals } from "../assert.ts";
import { entryOf } from "./log_rig.ts";

function rig() {
  const written: AuditEntry[] = [], time = { now: 0 };
  return { written, time, fold: new AuditFold(() => time.now, (entry) => written.push(entry)) };
}

const sum = (entries: readonly AuditEntry[]) => entries.reduce((total, { count = 1 }) => total + count, 0);

Deno.test("AuditFold writes the first of equal entries at once, and the others as one with a count", () => {
  const { written, fold } = rig();
  for (let times = 0; times < 100_000; times++) {
    fold.add(entryOf("grant_denied", { target: "/a" }, { execution: times }));
  }
  assertEquals(written.length, 1);
  fold.flush();
  assertEquals(written.map(({ count, execution }) => [count, execution]), [[undefined, 0], [99_999, 99_999]]);
});

Deno.test("D37 AuditFold bounds what a sandbox makes it write that never repeats itself, and loses no count", () => {
  const { written, time, fold } = rig(), seconds = 30, each = 3000;
  for (let second = 0; second < seconds; second++) {
    for (let number = 0; number < each; number++) {
      fold.add(entryOf("grant_denied", { target: `/${second}/${number}` }));
      fold.add(entryOf("host_call", { function: `${second}/${number}` }));
    }
    time.now += 1000;
    fold.flush();
  }
  assert(written.length < 200 + 25 * seconds, `${written.length} records`);
  assertEquals(sum(written), 2 * seconds * each);
});

Deno.test("AuditFold holds nothing back that ends a guest, and one sandbox not for another's sake", () => {
  const { written, fold } = rig();
  for (let number = 0; number < 1000; number++) fold.add(entryOf("grant_denied", { target: `/${number}` }));
  const before = written.length;
  fold.add(entryOf("limit_hit", { code: "Timeout" }));
  fold.add(entryOf("grant_denied", { target: "/b" }, { sandbox: "other" }));
  assertEquals(written.slice(before).map(({ kind, sandbox }) => [kind, sandbox]), [
    ["limit_hit", "s"],
    ["grant_denied", "other"],
  ]);
});

Deno.test("AuditFold forgets a sandbox that has been quiet", () => {
  const { time, fold } = rig();
  fold.add(entryOf("note"));
  fold.flush();
  assert(fold.active);
  time.now += 60_000;
  fold.flush();
  assert(!fold.active);
});
