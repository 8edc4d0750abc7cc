/**
 * THE table of flags: the parser, the help texts, the keys of the configuration file and the suggestions for a
 * mistyped flag derive from it.
 */
import type { ManifestValues } from "../manifest/values.ts";
import type { FlagRow } from "./flags/flag_row.ts";
import { MAKE_FLAGS } from "./flags/make_flags.ts";
import { MODULE_FLAGS } from "./flags/module_flags.ts";
import { RECORD_FLAGS } from "./flags/record_flags.ts";
import { SERVER_FLAGS } from "./flags/server_flags.ts";
import { SETTING_FLAGS } from "./flags/setting_flags.ts";
import { TASK_FLAGS } from "./flags/task_flags.ts";
import { WATCH_FLAGS } from "./flags/watch_flags.ts";

/** Every flag, by the name that commands and values have for it. */
export const FLAGS = {
  ...SETTING_FLAGS,
  ...WATCH_FLAGS,
  ...MODULE_FLAGS,
  ...SERVER_FLAGS,
  ...TASK_FLAGS,
  ...RECORD_FLAGS,
  ...MAKE_FLAGS,
  config: {
    long: "config",
    short: "c",
    kind: "text",
    metavar: "FILE",
    doc: "Read flags from a TOML or JSON file; those given here win",
  },
  registry: {
    long: "registry",
    kind: "text",
    metavar: "DIR",
    doc: "A registry, or a folder with plugins in it or below (default: here)",
  },
  verbose: {
    long: "verbose",
    short: "v",
    kind: "level",
    doc: "Say more on stderr; -vv and -vvv say still more",
  },
  quiet: { long: "quiet", short: "q", kind: "switch", doc: "Print results alone" },
  help: { long: "help", short: "h", kind: "switch", doc: "Print help" },
} as const satisfies Record<string, FlagRow>;

/** A key of {@linkcode FLAGS}. */
export type FlagName = keyof typeof FLAGS;

type ReadValue = {
  text: string;
  choice: string;
  size: number;
  count: bigint | "unlimited";
  time: number;
  switch: true;
  level: number;
  list: readonly string[];
  number: bigint;
};

/** Values of flags that are no keys of a manifest. */
type OwnFlagValues = {
  readonly [Name in Exclude<FlagName, keyof ManifestValues>]?: (typeof FLAGS)[Name] extends
    { choices: readonly (infer Choice)[] } ? Choice
    : ReadValue[(typeof FLAGS)[Name]["kind"]];
};

/**
 * Flags after they were read, and keys of a manifest, some of which no command has a flag for; sizes in bytes, times in
 * milliseconds. What was not given is absent.
 */
export type FlagValues = OwnFlagValues & ManifestValues;

/** A flag as a person types it: `--memory-limit`. */
export function flagText(name: FlagName): string {
  return `--${FLAGS[name].long}`;
}
