/**
 * What V8's compile time depends on, by body, without a plan: as a walk for the plan counts it, or more, never less. Only
 * what the walk knows not to be reached is counted here as well, and as many loops as planning may add at most. A module
 * that this clears needs no plan to be cleared, which is worth a third of the time that a scan takes.
 */
import { ACTION, ACTIONS } from "./actions.ts";
import { CompileCounts, compileFacts } from "./compile_counts.ts";
import type { CompileFacts } from "./plan.ts";
import { MOST_WRAPPED_LOOPS } from "./plan_loops.ts";
import { TypeFacts } from "./type_facts.ts";
import { TABLE_EDGE_SHARE } from "./walk_body.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";

/** Counts while somebody goes through the code of a valid module, body by body. */
export class CompileBound {
  readonly facts: CompileFacts;
  readonly #module: Module;
  readonly #types: TypeFacts;
  readonly #counts = new CompileCounts();
  /** By open block: edges into its label and handlers, and those of them that come out of a br_table. */
  #edges = new Int32Array(64);
  #tableEdges = new Int32Array(64);
  /** By open block: loops that are open; whether it is one; the innermost try, -1 outside of any. */
  #loops = new Int32Array(64);
  #isLoop = new Uint8Array(64);
  #try = new Int32Array(64);
  #depth = 0;
  /** Loops of the body, and those that something branches back to. */
  #all = 0;
  #targeted = 0;

  constructor(module: Module) {
    this.#module = module;
    this.#types = new TypeFacts(module);
    this.facts = compileFacts(module.bodies.length);
  }

  /** Begins a body. */
  begin(): void {
    this.#depth = this.#all = this.#targeted = 0;
    this.#open(false, false);
  }

  /** Ends the body of that number. */
  finish(body: number): void {
    const counts = this.#counts;
    counts.loops = this.#targeted + Math.min(this.#targeted, MOST_WRAPPED_LOOPS);
    counts.calls += this.#all;
    counts.finish(body, this.facts);
  }

  /** Counts the instruction that a reader is at; those that neither branch nor call need not be shown. */
  pass(reader: InstructionReader): void {
    const counts = this.#counts;
    switch (ACTIONS[reader.key]) {
      case ACTION.block:
        return this.#open(false, false);
      case ACTION.if:
        counts.branchPoints++;
        return this.#open(false, false);
      case ACTION.loop:
        counts.branchPoints += 3;
        this.#mayThrow();
        this.#all++;
        return this.#open(true, false);
      case ACTION.else:
        counts.branchPoints++;
        return;
      case ACTION.catch:
        counts.clauses++;
        counts.branchPoints++;
        return;
      case ACTION.end:
      case ACTION.delegate:
        return this.#close();
      case ACTION.try:
        return this.#open(false, true);
      case ACTION.tryTable:
        counts.clauses += reader.catchCount;
        for (let at = 0; at < reader.catchCount; at++) this.#branch(reader.catchLabels[at] ?? 0, this.#edges);
        return this.#open(false, true);
      case ACTION.branch:
      case ACTION.branchOn:
      case ACTION.branchIf:
        return this.#branch(reader.index, this.#edges);
      case ACTION.branchTable:
        for (let at = 0; at < reader.labelCount; at++) this.#branch(reader.labels[at] ?? 0, this.#tableEdges);
        return;
      case ACTION.return:
        this.#edges[0] = (this.#edges[0] ?? 0) + 1;
        return;
      case ACTION.throw:
        counts.payloadWords += this.#types.tagWords(reader.index);
        return this.#mayThrow();
      case ACTION.rethrow:
        return this.#mayThrow();
      case ACTION.call:
      case ACTION.tailCall:
        if (reader.index < this.#module.imported.function) counts.unknownCalls++;
        else counts.calls++;
        return this.#call(this.#module.functions[reader.index] ?? 0);
      case ACTION.callType:
      case ACTION.tailCallType:
        counts.unknownCalls++;
        return this.#call(reader.index);
      case ACTION.grow:
      case ACTION.bulk:
        counts.calls++;
        return this.#mayThrow();
    }
  }

  #open(isLoop: boolean, isTry: boolean): void {
    const depth = this.#depth++, outer = depth - 1;
    if (depth === this.#edges.length) this.#grow();
    this.#edges[depth] = this.#tableEdges[depth] = 0;
    this.#isLoop[depth] = isLoop ? 1 : 0;
    this.#loops[depth] = (depth === 0 ? 0 : this.#loops[outer] ?? 0) + (isLoop ? 1 : 0);
    this.#try[depth] = isTry ? depth : depth === 0 ? -1 : this.#try[outer] ?? -1;
  }

  #close(): void {
    if (this.#depth === 0) return;
    const frame = --this.#depth, edges = this.#edges[frame] ?? 0, tableEdges = this.#tableEdges[frame] ?? 0;
    this.#counts.branchPoints++;
    this.#counts.mergeSquares += edges ** 2 + tableEdges ** 2 * TABLE_EDGE_SHARE;
    if (this.#isLoop[frame] === 1 && edges + tableEdges > 0) this.#targeted++;
  }

  #branch(label: number, edges: Int32Array): void {
    const top = this.#depth - 1, frame = top - label;
    this.#counts.branchPoints++;
    edges[frame] = (edges[frame] ?? 0) + 1;
    this.#counts.loopExits += (this.#loops[top] ?? 0) - (this.#loops[frame] ?? 0);
  }

  /** An edge into the handlers of the try around. */
  #mayThrow(): void {
    const handler = this.#depth === 0 ? -1 : this.#try[this.#depth - 1] ?? -1;
    if (handler >= 0) this.#edges[handler] = (this.#edges[handler] ?? 0) + 1;
  }

  #call(typeIndex: number): void {
    const type = this.#module.types[typeIndex]?.composite;
    const results = type?.kind === "func" ? type.results.length : 0;
    this.#mayThrow();
    this.#counts.callResults += results;
    this.#counts.callResultSquares += results * results;
  }

  #grow(): void {
    this.#edges = larger(this.#edges);
    this.#tableEdges = larger(this.#tableEdges);
    this.#loops = larger(this.#loops);
    this.#try = larger(this.#try);
    const isLoop = new Uint8Array(2 * this.#isLoop.length);
    isLoop.set(this.#isLoop);
    this.#isLoop = isLoop;
  }
}

function larger(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}

/** Goes through the code of a valid module. */
export function compileBound(module: Module): CompileFacts {
  const bound = new CompileBound(module), reader = new InstructionReader(module.bytes);
  for (const [index, body] of module.bodies.entries()) {
    bound.begin();
    reader.reset(body.code, body.end);
    while (reader.next()) if ((ACTIONS[reader.key] ?? 0) > ACTION.plain) bound.pass(reader);
    bound.finish(index);
  }
  return bound.facts;
}
