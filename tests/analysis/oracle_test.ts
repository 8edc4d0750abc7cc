import { callExport, globalValue, InstrumentedRun } from "../instrument/instrumented.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText, legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { countingModule, UNITS } from "./oracle.ts";
import { type Generation, randomFlow } from "./random_flow.ts";
import { randomLoops } from "./random_loops.ts";
import { TORTURE, type TortureRow } from "./torture.ts";
import { TORTURE_EXCEPTIONS } from "./torture_exceptions.ts";
import { Random } from "../wasm/random.ts";
import { repetitions, seed } from "../wasm/verdict.ts";

/** Ceilings of the limits under which {@linkcode InstrumentedRun} prepares. */
const CEILINGS = { pages: 65536n, elements: 10_000_000n };

/** The bare V8 instance that counts, and the units it has counted. */
class Oracle {
  readonly exports: WebAssembly.Exports;

  constructor(bytes: Uint8Array) {
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes, CEILINGS))).exports;
  }

  get units(): bigint {
    return BigInt(String(globalValue(this.exports, UNITS)));
  }
}

async function compareRow(row: TortureRow, compile: TextCompiler): Promise<void> {
  const bytes = compile(`(module ${row.fields})`), compared: bigint[] = [];
  for (const input of row.inputs) {
    // A fresh pair each time: growth and dropped segments are state.
    const oracle = new Oracle(bytes), run = await InstrumentedRun.start(bytes, { slice: 10_000n });
    assertEquals(run.consumed, oracle.units, `${row.note}: start function`);
    const result = run.call("f", input), expected = callExport(oracle.exports, "f", input);
    assertEquals([result, run.consumed], [expected, oracle.units], `${row.note}: f(${input})`);
    assertEquals(run.instance.stackUsed.value, 0, `${row.note}: stack after f(${input})`);
    compared.push(run.consumed);
  }
  assert(compared.every((units) => units > 0n), row.note);
}

Deno.test("planModule() charges what the executed instructions cost, on control flow of every kind", async () => {
  const legacy = await legacyTextCompiler();
  for (const row of [...TORTURE, ...TORTURE_EXCEPTIONS]) {
    await compareRow(row, row.legacy === true ? legacy : compileText);
  }
});

/** Modules of random flow to try; more find more. */
const RANDOM_MODULES = repetitions(120);

for (const generation of ["none", "new", "old"] satisfies Generation[]) {
  Deno.test(`planModule() charges what random control flow executes, exceptions: ${generation}`, async () => {
    const first = seed();
    console.log(`seeds ${first} … ${first + RANDOM_MODULES - 1}`);
    let longest = 0n;
    for (let module = first; module < first + RANDOM_MODULES; module++) {
      const bytes = randomFlow(new Random(module), generation);
      const oracle = new Oracle(bytes), run = await InstrumentedRun.start(bytes, { slice: 1000n });
      for (
        const [number, steps] of [[module, 5], [module + 1, 60], [module + 2, 60], [module + 3, 400]] as const
      ) {
        const before = [run.consumed, oracle.units] as const;
        run.call("run", [number, steps]);
        callExport(oracle.exports, "run", [number, steps]);
        const what = `seed ${module}, run(${number}, ${steps})`;
        for (const name of ["state", "steps"]) {
          assertEquals(globalValue(run.instance.exports, name), globalValue(oracle.exports, name), what);
        }
        assertEquals(run.consumed - before[0], oracle.units - before[1], what);
        assertEquals(run.instance.stackUsed.value, 0, what);
        if (run.consumed - before[0] > longest) longest = run.consumed - before[0];
      }
    }
    assert(longest > 1000n, "some modules run for a while");
  });
}

/** Says whether a call returned; anything but a trap goes through. */
function returns(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return false;
    throw error;
  }
}

for (const throws of [false, true]) {
  Deno.test(`planModule() charges what random loops execute${throws ? ", and exceptions leave" : ""}`, async () => {
    const first = seed();
    let compared = 0, longest = 0n;
    for (let module = first; module < first + RANDOM_MODULES; module++) {
      const bytes = randomLoops(new Random(module), { throws });
      const oracle = new Oracle(bytes), run = await InstrumentedRun.start(bytes, { slice: 1000n });
      for (
        const [number, turns] of [[module, 100_000], [module + 1, 100_000], [module + 2, 100_000]] as const
      ) {
        const before = [run.consumed, oracle.units] as const, args = [number, turns];
        const returned = returns(() => callExport(oracle.exports, "run", args));
        const what = `seed ${module}, run(${number}, ${turns}), ${returned ? "returns" : "traps"}`;
        assertEquals(returns(() => run.call("run", args)), returned, what);
        for (const name of ["state", "turns", "sum"]) {
          assertEquals(globalValue(run.instance.exports, name), globalValue(oracle.exports, name), what);
        }
        if (!returned) continue;
        const consumed = run.consumed - before[0];
        assertEquals(consumed, oracle.units - before[1], what);
        compared++;
        if (consumed > longest) longest = consumed;
      }
    }
    console.log(
      `seeds ${first} … ${
        first + RANDOM_MODULES - 1
      }: ${compared} runs returned, the longest after ${longest} units`,
    );
    assert(compared > RANDOM_MODULES, `${compared} runs returned`);
    assert(longest > 10_000n, "some run for a while");
  });
}
