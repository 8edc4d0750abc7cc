/** `aegis config check` and `aegis config schema`: what is wrong with a manifest, and what a right one looks like. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { ManifestError } from "../manifest/at.ts";
import { settingsMistakes } from "../manifest/check_settings.ts";
import { MOST_MISTAKES } from "../manifest/read_layers.ts";
import { manifestSchema } from "../manifest/schema.ts";
import { commandTables } from "./command_tables.ts";
import { readConfigLayers } from "./config_file.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";

/** The file that is taken where none is named. */
const DEFAULT_FILE = "aegis.toml";

/** Of a manifest that has mistakes, as of a module that is invalid. */
const INVALID = 65;

interface Mistake {
  readonly message: string;
  readonly file: string;
  readonly line: number | null;
  readonly field: string | null;
  readonly suggestion: string | null;
}

/** The manifest that the words name. */
export function manifestFile({ operand, flags }: ParsedCommand): string {
  if (operand === undefined) return flags.config ?? DEFAULT_FILE;
  if (flags.config === undefined) return operand;
  throw new AegisError(
    "InvalidOption",
    `Cannot read ${quote(operand)} and ${quote(flags.config)}: name one file`,
  );
}

function mistakeOf(error: AegisError, file: string, place?: string): Mistake {
  const own = error instanceof ManifestError ? error : undefined;
  const { message, suggestion = null, field = null } = error;
  return {
    message: place === undefined || own !== undefined ? message : `[${place}] ${message}`,
    file: own?.file ?? file,
    line: own?.line ?? null,
    field: place ?? field,
    // Advice for the library's callers repeats the message.
    suggestion: suggestion !== null && message.includes(suggestion) ? null : suggestion,
  };
}

/** A message for who knows the file. */
function withoutFile(message: string, file: string): string {
  return message.replace(`Cannot use configuration ${quote(file)}: `, "").replace(` of ${quote(file)}`, "");
}

/** Prints everything that is wrong; the result is the exit status. */
export async function configCheck(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const file = manifestFile(parsed), { format = "human", quiet = false } = parsed.flags;
  const { layer, mistakes: read, more: untold } = await readConfigLayers(file, io);
  const found = read.map((error) => mistakeOf(error, file));
  // Grants of keys that could not be read are not there to be looked at.
  const more = read.length > 0
    ? []
    : settingsMistakes(layer, MOST_MISTAKES).map(({ error, place }) => mistakeOf(error, file, place));
  const mistakes = [...found, ...more].sort((one, other) =>
    one.file === other.file ? (one.line ?? 0) - (other.line ?? 0) : 0
  );
  const status = mistakes.length === 0 ? 0 : INVALID;
  if (format !== "human") {
    io.out(jsonText({
      file,
      valid: status === 0,
      mistakes: mistakes as unknown as Json, // plain fields
      ...(untold === 0 ? {} : { more: untold }),
    }, format));
    return status;
  }
  const style = styleFor(io.colour);
  for (const { message, file: of, line, suggestion } of mistakes) {
    const place = `${printable(of)}${line === null ? "" : `:${line}`}`; // which the message need not say again
    io.err(`${place}: ${style.bad("error:")} ${printable(withoutFile(message, of))}\n`);
    if (suggestion !== null) io.err(`  ${style.hint("hint:")} ${printable(suggestion)}\n`);
  }
  if (untold > 0) io.err(`${style.bad("error:")} and ${untold} more\n`);
  if (status === 0 && !quiet) io.out("Manifest is valid\n");
  return status;
}

/** Prints the schema. */
export function configSchema(_parsed: ParsedCommand, io: CommandIo): Promise<number> {
  io.out(schemaText());
  return Promise.resolve(0);
}

/** The schema as `docs/aegis.schema.json` has it. */
export function schemaText(): string {
  return `${JSON.stringify(manifestSchema(commandTables()), null, 2)}\n`;
}
