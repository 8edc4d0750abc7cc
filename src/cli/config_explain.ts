/** `aegis config explain`: what holds for each module of a manifest, who says so, and what it means. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { capabilitiesOf } from "../manifest/grants.ts";
import { KEY_NAMES, type KeyName, KEYS, snakeCase } from "../manifest/keys.ts";
import { type Entries, type Entry, type Layer, valuesOf } from "../manifest/layer.ts";
import { readGrants } from "../manifest/read_grants.ts";
import { HTTP_KEYS, MODULE_KEYS, TOOL_KEYS } from "../manifest/tables.ts";
import { explain } from "../policy/explain.ts";
import { mergeGrants } from "../policy/policy.ts";
import { commandTables } from "./command_tables.ts";
import type { CommandRow } from "./commands/command_row.ts";
import { COMMANDS } from "./commands.ts";
import { manifestFile } from "./config_check.ts";
import { readConfigLayer } from "./config_file.ts";
import { type FlagName, FLAGS, flagText } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";

/** One key that holds, or that is left out. */
interface ExplainedKey {
  readonly key: string;
  /** As the file has it; values of variables are not told. */
  readonly value: string;
  /** `aegis.toml:3`; null for what holds without being given. */
  readonly from: string | null;
  /** The key as it stands in the file. */
  readonly at: string | null;
  readonly doc: string;
  readonly flag: string | null;
}

interface ExplainedPart {
  /** `modules.greeter`; null for the top of the file. */
  readonly name: string | null;
  readonly path: string | null;
  readonly keys: readonly ExplainedKey[];
  /** What the guest may reach; null for a part that runs none. */
  readonly grants: readonly string[] | null;
}

/** A value of the file, on one line. */
function shownValue(raw: unknown): string {
  const text = JSON.stringify(raw, (_, value) => typeof value === "bigint" ? String(value) : value) ??
    String(raw);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Variables with their names alone: what they are set to may be a secret. */
function shownVariables(raw: unknown): string {
  const words = Array.isArray(raw) ? raw.map(String) : typeof raw === "string" ? [raw] : undefined;
  const names = words?.map((word) => word.replace(/=.*$/s, "=…")) ??
    Object.keys(raw as object).map((name) => `${name}=…`); // a form takes nothing else
  return shownValue(names);
}

const RUN: CommandRow = COMMANDS.run;

/** The flag of run that means the same. */
function flagFor(name: string): string | null {
  return RUN.flags.includes(name as FlagName) ? flagText(name as FlagName) : null; // tested here
}

function sourceOf({ origin }: Entry): Pick<ExplainedKey, "from" | "at"> {
  return { from: origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`, at: origin.key };
}

function settingsOf(entries: Entries<KeyName>, all: boolean): ExplainedKey[] {
  const { timeout, fuelLimit, preset } = valuesOf(entries), bounded = timeout !== undefined;
  return KEY_NAMES.flatMap((name): ExplainedKey[] => {
    const entry = entries.get(name), { doc, standard } = KEYS[name];
    const known = { key: snakeCase(name), doc, flag: flagFor(name) };
    if (entry !== undefined) {
      const { raw } = entry.origin;
      return [{
        ...known,
        value: name === "env" ? shownVariables(raw) : shownValue(raw),
        ...sourceOf(entry),
      }];
    }
    if (name === "fuelLimit" && bounded && fuelLimit === undefined && preset === undefined) {
      return [{
        ...known,
        value: '"unlimited"',
        from: null,
        at: null,
        doc: `${doc}. With timeout alone, time is the bound`,
      }];
    }
    return all ? [{ ...known, value: standard, from: null, at: null }] : [];
  });
}

function fieldsOf(
  entries: Entries,
  rows: Readonly<Record<string, { readonly doc: string }>>,
  prefix: string,
): ExplainedKey[] {
  return [...entries].map(([name, entry]) => ({
    key: `${prefix}${name}`,
    value: shownValue(entry.origin.raw),
    ...sourceOf(entry),
    doc: rows[name]?.doc ?? "",
    flag: null,
  }));
}

/** What may be reached, in words. Paths are not looked at. */
function grantsOf(entries: Entries<KeyName>): string[] {
  const { grants, environment } = readGrants(valuesOf(entries), { locate: (path) => path });
  return explain(mergeGrants(capabilitiesOf(grants, (name) => environment[name] ?? "")));
}

function partsOf({ settings, modules, commands }: Layer, all: boolean): ExplainedPart[] {
  const top: ExplainedPart = {
    name: null,
    path: null,
    keys: settingsOf(settings, all),
    grants: grantsOf(settings),
  };
  const named = [...modules].map(([name, module]): ExplainedPart => {
    const entries = new Map([...settings, ...module.settings]);
    const tools = [...module.tools].flatMap(([tool, { own, settings: keys }]) => [
      ...fieldsOf(own, TOOL_KEYS, `tools.${tool}.`),
      ...settingsOf(keys, false).filter(({ from }) => from !== null)
        .map((key) => ({ ...key, key: `tools.${tool}.${key.key}` })),
    ]);
    return {
      name: `modules.${name}`,
      path: String(module.own.get("path")?.value),
      keys: [
        ...fieldsOf(new Map([...module.own].filter(([key]) => key !== "path")), MODULE_KEYS, ""),
        ...settingsOf(entries, all),
        ...fieldsOf(module.http, HTTP_KEYS, "http."),
        ...tools,
      ],
      grants: grantsOf(entries),
    };
  });
  const tables = commandTables();
  const ofCommands = [...commands].map(([name, entries]): ExplainedPart => {
    const rows = Object.values(tables[name] ?? {});
    const keys = [...entries].map(([flag, entry]): ExplainedKey => ({
      key: entry.origin.key.replace(/^.*\./, ""),
      value: flag === "env" ? shownVariables(entry.origin.raw) : shownValue(entry.origin.raw),
      ...sourceOf(entry),
      doc: rows.find((row) => row.flag === flag)?.doc ?? "",
      flag: Object.hasOwn(FLAGS, flag) ? flagText(flag as FlagName) : null, // tested here
    }));
    return { name, path: null, keys, grants: null };
  });
  return [top, ...named, ...ofCommands];
}

function partText({ name, path, keys, grants }: ExplainedPart): string {
  const head = name === null ? "Top of the file" : path === null ? `[${name}]` : `[${name}] ${path}`;
  const rows = keys.map(({ key, value, from, at, doc, flag }) => {
    const source = from === null ? "by default" : at?.includes(".") ? `${from}, ${at}` : from;
    return `  ${key} = ${value}\n      ${source}: ${doc}${flag === null ? "" : ` (${flag})`}\n`;
  });
  const none = keys.length === 0 ? "  nothing is set\n" : "";
  const reach = grants === null
    ? ""
    : `  The guest may reach:\n${grants.map((line) => `    ${line}\n`).join("")}`;
  return `${head}\n${none}${rows.join("")}${reach}`;
}

/** Runs the command; the result is its exit status. */
export async function configExplain(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const file = manifestFile(parsed), { format = "human", all = false } = parsed.flags;
  const layer = await readConfigLayer(file, io), parts = partsOf(layer, all);
  const wanted = chosen(parts, { name: parsed.second, file });
  if (format === "human") io.out(printableLines(wanted.map(partText).join("\n")));
  else io.out(jsonText({ file, parts: wanted as unknown as Json }, format)); // plain fields
  return 0;
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** @throws {AegisError} `InvalidOption` for a module that the manifest does not have */
function chosen(
  parts: readonly ExplainedPart[],
  { name, file }: { readonly name: string | undefined; readonly file: string },
): readonly ExplainedPart[] {
  if (name === undefined) return parts;
  const found = parts.filter((part) => part.name === `modules.${name}`);
  if (found.length > 0) return found;
  const names = parts.flatMap((part) =>
    part.path === null ? [] : [part.name?.replace(/^modules\./, "") ?? ""]
  );
  const near = suggest(name, names);
  throw new AegisError("InvalidOption", `Cannot find module ${quote(name)} in ${quote(file)}`, {
    suggestion: near.length > 0
      ? `Did you mean ${near.map(quote).join(" or ")}?`
      : `Its modules: ${names.join(", ") || "none"}.`,
  });
}
