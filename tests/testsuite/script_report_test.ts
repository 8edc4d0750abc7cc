import { assertEquals } from "../assert.ts";
import type { StepResult } from "./guest/program.ts";
import { MODES } from "./modes.ts";
import { readPattern } from "./pattern.ts";
import { Scanner } from "./s_expression.ts";
import type { Program } from "./script_program.ts";
import { failedReport, judgeScript } from "./script_report.ts";
import { findings, staleExceptions, sumCounts } from "./suite_totals.ts";

const EXPECTED = new Scanner("(f32.const nan:arithmetic)").node(), [FIRST, SECOND] = MODES;

/** A program of one assertion in line 7, that a NaN is returned. */
const PROGRAM: Program = {
  modules: [],
  steps: [{ do: "invoke", name: undefined, field: "f", args: [] }],
  checks: [{
    command: {
      kind: "assert_return",
      line: 7,
      action: { kind: "invoke", module: undefined, field: "f", args: [] },
      expected: [EXPECTED],
    },
    found: { step: 0 },
    patterns: [readPattern(EXPECTED)],
    size: 0,
  }],
};

function returned(bits: bigint, fuel = 5n): StepResult[] {
  return [{ outcome: { kind: "returned", values: [{ type: "f32", bits }] }, fuel }];
}

function judge(script: string, ...runs: StepResult[][]) {
  if (FIRST === undefined || SECOND === undefined) throw new Error("There are fewer than two modes");
  const report = judgeScript(script, PROGRAM, [FIRST, SECOND], runs);
  return { counts: report.counts.map(({ passed, failed }) => [passed, failed]), failures: report.failures };
}

Deno.test("judgeScript() lets two modes differ in a NaN that is left open", () => {
  assertEquals(judge("a.wast", returned(0x7fc0_0000n), returned(0xffc0_0000n)), {
    counts: [[1, 0], [1, 0]],
    failures: [],
  });
});

Deno.test("judgeScript() fails a mode that consumes other fuel, or ends otherwise, than the first", () => {
  assertEquals(judge("a.wast", returned(0x7fc0_0000n), returned(0x7fc0_0000n, 6n)), {
    counts: [[1, 0], [1, 1]],
    failures: ["a.wast:7 (slices of 1,000) assert_return consumed 6, in the first mode 5"],
  });
  const [, stopped] = judge("a.wast", returned(0x7fc0_0000n), [{
    outcome: { kind: "stopped", by: "stack" },
    fuel: 5n,
  }]).counts;
  assertEquals(stopped, [0, 2]);
});

Deno.test("judgeScript() fails what is missing", () => {
  assertEquals(judge("a.wast", returned(0x7fc0_0000n), []).counts, [[1, 0], [0, 1]]);
});

Deno.test("judgeScript() counts a listed exception apart, and staleExceptions() names those that did not occur", () => {
  const program: Program = {
    ...PROGRAM,
    checks: PROGRAM.checks.map((check) => ({ ...check, command: { ...check.command, line: 9 } })),
  };
  const modes = MODES.slice(0, 1);
  const wrong = judgeScript("table.wast", program, modes, [returned(0n)]);
  assertEquals([wrong.failures, sumCounts([wrong], modes)], [[], [{ passed: 0, failed: 0, excepted: 1 }]]);
  assertEquals(staleExceptions([wrong]), []);
  const right = judgeScript("table.wast", program, modes, [returned(0x7fc0_0000n)]);
  assertEquals(findings([right]), ["table.wast:9 stale exception: the assertion holds"]);
});

Deno.test("judgeScript() asks of a script that a mode refuses that its modules are refused", () => {
  const module = { form: "text", name: undefined, line: 1, text: "" } as const;
  const program: Program = {
    ...PROGRAM,
    checks: [{
      command: { kind: "module", line: 1, module },
      found: { step: 0 },
      patterns: [],
      size: 0,
    }],
  };
  const modes = MODES.slice(0, 1).map((mode) => ({ ...mode, refuses: () => true }));
  const refused = {
    kind: "refused",
    code: "ModuleRefused",
    message: "",
    offset: undefined,
    byUs: false,
  } as const;
  assertEquals(judgeScript("a.wast", program, modes, [[{ outcome: refused, fuel: 0n }]]).failures, []);
  assertEquals(judgeScript("a.wast", program, modes, [[{ outcome: { kind: "done" }, fuel: 0n }]]).failures, [
    "a.wast:1 (default slices) module: is not refused, but ended well",
  ]);
});

Deno.test("failedReport() counts one failure a mode", () => {
  const report = failedReport("a.wast", MODES, "lost");
  assertEquals(sumCounts([report], MODES).map(({ failed }) => failed), MODES.map(() => 1));
  assertEquals(findings([report]), ["a.wast: lost"]);
});
