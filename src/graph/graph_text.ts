/** A graph as lines: each node, what it holds, and where its edges lead. */
import { plainText } from "../core/plain_text.ts";
import { edgesFrom, type Graph, omittedText } from "./graph.ts";

/** UTF-16 units of a line that are shown. */
const LONGEST = 500;

/** Writes a graph as text, in pieces. */
export function* graphText(graph: Graph): Generator<string, void> {
  const { title, nodes, edges } = graph, { starts, edges: list } = edgesFrom(graph);
  yield `${plainText(title, LONGEST)}: ${nodes.length} nodes, ${edges.length} edges\n`;
  const omitted = omittedText(graph);
  if (omitted !== undefined) yield `${omitted}\n`;
  for (const [at, node] of nodes.entries()) {
    yield `${node.lines.length > 0 ? "\n" : ""}${plainText(node.title, LONGEST)}${
      node.kind === "plain" || node.kind === "exit" ? "" : ` [${node.kind}]`
    }\n`;
    for (const line of node.lines) yield `    ${plainText(line, LONGEST)}\n`;
    if (node.further > 0) yield `    … ${node.further} more\n`;
    for (let edge = starts[at] ?? 0; edge < (starts[at + 1] ?? 0); edge++) {
      const { to, label } = edges[list[edge] ?? 0] ?? { to: 0, label: "" };
      yield `  -> ${plainText(nodes[to]?.title ?? "", LONGEST)}${label === "" ? "" : ` (${label})`}\n`;
    }
  }
}
