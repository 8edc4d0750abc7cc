/** Commands for a folder of plugins. */
import type { FlagName } from "../flags.ts";
import { GUEST_FLAGS } from "../limit_flags.ts";
import type { CommandRow } from "./command_row.ts";

/** Flags of commands that look at a folder of plugins. */
const PLUGIN_FLAGS = ["registry", "format", "quiet", "help"] as const satisfies readonly FlagName[];

const PLUGIN = { metavar: "NAME", doc: "A plugin, or NAME@RANGE: counter@^1.2" } as const;

export const PLUGIN_ROWS = {
  "plugin list": {
    summary: "List the plugins of a folder",
    flags: PLUGIN_FLAGS,
    notes: ["JSON has {plugins: [{name, version, description, …}], problems: [{file, message}]}."],
    examples: [
      { line: "aegis plugin list --registry plugins", doc: "Names, versions and what they are" },
    ],
  },
  "plugin search": {
    summary: "Find plugins by words in what they say of themselves",
    operand: { metavar: "WORDS", doc: "All of them in its name, description, keywords or functions" },
    flags: PLUGIN_FLAGS,
    statuses: [["1", "no plugin has these words, or an error"]],
    examples: [{ line: 'aegis plugin search "json totals" --registry plugins', doc: "Both words" }],
  },
  "plugin show": {
    summary: "Show what a plugin provides, needs and depends on",
    operand: PLUGIN,
    flags: PLUGIN_FLAGS,
    examples: [{ line: "aegis plugin show greeter@^1 --registry plugins", doc: "The newest of these" }],
  },
  "plugin check": {
    summary: "Say what a host would refuse when a version takes the place of another",
    operand: { metavar: "OLD", doc: "A .wasm or .wat file, or NAME@RANGE of the folder" },
    second: { metavar: "NEW", doc: "What is to take its place" },
    flags: PLUGIN_FLAGS,
    statuses: [["1", "it would break what uses the old one, or an error"], ["65", "a module is invalid"]],
    notes: [
      "Functions and their types, schemas, imports that the host of the old one may not have, the state,",
      "and what the new one needs beyond the old one.",
      "JSON has {old, new, compatible, problems: [{kind, message}]}.",
    ],
    examples: [
      { line: "aegis plugin check old/greeter.wasm greeter.wasm", doc: "Before it is given to others" },
      { line: "aegis plugin check greeter@1.0.0 greeter@1.1.0 --registry plugins", doc: "Two of a folder" },
    ],
  },
  "plugin call": {
    summary: "Call a function of a plugin, with what it depends on",
    operand: PLUGIN,
    second: { metavar: "FUNCTION", doc: "One that it provides" },
    passesArguments: true,
    flags: [
      "registry",
      ...GUEST_FLAGS,
      "config",
      "format",
      "quiet",
      "help",
    ],
    statuses: [
      ["65", "a module is invalid, or refused"],
      ["77", "an import is missing, or a denial stopped the plugin"],
      ["124", "the timeout has passed"],
      ["134", "the plugin trapped"],
      ["152", "the plugin ran out of fuel or host calls"],
    ],
    notes: [
      "The plugins that it depends on are started before it, each in a runtime of its own, with the same",
      "limits; what is granted is granted to this one alone.",
      "JSON has {plugin, version, function, started, outcome, result}.",
    ],
    examples: [
      { line: "aegis plugin call greeter greet --registry plugins -- Ada", doc: "Words as its types say" },
      { line: "aegis plugin call counter@1.0.0 count --timeout 1s -- 5", doc: "One version, with a limit" },
    ],
  },
} as const satisfies Record<string, CommandRow>;
