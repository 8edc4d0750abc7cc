import {
  formatTotals,
  ofFile,
  readFailures,
  readTotals,
  replaceFailures,
  sumTotals,
} from "../../tools/run_tests.ts";
import { assertEquals } from "../assert.ts";

const totals = (passed: number, failed = 0, ignored = 0) => ({ passed, failed, ignored });

Deno.test("readTotals() reads the last line of totals, in colours or without", () => {
  assertEquals(
    readTotals("ok | 12 passed (3 steps) | 0 failed | 1 ignored | 2 filtered out (1s)\n"),
    totals(12, 0, 1),
  );
  const coloured = "\x1b[0m\x1b[32mok\x1b[0m | 7 passed | 0 failed \x1b[0m\x1b[38;5;245m(1m2s)\x1b[0m\n\n";
  assertEquals(readTotals(coloured), totals(7));
  assertEquals(
    readTotals(`ok | 1 passed | 0 failed (1s)\nFAILED | 5 passed | 2 failed (3s)\nerror: Test failed`),
    {
      passed: 5,
      failed: 2,
      ignored: 0,
    },
  );
  assertEquals(readTotals("the runner | 3 passed was killed"), undefined);
});

Deno.test("sumTotals() sums processes; one that ends badly and names no failure is one", () => {
  const fine = { success: true, totals: totals(3, 0, 1) };
  assertEquals(sumTotals([fine, fine]), totals(6, 0, 2));
  assertEquals(sumTotals([fine, { success: false, totals: totals(2, 2) }]), totals(5, 2, 1));
  assertEquals(sumTotals([fine, { success: false, totals: totals(2) }]), totals(5, 1, 1), "a leak, say");
  assertEquals(sumTotals([fine, { success: false, totals: undefined }]), totals(3, 1, 1), "a crash");
  assertEquals(sumTotals([fine, { success: true, totals: undefined }]), totals(3, 1, 1), "nothing was run");
});

Deno.test("formatTotals() writes what readTotals() reads", () => {
  assertEquals(formatTotals(totals(3), 1.4), "ok | 3 passed | 0 failed (1s)");
  for (const sum of [totals(3), totals(3, 1), totals(3, 0, 2), totals(0, 4, 2)]) {
    assertEquals(readTotals(`before\n${formatTotals(sum, 10)}\n`), sum);
  }
});

const FAILED = `
\x1b[0m\x1b[1m\x1b[37m\x1b[41m FAILURES \x1b[0m

a => b ... c => ./tests/a_test.ts:3:6
second \x1b[0m\x1b[38;5;245m=> ./tests/a_test.ts:9:6\x1b[0m
third => ./tests/deep/b_test.ts:1:6
./tests/c_test.ts (uncaught error)

FAILED | 5 passed | 4 failed (3s)
other => ./tests/later_test.ts:1:6
`;

Deno.test("readFailures() names the tests that failed, by file", () => {
  assertEquals([...readFailures(FAILED)], [["tests/a_test.ts", ["a => b ... c", "second"]], [
    "tests/deep/b_test.ts",
    ["third"],
  ]]);
  assertEquals(readFailures("ok | 3 passed | 0 failed (1s)").size, 0);
  assertEquals(readFailures("x => ./tests/a_test.ts:1:2\nok | 3 passed | 0 failed (1s)").size, 0);
});

Deno.test("replaceFailures() counts what failed as it ended by itself, and nothing else", () => {
  const ended = { success: false, totals: totals(5, 4, 1), failures: readFailures(FAILED) };
  const by = (success: boolean, sum: ReturnType<typeof totals> | undefined) => ({
    success,
    totals: sum,
    failures: new Map<string, string[]>(),
  });
  const mended = replaceFailures(ended, "tests/a_test.ts", by(true, totals(30)));
  assertEquals(mended.totals, totals(7, 2, 1));
  assertEquals(replaceFailures(ended, "tests/a_test.ts", by(false, totals(29, 1))).totals, totals(6, 3, 1));
  assertEquals(replaceFailures(ended, "tests/a_test.ts", by(false, totals(20, 10))).totals, totals(5, 12, 1));
  assertEquals(
    replaceFailures(ended, "tests/a_test.ts", by(false, totals(30))).totals,
    totals(6, 3, 1),
    "a leak",
  );
  assertEquals(replaceFailures(ended, "tests/a_test.ts", by(false, undefined)), ended, "a crash");
  const whole = replaceFailures(mended, "tests/deep/b_test.ts", by(true, totals(1)));
  assertEquals([whole.success, whole.totals], [false, totals(8, 1, 1)], "an uncaught error is not run again");
  assertEquals(
    replaceFailures(ended, "tests/a_test.ts", by(true, totals(0))),
    ended,
    "a file in which nothing is run says nothing",
  );
  const made = { success: false, totals: totals(5, 1), failures: new Map([["tests/helper.ts", ["a page"]]]) };
  assertEquals([...ofFile(made, "tests/page_test.ts").failures], [["tests/page_test.ts", ["a page"]]]);
  assertEquals(ofFile({ ...made, failures: new Map() }, "tests/page_test.ts").failures.size, 0);
  const only = { success: false, totals: totals(5, 1), failures: new Map([["tests/a_test.ts", ["a"]]]) };
  assertEquals(replaceFailures(only, "tests/a_test.ts", by(true, totals(2))).success, true);
});
