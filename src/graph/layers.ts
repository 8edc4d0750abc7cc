/**
 * Places the nodes of a graph in layers, callers above callees: edges that lead back are turned for the while, a node
 * stands below the longest way to it, and the order within a layer follows the neighbours above and below in turn
 * (Sugiyama, Tagawa and Toda 1981; the barycentre method). Nothing recurs.
 */
import { edgesFrom, type Graph } from "./graph.ts";

/** A node, or a place through which a long edge is led. */
export interface LayerItem {
  /** The node; undefined for a place of an edge. */
  readonly node: number | undefined;
  readonly layer: number;
}

/** An edge as it is led: downwards, through a place in every layer between. */
export interface LedEdge {
  /** Its number in the graph. */
  readonly edge: number;
  /** Items from its upper end to its lower one. */
  readonly way: readonly number[];
  /** Whether it leads up, so that its arrow stands at the upper end. */
  readonly turned: boolean;
}

export interface Layers {
  readonly items: readonly LayerItem[];
  /** Items of each layer, from left to right. */
  readonly layers: readonly (readonly number[])[];
  readonly led: readonly LedEdge[];
}

/** Places of edges in all; edges that are too long beyond them go straight. */
const MOST_PLACES = 20_000;

/** Times that the order of all layers is gone through, downwards and upwards. */
const SWEEPS = 8;

/** Finds the edges that lead back to a node that is still open, depth first. */
function backEdges(graph: Graph): Uint8Array {
  const { nodes, edges } = graph, { starts, edges: list } = edgesFrom(graph);
  const state = new Uint8Array(nodes.length),
    next = starts.slice(0, nodes.length),
    back = new Uint8Array(edges.length);
  const open: number[] = [], OPEN = 1, DONE = 2;
  for (let root = 0; root < nodes.length; root++) {
    if (state[root] !== 0) continue;
    open.push(root);
    state[root] = OPEN;
    while (open.length > 0) {
      const node = open.at(-1) ?? 0, at = next[node] ?? 0;
      if (at >= (starts[node + 1] ?? 0)) {
        state[node] = DONE;
        open.pop();
        continue;
      }
      next[node] = at + 1;
      const edge = list[at] ?? 0, to = edges[edge]?.to ?? 0;
      if (state[to] === OPEN) back[edge] = 1;
      else if (state[to] === 0) {
        state[to] = OPEN;
        open.push(to);
      }
    }
  }
  return back;
}

/** The longest way to each node, over edges that lead down. */
function depths(graph: Graph, back: Uint8Array): Int32Array {
  const { nodes, edges } = graph, depth = new Int32Array(nodes.length), left = new Int32Array(nodes.length);
  const down = edges.map(({ from, to, label }, at) =>
    back[at] === 1 ? { from: to, to: from, label } : { from, to, label }
  )
    .filter(({ from, to }) => from !== to);
  for (const { to } of down) left[to] = (left[to] ?? 0) + 1;
  const { starts, edges: list } = edgesFrom({ nodes, edges: down }), ready: number[] = [];
  for (let node = 0; node < nodes.length; node++) if (left[node] === 0) ready.push(node);
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at] ?? 0;
    for (let edge = starts[node] ?? 0; edge < (starts[node + 1] ?? 0); edge++) {
      const to = down[list[edge] ?? 0]?.to ?? 0;
      depth[to] = Math.max(depth[to] ?? 0, (depth[node] ?? 0) + 1);
      left[to] = (left[to] ?? 0) - 1;
      if (left[to] === 0) ready.push(to);
    }
  }
  return depth;
}

/** Puts the nodes of a graph into layers. */
export function layersOf(graph: Graph): Layers {
  const { nodes, edges } = graph, back = backEdges(graph), depth = depths(graph, back);
  const items: LayerItem[] = nodes.map((_, node) => ({ node, layer: depth[node] ?? 0 }));
  const led: LedEdge[] = [], above: number[][] = items.map(() => []), below: number[][] = items.map(() => []);
  const join = (upper: number, lower: number) => {
    below[upper]?.push(lower);
    above[lower]?.push(upper);
  };
  let places = 0;
  for (const [edge, { from, to }] of edges.entries()) {
    const turned = back[edge] === 1 && from !== to, way = turned ? [to] : [from], lower = turned ? from : to;
    const upperLayer = depth[way[0] ?? 0] ?? 0,
      lowerLayer = depth[lower] ?? 0,
      between = lowerLayer - upperLayer - 1;
    if (between > 0 && places + between <= MOST_PLACES) {
      places += between;
      for (let layer = upperLayer + 1; layer < lowerLayer; layer++) {
        const item = items.push({ node: undefined, layer }) - 1;
        above.push([]);
        below.push([]);
        join(way.at(-1) ?? 0, item);
        way.push(item);
      }
    }
    if (from !== to) join(way.at(-1) ?? 0, lower);
    way.push(lower);
    led.push({ edge, way, turned });
  }
  return { items, layers: ordered(items, above, below), led };
}

/** Orders layers by the mean place of each item's neighbours, first above, then below, and so on. */
function ordered(
  items: readonly LayerItem[],
  above: readonly (readonly number[])[],
  below: readonly (readonly number[])[],
): number[][] {
  const layers: number[][] = [], place = new Float64Array(items.length);
  for (const [item, { layer }] of items.entries()) (layers[layer] ??= []).push(item);
  const settle = (layer: readonly number[]) => {
    // From the middle, so that layers of different lengths are compared.
    for (const [at, item] of layer.entries()) place[item] = at - (layer.length - 1) / 2;
  };
  const sortBy = (layer: number[], neighbours: readonly (readonly number[])[]) => {
    const mean = new Map(layer.map((item) => {
      const near = neighbours[item] ?? [];
      let sum = 0;
      for (const other of near) sum += place[other] ?? 0;
      return [item, near.length === 0 ? place[item] ?? 0 : sum / near.length];
    }));
    layer.sort((one, other) => (mean.get(one) ?? 0) - (mean.get(other) ?? 0));
    settle(layer);
  };
  for (const layer of layers) settle(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    if (sweep % 2 === 0) { for (const layer of layers) sortBy(layer, above); }
    else for (const layer of layers.toReversed()) sortBy(layer, below);
  }
  return layers;
}
