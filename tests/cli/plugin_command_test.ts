import { decodePluginPlan } from "../../src/cli/plugin_plan.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { runCommand } from "./fake_io.ts";

const FILES = { "plugins": "", "data": "" };

const call = (...words: readonly string[]) =>
  runCommand(["plugin", "call", "greeter@^1", "greet", "--registry", "plugins", ...words], { files: FILES });

Deno.test("aegis plugin call starts a process that may read the folder of plugins and nothing else", async () => {
  const { started: [start], status } = await call("--", "Ada", "-5"), { args = [] } = start ?? {};
  assertEquals(status, 0);
  assertEquals(args.filter((word) => word.startsWith("--allow-")), ["--allow-read=/folder/plugins"]);
  assert(args.includes("--no-prompt"));
  const plan = decodePluginPlan(args.at(-1) ?? "");
  assertEquals([plan.plugin, plan.range, plan.functionName, plan.args], ["greeter", "^1", "greet", [
    "Ada",
    "-5",
  ]]);
  assertEquals(
    JSON.parse(args.at(-1) ?? ""),
    JSON.parse(JSON.stringify({ ...plan, guest: JSON.parse(args.at(-1) ?? "").guest })),
  );
});

Deno.test("aegis plugin call gives the process what is granted to the plugin, and no more", async () => {
  const { started: [start] } = await call(
    "--allow-read=data",
    "--allow-net",
    "api.example.com",
    "--timeout",
    "2s",
  );
  const { args = [] } = start ?? {};
  assertEquals(args.filter((word) => word.startsWith("--allow-")), [
    "--allow-read=/folder/plugins,/folder/data",
    "--allow-net=api.example.com:443,api.example.com:80",
  ]);
  assertEquals(decodePluginPlan(args.at(-1) ?? "").guest.limits.timeout, 2000);
});

Deno.test("aegis plugin call refuses what cannot be passed on", async () => {
  const long = await call("--", "x".repeat(130_000));
  assertEquals([long.status, long.started.length], [2, 0]);
  assertStringIncludes(long.err, "Cannot pass the arguments");
  const comma = await runCommand(["plugin", "call", "a", "f", "--registry", "x,y"], { files: { "x,y": "" } });
  assertEquals([comma.status, comma.started.length], [2, 0]);
  assertStringIncludes(comma.err, 'Cannot read "x,y": a path with a comma cannot be granted');
});

Deno.test("decodePluginPlan() checks every field", async () => {
  const { started: [start] } = await call("--", "Ada"), text = start?.args.at(-1) ?? "";
  const plan = JSON.parse(text) as Record<string, unknown>;
  for (const name of Object.keys(plan)) {
    const error = assertThrows(
      () => decodePluginPlan(JSON.stringify({ ...plan, [name]: { not: "this" } })),
      AegisError,
    );
    assertEquals(error.code, "InvalidOption", name);
  }
  assertThrows(() => decodePluginPlan("{"), AegisError);
});
