import type { HandlerData } from "../compile/handler_table.ts";

/** The innermost range that holds a position; -1 for none. */
export function rangeAt(handlers: HandlerData, position: number): number {
  let low = 0, high = handlers.starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((handlers.starts[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  let node = low - 1;
  while (node >= 0 && (handlers.ends[node] ?? 0) <= position) node = handlers.outers[node] ?? -1;
  return node;
}
