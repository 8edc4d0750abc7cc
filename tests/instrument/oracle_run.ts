/** Compares an instrumented module with bare V8 and with what the oracle counts there. */
import { countingModule, UNITS } from "../analysis/oracle.ts";
import type { TortureRow } from "../analysis/torture.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText, type TextCompiler } from "../testsuite/module_bytes.ts";
import { callExport, globalValue, InstrumentedRun } from "./instrumented.ts";

/** Sizes of slices: so small that the hook is called whenever it can be, and so large that it hardly is. */
const SLICES: readonly bigint[] = [1n, 100_000n];

/**
 * Calls `f` of a module with each of the inputs, one after the other in the same instances: results, units and the stack
 * must agree each time. Returns the number of calls.
 */
export async function compareWithOracle(
  row: TortureRow,
  compile: TextCompiler = compileText,
): Promise<number> {
  const bytes = compile(`(module ${row.fields})`), runs: InstrumentedRun[] = [];
  for (const slice of SLICES) runs.push(await InstrumentedRun.start(bytes, { slice }));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes)));
  const units = () => BigInt(String(globalValue(exports, UNITS)));
  for (const input of row.inputs) {
    const before = units(), expected = callExport(exports, "f", input), burnt = units() - before;
    assert(burnt > 0n, row.note);
    for (const run of runs) {
      const had = run.consumed, result = run.call("f", input), what = `${row.note}: f(${input})`;
      assertEquals([result, run.consumed - had], [expected, burnt], what);
      assertEquals(run.instance.stackUsed.value, 0, `${what}: stack`);
    }
  }
  return row.inputs.length;
}
