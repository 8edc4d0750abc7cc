/**
 * The control flow of a function: its basic blocks, and who goes on where. Built in one pass over the instructions with
 * the open blocks in an array, since a body of megabytes may nest a million. A handler is reached from the block that
 * opens its `try`: which of the calls inside throws is not to be seen.
 */
import { ModuleRefusedError } from "../core/errors.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import { op, SHAPE, SHAPES } from "../wasm/opcodes.ts";

/** How control goes from one block to another. */
export type FlowKind = "next" | "branch" | "true" | "false" | "case" | "default" | "catch";

/** Instructions that are run one after the other, the last of which may go elsewhere. */
export interface FlowBlock {
  /** Of its first instruction; of the function's end for the block that stands for it. */
  readonly start: number;
  readonly end: number;
  readonly instructions: number;
}

/** By the blocks' places in {@linkcode ControlFlow.blocks}. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: FlowKind;
  /** Of a `br_table`, how many of its labels lead there. */
  readonly labels: number;
}

export interface ControlFlow {
  /** In the order of the code; the last one has no instructions and stands for the function's return. */
  readonly blocks: readonly FlowBlock[];
  readonly edges: readonly FlowEdge[];
}

const LOOP = op("loop"), IF = op("if"), ELSE = op("else"), END = op("end"), BR = op("br");
const BR_TABLE = op("br_table"), CATCH = op("catch"), CATCH_ALL = op("catch_all"), DELEGATE = op("delegate");

/** Branches that are taken or not, beside `br_if`. */
const CONDITIONAL: ReadonlySet<number> = new Set(
  ["br_if", "br_on_null", "br_on_non_null", "br_on_cast", "br_on_cast_fail"].map(op),
);

const RETURNS: ReadonlySet<number> = new Set(
  ["return", "return_call", "return_call_indirect", "return_call_ref"].map(op),
);

/** After these, nothing goes on. */
const DEAD_ENDS: ReadonlySet<number> = new Set(["unreachable", "throw", "throw_ref", "rethrow"].map(op));

/** A body of megabytes can have a block every two bytes, and each becomes an object. */
const MOST_BLOCKS = 100_000, MOST_EDGES = 1_000_000;

/** An edge whose target is not known yet. */
interface OpenEdge {
  readonly from: number;
  readonly kind: FlowKind;
  readonly labels: number;
}

/** An open block of the code. */
interface Frame {
  /** The basic block that a branch to a loop leads to; undefined where branches lead to the end. */
  readonly header: number | undefined;
  /** The basic block that ends with its `if`, or opens its `try`. */
  readonly opener: number;
  /** Whether nothing was seen yet that a false condition leads to. */
  needsElse: boolean;
  /** Edges that lead to its end. */
  readonly leaving: OpenEdge[];
}

/** No block: the code before this place does not go on here. */
const NONE = -1;

class FlowBuilder {
  readonly #blocks: { readonly start: number; end: number; instructions: number }[] = [];
  readonly #edges: FlowEdge[] = [];
  readonly #frames: Frame[] = [];
  /** Edges that lead to the function's end. */
  readonly #leaving: OpenEdge[] = [];
  /** Branches so far. */
  #edgeCount = 0;
  /** The block that grows. */
  #current = NONE;
  /** Edges that lead to the next instruction, which begins a block. */
  #incoming: OpenEdge[] = [];

  /** Takes in an instruction. */
  add(reader: InstructionReader): void {
    if (this.#blocks.length > MOST_BLOCKS || this.#edgeCount > MOST_EDGES) {
      throw new ModuleRefusedError(
        `Cannot show the control flow: the function has more than ${MOST_BLOCKS} blocks or ${MOST_EDGES} edges`,
      );
    }
    const { key } = reader, shape = SHAPES[key];
    if (shape === SHAPE.blocktype || shape === SHAPE.tryTable) this.#open(reader);
    else if (key === ELSE || key === CATCH || key === CATCH_ALL) this.#middle(reader);
    else if (key === END || key === DELEGATE) this.#end(reader);
    else this.#plain(reader);
  }

  finish(end: number): ControlFlow {
    const exit = this.#blocks.push({ start: end, end, instructions: 0 }) - 1;
    for (const edge of this.#leaving) this.#edges.push({ ...edge, to: exit });
    return { blocks: this.#blocks, edges: this.#edges };
  }

  /** Adds an instruction to the block that grows, or to a new one. @returns the block */
  #take({ offset, end }: InstructionReader): number {
    if (this.#current === NONE || this.#incoming.length > 0) {
      const to = this.#blocks.push({ start: offset, end, instructions: 0 }) - 1;
      if (this.#current !== NONE) this.#edges.push({ from: this.#current, to, kind: "next", labels: 1 });
      for (const edge of this.#incoming) this.#edges.push({ ...edge, to });
      this.#incoming = [];
      this.#current = to;
    }
    const block = this.#blocks[this.#current];
    if (block !== undefined) {
      block.end = end;
      block.instructions++;
    }
    return this.#current;
  }

  /** Whether anything comes to this place. */
  get #isReached(): boolean {
    return this.#current !== NONE || this.#incoming.length > 0;
  }

  /** Ends the block that grows. @param incoming what leads to the next instruction instead */
  #close(...incoming: OpenEdge[]): void {
    this.#current = NONE;
    this.#incoming = incoming;
  }

  #branch(label: number, edge: OpenEdge): void {
    const frame = this.#frames[this.#frames.length - 1 - label];
    this.#edgeCount++;
    if (frame === undefined) this.#leaving.push(edge);
    else if (frame.header === undefined) frame.leaving.push(edge);
    else this.#edges.push({ ...edge, to: frame.header });
  }

  #open(reader: InstructionReader): void {
    const { key } = reader, isLoop = key === LOOP;
    if (isLoop && this.#current !== NONE) {
      this.#close({ from: this.#current, kind: "next", labels: 1 }, ...this.#incoming); // its header begins a block
    }
    const block = this.#take(reader);
    if (SHAPES[key] === SHAPE.tryTable) {
      for (let at = 0; at < reader.catchCount; at++) {
        this.#branch(reader.catchLabels[at] ?? 0, { from: block, kind: "catch", labels: 1 });
      }
    }
    this.#frames.push({
      header: isLoop ? block : undefined,
      opener: block,
      needsElse: key === IF,
      leaving: [],
    });
    if (key === IF) this.#close({ from: block, kind: "true", labels: 1 });
  }

  /** The marks between the parts of a block: they end what is before, which goes to the block's end. */
  #middle(reader: InstructionReader): void {
    const frame = this.#frames.at(-1);
    if (this.#isReached) frame?.leaving.push({ from: this.#take(reader), kind: "next", labels: 1 });
    if (frame === undefined) return this.#close();
    frame.needsElse = false;
    this.#close({ from: frame.opener, kind: reader.key === ELSE ? "false" : "catch", labels: 1 });
  }

  #end(reader: InstructionReader): void {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      if (this.#isReached) this.#leaving.push({ from: this.#take(reader), kind: "next", labels: 1 });
      return this.#close();
    }
    if (frame.needsElse) frame.leaving.push({ from: frame.opener, kind: "false", labels: 1 });
    // One by one: an array of a million does not fit on the stack.
    for (const edge of frame.leaving) this.#incoming.push(edge);
    if (this.#isReached) this.#take(reader);
  }

  #plain(reader: InstructionReader): void {
    const { key, index } = reader, from = this.#take(reader);
    if (CONDITIONAL.has(key)) {
      this.#branch(index, { from, kind: "true", labels: 1 });
      return this.#close({ from, kind: "false", labels: 1 });
    }
    if (key === BR) this.#branch(index, { from, kind: "branch", labels: 1 });
    else if (key === BR_TABLE) this.#table(reader, from);
    else if (RETURNS.has(key)) this.#leaving.push({ from, kind: "branch", labels: 1 });
    else if (!DEAD_ENDS.has(key)) return;
    this.#close();
  }

  /** Cases that lead to the same label are one edge. */
  #table({ labels, labelCount }: InstructionReader, from: number): void {
    const counts = new Map<number, number>();
    for (let at = 0; at < labelCount - 1; at++) {
      const label = labels[at] ?? 0;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    for (const [label, count] of counts) this.#branch(label, { from, kind: "case", labels: count });
    this.#branch(labels[labelCount - 1] ?? 0, { from, kind: "default", labels: 1 });
  }
}

/**
 * Finds the control flow of a function.
 *
 * @param body number of the body: imported functions have none
 * @throws {ModuleInvalidError} where the bytes are no instructions
 * @throws {ModuleRefusedError} where it is too large to be of use to anybody
 */
export function controlFlow(module: Module, body: number): ControlFlow {
  const range = module.bodies[body];
  if (range === undefined) {
    throw new RangeError(`Cannot find body ${body}: there are ${module.bodies.length}`);
  }
  const reader = new InstructionReader(module.bytes), builder = new FlowBuilder();
  reader.reset(range.code, range.end);
  while (reader.next()) builder.add(reader);
  return builder.finish(range.end);
}
