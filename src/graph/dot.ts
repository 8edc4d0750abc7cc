/** A graph in the language DOT, for Graphviz and what else reads it. */
import { plainText } from "../core/plain_text.ts";
import { type Graph, type GraphNode, type NodeKind, omittedText } from "./graph.ts";

const SHAPES: Readonly<Record<NodeKind, string>> = {
  plain: "",
  entry: ", penwidth=2",
  imported: ", style=dashed",
  indirect: ", shape=ellipse",
  exit: ", shape=ellipse",
};

/** UTF-16 units of a line of a label. */
const LONGEST = 500;

/** Text inside of quotes: a backslash is one of the text, and ends none; an ampersand begins no character of HTML. */
function quoted(text: string): string {
  return plainText(text, LONGEST).replace(/["\\]/g, "\\$&").replaceAll("&", "&amp;");
}

function labelOf({ title, lines, further }: GraphNode): string {
  if (lines.length === 0 && further === 0) return quoted(title);
  const more = further === 0 ? [] : [`… ${further} more`];
  return [title, ...lines, ...more].map((line) => `${quoted(line)}\\l`).join("");
}

/** Writes a graph as DOT, in pieces. */
export function* dotOf(graph: Graph): Generator<string, void> {
  const { title, nodes, edges } = graph;
  yield `digraph {\n  label="${quoted(title)}";\n  node [shape=box, fontname="monospace"];\n`;
  const omitted = omittedText(graph);
  if (omitted !== undefined) yield `  // ${omitted}\n`;
  for (const [at, node] of nodes.entries()) {
    yield `  n${at} [label="${labelOf(node)}"${SHAPES[node.kind]}];\n`;
  }
  for (const { from, to, label } of edges) {
    yield `  n${from} -> n${to}${label === "" ? "" : ` [label="${quoted(label)}"]`};\n`;
  }
  yield "}\n";
}
