/** The control flow of a function as a graph: its basic blocks with their instructions. */
import { formatOffset } from "../core/bytes.ts";
import { CodeLines } from "../inspection/code_line.ts";
import type { ItemNames } from "../inspection/item_names.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import { controlFlow, type FlowEdge } from "./control_flow.ts";
import { functionTitle } from "./function_title.ts";
import type { Graph, GraphEdge, GraphNode } from "./graph.ts";

export interface FlowGraphOptions {
  /** Index of the function. */
  readonly index: number;
  /** Instructions that a block lists. */
  readonly mostLines: number;
}

/** Names of items in a block's lines: notes of the disassembly, in a few letters. */
function lineText(text: string, note: string | undefined): string {
  return note === undefined ? text : `${text} ;; ${note}`;
}

function edgeLabel({ kind, labels }: FlowEdge): string {
  if (kind === "next" || kind === "branch") return "";
  return kind === "case" && labels > 1 ? `${labels} cases` : kind;
}

/**
 * Makes the graph of a function.
 *
 * @throws {ModuleInvalidError} where the bytes are no instructions
 * @throws {RangeError} for a function that is imported or does not exist
 */
export function flowGraph(
  { module, names }: { readonly module: Module; readonly names: ItemNames },
  { index, mostLines }: FlowGraphOptions,
): Graph {
  const { blocks, edges } = controlFlow(module, index - module.imported.function);
  const reader = new InstructionReader(module.bytes), writer = new CodeLines(module, names);
  writer.enter(index);
  const nodes = blocks.map(({ start, end, instructions }, at): GraphNode => {
    if (at === blocks.length - 1) return { title: "return", lines: [], further: 0, kind: "exit" };
    const lines: string[] = [];
    reader.reset(start, end);
    while (lines.length < mostLines && reader.next()) {
      const { text, note } = writer.line(reader);
      lines.push(lineText(text, note));
    }
    const title = `${at} at ${formatOffset(start)}`;
    return { title, lines, further: instructions - lines.length, kind: at === 0 ? "entry" : "plain" };
  });
  return {
    title: `Control flow of ${functionTitle(names, index)}`,
    nodes,
    edges: edges.map((edge): GraphEdge => ({ from: edge.from, to: edge.to, label: edgeLabel(edge) })),
    omitted: { nodes: 0, edges: 0 },
  };
}
