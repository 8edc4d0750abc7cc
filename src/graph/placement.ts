/** Where the boxes of a graph stand in a picture, and the ways of its edges between them; in pixels. */
import type { Graph } from "./graph.ts";
import { type Layers, layersOf, type LedEdge } from "./layers.ts";

const GAP = 28, LAYER_GAP = 50, PLACE = 14;

/** Around the picture. */
export const MARGIN = 24;

/** How far from each other edges leave a box: their labels stand below. */
const PORT_GAP = 40;

/** A row may be so wide before its nodes go below each other: a thousand callees would stand side by side. */
const WIDEST_ROW = 2400;

/** Of a box. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a box stands: `x` is its middle, `y` its top. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

type Point = readonly [x: number, y: number];

/** The way of an edge, from its upper end to its lower one. */
export interface EdgeWay {
  readonly points: readonly Point[];
  /** Whether it leads up. */
  readonly turned: boolean;
}

export interface Placement extends Size {
  /** Of the nodes. */
  readonly boxes: readonly Box[];
  /** Of the edges. */
  readonly ways: readonly EdgeWay[];
}

/** Layers as rows, each of a bounded width. */
function* rowsOf({ layers }: Layers, widthOf: (item: number) => number): Generator<readonly number[]> {
  for (const layer of layers) {
    let row: number[] = [], width = 0;
    for (const item of layer) {
      const own = widthOf(item) + GAP;
      if (row.length > 0 && width + own > WIDEST_ROW) {
        yield row;
        [row, width] = [[], 0];
      }
      row.push(item);
      width += own;
    }
    yield row;
  }
}

/** Spreads the ends of edges along the side of a box that they have in common, in the order of where they lead. */
function portsOf(
  led: readonly LedEdge[],
  boxes: readonly Box[],
  end: { readonly at: 0 | -1; readonly next: 1 | -2 },
): Float64Array {
  const ports = new Float64Array(led.length), byItem = new Map<number, number[]>();
  for (const [place, { way }] of led.entries()) {
    const item = way.at(end.at) ?? 0, places = byItem.get(item);
    if (places === undefined) byItem.set(item, [place]);
    else places.push(place);
  }
  for (const [item, places] of byItem) {
    const { x = 0, width = 0 } = boxes[item] ?? {};
    const aim = (place: number) => boxes[led[place]?.way.at(end.next) ?? 0]?.x ?? 0;
    places.sort((one, other) => aim(one) - aim(other));
    const step = Math.min(PORT_GAP, width * 0.8 / Math.max(1, places.length - 1));
    for (const [order, place] of places.entries()) {
      ports[place] = x + (order - (places.length - 1) / 2) * step;
    }
  }
  return ports;
}

/**
 * Places a graph.
 *
 * @param sizes of the nodes' boxes
 * @param options `top`: what is left free above; `least`: width of the picture at least, without its margins
 */
export function placed(
  graph: Graph,
  sizes: readonly Size[],
  { top, least }: { readonly top: number; readonly least: number },
): Placement {
  const layers = layersOf(graph), widthOf = (item: number) => sizes[item]?.width ?? PLACE;
  const rows = [...rowsOf(layers, widthOf)];
  const widths = rows.map((row) => row.reduce((sum, item) => sum + widthOf(item) + GAP, -GAP));
  const widest = widths.reduce((one, other) => Math.max(one, other), least), boxes: Box[] = [];
  let y = MARGIN + top;
  for (const [place, row] of rows.entries()) {
    const height = row.reduce((most, item) => Math.max(most, sizes[item]?.height ?? 0), 0);
    let x = MARGIN + (widest - (widths[place] ?? 0)) / 2;
    for (const item of row) {
      const width = widthOf(item);
      // An edge that passes goes straight down between the boxes of the row.
      boxes[item] = { x: x + width / 2, y, width, height: sizes[item]?.height ?? height };
      x += width + GAP;
    }
    y += height + LAYER_GAP;
  }
  const { led } = layers;
  const below = portsOf(led, boxes, { at: 0, next: 1 }), above = portsOf(led, boxes, { at: -1, next: -2 });
  const ways = led.map(({ way, turned }, edge): EdgeWay => ({
    turned,
    points: way.flatMap((item, place): Point[] => {
      const { x, y: boxTop, height } = boxes[item] ?? { x: 0, y: 0, height: 0 };
      if (place === 0) return [[below[edge] ?? x, boxTop + height]];
      if (place === way.length - 1) return [[above[edge] ?? x, boxTop]];
      return [[x, boxTop], [x, boxTop + height]];
    }),
  }));
  return {
    boxes: boxes.slice(0, sizes.length),
    ways,
    width: widest + 2 * MARGIN,
    height: y - LAYER_GAP + MARGIN,
  };
}
