/**
 * A graph as a picture by itself: SVG without scripts, links or anything from elsewhere, in the colours of a light or a
 * dark page. Its text is the module's, so every character of it is escaped.
 */
import { plainText } from "../core/plain_text.ts";
import { type Graph, type GraphEdge, type GraphNode, omittedText } from "./graph.ts";
import { type Box, type EdgeWay, MARGIN, placed, type Size } from "./placement.ts";

/** Pixels. The letters are of one width: browsers take 0.6 of their height. */
const FONT = 12, LETTER = 7.25, LINE = 16, PADDING = 8;

/** Letters of a line that are shown. */
const LONGEST = 64;

const STYLE = `
  svg { --ink: #1f2937; --line: #6b7280; --box: #ffffff; --edge: #64748b; --page: #f8fafc; --entry: #dbeafe;
    --other: #fef3c7; --back: #b45309; --soft: #475569; }
  @media (prefers-color-scheme: dark) { svg { --ink: #e5e7eb; --line: #94a3b8; --box: #1e293b; --edge: #94a3b8;
    --page: #0f172a; --entry: #1e3a8a; --other: #453a1c; --back: #fbbf24; --soft: #cbd5e1; } }
  text { font: ${FONT}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink);
    white-space: pre; }
  .page { fill: var(--page); } .title { font-weight: bold; } .soft { fill: var(--soft); }
  .box { fill: var(--box); stroke: var(--line); } .entry { fill: var(--entry); stroke-width: 1.5; }
  .imported { fill: var(--other); stroke-dasharray: 4 3; } .indirect, .exit { fill: var(--other); }
  .edge { fill: none; stroke: var(--edge); stroke-width: 1.2; } .back { stroke: var(--back); }
  .head { fill: var(--edge); } .headback { fill: var(--back); }
  .label { font-size: 10px; fill: var(--soft); paint-order: stroke; stroke: var(--page); stroke-width: 3; }`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as XML takes it: what no document may have, controls and noncharacters, is shown by its number. */
function escaped(text: string): string {
  return plainText(text, LONGEST).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replace(/[\ufffe\uffff]/g, "\ufffd");
}

function linesOf({ title, lines, further }: GraphNode): string[] {
  return [title, ...lines, ...(further > 0 ? [`… ${further} more`] : [])];
}

function lettersOf(line: string): number {
  return plainText(line, LONGEST).length;
}

function sizeOf(node: GraphNode): Size {
  const lines = linesOf(node), letters = lines.reduce((most, line) => Math.max(most, lettersOf(line)), 3);
  return { width: letters * LETTER + 2 * PADDING, height: lines.length * LINE + 2 * PADDING - 4 };
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

/** The line of an edge, from its tail to its head: down through the rows between, or up. */
function edgePath({ points, turned }: EdgeWay): string {
  const ordered = turned ? points.toReversed() : points, [start = [0, 0]] = ordered;
  let path = `M${at(start[0])} ${at(start[1])}`, [x, y] = start;
  for (const [nextX, nextY] of ordered.slice(1)) {
    const middle = (y + nextY) / 2;
    path += nextX === x
      ? `V${at(nextY)}`
      : `C${at(x)} ${at(middle)} ${at(nextX)} ${at(middle)} ${at(nextX)} ${at(nextY)}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}

/** A loop of a node to itself, at its right side. */
function ownPath({ x, y, width, height }: Box): string {
  const right = x + width / 2, top = y + height * 0.3, bottom = y + height * 0.7;
  return `M${at(right)} ${at(bottom)}C${at(right + 26)} ${at(bottom + 8)} ${at(right + 26)} ${at(top - 8)} ${
    at(right)
  } ${at(top)}`;
}

function edgeText(way: EdgeWay, { from, to, label }: GraphEdge, box: Box): string {
  const own = from === to, kind = way.turned || own ? " back" : "";
  const path = own ? ownPath(box) : edgePath(way);
  const line = `<path class="edge${kind}" marker-end="url(#${
    kind === "" ? "head" : "headback"
  })" d="${path}"/>\n`;
  if (label === "") return line;
  const [x, y] = (way.turned ? way.points.at(-1) : way.points[0]) ?? [0, 0];
  const [labelX, labelY] = own
    ? [box.x + box.width / 2 + 24, box.y + box.height / 2]
    : [x, way.turned ? y - 8 : y + 13];
  return `${line}<text class="label" x="${at(labelX)}" y="${at(labelY)}" text-anchor="middle">${
    escaped(label)
  }</text>\n`;
}

function nodeText(node: GraphNode, { x, y, width, height }: Box): string {
  const left = x - width / 2, round = node.kind === "indirect" || node.kind === "exit" ? 12 : 4;
  const box = `<rect class="box ${node.kind}" x="${at(left)}" y="${at(y)}" width="${at(width)}" height="${
    at(height)
  }" rx="${round}"/>\n`;
  const lines = linesOf(node).map((line, place) => {
    const style = place > 0 ? "" : node.lines.length > 0 ? ' class="title"' : "";
    return `<text${style} x="${at(left + PADDING)}" y="${at(y + PADDING + FONT - 3 + place * LINE)}">${
      escaped(line)
    }</text>\n`;
  });
  return box + lines.join("");
}

const MARKER = (id: string) =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
  `<path class="${id}" d="M0 0L8 4L0 8z"/></marker>`;

/** Writes a graph as SVG, in pieces. Graphs of thousands of nodes are to be cut before. */
export function* svgOf(graph: Graph): Generator<string, void> {
  const omitted = omittedText(graph), title = plainText(graph.title, LONGEST);
  const sizes = graph.nodes.map(sizeOf), titleWidth = title.length * LETTER;
  const { boxes, ways, width, height } = placed(graph, sizes, {
    top: 2 * LINE,
    least: Math.max(titleWidth, 280),
  });
  yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${
    at(width)
  }" ` +
    `height="${at(height)}" role="img">\n<title>${
      escaped(graph.title)
    }</title>\n<style>${STYLE}\n</style>\n` +
    `<defs>${MARKER("head")}${MARKER("headback")}</defs>\n<rect class="page" width="100%" height="100%"/>\n` +
    `<text class="title" x="${MARGIN}" y="${MARGIN}">${escaped(graph.title)}</text>\n`;
  if (omitted !== undefined) {
    yield `<text class="soft" x="${MARGIN}" y="${MARGIN + LINE}">${escaped(omitted)}</text>\n`;
  }
  for (const [place, edge] of graph.edges.entries()) {
    const way = ways[place], box = boxes[edge.from];
    if (way !== undefined && box !== undefined) yield edgeText(way, edge, box);
  }
  for (const [place, node] of graph.nodes.entries()) {
    const box = boxes[place];
    if (box !== undefined) yield nodeText(node, box);
  }
  yield "</svg>\n";
}
