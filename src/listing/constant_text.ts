/** Constant expressions in the text format: folded, as they are usually written, and as every compiler of text takes them. */
import { formatInstruction, type IndexText } from "../wasm/disassemble.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";

const END = op("end");

/** Operands of the instructions that a constant expression may have, where that is always the same. */
const OPERANDS: ReadonlyMap<number, number> = new Map(
  ([
    ["i32.const", 0],
    ["i64.const", 0],
    ["f32.const", 0],
    ["f64.const", 0],
    ["v128.const", 0],
    ["global.get", 0],
    ["ref.null", 0],
    ["ref.func", 0],
    ["i32.add", 2],
    ["i32.sub", 2],
    ["i32.mul", 2],
    ["i64.add", 2],
    ["i64.sub", 2],
    ["i64.mul", 2],
    ["ref.i31", 1],
    ["struct.new_default", 0],
    ["array.new", 2],
    ["array.new_default", 1],
    ["any.convert_extern", 1],
    ["extern.convert_any", 1],
  ] as const).map(([mnemonic, count]) => [op(mnemonic), count]),
);
const STRUCT_NEW = op("struct.new"), ARRAY_NEW_FIXED = op("array.new_fixed");

/** Instructions that are folded: a text within a text as often as a stranger likes would cost as much in time. */
const MOST_FOLDED = 200;

function operandsOf({ key, index, index2 }: InstructionReader, module: Module): number | undefined {
  if (key === ARRAY_NEW_FIXED) return index2;
  if (key !== STRUCT_NEW) return OPERANDS.get(key);
  const type = module.types[index]?.composite;
  return type?.kind === "struct" ? type.fields.length : undefined;
}

/**
 * Writes a constant expression, without its `end`.
 *
 * @param keyword stands in front of one that cannot be folded into one instruction
 * @throws {ModuleInvalidError} where the bytes are no instructions
 */
export function constantText(
  module: Module,
  { start, end }: ByteRange,
  { text, keyword }: { readonly text: IndexText; readonly keyword: string },
): string {
  const reader = new InstructionReader(module.bytes), flat: string[] = [];
  let folded: string[] | undefined = [];
  reader.reset(start, end);
  while (reader.next()) {
    if (reader.key === END) continue;
    const line = formatInstruction(reader, text), operands = operandsOf(reader, module);
    flat.push(line);
    if (
      folded === undefined || operands === undefined || operands > folded.length || flat.length > MOST_FOLDED
    ) {
      folded = undefined;
      continue;
    }
    const taken = operands === 0 ? [] : folded.splice(-operands);
    folded.push(`(${[line, ...taken].join(" ")})`);
  }
  const [only] = folded ?? [];
  if (only !== undefined && folded?.length === 1) return only;
  return keyword === "" ? flat.join(" ") : `(${keyword} ${flat.join(" ")})`;
}
