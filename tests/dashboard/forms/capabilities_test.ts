import {
  grantedLevel,
  grantedSensors,
  judgeNeeds,
  NEED_ROWS,
} from "../../../src/dashboard/forms/capabilities.ts";
import { readConfig } from "../../../src/cli/config_file.ts";
import { readGrants } from "../../../src/manifest/read_grants.ts";
import { capabilitiesOf } from "../../../src/manifest/grants.ts";
import { AlertCapability, LoggingCapability, SensorCapability } from "../../../mod.ts";
import { assertEquals } from "../../assert.ts";
import { policyOf } from "../execute/local_run_rig.ts";

Deno.test("each line that is to be put into a policy file grants the capability that it is told for", async () => {
  for (const [need, { capability, line }] of Object.entries(NEED_ROWS)) {
    assertEquals(capability === undefined, line === undefined, need);
    if (line === undefined) continue;
    const flags = await readConfig("policy.toml", {
      read: () => Promise.resolve(new TextEncoder().encode(line)),
    });
    const { grants } = readGrants(flags, { locate: (path) => `/${path}` });
    assertEquals(capabilitiesOf(grants, () => "value").map(({ kind }) => kind), [capability], need);
  }
});

Deno.test("what a server describes of its grants is understood: sensors by number, levels of log and alerts", async () => {
  const policy = await policyOf({
    capabilities: [
      SensorCapability.constant(3, -1),
      SensorCapability.series(12, [1, 2]),
      LoggingCapability.atLevel("warn"),
      AlertCapability.atLevel("error"),
    ],
  });
  assertEquals(grantedSensors(policy), [3, 12]);
  assertEquals([grantedLevel(policy, "logging"), grantedLevel(policy, "alert")], ["warn", "error"]);
  const needs = (["sensor", "random", "args", "host functions"] as const)
    .map((capability) => ({ capability, doc: "", imports: [], flags: [] }));
  assertEquals(judgeNeeds(needs, policy).map(({ verdict, details }) => [verdict, details.length]), [
    ["granted", 2],
    ["missing", 0],
    ["free", 0],
    ["none", 0],
  ]);
  assertEquals(grantedLevel(await policyOf(), "alert"), undefined);
});
