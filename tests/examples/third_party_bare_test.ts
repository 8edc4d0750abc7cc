import { assertEquals } from "../assert.ts";
import { compileBare, instantiateBare, isValidBare } from "./bare_v8.ts";
import { drivenModules } from "./third_party.ts";
import { FEATURE_PACKAGE, featureProbes } from "./third_party/feature_probes.ts";
import { packageVersion } from "./third_party/package_file.ts";
import { readOnlyModules } from "./third_party/read_only.ts";

for (const row of [...drivenModules, ...readOnlyModules]) {
  Deno.test(`${row.name} is the module that the table describes, and V8 compiles it`, async () => {
    assertEquals(await packageVersion(row.package), row.version);
    const bytes = await row.bytes();
    assertEquals(bytes.length, row.size);
    await compileBare(bytes);
  });
}

for (const row of drivenModules) {
  Deno.test(`${row.name} ${row.note}`, async () => {
    const session = row.session();
    const instance = await instantiateBare(await row.bytes(), session.imports);
    assertEquals(await session.drive(instance), row.expected);
  });
}

Deno.test("featureProbes() finds a module for twenty proposals, and V8 knows all but one", async () => {
  assertEquals(await packageVersion(FEATURE_PACKAGE.package), FEATURE_PACKAGE.version);
  const probes = await featureProbes();
  assertEquals(probes.length, 20);
  const unknown = probes.filter(({ bytes }) => !isValidBare(bytes));
  assertEquals(unknown.map(({ feature }) => feature), ["wideArithmetic"]);
});
