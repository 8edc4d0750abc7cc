/**
 * What a command goes by: its flags and its modules, out of the file of --config and the words of the command line. Every
 * command that reads a manifest reads it here, and parses no value of it again.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { Entries, Layer, ModuleLayer } from "../manifest/layer.ts";
import { limitsOf } from "../manifest/limits.ts";
import type { Texts, TOOL_KEYS } from "../manifest/tables.ts";
import { LIMITS } from "../core/limits.ts";
import { type CommandName, COMMANDS } from "./commands.ts";
import { type CommandRow, MODULE } from "./commands/command_row.ts";
import type { ConfigPorts } from "./config_file.ts";
import type { FlagValues } from "./flags.ts";
import { GRANT_FLAGS, HTTP_FLAGS } from "./limit_flags.ts";
import { LATE_FILES } from "./late_files.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";

/** What a manifest says of one tool of a module: `[modules.greeter.tools.greet]`. */
export interface ToolSettings extends Texts<typeof TOOL_KEYS> {
  /** Limits and grants that its own table sets, and no other. */
  readonly own: FlagValues;
  /** All that holds for it: of the file's top, the command's table, the module's, its own and the command line. */
  readonly flags: FlagValues;
}

/** What a manifest says of a module as an HTTP service, `[modules.greeter.http]`, and what the command line says of all. */
export type HttpSettings = Pick<FlagValues, typeof HTTP_FLAGS[number]>;

/** A module that a command runs, and the flags that hold for it. */
export interface NamedModule {
  /** Its name in the manifest; the name of the file without its ending where there is none. */
  readonly name: string;
  /** As the person wrote it or the manifest says; - for stdin. */
  readonly shown: string;
  /** What its file must hash to, as was checked when the manifest was read; for who reads it later. */
  readonly sha256?: string;
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

const LIMIT_NAMES = Object.keys(LIMITS);

/** The values of entries: each was read by its form, which is that of the flag. */
function valuesIn(entries: Entries | undefined): FlagValues {
  return Object.fromEntries([...entries ?? []].map(([name, { value }]) => [name, value]));
}

/** The texts of entries. */
function textsIn(entries: Entries): Readonly<Record<string, string>> {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, String(value)]));
}

function moduleOf(
  name: string,
  layer: ModuleLayer,
  { below, above }: { readonly below: FlagValues; readonly above: FlagValues },
): NamedModule {
  const flags = { ...below, ...valuesIn(layer.settings) };
  const tools = [...layer.tools].map(([tool, { own: texts, settings }]) => {
    const own = valuesIn(settings);
    return [tool, { ...textsIn(texts), own, flags: { ...flags, ...own, ...above } }] as const;
  });
  const sha256 = layer.own.get("sha256");
  return {
    name,
    ...(sha256 === undefined ? {} : { sha256: String(sha256.value) }),
    shown: String(layer.own.get("path")?.value), // without one the file would have been refused
    flags: { ...flags, ...above },
    tools: Object.fromEntries(tools),
    http: { ...httpIn(below), ...httpIn(flagsOf(layer.http)), ...httpIn(above) },
  };
}

/** Entries of `[modules.NAME.http]` as the flags that say the same. */
function flagsOf(entries: Entries): FlagValues {
  const flag = (key: string) => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries([...entries].map(([key, { value }]) => [flag(key), value]));
}

function httpIn(flags: FlagValues): HttpSettings {
  return Object.fromEntries(
    HTTP_FLAGS.flatMap((name) => flags[name] === undefined ? [] : [[name, flags[name]]]),
  );
}

/** A file as a module that no manifest names. */
function fileModule(shown: string, flags: FlagValues): NamedModule {
  const name = shown === STDIN ? "stdin" : shown.replace(/^.*[\\/]/s, "").replace(/\.wa(?:sm|t)$/i, "");
  return { name, shown, flags, tools: {}, http: httpIn(flags) };
}

/** Reading of files is loaded where there is one. */
async function layerOf(config: string | undefined, ports: ConfigPorts): Promise<Layer | undefined> {
  return config === undefined
    ? undefined
    : await (await LATE_FILES.configFile()).readConfigLayer(config, ports);
}

/**
 * Reads the file of --config, and finds the modules that the command is to run.
 *
 * @throws {AegisError} `InvalidOption`
 */
export async function readSettings(
  command: CommandName,
  parsed: ParsedCommand,
  ports: ConfigPorts,
): Promise<Settings> {
  const { flags: line, operand } = parsed, layer = await layerOf(line.config, ports);
  const [word = command] = command.split(" ");
  const below = { ...valuesIn(layer?.settings), ...valuesIn(layer?.commands.get(word)) };
  const flags = { ...below, ...line };
  const named = [...layer?.modules ?? []].map(([name, module]) =>
    moduleOf(name, module, { below, above: line })
  );
  const modules = chosen(command, { operand, named, flags });
  // A checkpoint has its module in it.
  if (command !== "resume") { for (const module of modules) await checkHash(module, ports); }
  return { flags, modules };
}

/** @throws {AegisError} `ModuleRefused` for a module that is another one than the manifest means */
async function checkHash({ name, shown, sha256, flags }: NamedModule, ports: ConfigPorts): Promise<void> {
  if (sha256 === undefined) return;
  const bytes = await ports.read(shown, limitsOf(flags).moduleSize);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (hash === sha256) return;
  throw new AegisError(
    "ModuleRefused",
    `Cannot use module ${quote(name)}: the SHA-256 of ${
      quote(shown)
    } is ${hash}, and the manifest says ${sha256}`,
    {
      field: `modules.${name}.sha256`,
      suggestion: "Somebody has replaced it. If that was you, write down its new hash.",
    },
  );
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
    suggestion: flags.config === undefined
      ? `See: aegis help ${command}`
      : `Name one, or add [modules.NAME] to ${quote(flags.config)}.`,
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

/**
 * The words of a command that runs nothing of its own, with what the file of --config says in place of what they leave out:
 * flags that the command has, and the path of the module that it names.
 *
 * @throws {AegisError} `InvalidOption`
 */
export async function withSettings(
  command: CommandName,
  parsed: ParsedCommand,
  ports: ConfigPorts,
): Promise<ParsedCommand> {
  const row: CommandRow = COMMANDS[command], settings = await readSettings(command, parsed, ports);
  const takesModule = row.operand?.metavar === MODULE.metavar;
  const module = takesModule ? onlyModule(command, settings) : undefined;
  const { flags } = module ?? settings,
    of: readonly string[] = [...row.flags, ...row.limits ? LIMIT_NAMES : []];
  const own = Object.entries(flags).filter(([name]) => of.includes(name));
  // A task's grants are parts of the server's, which are others than those of a module here.
  const granted: readonly string[] = command === "task add" ? GRANT_FLAGS : [];
  const heard = own.filter(([name]) => !granted.includes(name) || Object.hasOwn(parsed.flags, name));
  return { ...parsed, operand: module?.shown ?? parsed.operand, flags: Object.fromEntries(heard) };
}
