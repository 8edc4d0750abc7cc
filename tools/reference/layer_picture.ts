/** docs/pictures/layers.svg: the folders of `src/` and what they import, from the table that holds them to it. */
import type { Graph, GraphEdge } from "../../src/graph/graph.ts";
import { svgOf } from "../../src/graph/svg.ts";
import { type Layer, LAYERS } from "../layers.ts";

/** All folders that a folder's imports reach, its own imports included. */
function reachOf(folder: string, rows: readonly Layer[]): Set<string> {
  const reached = new Set<string>(), open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const name of rows.find((row) => row.folder === next)?.imports ?? []) {
      if (!reached.has(name)) open.push(name);
      reached.add(name);
    }
  }
  return reached;
}

/** The imports of a folder that none of its other imports has: with an arrow for each, no picture could be read. */
export function directImports({ imports }: Pick<Layer, "imports">, rows: readonly Layer[]): string[] {
  return imports.filter((name) => !imports.some((other) => reachOf(other, rows).has(name)));
}

/** The graph that is drawn. */
export function layerGraph(rows: readonly Layer[]): Graph {
  const sorted = rows.toSorted((one, other) => other.layer - one.layer);
  const place = (name: string) => sorted.findIndex(({ folder }) => folder === name);
  const edges = sorted.flatMap((row, from): GraphEdge[] => [
    ...directImports(row, rows).map((name) => ({ from, to: place(name), label: "" })),
    ...(row.importsTypes ?? []).map((name) => ({ from, to: place(name), label: "" })),
  ]);
  const nodes = sorted.map(({ folder, layer }) => (
    { title: `${folder} ${layer}`, lines: [], further: 0, kind: "plain" as const }
  ));
  return {
    title: "src: folders with their layers; imports go down",
    nodes,
    edges,
    omitted: { nodes: 0, edges: 0 },
  };
}

/** The picture. */
export function renderLayers(): string {
  return [...svgOf(layerGraph(LAYERS))].join("");
}
