/** `aegis disasm`, `wat`, `hex` and `strings`: what is in a module, down to its bytes. They run nothing. */
import { AegisError, ModuleInvalidError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { ItemNames } from "../inspection/item_names.ts";
import { disassembly } from "../listing/disassembly.ts";
import { disassemblyDocument, disassemblyLines } from "../listing/disassembly_json.ts";
import { hexView } from "../listing/hex_view.ts";
import { moduleText } from "../listing/module_text.ts";
import { namedFunction } from "../listing/named_function.ts";
import { partsOf, sectionsNamed } from "../listing/section_parts.ts";
import { stringsDocument, stringsLines } from "../listing/strings_json.ts";
import { stringsView } from "../listing/strings_view.ts";
import type { ByteRange, Module } from "../wasm/module.ts";
import { readModule } from "../wasm/read_module.ts";
import { failureLines, statusOf } from "./failure.ts";
import type { FlagValues } from "./flags.ts";
import type { Format } from "./flags/setting_flags.ts";
import type { CommandIo } from "./io.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { printPieces } from "./print_pieces.ts";
import { STDIN } from "./read_input.ts";
import { styleFor } from "./style.ts";

/** Characters of a text, unless told; as the program strings has it. */
const LEAST_CHARACTERS = 4n;

async function moduleOf(parsed: ParsedCommand, io: CommandIo): Promise<Module> {
  return readModule((await readModuleInput(parsed.operand ?? STDIN, io)).bytes);
}

const DISASSEMBLY = {
  human: disassembly,
  json: disassemblyDocument,
  "json-compact": disassemblyLines,
} as const satisfies Record<Format, unknown>;

const STRINGS = {
  human: stringsView,
  json: stringsDocument,
  "json-compact": stringsLines,
} as const satisfies Record<Format, unknown>;

/** @throws {AegisError} `InvalidOption` where two are asked for */
function formatOf({ format, json }: FlagValues): Format {
  if (!json) return format ?? "human";
  if (format === undefined || format === "json") return "json";
  throw new AegisError(
    "InvalidOption",
    `Cannot print JSON and ${format}: leave out --json or --format`,
  );
}

/** Prints the code of a module; the result is the exit status. */
export async function disasm(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const format = formatOf(parsed.flags),
    module = await moduleOf(parsed, io),
    named = { module, names: new ItemNames(module) };
  const wanted = parsed.flags.function;
  let status = 0;
  const onError = (error: ModuleInvalidError) => status = statusOf(error);
  const functions = wanted === undefined ? {} : { functions: [namedFunction(named, wanted)] };
  printPieces(DISASSEMBLY[format](named, { ...functions, onError }), io);
  return status;
}

/** Prints a module as text; the result is the exit status. */
export async function wat(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  printPieces(moduleText(await moduleOf(parsed, io)), io);
  return 0;
}

/** `0x10:0x40`, either end of which may be left out. */
function readRange(text: string, size: number): ByteRange {
  const [, start = "", end = ""] =
    /^(0x[0-9a-f]{1,8}|[0-9]{0,10}):(0x[0-9a-f]{1,8}|[0-9]{0,10})$/i.exec(text) ?? [];
  const range = { start: start === "" ? 0 : Number(start), end: end === "" ? size : Number(end) };
  if (text.length > 1 && (start !== "" || end !== "") && range.start < range.end && range.start < size) {
    return { start: range.start, end: Math.min(range.end, size) };
  }
  throw new AegisError("InvalidOption", `Cannot show the range ${quote(text)} of ${size} bytes`, {
    suggestion: "Give two offsets, the second one past the last byte: 0x10:0x40, 16:64, 0x10:.",
  });
}

/** Prints bytes; the result is the exit status. A file that is no module is shown, too, without its sections. */
export async function hex(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { section, range } = parsed.flags, { bytes } = await readModuleInput(parsed.operand ?? STDIN, io);
  if (section !== undefined && range !== undefined) {
    throw new AegisError(
      "InvalidOption",
      "Cannot show a section and a range: --section and --range exclude each other",
    );
  }
  const asked = range === undefined ? { start: 0, end: bytes.length } : readRange(range, bytes.length);
  try {
    const module = readModule(bytes);
    printPieces(
      hexView(bytes, section === undefined ? partsOf(module, asked) : sectionsNamed(module, section)),
      io,
    );
    return 0;
  } catch (error) {
    const broken = error instanceof AegisError &&
      (error.code === "ModuleInvalid" || error.code === "ModuleRefused");
    if (!broken || section !== undefined) throw error;
    printPieces(hexView(bytes, [asked]), io);
    io.err(failureLines(error, styleFor(io.colour)));
    return statusOf(error);
  }
}

/** Prints texts that stand in a module; the result is the exit status. */
export async function strings(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { minLength = LEAST_CHARACTERS } = parsed.flags;
  if (minLength < 1n || minLength > 1_000_000n) {
    throw new AegisError("InvalidOption", `Cannot set --min-length to "${minLength}": use 1 to 1000000`);
  }
  const view = STRINGS[formatOf(parsed.flags)];
  printPieces(view(await moduleOf(parsed, io), Number(minLength)), io);
  return 0;
}
