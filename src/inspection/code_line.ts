/** Instructions as lines for people: text, and what their indices are called. */
import { cutText } from "../core/cut.ts";
import { formatInstruction } from "../wasm/disassemble.ts";
import type { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import type { ImmediateKind } from "../wasm/opcode.ts";
import { ROWS } from "../wasm/opcodes.ts";
import { formatType } from "../wasm/types.ts";
import type { ItemNames } from "./item_names.ts";
import type { NamedSpace } from "../wasm/names.ts";

/** One instruction. */
export interface CodeLine {
  /** Of its first byte in the module. */
  readonly offset: number;
  /** As in the text format, indices as numbers; cut where it is long. */
  readonly text: string;
  /** What the items are called that it names, and the type that an indirect call states; cut where it is long. */
  readonly note?: string;
  /** The function that it names: of a direct call the one that is called. */
  readonly callee?: number;
}

/** UTF-16 units of a text: a `br_table` may name 65,520 labels. */
const LONGEST_TEXT = 500;

/** UTF-16 units of a note: a module may choose names of 100,000 bytes. */
const LONGEST_NOTE = 120;

/** Whose names a note can give. */
const SPACES: Readonly<Partial<Record<ImmediateKind, NamedSpace>>> = {
  function: "function",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
  data: "data",
  element: "element",
};

/** Writes lines for the code of one module. */
export class CodeLines {
  readonly #module: Module;
  readonly #names: ItemNames;
  #locals: ReadonlyMap<number, string> = new Map();

  constructor(module: Module, names: ItemNames) {
    this.#module = module;
    this.#names = names;
  }

  /** Says whose instructions come next. */
  enter(functionIndex: number): void {
    this.#locals = this.#names.locals(functionIndex);
  }

  /** The line of the current instruction of a reader. */
  line(reader: InstructionReader): CodeLine {
    const note = this.#note(reader), callee = this.#callee(reader);
    return {
      offset: reader.offset,
      text: cutText(formatInstruction(reader), LONGEST_TEXT),
      ...(note === "" ? {} : { note: cutText(note, LONGEST_NOTE) }),
      ...(callee === undefined ? {} : { callee }),
    };
  }

  #callee({ key, index }: InstructionReader): number | undefined {
    return ROWS[key]?.immediates[0] === "function" ? index : undefined;
  }

  #note({ key, index, index2 }: InstructionReader): string {
    const immediates = ROWS[key]?.immediates ?? [], parts: string[] = [];
    if (immediates.length === 0) return "";
    for (const [at, kind] of immediates.entries()) {
      const part = this.#itemName(kind, at === 0 ? index : index2);
      if (part !== undefined) parts.push(part);
    }
    return parts.join(", ");
  }

  #itemName(kind: ImmediateKind, index: number): string | undefined {
    if (kind === "local") return this.#locals.get(index);
    if (kind === "type") return this.#names.of("type", index) ?? this.#functionType(index);
    const space = SPACES[kind];
    return space === undefined ? undefined : this.#names.of(space, index);
  }

  #functionType(typeIndex: number): string | undefined {
    const type = this.#module.types[typeIndex]?.composite;
    if (type?.kind !== "func") return undefined;
    // What is cut in any case need not be printed.
    const [params, results] = [type.params, type.results].map((types) =>
      types.slice(0, LONGEST_NOTE).map(formatType).join(", ")
    );
    return `(${params}) -> (${results})`;
  }
}
