/**
 * The code of a module: every instruction with its offset in the file, indices as numbers, and beside it what they are
 * called. One by one, so that a module of megabytes needs no more memory than itself.
 */
import { formatOffset } from "../core/bytes.ts";
import { ModuleInvalidError } from "../core/errors.ts";
import { cutText } from "../core/cut.ts";
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
export const MOST_LOCALS = 100;

/** UTF-16 units of a type that are shown: a function of four bytes may have two thousand parameters. */
export const LONGEST_TYPE = 500;

/** UTF-16 units of a note beside an instruction. */
export const LONGEST_NOTE = 200;

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

/** A function begins. */
export interface FunctionItem {
  readonly kind: "function";
  readonly index: number;
  readonly name: string | undefined;
  /** As text, which may be long. */
  readonly type: string;
  /** Undefined for one that is imported. */
  readonly body: FunctionBody | undefined;
}

/** An instruction of the function that has begun. */
export interface InstructionItem {
  readonly kind: "instruction";
  /** From the first byte of the module. */
  readonly offset: number;
  /** Blocks around it. */
  readonly depth: number;
  readonly text: string;
  /** What its indices are called, which may be long. */
  readonly note: string | undefined;
}

/** The function ends here, since no instruction follows. */
export interface BrokenItem {
  readonly kind: "broken";
  readonly offset: number;
  readonly error: ModuleInvalidError;
}

/** Disassembles a module. What ends the code of a function early does not end that of others. */
export function* disassembledItems(
  { module, names }: NamedModule,
  functions?: readonly number[],
): Generator<FunctionItem | InstructionItem | BrokenItem, void> {
  const writer = new CodeLines(module, names), typeOf = typeTexts(module);
  const count = functions?.length ?? module.functions.length;
  for (let at = 0; at < count; at++) {
    const index = functions?.[at] ?? at, body = module.bodies[index - module.imported.function];
    yield { kind: "function", index, name: names.of("function", index), type: typeOf(index), body };
    if (body === undefined) continue;
    writer.enter(index);
    const reader = new InstructionReader(module.bytes), depths = new BlockDepth();
    reader.reset(body.code, body.end);
    try {
      while (reader.next()) {
        const { text, note, offset } = writer.line(reader);
        yield { kind: "instruction", offset, depth: depths.pass(reader.key), text, note };
      }
    } catch (error) {
      if (!(error instanceof ModuleInvalidError)) throw error;
      yield { kind: "broken", offset: reader.offset, error };
    }
  }
}

/** Disassembles a module for people, in pieces of text. */
export function* disassembly(
  named: NamedModule,
  { functions, onError }: DisassemblyOptions,
): Generator<string, void> {
  const width = formatOffset(named.module.bytes.length).length - 2;
  const offsetText = (offset: number) => `0x${offset.toString(16).padStart(width, "0")}`;
  let first = true;
  for (const item of disassembledItems(named, functions)) {
    switch (item.kind) {
      case "function": {
        const { index, name, type, body } = item;
        yield `${first ? "" : "\n"}func ${index}${nameText(name)} ${plainText(type, LONGEST_TYPE)}${
          body === undefined
            ? ", imported"
            : `, ${body.end - body.start} bytes at ${formatOffset(body.start)}`
        }\n`;
        if (body !== undefined) yield localsText(body);
        first = false;
        break;
      }
      case "instruction": {
        const { offset, note } = item, code = indentation(item.depth) + item.text;
        const line = note === undefined
          ? code
          : `${code.padEnd(NOTE_COLUMN)} ;; ${plainText(note, LONGEST_NOTE)}`;
        yield `  ${offsetText(offset)}  ${line}\n`;
        break;
      }
      case "broken":
        yield `  ${offsetText(item.offset)}  no instruction: ${
          plainText(item.error.message, LONGEST_NOTE)
        }\n`;
        onError(item.error);
    }
  }
}

/** Types of functions; those of one type share their text. */
function typeTexts(module: Module): (index: number) => string {
  const typeOf = typeReader(module), texts = new Map<ExternalType, string>();
  return (index) => {
    const type = typeOf("function", index), known = texts.get(type);
    if (known !== undefined) return known;
    const text = cutText(externalText(type), LONGEST_TYPE);
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
