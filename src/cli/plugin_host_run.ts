/**
 * `aegis plugin call`, second process: reads the folder, starts the plugin after what it depends on, gives up every
 * permission, and calls. Called by `plugin_main.ts`.
 */
import { FunctionNotFoundError } from "../core/errors.ts";
import { UNLIMITED_FUEL } from "../core/limits.ts";
import { formatSignature } from "../core/signature.ts";
import { suggest } from "../core/suggestion.ts";
import type { CallValue } from "../core/value.ts";
import { capabilitiesOf } from "../manifest/grants.ts";
import { sensorFiles } from "../manifest/sensors.ts";
import { grownNeeds } from "../wrappers/plugin/compatibility.ts";
import { PluginHost } from "../wrappers/plugin/plugin_host.ts";
import type { PluginSettings } from "../wrappers/plugin/plugin_options.ts";
import type { PluginRecord } from "../wrappers/plugin/registry_store.ts";
import { readGuestArguments } from "./guest_arguments.ts";
import { revokePermissions } from "./host_permissions.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { pluginCallPermissions } from "./plugin_call.ts";
import { openPluginFolder, tellProblems } from "./plugin_folder.ts";
import type { PluginCallPlan } from "./plugin_plan.ts";
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";
import { valueJson, valueText } from "./value_text.ts";

/** Calls a function of a plugin, and prints what it gives. @throws {AegisError} as `PluginHost` */
export async function callPlugin(plan: PluginCallPlan, io: Pick<CommandIo, "out" | "err">): Promise<number> {
  const { guest, plugin, range, functionName, quiet, format } = plan;
  const { registry, problems } = await openPluginFolder(guest.module.path ?? "");
  // One that is not found may be there, and be no plugin.
  if (registry.list().every((one) => one.name !== plugin)) {
    tellProblems(problems, { err: io.err, colour: plan.colour });
  }
  const record = registry.get(plugin, range), { name, version } = record;
  const { shape: { provides } } = await registry.load(record), type = provides.get(functionName);
  if (type === undefined) {
    throw new FunctionNotFoundError(functionName, suggest(functionName, provides.keys()), [
      ...provides.keys(),
    ]);
  }
  const values = readGuestArguments(plan.args, functionName, type);
  const { limits: { fuelLimit, ...limits }, grants, isolation, engine } = guest;
  const bounds: PluginSettings = {
    limits: { ...limits, fuelLimit: fuelLimit === UNLIMITED_FUEL ? "unlimited" : fuelLimit },
  };
  // Those that it depends on have its limits, and none of its grants.
  const chosen = registry.resolve({ name, range: version });
  const plugins = Object.fromEntries(chosen.map((one) => [one.name, { ...bounds, version: one.version }]));
  await using host = new PluginHost(registry, {
    isolation,
    engine,
    plugins: {
      ...plugins,
      [name]: {
        ...bounds,
        version,
        grants: capabilitiesOf(grants, (variable) => Deno.env.get(variable)),
      },
    },
  });
  if (!quiet) { for (const one of chosen) tellWishes(one, plan, io); }
  const started = await host.start(name);
  // Brokers keep what they were started with.
  revokePermissions(isolation, {
    granted: pluginCallPermissions(plan, Deno.execPath()),
    kept: { read: sensorFiles(grants.sensors) },
    whole: "refused",
  });
  const result = await host.call(name, functionName, values);
  const results = resultsOf(result, type.results.length);
  const typed = results.map((value, at) => ({ value, type: type.results[at] ?? "" }));
  if (format !== "human") {
    const shown = typed.map((one) => valueJson(one.value, one.type));
    io.out(jsonText({
      plugin: name,
      version,
      function: formatSignature(functionName, type),
      started: [...started],
      outcome: { kind: "value", status: 0 },
      result: shown.length > 1 ? shown : shown[0] ?? null,
    }, format));
  } else if (typed.length > 0) {
    const text = typed.map((one) => valueText(one.value, one.type)).join(", ");
    io.out(`${quiet ? text : `Result: ${text}`}\n`);
  }
  return 0;
}

/** What a plugin would like beyond what it has; it is for the person to see, and grants nothing. */
function tellWishes(
  { name, manifest }: PluginRecord,
  { guest: { limits }, colour }: PluginCallPlan,
  io: Pick<CommandIo, "err">,
): void {
  const grown = grownNeeds({ needs: { capabilities: [], limits: {} } }, manifest, limits);
  const wishes = [...grown.capabilities, ...grown.limits];
  if (wishes.length === 0) return;
  io.err(`${styleFor(colour).warn("note:")} ${printable(`${name} would like ${wishes.join("; ")}`)}\n`);
}

/** Several results stand in a list, and so may one. */
function resultsOf(result: unknown, count: number): readonly CallValue[] {
  if (count === 0) return [];
  return (count === 1 ? [result] : result) as readonly CallValue[]; // as the call says of its results
}
