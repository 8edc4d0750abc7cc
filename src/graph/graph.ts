/** A directed graph as plain data: what the writers of text, DOT and SVG take, whatever it shows. */

/** What a node is, for its looks. */
export type NodeKind = "plain" | "entry" | "imported" | "indirect" | "exit";

export interface GraphNode {
  /** One line. */
  readonly title: string;
  /** What stands below the title, where it is listed. */
  readonly lines: readonly string[];
  /** Lines that were left out. */
  readonly further: number;
  readonly kind: NodeKind;
}

/** From one node to another, by their places in {@linkcode Graph.nodes}. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** What it stands for; empty where that goes without saying. */
  readonly label: string;
}

export interface Graph {
  /** One line; names of the module stand in it as it spells them. */
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** What was left out. */
  readonly omitted: GraphSize;
}

/** Where each node's edges stand in one array: edge numbers `edges[starts[n]]` … `edges[starts[n + 1] - 1]`. */
export interface EdgeIndex {
  readonly starts: Int32Array;
  readonly edges: Int32Array;
}

/** Lists the edges that leave each node, in their order. */
export function edgesFrom({ nodes, edges }: Pick<Graph, "nodes" | "edges">): EdgeIndex {
  const starts = new Int32Array(nodes.length + 1), list = new Int32Array(edges.length);
  for (const { from } of edges) starts[from + 1] = (starts[from + 1] ?? 0) + 1;
  for (let at = 0; at < nodes.length; at++) starts[at + 1] = (starts[at + 1] ?? 0) + (starts[at] ?? 0);
  const next = starts.slice();
  for (const [number, { from }] of edges.entries()) {
    const at = next[from] ?? 0;
    list[at] = number;
    next[from] = at + 1;
  }
  return { starts, edges: list };
}

/** How much of a graph is kept. */
export interface GraphSize {
  readonly nodes: number;
  readonly edges: number;
}

/**
 * The part of a graph that is reached first from its first node, breadth first, then from the nodes that nothing reached:
 * what is shown of a graph that is too large.
 */
export function firstPart(graph: Graph, most: GraphSize): Graph {
  const { nodes, edges } = graph, count = nodes.length;
  if (count <= most.nodes && edges.length <= most.edges) return graph;
  const index = edgesFrom(graph), place = new Int32Array(count).fill(-1), order: number[] = [];
  const take = (node: number) => {
    if (place[node] !== -1 || order.length >= most.nodes) return;
    place[node] = order.length;
    order.push(node);
  };
  for (let root = 0, at = 0; root < count && order.length < most.nodes; root++) {
    take(root);
    for (; at < order.length && order.length < most.nodes; at++) {
      const node = order[at] ?? 0;
      for (let edge = index.starts[node] ?? 0; edge < (index.starts[node + 1] ?? 0); edge++) {
        take(edges[index.edges[edge] ?? 0]?.to ?? 0);
      }
    }
  }
  const kept: GraphEdge[] = [];
  for (const { from, to, label } of edges) {
    const one = place[from] ?? -1, other = place[to] ?? -1;
    if (one >= 0 && other >= 0 && kept.length < most.edges) kept.push({ from: one, to: other, label });
  }
  return {
    title: graph.title,
    nodes: order.flatMap((node) => nodes[node] ?? []),
    edges: kept,
    omitted: {
      nodes: graph.omitted.nodes + count - order.length,
      edges: graph.omitted.edges + edges.length - kept.length,
    },
  };
}

/** What was left out of a graph, in words; undefined where all of it is there. */
export function omittedText({ nodes, edges, omitted }: Graph): string | undefined {
  const parts: string[] = [];
  if (omitted.nodes > 0) parts.push(`${nodes.length} of ${nodes.length + omitted.nodes} nodes`);
  if (omitted.edges > 0) parts.push(`${edges.length} of ${edges.length + omitted.edges} edges`);
  return parts.length === 0 ? undefined : `Cut: ${parts.join(", ")}`;
}
