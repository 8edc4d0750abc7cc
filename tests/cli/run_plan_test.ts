import { parseCommand } from "../../src/cli/parse.ts";
import { deadlineOf, planRun } from "../../src/cli/run.ts";
import { decodePlan, encodePlan, type RunPlan } from "../../src/cli/run_plan.ts";
import { NO_GRANTS } from "../../src/manifest/grants.ts";
import type { FlagValues } from "../../src/cli/flags.ts";
import { AegisError } from "../../src/core/errors.ts";
import { resolveLimits, UNLIMITED_FUEL } from "../../src/core/limits.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const PLACE = { locate: (path: string) => `/folder/${path}`, colour: false, pid: 1234 };

function plan(words: readonly string[], file: FlagValues = {}): RunPlan {
  return planRun(parseCommand("run", words), file, PLACE).plan;
}

Deno.test("planRun() resolves everything that was left out", () => {
  assertEquals(plan(["m.wasm"]), {
    version: 10,
    parent: 1234,
    module: { path: "/folder/m.wasm", shown: "m.wasm", sha256: null },
    functionName: null,
    args: [],
    limits: resolveLimits(),
    isolation: "worker",
    engine: "v8",
    resumes: false,
    checkpoint: null,
    watch: null,
    audit: null,
    record: null,
    grants: NO_GRANTS,
    onDenial: "continue",
    onMemoryLimit: "fail",
    deterministic: false,
    maxSandboxes: null,
    output: { format: "human", metrics: false, quiet: false, verbosity: 0, colour: false, reader: "command" },
  });
});

Deno.test("planRun() lifts the default fuel where a time is given, and no fuel that somebody named", () => {
  assertEquals(plan(["m.wasm"]).limits.fuelLimit, 1_000_000_000n);
  assertEquals(plan(["m.wasm", "--timeout", "1"]).limits.fuelLimit, UNLIMITED_FUEL);
  assertEquals(plan(["m.wasm", "--timeout", "1", "--fuel-limit", "5"]).limits.fuelLimit, 5n);
  assertEquals(plan(["m.wasm", "--timeout", "1", "--preset", "os"]).limits.fuelLimit, 1_000_000n);
});

Deno.test("planRun() lets flags win over the file, and both over the preset", () => {
  const file: FlagValues = {
    function: "a",
    timeout: 1000,
    memoryLimit: 65536,
    preset: "minimal",
    metrics: true,
  };
  const merged = plan(["m.wasm", "-e", "b", "--timeout", "2"], file);
  assertEquals(merged.functionName, "b");
  assertEquals(merged.limits, resolveLimits({ timeout: 2000, memoryLimit: 65536 }, "minimal"));
  assertEquals(merged.output.metrics, true);
});

Deno.test("planRun() decides where the guest runs", () => {
  const isolation = (words: string[], file: FlagValues = {}) => plan(["m.wasm", ...words], file).isolation;
  assertEquals(isolation(["--isolation", "auto"]), "worker");
  assertEquals(isolation(["--isolation", "worker"], { isolation: "process" }), "worker");
  assertEquals(isolation([], { isolation: "process" }), "process");
});

Deno.test("planRun() takes the engine from the flags, then from the file", () => {
  const engine = (words: string[], file: FlagValues = {}) => plan(["m.wasm", ...words], file).engine;
  assertEquals(engine(["--engine", "interpreter"]), "interpreter");
  assertEquals(engine([], { engine: "interpreter" }), "interpreter");
  assertEquals(engine(["--engine", "v8"], { engine: "interpreter" }), "v8");
});

Deno.test("planRun() gives stdin no path", () => {
  assertEquals(plan(["-"]).module, { path: null, shown: "-", sha256: null });
});

Deno.test("planRun() refuses limits out of range and flags that contradict each other", () => {
  const refused = (words: string[]) => {
    const { code, message } = assertThrows(() => plan(["m.wasm", ...words]), AegisError);
    return { code, message };
  };
  assertEquals(refused(["--stack-limit", "5"]), {
    code: "InvalidOption",
    message: 'Cannot set --stack-limit to "5": it must be at least 1KiB',
  });
  assertEquals(refused(["--memory-limit", "17GiB"]).code, "InvalidOption");
  assertEquals(refused(["-q", "-v"]).message, "Cannot use --quiet together with --verbose");
  assertEquals(assertThrows(() => plan([""]), AegisError).code, "InvalidOption");
});

Deno.test("decodePlan() gives back what encodePlan() was given", () => {
  const plans = [
    plan(["m.wasm"]),
    plan(["-", "--fuel-limit", "unlimited", "-vvv", "--", "-1", "\u0000\u001b", "ü"]),
    plan(["m.wasm", "--isolation", "process", "--engine", "interpreter"]),
    plan(["m.wasm", "--sensor=0=1,2", "--sensor=1=@t", "--allow-alert=critical", "--on-denial", "stop"]),
    plan(["a b.wasm", "-e", "__proto__", "--preset", "generous", "-f", "json", "--metrics", "-q"]),
  ];
  for (const sample of plans) assertEquals(decodePlan(encodePlan(sample)), sample);
  assertEquals(
    decodePlan(encodePlan(plan(["-", "--fuel-limit", "unlimited"]))).limits.fuelLimit,
    UNLIMITED_FUEL,
  );
});

Deno.test("decodePlan() refuses a plan with any field missing or of another form", () => {
  const whole = JSON.parse(encodePlan(plan(["m.wasm"]))) as Record<string, unknown>;
  const refuse = (changed: unknown) =>
    assertEquals(assertThrows(() => decodePlan(JSON.stringify(changed)), AegisError).code, "InvalidOption");
  for (const key of Object.keys(whole)) {
    refuse({ ...whole, [key]: undefined });
    refuse({ ...whole, [key]: 0.5 });
  }
  for (const part of ["module", "output", "grants"] as const) {
    const fields = whole[part] as Record<string, unknown>;
    for (const key of Object.keys(fields)) refuse({ ...whole, [part]: { ...fields, [key]: undefined } });
  }
  refuse({ ...whole, version: 2 });
  refuse({ ...whole, isolation: "auto" });
  refuse({ ...whole, engine: "other" });
  refuse({ ...whole, onDenial: "halt" });
  refuse({ ...whole, onMemoryLimit: "halt" });
  const grants = whole["grants"] as Record<string, unknown>;
  refuse({ ...whole, grants: { ...grants, alert: "fatal" } });
  for (
    const sensor of [null, {}, { id: 0 }, { id: "0", values: [1] }, { id: 0, file: 1 }, {
      id: 0,
      values: ["1"],
    }]
  ) {
    refuse({ ...whole, grants: { ...grants, sensors: [sensor] } });
  }
  refuse({ ...whole, limits: { memoryLimit: -1 } });
  refuse({ ...whole, limits: { unknownLimit: 1 } });
  refuse({ ...whole, args: [1] });
  refuse(null);
  assertThrows(() => decodePlan(""), AegisError);
});

Deno.test("encodePlan() refuses arguments that no process could be given", () => {
  const words = ["m.wasm", "--", "x".repeat(120 * 1024)];
  assertEquals(assertThrows(() => encodePlan(plan(words)), AegisError).code, "InvalidOption");
  encodePlan(plan(["m.wasm", "--", "x".repeat(118 * 1024)]));
});

Deno.test("deadlineOf() leaves time for two calls, and waits for a person without end", () => {
  assertEquals(deadlineOf(plan(["m.wasm", "--timeout", "10"])), 25_000);
  assertEquals(deadlineOf(plan(["-", "--timeout", "10"])), undefined);
  assertEquals(deadlineOf(plan(["m.wasm", "--timeout", "500h"])), undefined);
});

Deno.test("planRun() takes how the call is watched, and refuses what does not go together", () => {
  const watch = (...words: string[]) => plan(["m.wasm", "--engine", "interpreter", ...words]).watch;
  assertEquals(watch(), null);
  const trace = { kind: "trace", level: "functions", filter: "", lines: 10_000, file: null } as const;
  assertEquals(watch("--trace"), trace);
  assertEquals(
    watch("--trace=instructions", "--trace-filter", "f*,3", "--trace-lines=7", "--trace-file", "in/t.txt"),
    { ...trace, level: "instructions", filter: "f*,3", lines: 7, file: "/folder/in/t.txt" },
  );
  assertEquals(watch("--profile", "p.folded"), { kind: "profile", file: "/folder/p.folded" });
  const refused = (...words: string[]) => assertThrows(() => plan(["m.wasm", ...words]), AegisError).message;
  assertEquals(refused("--trace"), 'Cannot use --trace with engine "v8"');
  assertEquals(refused("--profile", "p"), 'Cannot use --profile with engine "v8"');
  assertEquals(refused("--trace-lines", "3"), "Cannot use --trace-lines without --trace");
  assertEquals(refused("--trace", "--profile", "p"), "Cannot use --trace together with --profile");
  assertEquals(
    refused("--trace=all"),
    'Cannot set --trace to "all": use one of functions, instructions',
  );
});

Deno.test("decodePlan() reads how the call is watched, and refuses other forms of it", () => {
  for (const words of [["--trace=instructions", "--trace-file", "t"], ["--profile", "p"]]) {
    const made = plan(["m.wasm", "--engine", "interpreter", ...words]);
    assertEquals(decodePlan(encodePlan(made)), made);
  }
  const made = plan(["m.wasm", "--engine", "interpreter", "--trace"]);
  for (
    const watch of [undefined, {}, { kind: "trace", level: "all" }, { kind: "profile" }, {
      ...made.watch,
      lines: "9",
    }]
  ) {
    const text = JSON.stringify({ ...JSON.parse(encodePlan(made)), watch });
    assertEquals(assertThrows(() => decodePlan(text), AegisError).code, "InvalidOption");
  }
});
