/**
 * What a command goes by: its flags and its modules, out of the file of --config and the words of the command line. Every
 * command that reads a manifest reads it here, and parses no value of it again.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { dirname, join } from "../sandbox/path.ts";
import { type CommandName, type CommandRow, COMMANDS } from "./commands.ts";
import { decodeConfig, LARGEST_CONFIG, readKeys, refuseConfig } from "./config_file.ts";
import type { FlagName, FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";

/** What a manifest says of one tool of a module: `[modules.greeter.tools.greet]`. */
export interface ToolSettings {
  /** Under which name it is offered, instead of its function's. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  /** Limits and grants that its own table sets, and no other. */
  readonly own: FlagValues;
  /** All that holds for it: of the file's top, the module's table, its own and the command line, later ones win. */
  readonly flags: FlagValues;
}

/** What a manifest says of a module as an HTTP service: `[modules.greeter.http]`. */
export interface HttpSettings {
  readonly route?: string;
  readonly form?: string;
}

/** A module that a command runs, and the flags that hold for it. */
export interface NamedModule {
  /** Its name in the manifest; the name of the file without its ending where there is none. */
  readonly name: string;
  /** As the person wrote it or the manifest says; - for stdin. */
  readonly shown: string;
  /** Of the file's top, of the command's table, of the module's, of the command line; later ones win. */
  readonly flags: FlagValues;
  /** By their functions. */
  readonly tools: Readonly<Record<string, ToolSettings>>;
  readonly http: HttpSettings;
}

/** What a command goes by. */
export interface Settings {
  /** Flags of the command: the file's top, the command's table in it, then the command line. */
  readonly flags: FlagValues;
  /** Those of the operand; without one, all of the manifest. */
  readonly modules: readonly NamedModule[];
}

type Table = Readonly<Record<string, unknown>>;

interface Place {
  /** The file, as messages name it. */
  readonly shown: string;
  /** Where in the file: `modules.greeter.`, or nothing. */
  readonly path: string;
}

/** Keys that are texts, beside those of flags. */
const TOOL_TEXTS = ["name", "title", "description"] as const, HTTP_TEXTS = ["route", "form"] as const;

function tableOf(value: unknown, { shown, path }: Place): Table {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Table; // any object is one
  throw refuseConfig(shown, `${quote(path.replace(/\.$/, ""))} must be a table`);
}

/** The texts of a table under these keys, and all its other keys. */
function takeTexts<Name extends string>(
  table: Table,
  names: readonly Name[],
  { shown, path }: Place,
): { readonly texts: { [Key in Name]?: string }; readonly rest: Table } {
  const texts: { [Key in Name]?: string } = {}, rest: Record<string, unknown> = { ...table };
  for (const name of names) {
    if (!Object.hasOwn(table, name)) continue;
    const value = table[name];
    if (typeof value !== "string") throw refuseConfig(shown, `${quote(path + name)} must be text`);
    texts[name] = value;
    delete rest[name];
  }
  return { texts, rest };
}

/** The tables that belong to commands, with the flags that each may set. */
function commandTables(): Map<string, ReadonlySet<FlagName>> {
  const tables = new Map<string, Set<FlagName>>();
  for (const [name, row] of Object.entries(COMMANDS as Record<string, CommandRow>)) {
    const [first = name] = name.split(" "), flags = tables.get(first) ?? new Set();
    for (const flag of row.flags) flags.add(flag);
    tables.set(first, flags);
  }
  return tables;
}

function readTools(
  value: unknown,
  of: { readonly place: Place; readonly below: FlagValues; readonly above: FlagValues },
): Record<string, ToolSettings> {
  const { shown, path } = of.place, tools: Record<string, ToolSettings> = {};
  for (const [name, given] of Object.entries(tableOf(value, of.place))) {
    const place = { shown, path: `${path}${name}.` };
    const { texts, rest } = takeTexts(tableOf(given, place), TOOL_TEXTS, place);
    const own = readKeys(rest, place);
    tools[name] = { ...texts, own, flags: { ...of.below, ...own, ...of.above } };
  }
  return tools;
}

function readModule(
  name: string,
  value: unknown,
  { shown, top, line }: { readonly shown: string; readonly top: FlagValues; readonly line: FlagValues },
): NamedModule {
  const place = { shown, path: `modules.${name}.` };
  const { tools = {}, http = {}, ...keys } = tableOf(value, place);
  const { texts: { path }, rest } = takeTexts(keys, ["path"], place);
  if (path === undefined) throw refuseConfig(shown, `${quote(`modules.${name}`)} has no path`);
  const below = { ...top, ...readKeys(rest, place) }, httpPlace = { shown, path: `${place.path}http.` };
  const { texts, rest: unknown } = takeTexts(tableOf(http, httpPlace), HTTP_TEXTS, httpPlace);
  for (const key of Object.keys(unknown)) {
    const near = suggest(key, HTTP_TEXTS).map(quote).join(" or ");
    throw refuseConfig(
      shown,
      `unknown key ${quote(httpPlace.path + key)}`,
      near === "" ? `Known keys: ${HTTP_TEXTS.join(", ")}.` : `Did you mean ${near}?`,
    );
  }
  return {
    name,
    shown: /^(?:[\\/]|[A-Za-z]:)/.test(path) ? path : join(dirname(shown), path),
    flags: { ...below, ...line },
    tools: readTools(tools, { place: { shown, path: `${place.path}tools.` }, below, above: line }),
    http: texts,
  };
}

/** A file as a module that no manifest names. */
function fileModule(shown: string, flags: FlagValues): NamedModule {
  const name = shown === STDIN ? "stdin" : shown.replace(/^.*[\\/]/s, "").replace(/\.wa(?:sm|t)$/i, "");
  return { name, shown, flags, tools: {}, http: {} };
}

/**
 * Reads the file of --config, and finds the modules that the command is to run.
 *
 * @throws {AegisError} `InvalidOption`
 */
export async function readSettings(
  command: CommandName,
  parsed: ParsedCommand,
  io: Pick<CommandIo, "read">,
): Promise<Settings> {
  const { flags: line, operand } = parsed, shown = line.config;
  const { modules: given = {}, ...document } = shown === undefined
    ? {}
    : await decodeConfig(await io.read(shown, LARGEST_CONFIG), shown);
  const tables = commandTables(), [word = command] = command.split(" ");
  const keys: Record<string, unknown> = {};
  let ofCommand: FlagValues = {};
  for (const [key, value] of Object.entries(document)) {
    const known = typeof value === "object" && !Array.isArray(value) ? tables.get(key) : undefined;
    if (known === undefined) {
      keys[key] = value;
      continue;
    }
    const place = { shown: shown ?? "", path: `${key}.` };
    const read = readKeys(tableOf(value, place), { ...place, known });
    if (key === word) ofCommand = read;
  }
  const top = { ...readKeys(keys, { shown: shown ?? "", path: "" }), ...ofCommand };
  const named = Object.entries(tableOf(given, { shown: shown ?? "", path: "modules." }))
    .map(([name, value]) => readModule(name, value, { shown: shown ?? "", top, line }));
  return {
    flags: { ...top, ...line },
    modules: chosen(command, { operand, named, flags: { ...top, ...line } }),
  };
}

/** The modules that an operand means. */
function chosen(
  command: CommandName,
  { operand, named, flags }: {
    readonly operand: string | undefined;
    readonly named: readonly NamedModule[];
    readonly flags: FlagValues;
  },
): readonly NamedModule[] {
  const row: CommandRow = COMMANDS[command];
  if (operand !== undefined) {
    return [named.find(({ name }) => name === operand) ?? fileModule(operand, flags)];
  }
  if (named.length > 0 || !row.operand || row.operand.optional) return named;
  throw new AegisError("InvalidOption", `Missing ${row.operand.metavar} of "aegis ${command}"`, {
    suggestion: `See: aegis help ${command}`,
  });
}

/**
 * The one module of a command that runs one.
 *
 * @throws {AegisError} `InvalidOption` where the manifest has several, and none was named
 */
export function onlyModule(command: CommandName, { modules }: Settings): NamedModule {
  const [module, ...more] = modules;
  if (module !== undefined && more.length === 0) return module;
  throw new AegisError("InvalidOption", `Cannot tell which module "aegis ${command}" is to take`, {
    suggestion: `Name one of ${modules.map(({ name }) => quote(name)).join(", ")}.`,
  });
}
