/** Fuel of real programs: equal to what the oracle counts on bare V8, equal run after run, and exact as a limit. */
import { Aegis, type AegisModule, type Sandbox } from "../../mod.ts";
import { preparedOf } from "../../src/sandbox/module.ts";
import { countingModule, DEFAULT_CEILINGS, UNITS } from "../analysis/oracle.ts";
import { assert, assertEquals } from "../assert.ts";
import { globalValue } from "../instrument/instrumented.ts";
import { compileBare, importObject, overExports } from "./bare_v8.ts";
import { exampleBytes } from "./example_file.ts";
import { exampleRows } from "./expected.ts";
import type { HostFunctions, Instance } from "./instance.ts";
import { instantiateSandboxed } from "./sandboxed.ts";
import { drivenModules } from "./third_party.ts";

/** Runs of cheap calls, and of those that burn more than this. */
const RUNS = 20, COSTLY = { runs: 3, units: 3_000_000n };

/** An instance on bare V8 that counts what it executes, its start function included. */
async function counting(bytes: Uint8Array, imports: HostFunctions = {}): Promise<[Instance, () => bigint]> {
  const module = await compileBare(countingModule(bytes, DEFAULT_CEILINGS));
  const { exports } = await WebAssembly.instantiate(module, importObject(imports));
  return [overExports(exports), () => BigInt(String(globalValue(exports, UNITS)))];
}

/** Units that a sandbox with one module has burnt by executing code. */
function executed(sandbox: Sandbox, module: AegisModule): bigint {
  return sandbox.metrics().fuelConsumed - BigInt(preparedOf(module).layout.instantiationCost);
}

Deno.test("every example burns what the oracle counts, the same each time, and needs exactly that", async () => {
  await using runtime = await Aegis.create();
  for (const row of exampleRows) {
    const called = `${row.file} ${row.function}(${row.args.join(", ")})`,
      bytes = await exampleBytes(row.file);
    const [bare, units] = await counting(bytes);
    await bare.call(row.function, [...row.args]);
    const module = await runtime.loadBytes(bytes);
    const { sandbox } = await instantiateSandboxed(runtime, module);
    const runs = units() > COSTLY.units ? COSTLY.runs : RUNS;
    for (let run = 0; run < runs; run++) {
      await sandbox.call(row.function, row.args);
      assertEquals(executed(sandbox, module), units(), `${called}, run ${run}`);
      await sandbox.reset();
    }
    await sandbox.call(row.function, row.args);
    const needed = sandbox.metrics().lastCall?.fuelConsumed ?? 0n;
    for (const [fuel, kind] of [[needed, "value"], [needed - 1n, "limit"]] as const) {
      await sandbox.reset();
      assertEquals(
        (await sandbox.tryCall(row.function, row.args, { fuel })).kind,
        kind,
        `${called} with ${fuel}`,
      );
    }
    await sandbox.close();
  }
});

for (const row of drivenModules) {
  Deno.test(`${row.name} burns in a sandbox what the oracle counts on bare V8`, async () => {
    const bytes = await row.bytes(), ofBare = row.session(), ofSandbox = row.session();
    const [bare, units] = await counting(bytes, ofBare.imports);
    assertEquals(await ofBare.drive(bare), row.expected);
    await using runtime = await Aegis.create({ fuelLimit: "unlimited" });
    const module = await runtime.loadBytes(bytes);
    const { sandbox, instance } = await instantiateSandboxed(runtime, module, ofSandbox.imports);
    assertEquals(await ofSandbox.drive(instance), row.expected);
    assertEquals(executed(sandbox, module), units());
    assert(module.instrumentedSize < 1.6 * module.size + 512, `${module.instrumentedSize} bytes`);
  });
}
