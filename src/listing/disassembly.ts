/**
 * The code of a module for people: every instruction with its offset in the file, indices as numbers, and beside it what
 * they are called. In pieces, so that a module of megabytes needs no more memory than itself.
 */
import { formatOffset } from "../core/bytes.ts";
import { ModuleInvalidError } from "../core/errors.ts";
import { plainText } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";
import { CodeLines } from "../inspection/code_line.ts";
import { externalText } from "../inspection/external_text.ts";
import type { ItemNames } from "../inspection/item_names.ts";
import { typeReader } from "../inspection/type_reader.ts";
import { BlockDepth } from "../wasm/disassemble.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody, Module } from "../wasm/module.ts";
import { formatType } from "../wasm/types.ts";
import { indentation } from "./indentation.ts";

/** Groups of locals that are listed: two bytes make one. */
const MOST_LOCALS = 100;

/** UTF-16 units of a type that are shown: a function of four bytes may have two thousand parameters. */
const LONGEST_TYPE = 500;

/** UTF-16 units of a note beside an instruction. */
const LONGEST_NOTE = 200;

/** Where notes stand, unless an instruction is longer. */
const NOTE_COLUMN = 44;

/** A module with what its items are called. */
export interface NamedModule {
  readonly module: Module;
  readonly names: ItemNames;
}

export interface DisassemblyOptions {
  /** Indices of the functions that are wanted; all by default. */
  readonly functions?: readonly number[];
  /** Gets what ends the code of a function early: bytes that are no instructions. The functions behind it go on. */
  readonly onError: (error: ModuleInvalidError) => void;
}

/** Disassembles a module. */
export function* disassembly(
  { module, names }: NamedModule,
  { functions, onError }: DisassemblyOptions,
): Generator<string, void> {
  const writer = new CodeLines(module, names), typeText = typeTexts(module);
  const width = formatOffset(module.bytes.length).length - 2;
  const offsetText = (offset: number) => `0x${offset.toString(16).padStart(width, "0")}`;
  const count = functions?.length ?? module.functions.length;
  for (let at = 0; at < count; at++) {
    const index = functions?.[at] ?? at, body = module.bodies[index - module.imported.function];
    yield `${at === 0 ? "" : "\n"}func ${index}${nameText(names.of("function", index))} ${typeText(index)}${
      body === undefined ? ", imported" : `, ${body.end - body.start} bytes at ${formatOffset(body.start)}`
    }\n`;
    if (body === undefined) continue;
    yield localsText(body);
    writer.enter(index);
    const reader = new InstructionReader(module.bytes), depths = new BlockDepth();
    reader.reset(body.code, body.end);
    try {
      while (reader.next()) {
        const { text, note, offset } = writer.line(reader);
        const code = indentation(depths.pass(reader.key)) + text;
        const line = note === undefined
          ? code
          : `${code.padEnd(NOTE_COLUMN)} ;; ${plainText(note, LONGEST_NOTE)}`;
        yield `  ${offsetText(offset)}  ${line}\n`;
      }
    } catch (error) {
      if (!(error instanceof ModuleInvalidError)) throw error;
      yield `  ${offsetText(reader.offset)}  no instruction: ${plainText(error.message, LONGEST_NOTE)}\n`;
      onError(error);
    }
  }
}

/** Types of functions; those of one type share their text. */
function typeTexts(module: Module): (index: number) => string {
  const typeOf = typeReader(module), texts = new Map<ExternalType, string>();
  return (index) => {
    const type = typeOf("function", index), known = texts.get(type);
    if (known !== undefined) return known;
    const text = plainText(externalText(type), LONGEST_TYPE);
    texts.set(type, text);
    return text;
  };
}

function nameText(name: string | undefined): string {
  return name === undefined ? "" : ` ${quote(name)}`;
}

function localsText({ locals }: FunctionBody): string {
  if (locals.length === 0) return "";
  const groups = locals.slice(0, MOST_LOCALS).map(({ count, type }) => `${count} ${formatType(type)}`);
  return `  locals: ${groups.join(", ")}${locals.length > MOST_LOCALS ? ", …" : ""}\n`;
}
