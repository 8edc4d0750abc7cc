import { TRANSITIONS } from "../../../src/tasks/task_states.ts";
import type { TaskState } from "../../../src/dashboard/api_types.ts";
import { lineText } from "../../../src/dashboard/log_line.ts";
import { outcomeWords, triggerWords } from "../../../src/dashboard/tasks/outcome_words.ts";
import { grantWords, limitWords, settingWords } from "../../../src/dashboard/tasks/settings_words.ts";
import { isOffered } from "../../../src/dashboard/tasks/task_actions.ts";
import { TASK_STATES } from "../../../src/dashboard/tasks/list_filter.ts";
import { assertEquals } from "../../assert.ts";
import { EXECUTION, POLICY, TASK } from "./samples.ts";

Deno.test("outcomeWords() says each kind of end, and shows what it does not know as it is", () => {
  const words = (outcome: string | null, status: "failed" | "running" = "failed") =>
    outcomeWords({ outcome, status });
  assertEquals(words("limit:fuel"), "Ran out of fuel");
  assertEquals(words("trap:divideByZero"), "Trapped: integer divide by zero");
  assertEquals(words("trap:toString"), "Trapped: toString");
  assertEquals(words("exit:3"), "Ended with exit status 3");
  assertEquals(words("CapabilityDenied"), "Asked for what it may not have");
  assertEquals(words("Newcomer"), "Newcomer");
  assertEquals(words(null, "running"), "Runs");
  assertEquals(triggerWords({ ...EXECUTION, trigger: "retry", attempt: 3 }), "tried again, attempt 3");
});

Deno.test("a task is offered what its state allows, as the server sees it", () => {
  for (const action of ["start", "pause", "resume", "stop"] as const) {
    const from: readonly string[] = Object.keys(TRANSITIONS[action]);
    const offered = TASK_STATES.filter((state: TaskState) => isOffered(action, state));
    assertEquals(offered.toSorted(), from.toSorted(), action);
  }
  assertEquals(TASK_STATES.filter((state) => isOffered("remove", state)), TASK_STATES);
});

Deno.test("settingWords() says what a task does, and what becomes of failures", () => {
  const settings = {
    function: "<b>",
    args: ["1", 2],
    retries: { count: 3, delay: 1000, factor: 2, longest: 300_000, interrupted: true },
    deadline: 60_000,
    history: 5,
  };
  const words = Object.fromEntries(
    settingWords({ ...TASK, settings }, POLICY).map(({ label, text }) => [label, text]),
  );
  assertEquals(words, {
    "Function": "<b>",
    "Arguments": '["1",2]',
    "Engine": "v8, as the server has it",
    "Retries":
      "3 times more after a failure, first after 1 s, each wait 2 times the one before, at most 5 min; also when it was cut off with the server",
    "Deadline": "1 min",
    "History": "the last 5 executions",
  });
});

Deno.test("limitWords() tells whose each limit is: the task's, its preset's, the server's", () => {
  const settings = { preset: "os", limits: { memoryLimit: "8MiB", cpuTime: "unlimited" } };
  const limits = limitWords({ ...TASK, settings }, {
    ...POLICY,
    limits: { ...POLICY.limits, stackLimit: { value: 65536, unit: "bytes" } },
  });
  const of = (doc: string) => {
    const found = limits.find(({ label }) => label.startsWith(doc));
    return [found?.text, found?.from];
  };
  assertEquals(of("All memories"), ["8MiB", "task"]);
  assertEquals(of("Time of one call"), ["unlimited", "task"]);
  assertEquals(of("Executed instructions"), [`${(1_000_000).toLocaleString()} units`, "preset"]);
  assertEquals(of("Call stack"), ["64KiB", "server"]);
  assertEquals(of("Imports"), ["unlimited", "server"]);
});

Deno.test("grantWords() says what is granted, by whom, with text of others as it is", () => {
  const grants = { read: ["/a", "<b>"], sensors: { "0": "runtime", "1": [1, 2] }, clock: false, env: [] };
  const words = grantWords({ ...TASK, settings: { policy: "strict", grants } }, POLICY);
  assertEquals(
    words.policy,
    "It gets what is listed for it and nothing else, and its first denial ends it (strict).",
  );
  assertEquals(words.listed, [
    "Reads /a, <b>",
    "Reads the sensors 0 of the server, 1 (a series)",
    "Does not see the time",
    "Sees the variables (none)",
  ]);
  assertEquals(words.server, ["logging: up to level info"]);
});

Deno.test("lineText() says when, from where, and that a line was cut", () => {
  const line = { time: 0, source: "alert", level: "error", text: "Too HOT", cut: true } as const;
  assertEquals(lineText(line), "1970-01-01T00:00:00.000Z alert error: Too HOT […]");
  const { level: _, cut: __, ...plain } = line;
  assertEquals(lineText({ ...plain, source: "stdout" }), "1970-01-01T00:00:00.000Z stdout: Too HOT");
});
