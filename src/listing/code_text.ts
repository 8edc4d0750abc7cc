/**
 * Code in the text format, an instruction a line. `try_table` alone is folded: of a flat one without a type, watr loses the
 * first clause without a word.
 */
import { BlockDepth, formatInstruction, formatTypeWith } from "../wasm/disassemble.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody, Module } from "../wasm/module.ts";
import type { ImmediateKind } from "../wasm/opcode.ts";
import { op, SHAPE, SHAPES } from "../wasm/opcodes.ts";
import { indentation } from "./indentation.ts";
import type { Identifiers } from "./identifiers.ts";
import { FirstTypes, functionType, namedTypeUse, typeUse } from "./text_types.ts";

const END = op("end"), DELEGATE = op("delegate");

/** Locals that stand in one line. */
const LOCALS_PER_LINE = 64;

/** Writes the functions of one module. */
export class CodeText {
  readonly #module: Module;
  readonly #identifiers: Identifiers;
  readonly #first: FirstTypes;
  readonly #reader: InstructionReader;
  /** Blocks around the current instruction: what its labels are counted from. */
  #depth = 0;

  constructor(module: Module, identifiers: Identifiers) {
    this.#module = module;
    this.#identifiers = identifiers;
    this.#first = new FirstTypes(module);
    this.#reader = new InstructionReader(module.bytes);
  }

  /**
   * The lines of a function that is not imported.
   *
   * @throws {ModuleInvalidError} where the bytes are no instructions
   */
  *function(index: number, body: FunctionBody): Generator<string> {
    const typeIndex = this.#module.functions[index] ?? 0, identifiers = this.#identifiers;
    const paramCount = functionType(this.#module, typeIndex).params.length;
    const locals = identifiers.enter(index, { from: 0, to: paramCount + body.localCount });
    const isNamed = [...locals.keys()].some((local) => local < paramCount);
    const named = isNamed
      ? namedTypeUse(this.#module, typeIndex, { identifiers, params: locals, first: this.#first })
      : undefined;
    const declared = isNamed && named === undefined
      ? identifiers.enter(index, { from: paramCount, to: paramCount + body.localCount })
      : locals;
    const use = named ?? typeUse(this.#module, typeIndex, identifiers);
    yield `  (func ${identifiers.declared("function", index)}(;${index};) ${use}`;
    yield* this.#locals(body, paramCount, declared);
    yield* this.#instructions(body);
    yield ")\n";
  }

  *#locals(body: FunctionBody, first: number, ids: ReadonlyMap<number, string>): Generator<string> {
    let unnamed: string[] = [], index = first;
    const flush = (): string => {
      const text = unnamed.length === 0 ? "" : `\n    (local ${unnamed.join(" ")})`;
      unnamed = [];
      return text;
    };
    for (const { count, type } of body.locals) {
      const text = formatTypeWith(type, this.#identifiers.text);
      for (let left = count; left > 0; left--, index++) {
        const id = ids.get(index);
        if (id !== undefined) yield `${flush()}\n    (local ${id} ${text})`;
        else if (unnamed.push(text) >= LOCALS_PER_LINE) yield flush();
      }
    }
    yield flush();
  }

  *#instructions({ code, end }: FunctionBody): Generator<string> {
    const reader = this.#reader, depths = new BlockDepth(), folded: boolean[] = [];
    reader.reset(code, end);
    let blocks = 0;
    while (reader.next()) {
      const { key } = reader;
      // The last one is the parenthesis of the function.
      if (key === END && blocks === 0 && reader.end === end) break;
      const isTry = SHAPES[key] === SHAPE.tryTable, opens = isTry || SHAPES[key] === SHAPE.blocktype;
      this.#depth = key === DELEGATE ? blocks - 1 : blocks; // which counts from outside of its block
      let text = formatInstruction(reader, this.#text);
      if (isTry) text = `(${text}`;
      if (opens) folded.push(isTry);
      else if ((key === END || key === DELEGATE) && folded.pop()) text = ")";
      const depth = depths.pass(key);
      blocks = depths.next;
      yield `\n    ${indentation(depth)}${text}${opens ? ` ;; label = @${blocks}` : ""}`;
    }
  }

  /** Labels are numbers from within, and say which block they mean. */
  readonly #text = (kind: ImmediateKind, index: number): string => {
    if (kind !== "label") return this.#identifiers.text(kind, index);
    return index < this.#depth ? `${index} (;@${this.#depth - index};)` : String(index);
  };
}
