/**
 * A module in the text format, in pieces: what is printed can be compiled again, and gives the same sections, but for the
 * widths of numbers, custom sections and what engines cannot tell apart. Made for modules of strangers: a piece has some
 * KiB at most unless one instruction is longer, and nothing recurs.
 */
import { quote } from "../core/quote.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { ItemNames } from "../inspection/item_names.ts";
import { formatTypeWith } from "../wasm/disassemble.ts";
import type {
  ByteRange,
  DataSegment,
  ElementSegment,
  ExternalKind,
  GlobalType,
  Import,
  MemoryType,
  Module,
} from "../wasm/module.ts";
import { CodeText } from "./code_text.ts";
import { constantText } from "./constant_text.ts";
import { Identifiers, type SpaceSizes } from "./identifiers.ts";
import { bytesString, nameString } from "./text_string.ts";
import { groupLines, limitsText, tableText, typeUse } from "./text_types.ts";

/** Locals of all functions: text has no word for "50,000 of them", which are four bytes of a module. */
const MOST_LOCALS = 10_000_000;

/** Bytes of data that stand in a line, and elements. */
const BYTES_PER_LINE = 64, ELEMENTS_PER_LINE = 16;

/** Keywords of what can be imported and exported. */
const KEYWORDS: Readonly<Record<ExternalKind, string>> = {
  function: "func",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
};

function sizesOf({ functions, types, tables, memories, globals, elements, data, tags }: Module): SpaceSizes {
  return {
    function: functions.length,
    type: types.length,
    table: tables.length,
    memory: memories.length,
    global: globals.length,
    element: elements.length,
    data: data.length,
    tag: tags.length,
  };
}

/**
 * Writes a module as text.
 *
 * @throws {ModuleInvalidError} where bytes are no instructions
 * @throws {ModuleRefusedError} where the text would be many times the module
 */
export function* moduleText(module: Module): Generator<string, void> {
  const locals = module.bodies.reduce((sum, { localCount }) => sum + localCount, 0);
  if (locals > MOST_LOCALS) {
    throw new ModuleRefusedError(
      `Cannot print the module as text: it has ${locals} locals, and text lists each; at most ${MOST_LOCALS} are allowed`,
    );
  }
  const names = new ItemNames(module);
  yield* new ModuleText(module, new Identifiers(names, sizesOf(module))).pieces(names.module);
}

class ModuleText {
  readonly #module: Module;
  readonly #ids: Identifiers;
  readonly #code: CodeText;

  constructor(module: Module, identifiers: Identifiers) {
    this.#module = module;
    this.#ids = identifiers;
    this.#code = new CodeText(module, identifiers);
  }

  *pieces(name: string | undefined): Generator<string, void> {
    const module = this.#module, ids = this.#ids;
    yield name === undefined || name === "" ? "(module\n" : `(module ;; ${quote(name)}\n`;
    for (const group of module.groups) yield* groupLines(module, group, ids);
    for (const item of module.imports) {
      yield `  (import ${nameString(item.module)} ${nameString(item.name)} (${this.#imported(item)}))\n`;
    }
    for (const [index, { typeIndex }] of module.tags.entries()) {
      if (index < module.imported.tag) continue;
      yield `  (${this.#head("tag", index)} ${typeUse(module, typeIndex, ids)})\n`;
    }
    for (const [index, table] of module.tables.entries()) {
      if (index < module.imported.table) continue;
      const init = table.init === undefined ? "" : ` ${this.#value(table.init)}`;
      yield `  (${this.#head("table", index)} ${tableText(table, ids)}${init})\n`;
    }
    for (const [index, memory] of module.memories.entries()) {
      if (index >= module.imported.memory) yield `  (${this.#head("memory", index)} ${memoryText(memory)})\n`;
    }
    for (const [index, global] of module.globals.entries()) {
      if (global.init === undefined) continue;
      yield `  (${this.#head("global", index)} ${this.#global(global)} ${this.#value(global.init)})\n`;
    }
    for (const { name, kind, index } of module.exports) {
      yield `  (export ${nameString(name)} (${KEYWORDS[kind]} ${ids.of(kind, index)}))\n`;
    }
    if (module.start !== undefined) yield `  (start ${ids.of("function", module.start.index)})\n`;
    for (const [index, segment] of module.elements.entries()) yield* this.#element(index, segment);
    for (const [at, body] of module.bodies.entries()) {
      yield* this.#code.function(module.imported.function + at, body);
    }
    for (const [index, segment] of module.data.entries()) yield* this.#data(index, segment);
    for (const { name, start, end } of module.customs) {
      yield `  ;; custom section ${quote(name)}, ${end - start} bytes\n`;
    }
    yield ")\n";
  }

  /** The beginning of what declares an item: `func $add (;0;)`. */
  #head(kind: ExternalKind, index: number): string {
    return `${KEYWORDS[kind]} ${this.#ids.declared(kind, index)}(;${index};)`;
  }

  #imported({ kind, index }: Import): string {
    const { functions, tables, memories, globals, tags } = this.#module, head = this.#head(kind, index);
    const table = tables[index], memory = memories[index], global = globals[index];
    if (kind === "table" && table !== undefined) return `${head} ${tableText(table, this.#ids)}`;
    if (kind === "memory" && memory !== undefined) return `${head} ${memoryText(memory)}`;
    if (kind === "global" && global !== undefined) return `${head} ${this.#global(global)}`;
    const typeIndex = kind === "tag" ? tags[index]?.typeIndex : functions[index];
    return `${head} ${typeUse(this.#module, typeIndex ?? 0, this.#ids)}`;
  }

  #global({ type, mutable }: GlobalType): string {
    const text = formatTypeWith(type, this.#ids.text);
    return mutable ? `(mut ${text})` : text;
  }

  #value(range: ByteRange, keyword = ""): string {
    return constantText(this.#module, range, { text: this.#ids.text, keyword });
  }

  #place(segment: Pick<ElementSegment, "position">, target: string): string {
    return segment.position === undefined ? "" : `${target}${this.#value(segment.position, "offset")} `;
  }

  *#element(index: number, segment: ElementSegment): Generator<string> {
    const { mode, table, type, functions, expressions } = segment, ids = this.#ids;
    const place = mode === "declarative"
      ? "declare "
      : this.#place(segment, table === 0 ? "" : `(table ${ids.of("table", table)}) `);
    const kind = functions === undefined ? formatTypeWith(type, ids.text) : "func";
    yield `  (elem ${ids.declared("element", index)}(;${index};) ${place}${kind}`;
    let column = 0;
    const separator = () => column++ % ELEMENTS_PER_LINE === 0 ? "\n    " : " ";
    for (const item of functions ?? []) yield separator() + ids.of("function", item);
    for (const item of expressions ?? []) yield separator() + this.#value(item, "item");
    yield ")\n";
  }

  *#data(index: number, segment: DataSegment): Generator<string> {
    const { memory, start, end } = segment, ids = this.#ids;
    const place = this.#place(segment, memory === 0 ? "" : `(memory ${ids.of("memory", memory)}) `);
    yield `  (data ${ids.declared("data", index)}(;${index};) ${place}`;
    for (let at = start; at < end; at += BYTES_PER_LINE) {
      const line = this.#module.bytes.subarray(at, Math.min(at + BYTES_PER_LINE, end));
      yield (end - start > BYTES_PER_LINE ? "\n    " : "") + bytesString(line);
    }
    yield ")\n";
  }
}

function memoryText(memory: MemoryType): string {
  return limitsText(memory) + (memory.shared ? " shared" : "");
}
