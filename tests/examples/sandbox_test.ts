/** Examples and third-party modules, instrumented in a sandbox: they do what they do on bare V8. */
import { Aegis, AegisError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { endingRows } from "./endings.ts";
import { exampleBytes } from "./example_file.ts";
import { exampleSessions } from "./example_sessions.ts";
import { exampleRows } from "./expected.ts";
import { guestAbi } from "./guest_abi.ts";
import { guestAbiRows } from "./guest_abi_rows.ts";
import { instantiateSandboxed } from "./sandboxed.ts";
import { drivenModules } from "./third_party.ts";
import { featureProbes } from "./third_party/feature_probes.ts";
import { readOnlyModules } from "./third_party/read_only.ts";

Deno.test("every example gives its results in a sandbox, and the same fuel run after run", async () => {
  await using runtime = await Aegis.create();
  for (const row of exampleRows) {
    const module = await runtime.loadBytes(await exampleBytes(row.file));
    const fuel = new Set<bigint>();
    for (let run = 0; run < 3; run++) {
      const { sandbox, instance } = await instantiateSandboxed(runtime, module);
      const called = `${row.file} ${row.function}(${row.args.join(", ")})`;
      assertEquals(await instance.call(row.function, [...row.args]), [...row.results], called);
      fuel.add(sandbox.metrics().fuelConsumed);
      await sandbox.close();
    }
    assertEquals(fuel.size, 1, `${row.file} ${row.function}: ${[...fuel].join(", ")}`);
  }
});

Deno.test("every example that is driven through its memory gives its results in a sandbox", async () => {
  await using runtime = await Aegis.create();
  for (const row of exampleSessions) {
    const session = row.session(), module = await runtime.loadBytes(await exampleBytes(row.file));
    const { sandbox, instance } = await instantiateSandboxed(runtime, module, session.imports);
    assertEquals(await session.drive(instance), row.expected, `${row.file} ${row.note}`);
    await sandbox.close();
  }
});

Deno.test("every task of the guest ABI reads, logs and alerts as it does on bare V8", async () => {
  await using runtime = await Aegis.create();
  for (const row of guestAbiRows) {
    const logs: number[][] = [], alerts: number[][] = [];
    const module = await runtime.loadBytes(await exampleBytes(row.file));
    const { sandbox, instance } = await instantiateSandboxed(
      runtime,
      module,
      guestAbi(row.sensors, logs, alerts),
    );
    assertEquals(await instance.call(row.function, []), [...row.results]);
    const text = async ([offset = 0, length = 0]: number[]) =>
      new TextDecoder().decode(await instance.readMemory(offset, length));
    assertEquals(await Promise.all(logs.map(text)), [...row.logs]);
    assertEquals(
      await Promise.all(alerts.map(async (alert) => ({ message: await text(alert), level: alert[2] ?? -1 }))),
      [...row.alerts],
    );
    await sandbox.close();
  }
});

Deno.test("every example that does not end well ends as the table says", async () => {
  await using runtime = await Aegis.create({ fuelLimit: 10_000_000 });
  for (const row of endingRows) {
    const module = await runtime.loadBytes(await exampleBytes(row.file));
    const sandbox = await runtime.sandbox().build();
    const error = await assertRejects(async () => {
      await sandbox.loadModule(module);
      await sandbox.call(row.function, row.args);
    }, AegisError);
    assertEquals(error.code, row.ends, `${row.file} ${row.function}: ${error.message}`);
    await sandbox.close();
  }
});

for (const row of drivenModules) {
  Deno.test(`${row.name} does in a sandbox what it does on bare V8: ${row.note}`, async () => {
    await using runtime = await Aegis.create({ fuelLimit: "unlimited" });
    const session = row.session(), module = await runtime.loadBytes(await row.bytes());
    const { sandbox, instance } = await instantiateSandboxed(runtime, module, session.imports);
    assertEquals(await session.drive(instance), row.expected);
    assert(sandbox.metrics().fuelConsumed > 0n);
    await sandbox.close();
  });
}

Deno.test("modules that are not driven are prepared all the same", async () => {
  await using runtime = await Aegis.create();
  for (const row of readOnlyModules) {
    const module = await runtime.loadBytes(await row.bytes());
    assertEquals(module.size, row.size, row.name);
  }
});

Deno.test("each proposal is run, refused by name, or unknown to V8 too", async () => {
  await using runtime = await Aegis.create({ memories: 2 });
  const refused: Record<string, string> = {};
  for (const { feature, bytes } of await featureProbes()) {
    try {
      await runtime.loadBytes(bytes);
    } catch (error) {
      refused[feature] = error instanceof AegisError ? error.code : String(error);
    }
  }
  assertEquals(refused, { gc: "ModuleRefused", threads: "ModuleRefused", wideArithmetic: "ModuleInvalid" });
});
