import { assertEquals } from "../assert.ts";
import { HeardLines } from "../../src/dashboard/monitor/heard_lines.ts";

Deno.test("HeardLines takes each line of an execution once, in whatever order they come", () => {
  const heard = new HeardLines();
  assertEquals([[1, 5], [1, 5], [1, 0], [2, 5], [1, 0]].map(([of = 0, at = 0]) => heard.isNew(of, at)), [
    true,
    false,
    true,
    true,
    false,
  ]);
});

Deno.test("HeardLines forgets executions that were heard of long ago", () => {
  const heard = new HeardLines();
  for (let execution = 0; execution <= 100; execution++) heard.isNew(execution, 0);
  assertEquals([heard.isNew(100, 0), heard.isNew(1, 0), heard.isNew(0, 0)], [false, false, true]);
});
