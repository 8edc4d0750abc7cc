/** The open blocks of the body that is walked, in dense arrays: the walk allocates nothing an instruction. */
export class ControlStack {
  /** Key of the instruction that opened the block. */
  kind: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** State of the region when it was opened. */
  entry: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The outermost frame that a branch from inside leads to. */
  escape: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Values that a branch to the label moves. */
  arity: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Site of a loop's header, -1 for others. */
  header: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Bits of {@linkcode MARK}. */
  marks: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Edges into the label, and into the handlers of a try. */
  edges: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Those of them that come out of a br_table. */
  tableEdges: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Loops that are open. */
  loops: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Number of the innermost open loop, -1 outside of any. */
  loop: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Frame of the innermost open loop, -1 outside of any. */
  loopFrame: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Site of the region that the only `br` to a loop's header is in; -1 before, -2 where other branches lead there. */
  back: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The split of an `if`. */
  split: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The split whose branch is the only one that leads to the label; `NO_SPLIT`, `MANY_EDGES`. */
  splitEdge: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The innermost try, -1 outside of any. */
  try: Int32Array<ArrayBuffer> = new Int32Array(64);

  /** Makes room for one more frame. */
  reserve(depth: number): void {
    if (depth < this.kind.length) return;
    this.kind = larger(this.kind);
    this.entry = larger(this.entry);
    this.escape = larger(this.escape);
    this.arity = larger(this.arity);
    this.header = larger(this.header);
    this.marks = larger(this.marks);
    this.edges = larger(this.edges);
    this.tableEdges = larger(this.tableEdges);
    this.loops = larger(this.loops);
    this.loop = larger(this.loop);
    this.loopFrame = larger(this.loopFrame);
    this.back = larger(this.back);
    this.split = larger(this.split);
    this.splitEdge = larger(this.splitEdge);
    this.try = larger(this.try);
  }
}

/** The label is branched to; a catch clause leads to it; an else or catch was seen; an earlier arm ends reachable. */
export const MARK = { targeted: 1, handler: 2, otherArm: 4, armEnds: 8 } as const;

function larger(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
