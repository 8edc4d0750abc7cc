/** The code of one function as lines, in parts: a function of megabytes has a million of them. */
import { BlockDepth } from "../wasm/disassemble.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import { formatType } from "../wasm/types.ts";
import { type CodeLine, CodeLines } from "./code_line.ts";
import type { ItemNames } from "./item_names.ts";

/** A line of a function, with the number of blocks that it stands in. */
export interface FunctionLine extends CodeLine {
  readonly depth: number;
}

/** Where the next part begins. */
export interface CodePosition {
  readonly offset: number;
  readonly depth: number;
}

/** A part of a function's code. */
export interface FunctionCode {
  /** Locals beside the parameters, as in `2 i32, 1 f64`; the first hundred groups. */
  readonly locals: string;
  /** None of an imported function, whose code is elsewhere. */
  readonly lines: readonly FunctionLine[];
  /** Where the code goes on; absent at its end. */
  readonly next?: CodePosition;
}

export interface FunctionCodeOptions {
  readonly index: number;
  /** As an earlier part said; undefined for the beginning. */
  readonly from?: CodePosition | undefined;
  /** Lines of a part. */
  readonly most: number;
}

/** Groups of locals that are listed. */
const MOST_LOCALS = 100;

/**
 * Writes a part of a function's code.
 *
 * @throws {ModuleInvalidError} where the bytes are no instructions
 * @throws {RangeError} for a function or a position that does not exist
 */
export function functionCode(
  { module, names }: { readonly module: Module; readonly names: ItemNames },
  { index, from, most }: FunctionCodeOptions,
): FunctionCode {
  if (!(index >= 0 && index < module.functions.length)) {
    throw new RangeError(`Cannot find function ${index}: the module has ${module.functions.length}`);
  }
  const body = module.bodies[index - module.imported.function];
  if (body === undefined) return { locals: "", lines: [] };
  const { offset, depth } = from ?? { offset: body.code, depth: 0 };
  if (!(offset >= body.code && offset <= body.end)) {
    throw new RangeError(`Cannot go on at offset ${offset}: it is outside of function ${index}`);
  }
  const reader = new InstructionReader(module.bytes), depths = new BlockDepth(depth);
  const writer = new CodeLines(module, names), lines: FunctionLine[] = [];
  writer.enter(index);
  reader.reset(offset, body.end);
  while (lines.length < most && reader.next()) {
    lines.push({ ...writer.line(reader), depth: depths.pass(reader.key) });
  }
  const groups = body.locals.slice(0, MOST_LOCALS).map(({ count, type }) => `${count} ${formatType(type)}`);
  return {
    locals: groups.join(", ") + (body.locals.length > MOST_LOCALS ? ", …" : ""),
    lines,
    ...(reader.position < body.end ? { next: { offset: reader.position, depth: depths.next } } : {}),
  };
}
