/**
 * Who calls whom in a module. Calls through tables and references lead to a node for their type, and from there to every
 * function of that type whose reference the module takes: more than are called, and never fewer, but for subtypes.
 */
import { cutText } from "../core/cut.ts";
import type { ItemNames } from "../inspection/item_names.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, FunctionBody, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import { formatType, type ValueType } from "../wasm/types.ts";
import type { Graph, GraphEdge, GraphNode } from "./graph.ts";

const DIRECT: ReadonlySet<number> = new Set(["call", "return_call"].map(op));
const INDIRECT: ReadonlySet<number> = new Set(
  ["call_indirect", "return_call_indirect", "call_ref", "return_call_ref"].map(op),
);
const REF_FUNC = op("ref.func");

/** UTF-16 units of a name, and of a type. */
const LONGEST_NAME = 200, LONGEST_TYPE = 120;

/** Edges that are kept: a module of megabytes can have ten million, and each becomes an object. */
const MOST_EDGES = 1_000_000;

class CallGraphBuilder {
  readonly #module: Module;
  readonly #names: ItemNames;
  readonly #nodes: GraphNode[] = [];
  readonly #edges: GraphEdge[] = [];
  #omitted = 0;
  /** Nodes of functions by their index. */
  readonly #place: Int32Array;
  /** What types read as, by their index, and the nodes of those that are called by. */
  readonly #typeTexts = new Map<number, string>();
  readonly #typeNodes = new Map<string, number>();
  /** Functions whose reference is taken, in segments, globals, tables and code. */
  readonly #taken = new Set<number>();
  readonly #reader: InstructionReader;

  constructor(module: Module, names: ItemNames) {
    this.#module = module;
    this.#names = names;
    this.#place = new Int32Array(module.functions.length);
    this.#reader = new InstructionReader(module.bytes);
  }

  build(): Graph {
    const { imported, bodies } = this.#module;
    this.#addFunctions();
    this.#findReferences();
    for (const [at, body] of bodies.entries()) this.#addCalls(imported.function + at, body);
    for (const index of this.#taken) {
      const type = this.#module.functions[index], to = this.#place[index];
      const from = type === undefined ? undefined : this.#typeNodes.get(this.#typeText(type));
      if (from !== undefined && to !== undefined) this.#edge(from, to, 1);
    }
    return {
      title: "Calls",
      nodes: this.#nodes,
      edges: this.#edges,
      omitted: { nodes: 0, edges: this.#omitted },
    };
  }

  /** Exports come first, since a stranger would look at them first. */
  #addFunctions(): void {
    const { exports, start, functions, imported } = this.#module, outer = new Set<number>();
    for (const { kind, index } of exports) if (kind === "function") outer.add(index);
    if (start !== undefined) outer.add(start.index);
    const add = (index: number) => {
      const name = this.#names.of("function", index);
      this.#place[index] = this.#nodes.push({
        title: name === undefined ? `#${index}` : `#${index} ${cutText(name, LONGEST_NAME)}`,
        lines: [],
        further: 0,
        kind: index < imported.function ? "imported" : outer.has(index) ? "entry" : "plain",
      }) - 1;
    };
    for (const index of outer) add(index);
    for (let index = 0; index < functions.length; index++) if (!outer.has(index)) add(index);
  }

  #edge(from: number, to: number, times: number): void {
    if (this.#edges.length >= MOST_EDGES) this.#omitted++;
    else this.#edges.push({ from, to, label: times === 1 ? "" : `×${times}` });
  }

  /** References outside of code. */
  #findReferences(): void {
    const { elements, globals, tables } = this.#module, reader = this.#reader;
    const scan = (range: ByteRange | undefined) => {
      if (range === undefined) return;
      reader.reset(range.start, range.end);
      while (reader.next()) if (reader.key === REF_FUNC) this.#taken.add(reader.index);
    };
    for (const { functions, expressions } of elements) {
      for (const index of functions ?? []) this.#taken.add(index);
      for (const expression of expressions ?? []) scan(expression);
    }
    for (const { init } of globals) scan(init);
    for (const { init } of tables) scan(init);
  }

  #addCalls(caller: number, { code, end }: FunctionBody): void {
    const { functions, types } = this.#module, reader = this.#reader, times = new Map<number, number>();
    reader.reset(code, end);
    while (reader.next()) {
      const { key, index } = reader;
      if (key === REF_FUNC) this.#taken.add(index);
      let callee: number | undefined;
      if (DIRECT.has(key) && index < functions.length) callee = this.#place[index];
      else if (INDIRECT.has(key) && index < types.length) callee = this.#typeNode(index);
      if (callee !== undefined) times.set(callee, (times.get(callee) ?? 0) + 1);
    }
    for (const [callee, count] of times) this.#edge(this.#place[caller] ?? 0, callee, count);
  }

  #typeText(index: number): string {
    const known = this.#typeTexts.get(index);
    if (known !== undefined) return known;
    const type = this.#module.types[index]?.composite;
    const list = (types: readonly ValueType[]) => types.map(formatType).join(", ");
    const text = type?.kind === "func" ? `(${list(type.params)}) -> (${list(type.results)})` : "?";
    this.#typeTexts.set(index, text);
    return text;
  }

  /** The node of a type; types that read the same share one. */
  #typeNode(index: number): number {
    const text = this.#typeText(index), known = this.#typeNodes.get(text);
    if (known !== undefined) return known;
    const node = this.#nodes.push({
      title: `any ${cutText(text, LONGEST_TYPE)}`,
      lines: [],
      further: 0,
      kind: "indirect",
    }) - 1;
    this.#typeNodes.set(text, node);
    return node;
  }
}

/**
 * Makes the graph of a module's calls, exports first.
 *
 * @throws {ModuleInvalidError} where bytes are no instructions
 */
export function callGraph(
  { module, names }: { readonly module: Module; readonly names: ItemNames },
): Graph {
  return new CallGraphBuilder(module, names).build();
}
