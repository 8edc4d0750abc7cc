/** What npm packages ship, at work on both engines: the same results, the same fuel, stopped at the same unit. */
import { Aegis } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { instantiateSandboxed } from "./sandboxed.ts";
import { drivenModules } from "./third_party.ts";
import type { DrivenModule } from "./third_party/packaged_module.ts";

/** Units of which some are never used. */
const ENOUGH = 1_000_000_000_000;

interface Work {
  /** What the driver returned, or the code of what ended it. */
  readonly result: unknown;
  readonly fuel: bigint;
  readonly hostCalls: number;
}

/** Drives a module in a sandbox of its own with so much fuel. */
async function work(runtime: Aegis, row: DrivenModule, fuelLimit: number | bigint): Promise<Work> {
  const module = await runtime.loadBytes(await row.bytes()), session = row.session();
  const { sandbox, instance } = await instantiateSandboxed(runtime, module, session.imports, { fuelLimit });
  const result = await session.drive(instance).catch((error: { code?: string }) => error.code);
  const { fuelConsumed: fuel, hostCalls } = sandbox.metrics();
  await sandbox.close();
  return { result, fuel, hostCalls };
}

for (const row of drivenModules) {
  Deno.test(`${row.name} gives the same on both engines, for the same fuel, and runs out of it at the same unit`, async () => {
    await using onV8 = await Aegis.create({ engine: "v8", fuelLimit: "unlimited" });
    await using interpreting = await Aegis.create({ engine: "interpreter", fuelLimit: "unlimited" });
    const whole = await work(onV8, row, ENOUGH);
    assertEquals(whole.result, row.expected);
    assertEquals(await work(interpreting, row, ENOUGH), whole);
    const half = whole.fuel / 2n, stopped = await work(onV8, row, half);
    assertEquals(stopped.result, "OutOfFuel");
    assert(stopped.fuel > half);
    assertEquals(await work(interpreting, row, half), stopped);
  });
}
