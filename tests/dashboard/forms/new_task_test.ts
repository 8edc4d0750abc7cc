import { type NewTask, POLICY_PRESETS, PRIORITIES } from "../../../src/dashboard/forms/new_task.ts";
import { readSensorValues } from "../../../src/dashboard/forms/sensor_values.ts";
import { POLICY_PRESETS as POLICIES } from "../../../src/policy/presets.ts";
import * as schemas from "../../../src/server/schemas.ts";
import { PRIORITIES as OF_TASKS } from "../../../src/tasks/run_queue.ts";
import { readTaskOptions } from "../../../src/tasks/task_settings.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("a task as forms make it is one that the server takes", () => {
  const all: Required<NewTask> = {
    name: "a",
    module: "0".repeat(64),
    start: true,
    function: "f",
    args: [1, "-9223372036854775808", "nan", { a: [null] }],
    argv: ["x"],
    stdin: "y",
    preset: "os",
    limits: { fuelLimit: "1_000", timeout: "500ms", memoryLimit: 65_536 },
    policy: "strict",
    grants: {
      read: ["a"],
      write: ["b::/b"],
      net: ["a.example"],
      logging: "warn",
      alerts: "error",
      sensors: { 0: "runtime", 1: 2, 3: [4, 5] },
      clock: true,
      random: true,
      env: ["LANG"],
    },
    group: "g",
    engine: "interpreter",
    priority: "high",
    retries: { count: 2 },
    deadline: "10m",
  };
  const { module: _, start: __, ...options } = schemas.NewTask.parse(all);
  readTaskOptions(options as Parameters<typeof readTaskOptions>[0]); // as the server passes it on
});

Deno.test("priorities and parts of the grants are those of the server", () => {
  assertEquals([...PRIORITIES], Object.keys(OF_TASKS));
  assertEquals(Object.keys(POLICY_PRESETS), Object.keys(POLICIES));
});

Deno.test("readSensorValues() reads a number or several, and says what is wrong with others", () => {
  assertEquals(["21", " -5 ", "+1", "1, 2,3", "-0"].map(readSensorValues), [21, -5, 1, [1, 2, 3], 0]);
  for (const text of ["", "a", "1,", "1.5", "2147483648", "1 2"]) {
    assertEquals(typeof readSensorValues(text), "string", text);
  }
});
