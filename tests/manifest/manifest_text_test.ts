import { readManifest } from "../../mod.ts";
import { capabilitiesOf, NO_GRANTS, type PlanGrants } from "../../src/manifest/grants.ts";
import { manifestWriter } from "../../src/manifest/manifest_text.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { mergeGrants } from "../../src/policy/policy.ts";
import { assert, assertEquals } from "../assert.ts";

/** Grants of each kind in each of their forms; `$` stands for the folder. */
const FORMS: Readonly<Record<string, Partial<PlanGrants>>> = {
  "none": {},
  "directories": {
    directories: [
      { host: "$/in", guest: "in", rights: "read" },
      { host: "$/in", guest: "/other", rights: ["read"] },
      { host: "$", guest: ".", rights: ["read", "write", "create", "delete"], maxFileSize: 7, totalBytes: 9 },
      { host: '$/it\'s "quoted" \\ # \u202e\u0007', guest: "/odd\t\u007f", rights: "full" },
    ],
  },
  "hosts": {
    net: [
      "https://api.example.com",
      { host: "localhost:8080", methods: ["GET", "POST"], maxBody: 5, connections: 2 },
      { host: null, ports: [443, 8443] },
    ],
  },
  "clocks": { clock: true },
  "one clock": { clock: { clock: "monotonic" } },
  "a coarse clock": { clock: { clock: "all", resolution: 1.5 } },
  "a fixed clock": { clock: { clock: "realtime", fixed: 1_700_000_000_123 } },
  "messages": { logging: true, alert: "warning" },
  "messages with bounds": {
    logging: { level: "debug", maxMessage: 100, rate: 3 },
    alert: { level: "error", maxMessage: 10, rate: 2, keep: 4 },
  },
  "sensors": {
    sensors: [{ id: 0, values: [-5] }, { id: 1, values: [1, 2], end: "hold" }, {
      id: 2,
      file: "$/in/sensor",
    }],
  },
  "random bytes": { random: true },
  "a seed": { seed: "18446744073709551615" },
};

const policyOf = (capabilities: unknown) => mergeGrants(capabilities as readonly Capability[]);

for (const [what, form] of Object.entries(FORMS)) {
  Deno.test(`manifestWriter() writes what readManifest() reads: ${what}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "aegis_manifest_text_" });
    try {
      const grants: PlanGrants = JSON.parse(
        JSON.stringify({ ...NO_GRANTS, ...form }).replaceAll("$", folder),
      );
      for (const { host } of grants.directories) await Deno.mkdir(host, { recursive: true });
      const write = await manifestWriter(), path = `${folder}/in/module.wasm`;
      const module = {
        name: "the-module_1",
        path,
        keys: { function: "f\u0007", deterministic: true },
        grants,
      };
      await Deno.writeTextFile(`${folder}/aegis.toml`, write(module, `${folder}/aegis.toml`));
      const read = (await readManifest(`${folder}/aegis.toml`)).modules["the-module_1"];
      assert(read !== undefined);
      assertEquals([read.path, read.functionName, read.options.deterministic], [path, "f\u0007", true]);
      assertEquals(
        policyOf(read.options.capabilities ?? []),
        policyOf(capabilitiesOf(grants, () => undefined)),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("manifestWriter() names what lies below the manifest by the way there, and no value of a variable", async () => {
  const write = await manifestWriter();
  const text = write({
    name: "m",
    path: "/a/b/m.wasm",
    keys: {},
    grants: {
      ...NO_GRANTS,
      directories: [
        { host: "/a/b", guest: ".", rights: "read" },
        { host: "/a/b/in", guest: "in", rights: ["read"] },
        { host: "/a/bc", guest: "/bc", rights: "read" },
      ],
      env: [{ name: "TOKEN", from: "AEGIS_GUEST_ENV_0" }],
    },
  }, "/a/b/aegis.toml");
  assertEquals(
    text,
    `[modules.m]
path = "m.wasm"

[modules.m.capabilities]
allow_read = [ ".", "in" ]
allow_env = [ "TOKEN" ]

[[modules.m.capabilities.dir]]
host = "/a/bc"
guest = "/bc"
rights = [ "read" ]
`,
  );
});
