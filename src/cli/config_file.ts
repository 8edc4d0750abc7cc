import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { type RawValue, readFlagValue } from "./flag_value.ts";
import { type FlagName, type FlagRow, FLAGS, type FlagValues } from "./flags.ts";

/** Key of the file to flag: the long name with `_` for `-`. */
const KEYS: ReadonlyMap<string, FlagName> = new Map(
  Object.entries(FLAGS as Record<FlagName, FlagRow>)
    .filter(([, row]) => row.config)
    .map(([name, row]) => [row.long.replaceAll("-", "_"), name as FlagName]),
);

/** Size past which a file is no configuration. */
export const LARGEST_CONFIG: number = 1024 * 1024;

/** The error for a file that is no configuration. */
export function refuseConfig(shown: string, reason: string, suggestion?: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot use configuration ${quote(shown)}: ${reason}`,
    suggestion === undefined ? {} : { suggestion },
  );
}

/** Whether text is a list in JSON, which TOML could take for the head of a table. */
function isList(text: string): boolean {
  if (!text.trimStart().startsWith("[")) return false;
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

async function decode(text: string, shown: string): Promise<Record<string, unknown>> {
  if (isList(text)) throw refuseConfig(shown, "it must be a table");
  // No TOML document starts with a brace, and every JSON document that is a table does.
  const json = text.trimStart().startsWith("{");
  try {
    const document: unknown = json
      ? JSON.parse(text)
      : (await import("smol-toml")).parse(text, { integersAsBigInt: "asNeeded" });
    return document as Record<string, unknown>; // both give a table for what starts like one
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] ?? "" : String(error);
    throw refuseConfig(shown, `it is not ${json ? "JSON" : "TOML"}: ${reason}`);
  }
}

/**
 * The document of a configuration file. TOML, or JSON; a document that starts with `{` is JSON.
 *
 * @param shown the file's name, for messages
 * @throws {AegisError} `InvalidOption`: neither of the two
 */
export async function decodeConfig(bytes: Uint8Array, shown: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuseConfig(shown, "it is not UTF-8 text");
  }
  return await decode(text, shown);
}

/** Keys of flags that commands have in tables of their own. */
const COMMAND_LINE_ALONE: readonly string[] = ["config", "help", "verbose", "quiet"] satisfies FlagName[];

/**
 * Reads the keys of a table that are flags.
 *
 * @param place the file's name and the path of the table in it, for messages; the flags of the command whose table it is
 * @throws {AegisError} `InvalidOption`: an unknown key, a value of the wrong form
 */
export function readKeys(
  table: Readonly<Record<string, unknown>>,
  { shown, path, known }: {
    readonly shown: string;
    readonly path: string;
    readonly known?: ReadonlySet<FlagName>;
  },
): FlagValues {
  const names = known === undefined ? KEYS : new Map(
    [...known].filter((name) => !COMMAND_LINE_ALONE.includes(name)).map((name) =>
      [FLAGS[name].long.replaceAll("-", "_"), name] as const
    ),
  );
  const flags: Partial<Record<FlagName, unknown>> = {};
  for (const [key, value] of Object.entries(table)) {
    const name = names.get(key);
    if (name === undefined) {
      const near = suggest(key, names.keys());
      throw refuseConfig(
        shown,
        `unknown key ${quote(path + key)}`,
        near.length > 0
          ? `Did you mean ${near.map(quote).join(" or ")}?`
          : `Known keys: ${[...names.keys()].join(", ")}.`,
      );
    }
    const isList = Array.isArray(value) && FLAGS[name].kind === "list";
    const values: readonly unknown[] = isList ? value : [value], of = `${path}${key} of ${quote(shown)}`;
    if (!values.every((item) => ["string", "number", "bigint", "boolean"].includes(typeof item))) {
      throw refuseConfig(shown, `${quote(path + key)} needs a plain value, not a table or a list`);
    }
    const read = values.map((item) => readFlagValue(name, item as RawValue, of)); // tested one line above
    flags[name] = isList ? read.flat() : read[0];
  }
  return flags as FlagValues; // readFlagValue() gave each its type
}

/**
 * Reads the flags that a configuration file without modules sets.
 *
 * @param shown the file's name, for messages
 * @throws {AegisError} `InvalidOption`: not readable, an unknown key, a value of the wrong form
 */
export async function readConfig(bytes: Uint8Array, shown: string): Promise<FlagValues> {
  return readKeys(await decodeConfig(bytes, shown), { shown, path: "" });
}
