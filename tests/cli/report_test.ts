import { parseCommand } from "../../src/cli/parse.ts";
import { endOfError, makeReport, renderReport, type RunEnd, type RunReport } from "../../src/cli/report.ts";
import { planRun } from "../../src/cli/run.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { ExitError, OutOfFuelError, TrapError } from "../../src/core/errors.ts";
import type { Usage } from "../../src/core/metrics.ts";
import { assertEquals } from "../assert.ts";

const METRICS: Usage = {
  fuelConsumed: 4n,
  duration: 1.25,
  cpuTime: 1,
  peakMemory: 65536,
  hostCalls: 0,
  refusedGrowths: 0,
};

const REFUSED: Usage = { ...METRICS, refusedGrowths: 2 };

const SUM: RunEnd = { kind: "value", values: [15], types: ["i32"] };

function report(end: RunEnd, metrics: Usage, denials: readonly AuditEvent[]): RunReport {
  return makeReport({
    executionId: "an-id",
    subject: {
      format: "wasm",
      size: 41,
      functionName: "add",
      type: { params: ["i32", "i32"], results: ["i32"] },
    },
    end,
    metrics: { ...metrics, calls: 1, denials: denials.length, memory: 0 },
    alerts: [],
    denials,
    output: undefined,
    diagnostics: [{ level: "info", message: "calling", time: 3 }],
  });
}

function printed(
  end: RunEnd,
  flags: readonly string[] = [],
  metrics = METRICS,
  denials: readonly AuditEvent[] = [],
): { out: string; err: string } {
  const plan = planRun(parseCommand("run", ["add.wasm", ...flags]), {}, {
    locate: (path) => path,
    colour: false,
    pid: 1234,
  }).plan;
  let out = "", err = "";
  renderReport(report(end, metrics, denials), plan, {
    out: (text) => out += text,
    err: (text) => err += text,
  });
  return { out, err };
}

Deno.test("renderReport() prints the result, then the time", () => {
  assertEquals(printed(SUM), { out: "Result: 15\nCompleted in 1.25ms\n", err: "" });
  assertEquals(
    printed({ kind: "value", values: [3n, 0.5], types: ["i64", "f32"] }).out.split("\n")[0],
    "Result: 3, 0.5",
  );
});

Deno.test("renderReport() leaves stdout to a guest that returns nothing", () => {
  assertEquals(printed({ kind: "value", values: [], types: [] }), { out: "", err: "Completed in 1.25ms\n" });
  assertEquals(printed({ kind: "exit", status: 3 }), { out: "", err: "Completed in 1.25ms\n" });
});

Deno.test("renderReport() prints values alone when it is to be quiet", () => {
  assertEquals(printed(SUM, ["-q"]), { out: "15\n", err: "" });
  assertEquals(printed({ kind: "value", values: [], types: [] }, ["-q"]), { out: "", err: "" });
});

Deno.test("renderReport() prints what the run used", () => {
  assertEquals(
    printed(SUM, ["--metrics"], REFUSED).out,
    "Result: 15\n" +
      "Completed in 1.25ms\n" +
      "Metrics:\n" +
      "  Duration: 1.25ms\n" +
      "  CPU time: 1.00ms\n" +
      "  Fuel consumed: 4 of 1,000,000,000\n" +
      "  Peak memory: 64KiB of 64MiB\n" +
      "  Host calls: 0\n" +
      "  Denials: 2\n",
  );
  const busy = printed(SUM, ["--metrics"], { ...METRICS, cpuTime: 1.24 }).out;
  assertEquals(busy.includes("CPU time"), false, "the same within 1 %");
  assertEquals(
    printed(SUM, ["--metrics", "--fuel-limit", "unlimited"]).out.includes("Fuel consumed: 4 of unlimited\n"),
    true,
  );
});

Deno.test("renderReport() warns of growths that were refused", () => {
  assertEquals(printed(SUM, [], REFUSED), {
    out: "Result: 15\nCompleted in 1.25ms\n",
    err: "warning: The guest was refused more memory or table space 2 times\n",
  });
  assertEquals(printed(SUM, ["-q"], REFUSED).err, "");
});

Deno.test("renderReport() prints a failure on stderr, and metrics with it", () => {
  const { out, err } = printed({ kind: "limit", error: new OutOfFuelError(7n, 5n) }, ["--metrics"]);
  assertEquals(out, "");
  assertEquals(err.split("\n").slice(0, 3), [
    "error: Out of fuel: consumed 7 of 5 units",
    "hint: Raise the fuel limit, or give the guest less to do (--fuel-limit).",
    "Metrics:",
  ]);
});

Deno.test("renderReport() prints one JSON document with everything", () => {
  const exact: Usage = { ...REFUSED, duration: 1.250400000001, cpuTime: 0.9999999 };
  assertEquals(JSON.parse(printed(SUM, ["-f", "json"], exact).out), {
    execution_id: "an-id",
    module: { name: "add.wasm", format: "wasm", size: 41, function: "add", type: "(i32, i32) -> (i32)" },
    outcome: { kind: "value", status: 0, values: [{ type: "i32", value: 15 }] },
    result: 15,
    metrics: {
      duration_ms: 1.25,
      cpu_time_ms: 1,
      fuel_consumed: 4,
      fuel_limit: 1_000_000_000,
      peak_memory: 65536,
      memory_limit: 67108864,
      host_calls: 0,
      refused_growths: 2,
      denials: 2,
    },
    diagnostics: [{ level: "info", message: "calling", time_ms: 3 }],
  });
});

Deno.test("renderReport() gives i64 as text, several values as a list, and no value as null", () => {
  const result = (end: RunEnd) => JSON.parse(printed(end, ["-f", "json-compact"]).out).result;
  assertEquals(result({ kind: "value", values: [2n ** 63n - 1n], types: ["i64"] }), "9223372036854775807");
  assertEquals(result({ kind: "value", values: [3, NaN], types: ["i32", "f64"] }), [3, "nan"]);
  assertEquals(result({ kind: "value", values: [], types: [] }), null);
  assertEquals(result({ kind: "exit", status: 3 }), null);
});

Deno.test("renderReport() puts a failure into the JSON document, and its line on stderr", () => {
  const { out, err } = printed(endOfError(new OutOfFuelError(7n, 5n)), ["-f", "json"]);
  assertEquals(JSON.parse(out).outcome, {
    kind: "limit",
    status: 152,
    error: {
      code: "OutOfFuel",
      message: "Out of fuel: consumed 7 of 5 units",
      hint: "Raise the fuel limit, or give the guest less to do (--fuel-limit).",
      field: "fuelLimit",
      consumed: 7,
      limit: 5,
    },
  });
  assertEquals(err.startsWith("error: Out of fuel"), true);
});

Deno.test("endOfError() tells an exit, what the guest came to, and what kept it from starting apart", () => {
  assertEquals(endOfError(new ExitError(3)), { kind: "exit", status: 3 });
  assertEquals(endOfError(new TrapError("unreachable", "x", [])).kind, "trap");
  assertEquals(endOfError(new TypeError("x")).kind, "error");
});

Deno.test("renderReport() tells of a dropped log only where nothing else went wrong", () => {
  const base = { time: 0, sandbox: "s", allowed: false } as const;
  const log: AuditEvent = {
    ...base,
    capability: "logging",
    action: "log",
    target: "info",
    flag: "--allow-logging",
  };
  const file: AuditEvent = { ...base, capability: "filesystem", action: "read", target: "/x" };
  const hints = (status: number, ...denials: readonly AuditEvent[]) =>
    printed({ kind: "exit", status }, [], METRICS, denials).err.split("\n")
      .filter((line) => line.startsWith("hint:"));
  assertEquals(hints(0, log), ['hint: The guest was denied to log "info": --allow-logging allows it']);
  assertEquals(hints(1, log), []);
  for (const denials of [[log, file], [file, log]]) {
    assertEquals(hints(1, ...denials).map((line) => line.split('"')[1]), ["/x"]);
  }
  const all = printed({ kind: "exit", status: 1 }, ["-v"], METRICS, [log, file]).err;
  assertEquals(all.match(/hint: .*/g)?.length, 2);
});

Deno.test("renderReport() names no flag for a path that leads upwards", () => {
  const denial: AuditEvent = {
    ...{ time: 0, sandbox: "s", allowed: false },
    capability: "filesystem",
    action: "read",
    target: "/../x",
  };
  assertEquals(
    printed({ kind: "exit", status: 0 }, ["--", "../x"], METRICS, [denial]).err.split("\n")[1],
    'hint: The guest was denied to read "../x": no flag allows a path that leads upwards, --dir gives another name',
  );
});

Deno.test("renderReport() tells who runs a tool of no flag that the tool would take for a word of the program", () => {
  const { plan } = planRun(parseCommand("run", ["add.wasm", "-v"]), {}, {
    locate: (path) => path,
    colour: false,
    pid: 1234,
  });
  const tool = { ...plan, output: { ...plan.output, reader: "tool" } } as const;
  const denial: AuditEvent = {
    ...{ time: 0, sandbox: "s", allowed: false },
    capability: "filesystem",
    action: "read",
    target: "/data/x",
    flag: "--allow-read=/data",
  };
  const ends: RunEnd[] = [{ kind: "exit", status: 1 }, endOfError(new OutOfFuelError(7n, 5n))];
  const [denied, empty] = ends.map((end) => {
    let err = "";
    const io = { out: () => {}, err: (text: string) => err += text };
    renderReport(report(end, METRICS, end.kind === "exit" ? [denial] : []), tool, io);
    return err.split("\n").filter((line) => line.startsWith("hint:"));
  });
  assertEquals(denied, [
    'hint: The guest was denied to read "/data/x": the tool was made without --allow-read=/data',
  ]);
  assertEquals(empty, [
    "hint: What --fuel-limit says was settled when the tool was made, as --aegis-help tells: make it anew to change it.",
  ]);
});
