/**
 * Walks one function body and writes its sites into the plan. Hot: every byte of every module passes through here,
 * so it keeps its control stack in dense arrays and allocates nothing an instruction.
 */
import { type CostModel, entryCost, moveCost } from "./cost.ts";
import { ALSO_HANDLER, FUNCTION_FLAGS, type PlanBuilder, SITE } from "./plan.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody, Module } from "../wasm/module.ts";
import { OPCODE_KEYS } from "../wasm/opcode.ts";
import { op, ROWS } from "../wasm/opcodes.ts";
import { byteWidth, V128 } from "../wasm/types.ts";

/** What the walker does with an instruction; everything that the table calls plain or free needs no more than that. */
const ACTION = {
  free: 0,
  plain: 1,
  block: 2,
  loop: 3,
  if: 4,
  else: 5,
  end: 6,
  try: 7,
  catch: 8,
  delegate: 9,
  tryTable: 10,
  branch: 11,
  branchIf: 12,
  branchTable: 13,
  return: 14,
  unreachable: 15,
  throw: 16,
  rethrow: 17,
  call: 18,
  callType: 19,
  tailCall: 20,
  tailCallType: 21,
  grow: 22,
  bulk: 23,
  array: 24,
} as const;

const IRREGULAR: Readonly<Record<string, number>> = {
  block: ACTION.block,
  loop: ACTION.loop,
  if: ACTION.if,
  else: ACTION.else,
  end: ACTION.end,
  try: ACTION.try,
  catch: ACTION.catch,
  catch_all: ACTION.catch,
  delegate: ACTION.delegate,
  try_table: ACTION.tryTable,
  br: ACTION.branch,
  br_if: ACTION.branchIf,
  br_on_null: ACTION.branchIf,
  br_on_non_null: ACTION.branchIf,
  br_on_cast: ACTION.branchIf,
  br_on_cast_fail: ACTION.branchIf,
  br_table: ACTION.branchTable,
  return: ACTION.return,
  unreachable: ACTION.unreachable,
  throw: ACTION.throw,
  rethrow: ACTION.rethrow,
  throw_ref: ACTION.rethrow,
  call: ACTION.call,
  call_indirect: ACTION.callType,
  call_ref: ACTION.callType,
  return_call: ACTION.tailCall,
  return_call_indirect: ACTION.tailCallType,
  return_call_ref: ACTION.tailCallType,
};

/** Lengths of these arrays are immediates, not operands, so their cost is that of any instruction. */
const PLAIN_ARRAYS: ReadonlySet<string> = new Set(["array.new_fixed"]);

const ACTIONS: Uint8Array = buildActions();

function buildActions(): Uint8Array {
  const actions = new Uint8Array(OPCODE_KEYS);
  for (const [key, row] of ROWS.entries()) {
    if (row === undefined) continue;
    const irregular = IRREGULAR[row.mnemonic];
    if (irregular !== undefined) actions[key] = irregular;
    else if (row.cost === "memoryGrow" || row.cost === "tableGrow") actions[key] = ACTION.grow;
    else if (row.cost === "bulkMemory" || row.cost === "bulkTable") actions[key] = ACTION.bulk;
    else if (row.cost === "bulkArray" && !PLAIN_ARRAYS.has(row.mnemonic)) actions[key] = ACTION.array;
    else actions[key] = row.cost === "free" ? ACTION.free : ACTION.plain;
  }
  return actions;
}

const IF = op("if"), TRY = op("try"), LOOP = op("loop"), BLOCK = op("block");

/** States of the current region besides a site's number: not reached; reached, but nothing charged yet. */
const DEAD = -1, PENDING = -2;
const NO_ESCAPE = 0x7fffffff;

/** What an edge out of a br_table costs V8's optimiser beside one of a branch: 0.2 ns × E² against 3.4. */
const TABLE_EDGE_SHARE = 1 / 20;

/** Walks bodies one after the other; keeps its stacks between them. */
export class BodyWalker {
  readonly #module: Module;
  readonly #costs: CostModel;
  readonly #plan: PlanBuilder;
  readonly #reader: InstructionReader;
  /** Whether exceptions can pass through this module's frames: then a call may not come back. */
  readonly #throws: boolean;
  readonly #types: TypeFacts;

  // Results for the body that was walked last.
  flags = 0;
  callBytes = 0;
  branchPoints = 0;
  callResults = 0;
  callResultSquares = 0;
  clauses = 0;
  loopExits = 0;
  mergeSquares = 0;
  loops = 0;
  calls = 0;
  unknownCalls = 0;

  // The control stack. `escape` is the outermost frame that a branch from inside leads to.
  #kind = new Int32Array(64);
  #entry = new Int32Array(64);
  #escape = new Int32Array(64);
  #arity = new Int32Array(64);
  #header = new Int32Array(64);
  /** Bits: the label is branched to; a catch clause leads to it; an else or catch was seen; an earlier arm ends reachable. */
  #marks = new Uint8Array(64);
  /** Edges into the label, and into the handlers of a try. */
  #edges = new Int32Array(64);
  /** Those of them that come out of a br_table. */
  #tableEdges = new Int32Array(64);
  /** Loops that are open. */
  #loops = new Int32Array(64);
  /** The innermost try, -1 outside of any. */
  #try = new Int32Array(64);
  #depth = 0;
  #current = DEAD;

  constructor(module: Module, options: { costs: CostModel; plan: PlanBuilder; throws: boolean }) {
    this.#module = module;
    this.#costs = options.costs;
    this.#plan = options.plan;
    this.#throws = options.throws;
    this.#reader = new InstructionReader(module.bytes);
    this.#types = new TypeFacts(module);
  }

  /** @param typeIndex the function's type */
  walk(body: FunctionBody, typeIndex: number): void {
    this.flags = 0;
    this.callBytes = 0;
    this.branchPoints = 0;
    this.callResults = 0;
    this.callResultSquares = 0;
    this.clauses = 0;
    this.loopExits = 0;
    this.mergeSquares = 0;
    this.loops = 0;
    this.calls = 0;
    this.unknownCalls = 0;
    this.#depth = 0;
    const plan = this.#plan, reader = this.#reader, costs = this.#costs;
    this.#current = plan.site(SITE.test, body.code);
    plan.siteCost[this.#current] = entryCost(costs, body.localCount);
    this.#push(BLOCK, this.#types.results(typeIndex));
    reader.reset(body.code, body.end);
    while (this.#depth > 0 && reader.next()) {
      const action = ACTIONS[reader.key];
      if (action === ACTION.plain) {
        if (this.#current >= 0) {
          plan.siteCost[this.#current] = (plan.siteCost[this.#current] ?? 0) + costs.instruction;
        } else if (this.#current === PENDING) this.#charge(costs.instruction);
      } else if (action !== ACTION.free) this.#irregular(action ?? ACTION.plain);
    }
  }

  #irregular(action: number): void {
    const reader = this.#reader, costs = this.#costs, plan = this.#plan, one = costs.instruction;
    switch (action) {
      case ACTION.block:
        return this.#push(BLOCK, this.#blockResults());
      case ACTION.if:
        this.branchPoints++;
        this.#charge(one);
        this.#push(IF, this.#blockResults());
        return this.#begin();
      case ACTION.loop:
        return this.#loop();
      case ACTION.else:
        return this.#nextArm();
      case ACTION.end:
        return this.#end();
      case ACTION.try:
        this.#charge(one);
        this.flags |= FUNCTION_FLAGS.hasHandler;
        return this.#push(TRY, this.#blockResults());
      case ACTION.catch:
        this.#openCatch();
        return;
      case ACTION.delegate:
        return this.#end();
      case ACTION.tryTable:
        return this.#tryTable();
      case ACTION.branch:
        this.#charge(one + moveCost(costs, this.#labelArity(reader.index)));
        this.#branchTo(reader.index);
        this.#current = DEAD;
        return;
      case ACTION.branchIf:
        this.#charge(one + moveCost(costs, this.#labelArity(reader.index)));
        this.#branchTo(reader.index);
        return this.#begin();
      case ACTION.branchTable:
        return this.#branchTable();
      case ACTION.return:
        plan.site(SITE.leave, reader.offset);
        this.#edges[0] = (this.#edges[0] ?? 0) + 1;
        this.#charge(moveCost(costs, this.#arity[0] ?? 0));
        this.#escapeTo(0);
        this.#current = DEAD;
        return;
      case ACTION.unreachable:
        this.#current = DEAD;
        return;
      case ACTION.throw:
        this.#mayThrow();
        this.#charge(costs.throw + costs.payloadWord * this.#types.tagWords(reader.index));
        this.#escapeTo(0);
        this.#current = DEAD;
        return;
      case ACTION.rethrow:
        this.#mayThrow();
        this.#charge(costs.throw);
        this.#escapeTo(0);
        this.#current = DEAD;
        return;
      case ACTION.call:
        return this.#call(this.#module.functions[reader.index] ?? 0, this.#direct(reader.index));
      case ACTION.callType:
        return this.#call(reader.index, FUNCTION_FLAGS.callsUnknown);
      case ACTION.tailCall:
        return this.#tailCall(this.#module.functions[reader.index] ?? 0, this.#direct(reader.index));
      case ACTION.tailCallType:
        return this.#tailCall(reader.index, FUNCTION_FLAGS.callsUnknown);
      case ACTION.grow:
        this.#charge(one);
        this.calls++;
        this.#mayThrow();
        plan.site(SITE.grow, reader.offset);
        return;
      case ACTION.bulk:
        this.#charge(one);
        this.calls++;
        this.#mayThrow();
        plan.site(SITE.bulk, reader.offset);
        return;
      case ACTION.array:
        this.#charge(one);
        this.flags |= FUNCTION_FLAGS.hasArray;
        plan.site(SITE.array, reader.offset);
        return;
    }
  }

  /** Adds to the current region, opening it at this instruction if it is pending; nothing in dead code. */
  #charge(units: number): void {
    if (units === 0 || this.#current === DEAD) return;
    if (this.#current === PENDING) this.#current = this.#plan.site(SITE.charge, this.#reader.offset);
    const costs = this.#plan.siteCost;
    costs[this.#current] = (costs[this.#current] ?? 0) + units;
  }

  /** From here on another region runs, unless nothing does. */
  #begin(): void {
    if (this.#current !== DEAD) this.#current = PENDING;
  }

  #blockResults(): number {
    const reader = this.#reader;
    return reader.blockKind === 2 ? this.#types.results(reader.blockType) : reader.blockKind;
  }

  #push(kind: number, labelArity: number): void {
    // A pending region opens here, so that the code after this block can go on in it.
    if (this.#current === PENDING) this.#current = this.#plan.site(SITE.charge, this.#reader.offset);
    const depth = this.#depth++;
    if (depth === this.#kind.length) this.#growStack();
    this.#kind[depth] = kind;
    this.#entry[depth] = this.#current;
    this.#escape[depth] = NO_ESCAPE;
    this.#arity[depth] = labelArity;
    this.#header[depth] = -1;
    this.#marks[depth] = 0;
    this.#edges[depth] = 0;
    this.#tableEdges[depth] = 0;
    this.#loops[depth] = (depth === 0 ? 0 : this.#loops[depth - 1] ?? 0) + (kind === LOOP ? 1 : 0);
    this.#try[depth] = kind === TRY ? depth : depth === 0 ? -1 : this.#try[depth - 1] ?? -1;
  }

  #growStack(): void {
    const larger = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#kind = larger(this.#kind);
    this.#entry = larger(this.#entry);
    this.#escape = larger(this.#escape);
    this.#arity = larger(this.#arity);
    this.#header = larger(this.#header);
    this.#edges = larger(this.#edges);
    this.#tableEdges = larger(this.#tableEdges);
    this.#loops = larger(this.#loops);
    this.#try = larger(this.#try);
    const marks = new Uint8Array(this.#marks.length * 2);
    marks.set(this.#marks);
    this.#marks = marks;
  }

  #labelArity(label: number): number {
    return this.#arity[this.#depth - 1 - label] ?? 0;
  }

  /** Records that control may leave every frame further in than `frame`. */
  #escapeTo(frame: number): void {
    const top = this.#depth - 1;
    if (this.#current !== DEAD && (this.#escape[top] ?? 0) > frame) this.#escape[top] = frame;
  }

  #branchTo(label: number, edges = this.#edges): void {
    this.branchPoints++;
    if (this.#current === DEAD) return;
    const top = this.#depth - 1, frame = top - label;
    edges[frame] = (edges[frame] ?? 0) + 1;
    this.loopExits += (this.#loops[top] ?? 0) - (this.#loops[frame] ?? 0);
    this.#marks[frame] = (this.#marks[frame] ?? 0) | MARK.targeted;
    this.#escapeTo(frame);
  }

  /** Something here may throw: an edge into the handlers of the try around it. */
  #mayThrow(): void {
    const handler = this.#try[this.#depth - 1] ?? -1;
    if (handler >= 0) this.#edges[handler] = (this.#edges[handler] ?? 0) + 1;
  }

  #branchTable(): void {
    const { labels, labelCount } = this.#reader;
    this.#charge(
      this.#costs.instruction + moveCost(this.#costs, this.#labelArity(labels[labelCount - 1] ?? 0)),
    );
    for (let i = 0; i < labelCount; i++) this.#branchTo(labels[i] ?? 0, this.#tableEdges);
    this.#current = DEAD;
  }

  #loop(): void {
    this.branchPoints += 3; // the loop, and the test at its header
    this.#mayThrow(); // the test calls a hook
    const params = this.#reader.blockKind === 2 ? this.#types.params(this.#reader.blockType) : 0;
    this.#push(LOOP, params);
    if (this.#current === DEAD) return;
    this.#current = this.#plan.site(SITE.test, this.#reader.end);
    this.#header[this.#depth - 1] = this.#current;
  }

  #tryTable(): void {
    const reader = this.#reader;
    this.clauses += reader.catchCount;
    this.#charge(this.#costs.instruction + this.#costs.catchClause * reader.catchCount);
    // Labels of the clauses count from outside the try_table, so they are marked before its frame is pushed.
    for (let i = 0; i < reader.catchCount; i++) {
      const label = reader.catchLabels[i] ?? 0, frame = this.#depth - 1 - label;
      this.#branchTo(label);
      this.#marks[frame] = (this.#marks[frame] ?? 0) | MARK.handler;
      const header = this.#header[frame] ?? -1;
      if (header >= 0) this.#plan.siteKind[header] = SITE.test | ALSO_HANDLER;
      this.flags |= FUNCTION_FLAGS.hasHandler | (frame === 0 ? FUNCTION_FLAGS.catchesToEnd : 0);
    }
    this.#push(TRY, this.#blockResults());
  }

  /** `else`: the arm before ends here, and another begins. */
  #nextArm(): void {
    const top = this.#depth - 1;
    this.branchPoints++;
    this.#marks[top] = (this.#marks[top] ?? 0) | MARK.otherArm | (this.#current === DEAD ? 0 : MARK.armEnds);
    this.#current = this.#entry[top] === DEAD ? DEAD : PENDING;
  }

  #openCatch(): void {
    const top = this.#depth - 1;
    const entry = this.#entry[top] ?? DEAD, costs = this.#plan.siteCost;
    this.clauses++;
    if (entry !== DEAD) costs[entry] = (costs[entry] ?? 0) + this.#costs.catchClause;
    this.#nextArm();
    this.#plan.site(SITE.handler, this.#reader.end);
  }

  #end(): void {
    const frame = --this.#depth;
    const kind = this.#kind[frame],
      entry = this.#entry[frame] ?? DEAD,
      escape = this.#escape[frame] ?? NO_ESCAPE;
    const marks = this.#marks[frame] ?? 0;
    this.branchPoints++;
    this.mergeSquares += (this.#edges[frame] ?? 0) ** 2 +
      (this.#tableEdges[frame] ?? 0) ** 2 * TABLE_EDGE_SHARE;
    // Without a branch back it is no loop, and a test at its header would be work that nothing pays for.
    const header = this.#header[frame] ?? -1;
    if (header >= 0) {
      if (marks & MARK.targeted) this.loops++;
      else this.#plan.siteKind[header] = SITE.charge;
    }
    if (frame === 0) return;
    const outer = frame - 1;
    if (escape < frame && escape < (this.#escape[outer] ?? 0)) this.#escape[outer] = escape;
    if (marks & MARK.handler && kind !== LOOP) this.#plan.site(SITE.handler, this.#reader.end);
    if (entry === DEAD) {
      this.#current = DEAD;
      return;
    }
    const joins = (marks & (MARK.targeted | MARK.armEnds)) !== 0 && kind !== LOOP ||
      kind === IF && !(marks & MARK.otherArm);
    if (this.#current === DEAD && !joins) return;
    if (escape >= frame) this.#current = entry;
    else if (joins || kind === LOOP) this.#current = PENDING;
  }

  #direct(functionIndex: number): number {
    if (functionIndex < this.#module.imported.function) return FUNCTION_FLAGS.callsUnknown;
    this.#plan.callee(functionIndex);
    return 0;
  }

  #call(typeIndex: number, flags: number): void {
    const types = this.#types;
    this.flags |= flags;
    this.callBytes = Math.max(this.callBytes, types.bytes(typeIndex));
    const results = types.results(typeIndex);
    this.#mayThrow();
    if (flags === FUNCTION_FLAGS.callsUnknown) this.unknownCalls++;
    else this.calls++;
    this.callResults += results;
    this.callResultSquares += results * results;
    this.#charge(this.#costs.instruction + moveCost(this.#costs, types.params(typeIndex) + results));
    if (this.#throws) {
      this.#escapeTo(0);
      this.#begin();
    }
  }

  #tailCall(typeIndex: number, flags: number): void {
    this.#plan.site(SITE.leave, this.#reader.offset);
    this.#call(typeIndex, flags);
    this.#escapeTo(0);
    this.#current = DEAD;
  }
}

const MARK = { targeted: 1, handler: 2, otherArm: 4, armEnds: 8 } as const;

/** Sizes of function types and tags, worked out once a type. */
class TypeFacts {
  readonly #module: Module;
  readonly #bytes: Map<number, number> = new Map();

  constructor(module: Module) {
    this.#module = module;
  }

  params(typeIndex: number): number {
    const type = this.#module.types[typeIndex]?.composite;
    return type?.kind === "func" ? type.params.length : 0;
  }

  results(typeIndex: number): number {
    const type = this.#module.types[typeIndex]?.composite;
    return type?.kind === "func" ? type.results.length : 0;
  }

  /** Bytes of arguments and results together. */
  bytes(typeIndex: number): number {
    let bytes = this.#bytes.get(typeIndex);
    if (bytes !== undefined) return bytes;
    bytes = 0;
    const type = this.#module.types[typeIndex]?.composite;
    if (type?.kind === "func") {
      for (const value of type.params) bytes += byteWidth(value);
      for (const value of type.results) bytes += byteWidth(value);
    }
    this.#bytes.set(typeIndex, bytes);
    return bytes;
  }

  /** 64-bit words of a tag's payload. */
  tagWords(tag: number): number {
    const type = this.#module.types[this.#module.tags[tag]?.typeIndex ?? -1]?.composite;
    return type?.kind === "func"
      ? type.params.reduce((words, value) => words + (value === V128 ? 2 : 1), 0)
      : 0;
  }
}
