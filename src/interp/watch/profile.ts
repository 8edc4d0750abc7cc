/** Counts fuel by function and by way to it. */
import type { FrameEnd, StackFrame, StackListener } from "./call_stack.ts";
import type { WatchedModule } from "./watched_module.ts";

/** Ways that are told apart, and calls in one; what is called beyond is counted to its caller's way. */
const MOST_NODES = 50_000, MOST_DEPTH = 256;

/** Characters of all ways as text, and functions, for each byte that there is room for. */
const TEXT_SHARE = 1 / 8, FUNCTION_SHARE = 1 / 2000;

/** What a function consumed. */
export interface ProfiledFunction {
  readonly index: number;
  readonly name: string;
  calls: number;
  /** Units that its own code consumed. */
  self: number;
  /** The same with all that it called. */
  total: number;
}

/** What a call consumed. */
export interface ProfileData {
  /** Units of all functions, and of {@linkcode other}. */
  readonly fuel: number;
  readonly functions: readonly ProfiledFunction[];
  /**
   * Lines `main;f;g 1234`: a way, and the units that the function at its end consumed by itself. What has no way of its
   * own is in the line of {@linkcode OTHER}, so that all lines together are the whole.
   */
  readonly stacks: string;
  /** Units that no function consumed. */
  readonly other: number;
  /** Whether there were more ways than are told apart. */
  readonly cut: boolean;
}

/** Stands for what belongs to no way. */
export const OTHER = "(other)";

interface Node {
  readonly depth: number;
  readonly parent: Node | undefined;
  readonly name: string;
  readonly row: Row | undefined;
  self: number;
  readonly children: Map<Row, Node>;
}

interface Row extends ProfiledFunction {
  /** How often it is on the stack. */
  open: number;
}

export class Profile implements StackListener {
  readonly #rows = new Map<WatchedModule, Map<number, Row>>();
  readonly #root: Node = {
    depth: 0,
    parent: undefined,
    name: "",
    row: undefined,
    self: 0,
    children: new Map(),
  };
  #current: Node = this.#root;
  readonly #nodes = new WeakMap<StackFrame, Node>();
  /** Where the stack was when each frame was entered. */
  readonly #below: Node[] = [];
  #count = 0;
  #cut = false;

  charged(frame: StackFrame | undefined, units: bigint): void {
    const node = frame === undefined ? this.#root : this.#nodes.get(frame) ?? this.#root;
    node.self += Number(units);
    if (frame !== undefined) this.#row(frame).self += Number(units);
  }

  entered(frame: StackFrame): void {
    const row = this.#row(frame);
    row.calls++;
    row.open++;
    this.#below.push(this.#current);
    let node = this.#current.children.get(row);
    if (node === undefined && this.#count < MOST_NODES && this.#current.depth < MOST_DEPTH) {
      node = {
        depth: this.#current.depth + 1,
        parent: this.#current,
        name: row.name,
        row,
        self: 0,
        children: new Map(),
      };
      this.#current.children.set(row, node);
      this.#count++;
    }
    if (node === undefined) this.#cut = true;
    else this.#current = node;
    this.#nodes.set(frame, this.#current);
  }

  left(frame: StackFrame, _end: FrameEnd, units: bigint): void {
    const row = this.#row(frame);
    if (--row.open === 0) row.total += Number(units);
    this.#current = this.#below.pop() ?? this.#root;
  }

  #row({ module, body }: StackFrame): Row {
    let rows = this.#rows.get(module);
    if (rows === undefined) this.#rows.set(module, rows = new Map());
    let row = rows.get(body);
    if (row === undefined) {
      const index = module.functionOf(body);
      row = { index, name: module.nameOf(index), calls: 0, self: 0, total: 0, open: 0 };
      rows.set(body, row);
    }
    return row;
  }

  /**
   * A function charges for what it calls before it or after it. Where the guest was stopped in between, or what was owed
   * was taken back, a share is below zero: it is made up for by what the function has called, or by its caller.
   */
  #settle(): void {
    const nodes: Node[] = [this.#root];
    for (const node of nodes) nodes.push(...node.children.values()); // the list grows while it is walked
    for (const node of nodes.toReversed()) {
      for (const child of node.children.values()) {
        if (node.self < 0 && child.self > 0) move(child, node, Math.min(child.self, -node.self));
      }
      if (node.self < 0 && node.parent !== undefined) move(node.parent, node, -node.self);
    }
  }

  /** What was counted; functions with the largest shares of their own first. @param room bytes that it may take */
  taken(room: number): ProfileData {
    this.#settle();
    const functions = [...this.#rows.values()].flatMap((rows) => [...rows.values()])
      .map(({ index, name, calls, self, total }) => ({ index, name, calls, self, total }))
      .sort((a, b) => b.self - a.self || a.index - b.index);
    const lines: string[] = [];
    const fuel = functions.reduce((sum, { self }) => sum + self, this.#root.self);
    const most = Math.floor(room * FUNCTION_SHARE);
    let left = Math.floor(room * TEXT_SHARE),
      other = this.#root.self,
      cut = this.#cut || functions.length > most;
    const todo: (readonly [Node, string])[] = this.#root.children.values()
      .map((node) => [node, node.name] as const).toArray().reverse();
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const [node, way] = next, line = `${way} ${node.self}\n`;
      if (node.self > 0 && left < line.length) {
        cut = true;
        other += node.self;
      } else if (node.self > 0) {
        lines.push(line);
        left -= line.length;
      }
      const below = node.children.values().map((child) => [child, `${way};${child.name}`] as const);
      todo.push(...below.toArray().reverse());
    }
    if (other > 0) lines.push(`${OTHER} ${other}\n`);
    return { fuel, functions: functions.slice(0, most), stacks: lines.join(""), other: this.#root.self, cut };
  }
}

function move(from: Node, to: Node, units: number): void {
  from.self -= units;
  to.self += units;
  if (from.row !== undefined) from.row.self -= units;
  if (to.row !== undefined) to.row.self += units;
}
