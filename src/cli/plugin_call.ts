/**
 * `aegis plugin call`, first process: reads the flags once into a {@linkcode PluginCallPlan}, and starts the process that
 * reads and runs the plugins, with the permissions that it needs and no other.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import {
  checkIsolation,
  deniedAddresses,
  guestPermissions,
  type HostPermissions,
  processArguments,
} from "./guest_permissions.ts";
import { planGuest } from "./guest_plan.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { readPluginName } from "./plugin_folder.ts";
import { encodePluginPlan, PLUGIN_PLAN_VERSION, type PluginCallPlan } from "./plugin_plan.ts";
import { type ProgramPlaces, programPlaces } from "./program_places.ts";
import { onlyModule, readSettings } from "./settings.ts";

/** What the second process may do until the plugins have started: read their folder, and what is granted. */
export function pluginCallPermissions({ guest }: PluginCallPlan, deno: string): HostPermissions {
  const { path, shown } = guest.module;
  if (path?.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot read ${quote(shown)}: a path with a comma cannot be granted`,
      {
        suggestion: "Rename it.",
      },
    );
  }
  return guestPermissions([guest], deno);
}

/** The words behind `deno` that start the second process. @throws {AegisError} `InvalidOption` */
function pluginCallArguments(plan: PluginCallPlan, places: ProgramPlaces): string[] {
  checkIsolation(plan.guest, places);
  return processArguments(places, {
    permissions: pluginCallPermissions(plan, places.deno),
    denied: deniedAddresses([plan.guest]),
    plan: encodePluginPlan(plan),
  });
}

/** Runs the command; the result is the exit status of the process that runs the plugins. */
export async function pluginCall(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { operand = "", second: functionName } = parsed;
  const { name: plugin, range } = readPluginName(operand);
  // What a manifest says of the module of that name holds for it here, too.
  const { flags } = onlyModule(
    "plugin call",
    await readSettings("plugin call", { ...parsed, operand: plugin }, io),
  );
  if (functionName === undefined) {
    throw new AegisError("InvalidOption", `Cannot call ${quote(operand)} without the name of a function`, {
      suggestion: `aegis plugin show ${operand} lists them.`,
    });
  }
  const { guest, environment } = planGuest(flags.registry ?? ".", flags, { ports: io });
  const plan: PluginCallPlan = Object.freeze({
    version: PLUGIN_PLAN_VERSION,
    parent: io.pid,
    guest,
    plugin,
    range,
    functionName,
    args: parsed.args,
    format: flags.format ?? "human",
    quiet: flags.quiet ?? false,
    colour: io.colour,
  });
  const places = programPlaces(import.meta.resolve("./plugin_main.ts"));
  const { ended } = io.startHost({
    command: places.deno,
    args: pluginCallArguments(plan, places),
    environment,
    deadline: undefined,
  });
  return (await ended).status;
}
