/**
 * THE table of keys: the reader, the JSON Schema, the documentation and `aegis config explain` derive from it. What an
 * embedder calls `memoryLimit` is `memory_limit` in a file, and `--memory-limit` on a command line.
 */
import { ENGINES } from "../core/engine.ts";
import {
  formatLimit,
  type LimitName,
  LIMITS,
  type PresetName,
  PRESETS,
  resolveLimits,
} from "../core/limits.ts";
import { ON_DENIAL } from "../core/on_denial.ts";
import {
  choice,
  count,
  type Form,
  integer,
  list,
  path,
  size,
  text,
  time,
  truth,
  wholeNumber,
} from "./form.ts";
import {
  alert,
  clock,
  directory,
  grantedPath,
  host,
  logging,
  sensor,
  variableName,
  variables,
} from "./grant_forms.ts";
import type { LimitValues, ManifestValues, SettingValues } from "./values.ts";

/** Tables in which keys may stand as well as outside of them. */
export const SECTIONS = {
  runtime: "What runs modules, and how",
  resource_limits: "What a guest may use up",
  capabilities: "What a guest may reach; nothing, unless it is granted",
} as const;

/** A key of {@linkcode SECTIONS}. */
export type SectionName = keyof typeof SECTIONS;

/** A row of {@linkcode KEYS}. */
export interface KeyRow<Value> {
  /** The table that it may stand in, too. */
  readonly section?: SectionName;
  readonly form: Form<Value>;
  readonly doc: string;
  /** What holds where it is not given. */
  readonly standard: string;
  /** Whether the command alone has a use for it: the library reads it, and does nothing. */
  readonly commandOnly?: true;
}

type Rows<Values> = { readonly [Name in keyof Values]-?: KeyRow<Exclude<Values[Name], undefined>> };

const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[]; // a literal's keys are those of its type

function limitRows(): Rows<LimitValues> {
  const standard = resolveLimits();
  const rows = Object.entries(LIMITS).map(([name, row]) => {
    const { unit, least, most, doc } = row,
      bounds = { least, most, ..."unlimited" in row ? { unlimited: true as const } : {} };
    const form = unit === "bytes" ? size(bounds) : unit === "time" ? time(bounds) : count(bounds);
    const limit = name as LimitName; // its own keys
    return [name, {
      section: "resource_limits",
      form,
      doc,
      standard: formatLimit(limit, standard[limit]),
    }] as const;
  });
  return Object.fromEntries(rows) as unknown as Rows<LimitValues>; // a row for each limit, by its unit
}

const FORMATS = ["human", "json", "json-compact"] as const;

const SETTINGS: Rows<SettingValues> = {
  function: { form: text, doc: "Function to call", standard: "_start, else main" },
  preset: {
    section: "runtime",
    form: choice(PRESET_NAMES),
    doc: "Set of limits that the other limits start from",
    standard: "standard",
  },
  engine: { section: "runtime", form: choice(ENGINES), doc: "What runs the module", standard: "v8" },
  isolation: {
    section: "runtime",
    form: choice(["auto", "worker", "process"]),
    doc: "Where the guest runs",
    standard: "auto",
  },
  onDenial: {
    section: "runtime",
    form: choice(ON_DENIAL),
    doc: "What an operation does that is refused for want of a grant",
    standard: "continue",
  },
  onMemoryLimit: {
    section: "runtime",
    form: choice(["fail", "trap"]),
    doc: "What a refused growth of memory does: -1 to the guest, or a trap",
    standard: "fail",
  },
  deterministic: {
    section: "runtime",
    form: truth,
    doc: "The same results on every machine; nothing that changes from run to run can be granted",
    standard: "false",
  },
  maxSandboxes: {
    section: "runtime",
    form: integer(1, 65_536),
    doc: "Sandboxes that may be alive at once",
    standard: "256 in workers, 64 in processes",
  },
  allowRead: {
    section: "capabilities",
    form: list(grantedPath),
    doc: "Directories and files that it may read",
    standard: "none",
  },
  allowWrite: {
    section: "capabilities",
    form: list(grantedPath),
    doc: "Directories and files that it may write, make and remove",
    standard: "none",
  },
  dir: {
    section: "capabilities",
    form: list(directory),
    doc:
      "Directories under names of their own: HOST::GUEST, with :ro to read alone; or with rights and bounds",
    standard: "none",
  },
  allowNet: {
    section: "capabilities",
    form: list(host),
    doc: "Hosts that it may send HTTP requests to",
    standard: "none",
  },
  allowClock: {
    section: "capabilities",
    form: clock,
    doc: "Clocks that it may read; without, time is the same in each run",
    standard: "false",
  },
  allowLogging: {
    section: "capabilities",
    form: logging,
    doc: "Messages of it that are printed, from a level on",
    standard: "false",
  },
  sensor: { section: "capabilities", form: list(sensor), doc: "What its sensors read", standard: "none" },
  allowAlert: {
    section: "capabilities",
    form: alert,
    doc: "Alerts of it that are taken, from a level on",
    standard: "false",
  },
  allowRandom: {
    section: "capabilities",
    form: truth,
    doc: "True random bytes; without, they are the same in each run",
    standard: "false",
  },
  allowEnv: {
    section: "capabilities",
    form: list(variableName),
    doc: "Variables of the environment that it sees",
    standard: "none",
  },
  env: {
    section: "capabilities",
    form: variables,
    doc: "Variables that are set for it; a name without a value is as in allow_env",
    standard: "none",
  },
  seed: {
    section: "capabilities",
    form: wholeNumber,
    doc: "Start of its random bytes, instead of allow_random",
    standard: "none",
  },
  checkpoint: {
    form: path,
    doc: "File that the running guest is saved to, for aegis resume",
    standard: "none",
    commandOnly: true,
  },
  checkpointEvery: {
    form: time({ least: 0, most: 2 ** 31 }),
    doc: "Time between checkpoints",
    standard: "5s",
    commandOnly: true,
  },
  metrics: { form: truth, doc: "Print what the run used", standard: "false", commandOnly: true },
  format: { form: choice(FORMATS), doc: "Form of the output", standard: "human", commandOnly: true },
};

/** Every key that a file may have at its top, and a module in its table. */
export const KEYS: Rows<ManifestValues> = { ...SETTINGS, ...limitRows() };

/** The name of a key as the library has it. */
export type KeyName = keyof ManifestValues;

/** The names of all keys. */
export const KEY_NAMES = Object.keys(KEYS) as readonly KeyName[]; // a literal's keys are those of its type

/** `memoryLimit` as a file has it: `memory_limit`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
