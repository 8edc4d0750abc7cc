/** The code of a function in both modules as lines that can be compared: without offsets, by names where there are any. */
import { AegisError } from "../core/errors.ts";
import { plainText } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";
import { indentation } from "../listing/indentation.ts";
import { namedFunction } from "../listing/named_function.ts";
import { BlockDepth, formatInstruction } from "../wasm/disassemble.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { ImmediateKind } from "../wasm/opcode.ts";
import { formatType } from "../wasm/types.ts";
import type { ComparedModule } from "./compared_module.ts";
import type { ComparedModules } from "./comparison.ts";
import { type DiffLine, diffLines } from "./line_diff.ts";

/** Lines of a function that are compared. */
const MOST_LINES = 100_000;

/** UTF-16 units of a line, and of a name in it. */
const LONGEST_LINE = 500, LONGEST_NAME = 120;

/** Groups of locals that are listed. */
const MOST_LOCALS = 100;

/** Code of a function as lines. */
export interface FunctionLines {
  readonly lines: readonly DiffLine[];
  /** Whether it is longer than what was compared. */
  readonly cut: boolean;
}

/** @param numberOf what functions without a name are called by */
function linesOf(
  compared: ComparedModule,
  index: number,
  numberOf: (functionIndex: number) => number,
): { readonly lines: string[]; readonly cut: boolean } {
  const body = compared.module.bodies[index - compared.firstBody];
  const lines = [`type ${plainText(compared.signatureOf(index), LONGEST_LINE)}`];
  if (body === undefined) return { lines: [...lines, "imported"], cut: false };
  const locals = body.locals.slice(0, MOST_LOCALS).map(({ count, type }) => `${count} ${formatType(type)}`);
  if (locals.length > 0) lines.push(`locals ${locals.join(", ")}`);
  const reader = new InstructionReader(compared.module.bytes), depths = new BlockDepth();
  const text = (kind: ImmediateKind, item: number): string => {
    if (kind === "function") {
      const name = compared.names.of("function", item);
      return name === undefined ? `#${numberOf(item)}` : quote(name.slice(0, LONGEST_NAME));
    }
    if (kind === "type") return plainText(compared.typeText(item), LONGEST_NAME);
    return kind === "global" ? plainText(compared.globalText(item), LONGEST_NAME) : String(item);
  };
  reader.reset(body.code, body.end);
  while (lines.length < MOST_LINES && reader.next()) {
    const line = plainText(formatInstruction(reader, text), LONGEST_LINE);
    lines.push(indentation(depths.pass(reader.key)) + line);
  }
  return { lines, cut: reader.position < body.end };
}

/**
 * Compares the code of one function.
 *
 * @param wanted its index in the first module, or its name in either
 * @throws {AegisError} `FunctionNotFound`
 */
export function functionLines(modules: ComparedModules, wanted: string): FunctionLines {
  const { one, other, matches } = modules, { before, after } = pairOf(modules, wanted);
  // A function without a name is called by its number in the first module.
  const numberBefore = (index: number): number => {
    const match = matches.before[index] ?? NONE;
    return match === NONE ? index : match;
  };
  const old = before === NONE ? NOTHING : linesOf(one, before, (index) => index);
  const now = after === NONE ? NOTHING : linesOf(other, after, numberBefore);
  return { lines: diffLines(old.lines, now.lines), cut: old.cut || now.cut };
}

const NONE = -1;

const NOTHING = { lines: [], cut: false } as const;

function pairOf({ one, other, matches }: ComparedModules, wanted: string): { before: number; after: number } {
  try {
    const before = namedFunction(one, wanted);
    return { before, after: matches.after[before] ?? NONE };
  } catch (error) {
    if (!(error instanceof AegisError) || error.code !== "FunctionNotFound") throw error;
  }
  const after = namedFunction(other, wanted);
  return { before: matches.before[after] ?? NONE, after };
}
