/**
 * Who may call whom, and which functions can be on the stack twice. Nodes are the function bodies and one more,
 * "unknown": a call through a table or reference, or of an import, leads to it, and it leads to every function
 * whose address is taken.
 */
import { Column } from "./column.ts";
import { type CallFacts, FUNCTION_FLAGS } from "./plan.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";

export interface CallGraph {
  /** Node count: bodies and the unknown node, which is the last. */
  readonly size: number;
  /** Strongly connected component of each node; a component's number is lower than those of its callers'. */
  readonly component: Int32Array;
  /** Nodes in the order in which their components were closed: callees first. */
  readonly order: Int32Array;
  /** 1 for nodes on a cycle. */
  readonly recursive: Uint8Array;
  /** 1 for bodies that something other than a direct call can reach. */
  readonly addressTaken: Uint8Array;
  /** Calls `visit` with every node that `node` may call. */
  successors(node: number, visit: (successor: number) => void): void;
}

/** Bodies that something other than a direct call can reach: in segments, globals, tables, exports; and the start function. */
function addressTaken(module: Module): { readonly first: Column; readonly isTaken: Uint8Array } {
  const imported = module.imported.function,
    first = new Column(),
    isTaken = new Uint8Array(module.bodies.length);
  const reader = new InstructionReader(module.bytes), refFunc = op("ref.func");
  const take = (index: number) => {
    const body = index - imported;
    if (isTaken[body] !== 0) return; // of an import, too
    isTaken[body] = 1;
    first.push(body);
  };
  const scan = (range: ByteRange | undefined) => {
    if (range === undefined) return;
    reader.reset(range.start, range.end);
    while (reader.next()) if (reader.key === refFunc) take(reader.index);
  };
  for (const segment of module.elements) {
    for (const index of segment.functions ?? []) take(index);
    for (const expression of segment.expressions ?? []) scan(expression);
  }
  for (const global of module.globals) scan(global.init);
  for (const table of module.tables) scan(table.init);
  for (const item of module.exports) if (item.kind === "function") take(item.index);
  if (module.start !== undefined) take(module.start.index);
  return { first, isTaken };
}

/** Builds the graph and finds its cycles (Tarjan's algorithm, with its stack in arrays: chains can be a million long). */
export function buildCallGraph(module: Module, plan: CallFacts): CallGraph {
  const bodies = module.bodies.length,
    unknown = bodies,
    size = bodies + 1,
    imported = module.imported.function;
  const { first: taken, isTaken } = addressTaken(module);
  const degree = (node: number): number =>
    node === unknown
      ? taken.length
      : (plan.bodyCallees[node + 1] ?? 0) - (plan.bodyCallees[node] ?? 0) + callsUnknown(node);
  const callsUnknown = (node: number): number =>
    ((plan.flags[node] ?? 0) & FUNCTION_FLAGS.callsUnknown) === 0 ? 0 : 1;
  const successor = (node: number, edge: number): number => {
    if (node === unknown) return taken.at(edge);
    const at = (plan.bodyCallees[node] ?? 0) + edge;
    return at < (plan.bodyCallees[node + 1] ?? 0) ? (plan.callees[at] ?? 0) - imported : unknown;
  };

  const component = new Int32Array(size).fill(-1),
    order = new Int32Array(size),
    recursive = new Uint8Array(size);
  const number = new Int32Array(size).fill(-1), low = new Int32Array(size), nextEdge = new Int32Array(size);
  const path = new Int32Array(size), open = new Int32Array(size);
  let counter = 0, components = 0, closed = 0, openCount = 0;
  for (let root = 0; root < size; root++) {
    if (number[root] !== -1) continue;
    let top = 0;
    path[0] = root;
    number[root] = low[root] = counter++;
    open[openCount++] = root;
    while (top >= 0) {
      const node = path[top] ?? 0, edge = nextEdge[node] ?? 0;
      if (edge < degree(node)) {
        nextEdge[node] = edge + 1;
        const next = successor(node, edge);
        if (next === node) recursive[node] = 1;
        if (number[next] === -1) {
          number[next] = low[next] = counter++;
          open[openCount++] = next;
          path[++top] = next;
        } else if (component[next] === -1) low[node] = Math.min(low[node] ?? 0, number[next] ?? 0);
        continue;
      }
      top--;
      if (top >= 0) {
        const parent = path[top] ?? 0;
        low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      }
      if (low[node] !== number[node]) continue;
      const first = closed;
      let member: number;
      do {
        member = open[--openCount] ?? 0;
        component[member] = components;
        order[closed++] = member;
      } while (member !== node);
      if (closed - first > 1) { for (let i = first; i < closed; i++) recursive[order[i] ?? 0] = 1; }
      components++;
    }
  }
  return {
    size,
    component,
    order,
    recursive,
    addressTaken: isTaken,
    successors(node, visit) {
      for (let edge = 0, edges = degree(node); edge < edges; edge++) visit(successor(node, edge));
    },
  };
}
