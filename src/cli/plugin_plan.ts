/**
 * What the first process of `aegis plugin call` tells the second: all that a person asked for, read once. It travels as one
 * argument, so it holds no secret.
 */
import { type Format, FORMATS } from "./flags/setting_flags.ts";
import { decodeGuest, guestJson, type GuestPlan } from "./guest_plan.ts";
import { shortEnough } from "./run_plan.ts";
import { list, malformed, record, text, truth, whole } from "./plan_fields.ts";

/** Grows with every change of {@linkcode PluginCallPlan}: both processes must be of the same release. */
export const PLUGIN_PLAN_VERSION = 1;

export interface PluginCallPlan {
  readonly version: typeof PLUGIN_PLAN_VERSION;
  /** Id of the first process: this one ends with it. */
  readonly parent: number;
  /** Limits and grants of the plugin that is called; in place of its module the folder of plugins. */
  readonly guest: GuestPlan;
  readonly plugin: string;
  /** The versions of it that will do. */
  readonly range: string;
  readonly functionName: string;
  /** Words for the function, not yet values: their types stand in the module. */
  readonly args: readonly string[];
  readonly format: Format;
  readonly quiet: boolean;
  /** Whether stderr takes colours. */
  readonly colour: boolean;
}

/** Encodes a plan as JSON. @throws {AegisError} `InvalidOption` when the arguments make it too long */
export function encodePluginPlan(plan: PluginCallPlan): string {
  return shortEnough(JSON.stringify({ ...plan, guest: guestJson(plan.guest) }));
}

/** Decodes a plan and checks every field. @throws {AegisError} `InvalidOption` */
export function decodePluginPlan(encoded: string): PluginCallPlan {
  let decoded: unknown;
  try {
    decoded = JSON.parse(encoded);
  } catch {
    throw malformed("JSON");
  }
  const plan = record(decoded, "the plan"), format = FORMATS.find((one) => one === plan["format"]);
  if (plan["version"] !== PLUGIN_PLAN_VERSION) throw malformed(`version ${PLUGIN_PLAN_VERSION}`);
  if (format === undefined) throw malformed("format");
  return Object.freeze({
    version: PLUGIN_PLAN_VERSION,
    parent: whole(plan["parent"], "parent"),
    guest: decodeGuest(plan["guest"]),
    plugin: text(plan["plugin"], "plugin"),
    range: text(plan["range"], "range"),
    functionName: text(plan["functionName"], "functionName"),
    args: list(plan["args"], "args").map((word) => text(word, "args")),
    format,
    quiet: truth(plan["quiet"], "quiet"),
    colour: truth(plan["colour"], "colour"),
  });
}
