import { checkAllowed, readTaskOptions, type TaskOptions } from "../../src/tasks/task_settings.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { AegisError, mergeGrants } from "../../mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const NAMED = { name: "a task" };

/** Of a runtime that grants nothing. */
const policy = mergeGrants([]);

Deno.test("readTaskOptions() makes total settings of a name alone", () => {
  const { settings, ...rest } = readTaskOptions(NAMED);
  assertEquals(rest, { name: "a task", priority: "normal", group: undefined });
  assertEquals([settings.preset, settings.history, settings.args, settings.limits], ["os", 100, [], {}]);
});

Deno.test("readTaskOptions() keeps what JSON can say", () => {
  const { settings } = readTaskOptions({
    ...NAMED,
    args: [1, "nan", { deep: [true, null] }],
    limits: { fuelLimit: 5n, timeout: "1s" },
    deadline: "2s",
  });
  assertEquals(JSON.parse(JSON.stringify(settings)), settings);
  assertEquals([settings.limits.fuelLimit, settings.deadline], ["5", 2000]);
});

Deno.test("readTaskOptions() refuses what is no task", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  let deep: unknown[] = [];
  for (let level = 0; level < 100_000; level++) deep = [deep];
  const wrong: Record<string, unknown>[] = [
    { name: "" },
    { name: "x".repeat(201) },
    { name: 7 },
    { group: "" },
    { priority: "urgent" },
    { priority: "constructor" },
    { preset: "toString" },
    { engine: "steam" },
    { args: "1" },
    { args: [1n] },
    { args: [NaN] },
    { args: [undefined] },
    { args: [() => 1] },
    { args: cycle },
    { args: ["x".repeat(2 ** 20)] },
    { args: Array(1001).fill(0) },
    { argv: [1] },
    { stdin: "x".repeat(2 ** 20 + 1) },
    { history: 0 },
    { history: 1e9 },
    { deadline: "10ms" },
    { deadline: "1000h" },
    { checkpointEvery: "1s" }, // of V8
    { checkpointEvery: "1ms", engine: "interpreter" },
    { limits: { nonsense: 1 } },
    { retries: { count: 1e9 } },
    { nonsense: 1 },
  ];
  for (const options of wrong) {
    const error = assertThrows(() => readTaskOptions({ ...NAMED, ...options } as TaskOptions), AegisError);
    assertEquals(error.code, "InvalidOption", Object.keys(options).join());
  }
});

Deno.test("checkAllowed() refuses limits above those of the runtime, of the preset, too", () => {
  const { settings } = readTaskOptions({ ...NAMED, limits: { memoryLimit: "2MiB" } });
  checkAllowed(settings, { limits: resolveLimits({ memoryLimit: "2MiB" }), policy });
  for (const limits of [{ memoryLimit: "1MiB" }, { fuelLimit: 1000 }]) {
    const error = assertThrows(
      () => checkAllowed(settings, { limits: resolveLimits(limits), policy }),
      AegisError,
    );
    assertEquals([error.code, error.field], ["InvalidOption", Object.keys(limits)[0]]);
  }
});
