/** One file of a manifest: each key read by its form, mistakes gathered rather than the first one thrown. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { At } from "./at.ts";
import type { Document } from "./document.ts";
import { isTable } from "./form.ts";
import { KEY_NAMES, type KeyName, type KeyRow, KEYS, SECTIONS, snakeCase } from "./keys.ts";
import {
  type CommandTables,
  type Fields,
  FILE_KEYS,
  HTTP_KEYS,
  MODULE_KEYS,
  MODULE_NAME,
  type Texts,
  TOOL_KEYS,
} from "./tables.ts";
import type { ManifestValues } from "./values.ts";

/** Where a value comes from. */
export interface Origin {
  readonly file: string;
  /** The key as it stands in the file: `modules.greeter.resource_limits.fuel_limit`. */
  readonly key: string;
  readonly line: number | undefined;
  /** The value as it stands in the file. */
  readonly raw: unknown;
}

/** A value beside where it comes from. */
export interface Entry {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Entries by key. */
export type Entries<Name extends string = string> = ReadonlyMap<Name, Entry>;

/** `[modules.NAME]` */
export interface ModuleLayer {
  readonly own: Entries;
  readonly settings: Entries<KeyName>;
  readonly http: Entries;
  readonly tools: ReadonlyMap<string, { readonly own: Entries; readonly settings: Entries<KeyName> }>;
  /** Where the module's table stands. */
  readonly at: At;
}

/** A file, or several of them put over each other. */
export interface Layer {
  readonly settings: Entries<KeyName>;
  readonly modules: ReadonlyMap<string, ModuleLayer>;
  /** Of each command's table, by flag. */
  readonly commands: ReadonlyMap<string, Entries>;
}

/** Takes a mistake, or what makes it where there may be many; reading goes on. */
export type Complain = (mistake: AegisError | (() => AegisError)) => void;

/** How commands' tables are read: by these keys, or not at all where others read them. */
export interface LayerOptions {
  readonly complain: Complain;
  readonly commands: CommandTables;
  /** Whether the keys in tables of commands are nobody's business here. */
  readonly skipsCommands: boolean;
}

const BY_KEY: ReadonlyMap<string, KeyName> = new Map(KEY_NAMES.map((name) => [snakeCase(name), name]));

const TOP_KEYS = ["include", "modules", ...Object.keys(SECTIONS)] as const;

/** Runs what may find a mistake; undefined where it did. */
function attempt<Value>(complain: Complain, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    complain(error);
    return undefined;
  }
}

function entryOf(value: unknown, raw: unknown, at: At): Entry {
  return { value, origin: { file: at.file, key: at.path, line: at.line, raw } };
}

/** The table at a place; nothing where it is none. */
function tableAt(value: unknown, at: At, complain: Complain): Readonly<Record<string, unknown>> {
  if (isTable(value)) return value;
  complain(() => at.refuse("it must be a table"));
  return {};
}

/**
 * Reads the settings of a table, outside of sections and in them.
 *
 * @param others keys that somebody else reads there
 */
function readSettings(
  table: Readonly<Record<string, unknown>>,
  at: At,
  { complain, others }: { readonly complain: Complain; readonly others: readonly string[] },
): Entries<KeyName> {
  const entries = new Map<KeyName, Entry>();
  const known = [...BY_KEY.keys(), ...others, ...Object.keys(SECTIONS)];
  const take = (name: KeyName, value: unknown, place: At) => {
    const before = entries.get(name);
    if (before !== undefined) {
      complain(() => place.refuse(`it is given twice: ${quote(before.origin.key)} says it, too`));
      return;
    }
    const row: KeyRow<unknown> = KEYS[name];
    const read = attempt(complain, () => ({ value: row.form.read(value, place) }));
    if (read !== undefined) entries.set(name, entryOf(read.value, value, place));
  };
  for (const [key, value] of Object.entries(table)) {
    const place = at.below(key), name = BY_KEY.get(key);
    if (name !== undefined) take(name, value, place);
    else if (Object.hasOwn(SECTIONS, key)) {
      const own = new Map([...BY_KEY].filter(([, one]) => KEYS[one].section === key));
      for (const [inner, one] of Object.entries(tableAt(value, place, complain))) {
        const found = own.get(inner);
        if (found === undefined) complain(() => place.below(inner).unknown([...own.keys()]));
        else take(found, one, place.below(inner));
      }
    } else if (!others.includes(key)) complain(() => place.unknown(known));
  }
  return entries;
}

/** Reads the fields of a table that has rows for them; keys of others are left alone. */
function readFields(
  table: Readonly<Record<string, unknown>>,
  at: At,
  { rows, complain }: {
    readonly rows: Readonly<Record<string, { readonly form: KeyRow<unknown>["form"] }>>;
    readonly complain: Complain;
  },
): Entries {
  const entries = new Map<string, Entry>();
  for (const [key, { form }] of Object.entries(rows)) {
    if (!Object.hasOwn(table, key)) continue;
    const place = at.below(key), read = attempt(complain, () => ({ value: form.read(table[key], place) }));
    if (read !== undefined) entries.set(key, entryOf(read.value, table[key], place));
  }
  return entries;
}

/** The same, where every other key is a mistake. */
function readWhole(
  value: unknown,
  at: At,
  { rows, complain }: Parameters<typeof readFields>[2],
): Entries {
  const table = tableAt(value, at, complain), known = Object.keys(rows);
  for (const key of Object.keys(table)) {
    if (!known.includes(key)) complain(() => at.below(key).unknown(known));
  }
  return readFields(table, at, { rows, complain });
}

function readTool(value: unknown, at: At, complain: Complain) {
  const table = tableAt(value, at, complain), rows = TOOL_KEYS;
  return {
    own: readFields(table, at, { rows, complain }),
    settings: readSettings(table, at, { complain, others: Object.keys(rows) }),
  };
}

function readModule(value: unknown, at: At, complain: Complain): ModuleLayer {
  const table = tableAt(value, at, complain), tools = new Map<string, ReturnType<typeof readTool>>();
  const others = [...Object.keys(MODULE_KEYS), "tools", "http"];
  if (table["tools"] !== undefined) {
    const place = at.below("tools");
    for (const [name, tool] of Object.entries(tableAt(table["tools"], place, complain))) {
      tools.set(name, readTool(tool, place.below(name), complain));
    }
  }
  return {
    own: readFields(table, at, { rows: MODULE_KEYS, complain }),
    settings: readSettings(table, at, { complain, others }),
    http: table["http"] === undefined
      ? new Map()
      : readWhole(table["http"], at.below("http"), { rows: HTTP_KEYS, complain }),
    tools,
    at,
  };
}

function readCommand(
  value: unknown,
  at: At,
  { rows, complain }: { readonly rows: CommandTables[string]; readonly complain: Complain },
): Entries {
  const entries = readWhole(value, at, { rows, complain });
  return new Map([...entries].map(([key, entry]) => [rows[key]?.flag ?? key, entry]));
}

/** Reads a file, without those that it includes. */
export function readLayer({ table, at }: Document, options: LayerOptions): Layer {
  const { complain, commands } = options, modules = new Map<string, ModuleLayer>();
  const names = Object.keys(commands).filter((name) => Object.hasOwn(table, name));
  const settings = readSettings(table, at, { complain, others: [...TOP_KEYS, ...Object.keys(commands)] });
  if (table["modules"] !== undefined) {
    const place = at.below("modules");
    for (const [name, value] of Object.entries(tableAt(table["modules"], place, complain))) {
      const own = place.below(name);
      if (MODULE_NAME.test(name)) modules.set(name, readModule(value, own, complain));
      else {complain(() =>
          own.refuse("the name of a module has letters, digits, - and _, and at most 64 of them")
        );}
    }
  }
  const read = names.map((name) => {
    const place = at.below(name), rows = commands[name] ?? {};
    if (options.skipsCommands) tableAt(table[name], place, complain);
    return [
      name,
      options.skipsCommands ? new Map() : readCommand(table[name], place, { rows, complain }),
    ] as const;
  });
  return { settings, modules, commands: new Map(read) };
}

/** The files that a file includes, as it names them, placed beside it. */
export function includesOf(
  { table, at }: Document,
  complain: Complain,
): readonly { readonly file: string; readonly at: At }[] {
  if (!Object.hasOwn(table, "include")) return [];
  const place = at.below("include");
  const files = attempt(complain, () => FILE_KEYS.include.form.read(table["include"], place));
  return (files ?? []).map((file) => ({ file, at: place }));
}

function over<Key, Value>(
  below: ReadonlyMap<Key, Value>,
  above: ReadonlyMap<Key, Value>,
  both: (below: Value, above: Value) => Value = (_, upper) => upper,
): ReadonlyMap<Key, Value> {
  const merged = new Map(below);
  for (const [key, value] of above) {
    const lower = merged.get(key);
    merged.set(key, lower === undefined ? value : both(lower, value));
  }
  return merged;
}

/** Puts a layer over another one: key by key, the upper one wins. */
export function mergeLayers(below: Layer, above: Layer): Layer {
  return {
    settings: over(below.settings, above.settings),
    modules: over(below.modules, above.modules, (lower, upper) => ({
      own: over(lower.own, upper.own),
      settings: over(lower.settings, upper.settings),
      http: over(lower.http, upper.http),
      tools: over(lower.tools, upper.tools, (one, other) => ({
        own: over(one.own, other.own),
        settings: over(one.settings, other.settings),
      })),
      at: upper.at,
    })),
    commands: over(below.commands, above.commands, (lower, upper) => over(lower, upper)),
  };
}

/** The values of entries; each was read by the form of its key. */
export function valuesOf(entries: Entries<KeyName>): ManifestValues {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, value]));
}

/** The texts of entries. */
export function fieldsOf<Rows>(entries: Entries): Fields<Rows> {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, value])) as Fields<Rows>; // as their rows say
}

/** The same, of texts alone. */
export function textsOf<Rows>(entries: Entries): Texts<Rows> {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, value])) as Texts<Rows>; // as their rows say
}
