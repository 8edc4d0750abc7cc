/**
 * Loops that are charged by their counters do what they do on bare V8, and cost what the oracle counts: every form,
 * comparison and step, from and to values at which an i32 turns round.
 */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { MOST_OWED } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { originalOffset } from "../../src/instrument/origin_map.ts";
import {
  type Comparison,
  COMPARISONS,
  type CountingLoop,
  countingLoop,
  fits,
  type Form,
  FORMS,
  iterationsOf,
} from "../analysis/counted_text.ts";
import { plannedLoopKinds } from "../analysis/loop_kinds.ts";
import { countingModule, UNITS } from "../analysis/oracle.ts";
import { assert, assertEquals } from "../assert.ts";
import { validModule } from "../analysis/text_module.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, globalValue, InstrumentedRun, prepareWide } from "./instrumented.ts";

/** A loop that runs longer traps. Some twenty times what is done between two tests. */
const MOST_ITERATIONS = 4500;

/** Parameters are 0 and 1; the others count, and keep what a body likes to. */
const START = 0, LIMIT = 1, COUNTER = 2, COUNT = 3, SCRATCH = 4, OUTER = 5;

/** Counts iterations, and traps when there are too many. */
const BUDGET = `local.get ${COUNT} i32.const 1 i32.add local.tee ${COUNT}
  i32.const ${MOST_ITERATIONS} i32.gt_u if unreachable end`;

const SMALL = [0, 1, 2, 5, -1, -7, 100, 4096], LARGE = [4095, 4097, 10_000, 2 ** 29, -(2 ** 30)];
const TURNS = [2 ** 31 - 1, 2 ** 31 - 2, 2 ** 31 - 5000, -(2 ** 31), 1 - 2 ** 31, 5000 - 2 ** 31];
const EDGES: readonly number[] = [...SMALL, ...LARGE, ...TURNS];

/** Where a loop stands, and what else is in it. Both take the loop's text to that of a function's body. */
interface Setting {
  /** Code in the loop's body beside the budget. */
  readonly body?: string;
  /** Code around the loop. */
  readonly around?: (loop: string) => string;
  readonly fields?: string;
  /** How the loops of the function are charged, the one that counts among them. */
  readonly kinds: RegExp;
}

const startOver = `local.get ${START} local.set ${COUNTER}`;

function functionText(
  name: string,
  loop: CountingLoop,
  { body = "", around = (text) => text }: Setting,
): string {
  return `(func (export "${name}") (param i32 i32) (result i32 i32 i32) (local i32 i32 i32 i32)
    ${startOver} ${around(countingLoop(loop, COUNTER, `${BUDGET} ${body}`))}
    local.get ${COUNT} local.get ${COUNTER} local.get ${SCRATCH})`;
}

/** One loop, and what it is called with. */
interface LoopCase {
  readonly loop: CountingLoop;
  /** Values of the limit, where that is a local; else the constant. */
  readonly limits: readonly number[];
}

function casesOf(
  form: Form,
  compare: Comparison,
  what: { steps: readonly number[]; edges: readonly number[] },
): LoopCase[] {
  return what.steps.flatMap((step) => [
    {
      loop: { form, compare, step, limit: `local.get ${LIMIT}`, subtracts: step % 3 === 0 },
      limits: what.edges,
    },
    ...(form === "bare" ? [] : what.edges.map((limit) => (
      { loop: { form, compare, step, limit: `i32.const ${limit}`, subtracts: step < 0 }, limits: [limit] }
    ))),
  ]);
}

/** What became of a call: its results, or that it trapped. */
function attempt(call: () => unknown): string {
  try {
    return String(call());
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return error.message;
    throw error;
  }
}

/** The bare V8 instance that counts. */
class Oracle {
  readonly exports: WebAssembly.Exports;

  constructor(bytes: Uint8Array) {
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes))).exports;
  }

  get units(): bigint {
    return BigInt(String(globalValue(this.exports, UNITS)));
  }

  call(name: string, args: readonly number[]): { result: string; units: bigint } {
    const before = this.units, result = attempt(() => callExport(this.exports, name, args));
    return { result, units: this.units - before };
  }
}

interface Tally {
  calls: number;
  counted: number;
  trapped: number;
}

/** Compares all cases in one setting with the oracle, in slices of several sizes. */
async function compare(
  cases: readonly LoopCase[],
  options: { setting: Setting; starts: readonly number[]; tally: Tally },
): Promise<void> {
  const { setting, starts, tally } = options;
  const functions = cases.map(({ loop }, index) => functionText(`f${index}`, loop, setting));
  const bytes = compileText(`(module ${setting.fields ?? ""} ${functions.join("\n")})`);
  const { module } = validModule(bytes),
    plan = planModule(module, DEFAULT_COSTS),
    first = module.bodies.length - cases.length,
    oracle = new Oracle(bytes);
  const prepared = await prepareWide(bytes);
  const runs = [1n, 1000n, 100_000n].map((slice) => InstrumentedRun.of(prepared, { slice }));
  for (const [index, { loop, limits }] of cases.entries()) {
    const kinds = plannedLoopKinds(plan, first + index);
    const text = JSON.stringify(loop);
    if (setting.kinds.test(kinds)) tally.counted++;
    for (const limit of limits) {
      for (const start of starts) {
        const name = `f${index}`, args = [start, limit], expected = oracle.call(name, args);
        const what = `${text} from ${start} to ${limit}, ${kinds}, trapped by the budget: ${
          expected.result === "unreachable"
        }`;
        tally.calls++;
        for (const run of runs) {
          const before = run.consumed,
            result = attempt(() => run.call(name, args)),
            units = run.consumed - before;
          assertEquals(result, expected.result, what);
          if (result === "unreachable") {
            tally.trapped++;
            const missing = expected.units - units;
            assert(missing >= 0n, `${what}: ${-missing} units too much`);
            assert(missing <= 2n * BigInt(MOST_OWED), `${what}: ${missing} units are missing`);
          } else assertEquals(units, expected.units, what);
        }
      }
    }
  }
}

const tallied = (): Tally => ({ calls: 0, counted: 0, trapped: 0 });

const STEPS: readonly number[] = [1, -1, 2, -2, 3, -3, 4, -8, 1000, -4096, 65_536];

const LIGHT = "(func $light (param i32) (result i32) local.get 0 i32.const 3 i32.mul)";

/** Leaves the loop in the eleventh iteration, by the instructions given. */
const leaveBy = (code: string) => `local.get ${COUNT} i32.const 11 i32.eq if ${code} end`;

const SETTINGS: Readonly<Record<string, Setting>> = {
  "with an arm": {
    body:
      `local.get ${COUNTER} i32.const 1 i32.and if local.get ${SCRATCH} i32.const 7 i32.add local.set ${SCRATCH} end`,
    kinds: /^counted$/,
  },
  "with a block that is left": {
    body:
      `block local.get ${COUNTER} i32.const 2 i32.and br_if 0 local.get ${COUNTER} local.set ${SCRATCH} end`,
    kinds: /^counted$/,
  },
  "with a call of a light function": {
    body: `local.get ${COUNTER} call $light local.set ${SCRATCH}`,
    fields: LIGHT,
    kinds: /^counted$/,
  },
  "with calls of a light function in an arm": {
    body: `local.get ${COUNTER} i32.const 1 i32.and
      if local.get ${SCRATCH} call $light call $light local.set ${SCRATCH} end`,
    fields: LIGHT,
    kinds: /^counted$/,
  },
  "with a static loop inside": {
    body: `i32.const 0 local.set ${SCRATCH} loop
      local.get ${SCRATCH} i32.const 1 i32.add local.tee ${SCRATCH} i32.const 3 i32.lt_s br_if 0 end`,
    kinds: /^counted static$/,
  },
  "in a tested loop": {
    around: (loop) =>
      `loop ${startOver} ${loop} local.get ${OUTER} i32.const 1 i32.add local.tee ${OUTER}
        local.get ${LIMIT} i32.const 3 i32.and i32.le_u br_if 0 end`,
    kinds: /^tested counted$/,
  },
  "in a tested loop that is left from between": {
    around: (loop) =>
      `block loop ${startOver} ${loop} local.get ${OUTER} i32.const 2 i32.gt_u br_if 1
        local.get ${OUTER} i32.const 1 i32.add local.set ${OUTER} br 0 end end`,
    kinds: /^tested counted$/,
  },
  "after another": {
    around: (loop) => `${loop} ${startOver} ${loop}`,
    kinds: /^counted counted$/,
  },
  "beside a call that takes what is owed": {
    around: (loop) =>
      `loop ${startOver} ${loop} call $heavy local.get ${OUTER} i32.const 1 i32.add local.tee ${OUTER}
        i32.const 3 i32.lt_u br_if 0 end`,
    fields: '(func $heavy (export "heavy"))',
    kinds: /^tested counted$/,
  },
  "beside a call before which what is owed is paid": {
    around: (loop) =>
      `loop ${startOver} ${loop} call $heavy drop drop local.get ${OUTER} i32.const 1 i32.add local.tee ${OUTER}
        i32.const 3 i32.lt_u br_if 0 end`,
    fields: '(func $heavy (export "heavy") (result i32 i32) i32.const 1 i32.const 2)',
    kinds: /^settling counted$/,
  },
  "left by a throw": {
    body: leaveBy("throw $t"),
    around: (loop) => `(block $c (try_table (catch_all $c) ${loop}))`,
    fields: "(tag $t)",
    kinds: /^counted$/,
  },
  "left by a call that takes what is owed": {
    body: `${leaveBy("call $traps unreachable")}`,
    fields: '(func $traps (export "traps") unreachable)',
    kinds: /^counted$/,
  },
  "left by a throw, in a tested loop": {
    body: leaveBy("throw $t"),
    around: (loop) =>
      `(block $c (try_table (catch_all $c) loop ${startOver} ${loop} local.get ${OUTER} i32.const 1 i32.add
        local.tee ${OUTER} i32.const 3 i32.le_u br_if 0 end))`,
    fields: "(tag $t)",
    kinds: /^tested counted$/,
  },
  "left by a call that throws": {
    body: leaveBy("call $throws unreachable"),
    around: (loop) => `(block $c (try_table (catch_all $c) ${loop}))`,
    fields: '(tag $t) (func $throws (export "throws") throw $t)',
    kinds: /^counted$/,
  },
  "left by a throw out of a static loop inside": {
    body: `i32.const 0 local.set ${SCRATCH} loop ${leaveBy("throw $t")}
      local.get ${SCRATCH} i32.const 1 i32.add local.tee ${SCRATCH} i32.const 3 i32.lt_s br_if 0 end`,
    around: (loop) => `(block $c (try_table (catch_all $c) ${loop}))`,
    fields: "(tag $t)",
    kinds: /counted/,
  },
};

for (const form of FORMS) {
  Deno.test(`a loop that counts costs what it executes: ${form}`, async () => {
    const tally = tallied();
    for (const comparison of COMPARISONS.filter((comparison) => fits(form, comparison))) {
      const cases = casesOf(form, comparison, { steps: STEPS, edges: EDGES });
      await compare(cases, { setting: { kinds: /^counted$/ }, starts: EDGES, tally });
    }
    assert(tally.counted > 3 && tally.trapped > 0, JSON.stringify(tally));
  });
}

for (const [name, setting] of Object.entries(SETTINGS)) {
  Deno.test(`a loop that counts costs what it executes: ${name}`, async () => {
    const tally = tallied(), edges = [0, 1, 5, 300, -1, 1000, 2 ** 31 - 300, 300 - 2 ** 31];
    for (const form of FORMS) {
      for (const comparison of COMPARISONS.filter((comparison) => fits(form, comparison))) {
        const steps = /^[ln]/.test(comparison) ? [1, 4] : [-1, -3];
        if (comparison === "ne") steps.push(-1, -2);
        const cases = casesOf(form, comparison, { steps, edges: [0, 300, -1, 2 ** 31 - 1] });
        await compare(cases, { setting, starts: edges, tally });
      }
    }
    assert(tally.counted > 40, JSON.stringify(tally));
  });
}

Deno.test("countingLoop() runs as often as iterationsOf() says", () => {
  const loops = FORMS.flatMap((form) =>
    COMPARISONS.filter((comparison) => fits(form, comparison)).flatMap((comparison) =>
      casesOf(form, comparison, { steps: [1, -3, 4096], edges: EDGES })
    )
  );
  const texts = loops.map(({ loop }, index) => functionText(`f${index}`, loop, { kinds: /./ }));
  const bytes = compileText(`(module ${texts.join("\n")})`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  for (const [index, { loop, limits }] of loops.entries()) {
    for (const limit of limits) {
      for (const start of [0, 5, 2 ** 31 - 1, -(2 ** 31)]) {
        const limitSeen = loop.form === "bare" ? 0 : limit;
        const count = iterationsOf(loop, { start, limit: limitSeen, most: MOST_ITERATIONS });
        const expected = count > MOST_ITERATIONS
          ? "unreachable"
          : `${count},${(start + count * loop.step) | 0},0`;
        assertEquals(
          attempt(() => callExport(exports, `f${index}`, [start, limit])),
          expected,
          JSON.stringify(loop),
        );
      }
    }
  }
});

/** Offset of the innermost frame of a module whose URL matches. */
function trapOffset(call: () => unknown, module: string): number {
  try {
    call();
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? "" : "";
    const frame = new RegExp(`wasm://wasm/${module}[^/]*:wasm-function\\[\\d+\\]:0x([0-9a-f]+)`);
    return parseInt(frame.exec(stack)?.[1] ?? "", 16);
  }
  throw new Error("Nothing trapped");
}

Deno.test("originalOffset() finds traps in loops that count, and behind them", async () => {
  const trap = "i32.const 1 i32.const 0 i32.div_u drop";
  for (const form of FORMS) {
    for (const limit of ["i32.const 300", `local.get ${LIMIT}`]) {
      const loop = { form, compare: fits(form, "le_s") ? "le_s" : "ne", step: 1, limit } as const;
      for (const place of ["inside", "behind"] as const) {
        const setting = place === "inside"
          ? { body: `local.get ${COUNTER} i32.const -5 i32.eq if ${trap} end`, kinds: /counted/ }
          : { around: (text: string) => `${text} ${trap}`, kinds: /counted/ };
        const bytes = compileText(`(module ${functionText("f", loop, setting)})`), args = [-10, 300];
        const bare = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
        const expected = trapOffset(() => callExport(bare, "f", args), "");
        const run = await InstrumentedRun.start(bytes, { label: "counts" });
        const found = trapOffset(() => run.call("f", args), "aegis-module-counts");
        assertEquals(originalOffset(run.prepared.origin, found), expected, `${form}, ${limit}, ${place}`);
      }
    }
  }
});
