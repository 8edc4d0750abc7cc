import { assert, assertEquals } from "../assert.ts";
import { LIMITS, PRESETS } from "../../mod.ts";
import { OpenApi } from "./openapi.ts";
import { ServerRig } from "./rig.ts";

Deno.test("a session is that of the token that asks", async () => {
  await using rig = await ServerRig.start({ runtime: { engine: "interpreter" } });
  const api = await OpenApi.of(rig), reader = rig.tokens.add("reader", "read", 0);
  const { body } = await api.ask(rig, "GET", "/api/v1/session", {
    headers: { Authorization: `Bearer ${reader}` },
  });
  const { startedAt, now, ...rest } = body as { startedAt: number; now: number };
  assertEquals(rest as unknown, {
    name: "reader",
    role: "read",
    auth: true,
    version: "0.0.0",
    engine: "interpreter",
  });
  assert(now >= startedAt && Math.abs(now - Date.now()) < 60_000);
  await using open = await ServerRig.start({ open: true });
  const anybody = (await open.ask("GET", "/api/v1/session", { headers: { Authorization: "" } })).body;
  assertEquals({ ...anybody as object, startedAt, now }, {
    ...rest,
    name: "anybody",
    role: "admin",
    auth: false,
    engine: "v8",
    startedAt,
    now,
  });
});

interface Policy {
  readonly limits: Record<string, { value: unknown; unit: string }>;
  readonly presets: Record<string, Record<string, unknown>>;
  readonly grants: { capability: string; detail: string }[];
}

Deno.test("the policy has every limit and preset, and says what is granted", async () => {
  await using rig = await ServerRig.start({
    runtime: { fuelLimit: "unlimited", memoryLimit: "32MiB", capabilities: "development" },
  });
  const api = await OpenApi.of(rig);
  const { limits, presets, grants } = (await api.ask(rig, "GET", "/api/v1/policy")).body as Policy;
  assertEquals([Object.keys(limits), Object.keys(presets)], [Object.keys(LIMITS), Object.keys(PRESETS)]);
  assertEquals([limits["fuelLimit"], limits["memoryLimit"], limits["readRate"]], [
    { value: null, unit: "count" },
    { value: 32 * 2 ** 20, unit: "bytes" },
    { value: null, unit: "bytes" },
  ]);
  const { os, generous } = presets;
  assertEquals([os?.["fuelLimit"], os?.["timeout"], os?.["memoryLimit"]], ["1000000", 5000, 32 * 2 ** 20]);
  assertEquals(generous?.["memoryLimit"], 2 ** 30, "what a preset asks for, also where it is not allowed");
  assert(
    grants.some(({ capability, detail }) => capability === "logging" && detail.startsWith("up to level")),
  );
});

Deno.test("a policy that grants nothing says so by an empty list", async () => {
  await using rig = await ServerRig.start();
  assertEquals(((await rig.ask("GET", "/api/v1/policy")).body as Policy).grants, []);
});
