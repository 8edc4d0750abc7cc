/**
 * Walks one function body and writes its sites into the plan. Hot: every byte of every module passes through here,
 * so it allocates nothing an instruction.
 */
import { ACTION, ACTIONS, DETERMINISTIC_ACTIONS } from "./actions.ts";
import { type CostModel, entryCost, moveCost } from "./cost.ts";
import { CompileCounts } from "./compile_counts.ts";
import { ControlStack, MARK } from "./control_stack.ts";
import type { LateEntries } from "./late_entry.ts";
import { NAN_RESULTS, NAN_SHAPES } from "./nan_results.ts";
import { type CompileFacts, FUNCTION_FLAGS, SITE, SITE_FLAGS } from "./plan.ts";
import { CALL_KIND, LOOP_FLAGS, type PlanBuilder } from "./plan_builder.ts";
import { DEAD, PENDING, RegionCursor } from "./region_cursor.ts";
import { MANY_EDGES, NO_SPLIT } from "./splits.ts";
import { TypeFacts } from "./type_facts.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";

const IF = op("if"), TRY = op("try"), LOOP = op("loop"), BLOCK = op("block");

const NO_ESCAPE = 0x7fffffff;
/** In the place of the region that goes back to a loop's header: none, and more than one or not by a plain branch. */
const NO_BACK = -1, MANY_BACK = -2;

const UNREACHABLE = 0x00;

/** What an edge out of a br_table costs V8's optimiser beside one of a branch: 0.2 ns × E² against 3.4. */
export const TABLE_EDGE_SHARE = 1 / 20;

/** What is written down of each body. */
export interface BodyFacts {
  readonly flags: Uint16Array;
  readonly lateEntry: LateEntries;
  readonly callBytes: Uint32Array;
  readonly compile: CompileFacts;
}

/** Walks bodies one after the other; keeps its stacks between them. */
export class BodyWalker {
  readonly #module: Module;
  readonly #costs: CostModel;
  readonly #plan: PlanBuilder;
  readonly #facts: BodyFacts;
  readonly #reader: InstructionReader;
  /** Whether exceptions can pass through this module's frames: then a call may not come back. */
  readonly #throws: boolean;
  readonly #actions: Uint8Array;
  readonly #types: TypeFacts;
  readonly #stack = new ControlStack();
  readonly #counts = new CompileCounts();
  readonly #region: RegionCursor;
  #depth = 0;
  /** The region of the last call. */
  #callRegion = DEAD;
  #body = 0;
  #flags = 0;

  constructor(
    module: Module,
    options: {
      costs: CostModel;
      plan: PlanBuilder;
      facts: BodyFacts;
      throws: boolean;
      deterministic?: boolean;
    },
  ) {
    this.#module = module;
    this.#costs = options.costs;
    this.#plan = options.plan;
    this.#facts = options.facts;
    this.#throws = options.throws;
    this.#actions = options.deterministic === true ? DETERMINISTIC_ACTIONS : ACTIONS;
    this.#reader = new InstructionReader(module.bytes);
    this.#types = new TypeFacts(module);
    this.#region = new RegionCursor(options.plan);
  }

  /** Walks the body of that number. */
  walk(index: number, body: FunctionBody): void {
    this.#body = index;
    this.#flags = 0;
    this.#depth = 0;
    const plan = this.#plan,
      reader = this.#reader,
      costs = this.#costs,
      module = this.#module,
      actions = this.#actions,
      region = this.#region;
    region.start(body.code, entryCost(costs, body.localCount));
    this.#push(BLOCK, this.#types.results(module.functions[module.imported.function + index] ?? 0));
    reader.reset(body.code, body.end);
    let plain = 0; // instructions that are not charged yet
    while (this.#depth > 0 && reader.next()) {
      const action = actions[reader.key];
      if (action === ACTION.plain) {
        if (region.current === PENDING) this.#charge(costs.instruction);
        else plain++;
      } else if (action !== ACTION.free) {
        if (region.current >= 0) plan.add(region.current, plain * costs.instruction);
        plain = 0;
        this.#irregular(action ?? ACTION.plain);
      }
    }
    this.#facts.flags[index] = this.#flags;
    this.#counts.finish(index, this.#facts.compile);
    region.splits.settle();
    region.late.finish(index, this.#facts.lateEntry);
  }

  #irregular(action: number): void {
    const reader = this.#reader, costs = this.#costs, plan = this.#plan, one = costs.instruction;
    switch (action) {
      case ACTION.block:
        return this.#push(BLOCK, this.#blockResults());
      case ACTION.if:
        this.#counts.branchPoints++;
        this.#charge(one);
        this.#push(IF, this.#blockResults());
        return this.#beginArm();
      case ACTION.loop:
        return this.#loop();
      case ACTION.else:
        return this.#nextArm();
      case ACTION.end:
      case ACTION.delegate:
        return this.#end();
      case ACTION.try:
        this.#charge(one);
        this.#holdsHandler();
        return this.#push(TRY, this.#blockResults());
      case ACTION.catch:
        return this.#openCatch();
      case ACTION.tryTable:
        return this.#tryTable();
      case ACTION.branch:
        this.#charge(one + moveCost(costs, this.#labelArity(reader.index)));
        this.#moveLabels(reader.index);
        return this.#branchAlways(reader.index);
      case ACTION.branchOn:
        plan.mark(this.#innermostLoop, LOOP_FLAGS.fixed);
        this.#charge(one + moveCost(costs, this.#labelArity(reader.index)));
        this.#branchTo(reader.index);
        return this.#region.next();
      case ACTION.branchIf:
        this.#charge(one + moveCost(costs, this.#labelArity(reader.index)));
        this.#moveLabels(reader.index);
        return this.#branchIf(reader.index);
      case ACTION.branchTable:
        return this.#branchTable();
      case ACTION.return:
        this.#charge(moveCost(costs, this.#stack.arity[0] ?? 0));
        plan.site(SITE.leave, reader.offset);
        this.#stack.edges[0] = (this.#stack.edges[0] ?? 0) + 1;
        this.#escapeTo(0);
        this.#region.die();
        return;
      case ACTION.unreachable:
        this.#region.die();
        return;
      case ACTION.throw:
        this.#counts.payloadWords += this.#types.tagWords(reader.index);
        return this.#throw(costs.throw + costs.payloadWord * this.#types.tagWords(reader.index));
      case ACTION.rethrow:
        plan.mark(this.#innermostLoop, LOOP_FLAGS.fixed); // it names a block around it
        return this.#throw(costs.throw);
      case ACTION.call:
        return this.#call(this.#module.functions[reader.index] ?? 0, reader.index);
      case ACTION.callType:
        return this.#call(reader.index, -1);
      case ACTION.tailCall:
        return this.#tailCall(this.#module.functions[reader.index] ?? 0, reader.index);
      case ACTION.tailCallType:
        return this.#tailCall(reader.index, -1);
      case ACTION.grow:
        return this.#replaced(SITE.grow);
      case ACTION.bulk:
        return this.#replaced(SITE.bulk);
      case ACTION.array:
        this.#charge(one);
        this.#flags |= FUNCTION_FLAGS.hasArray;
        this.#isHeavy();
        this.#needsEntry();
        plan.site(SITE.array, reader.offset);
        return;
      case ACTION.nan: {
        this.#charge(one);
        const shape = NAN_SHAPES[NAN_RESULTS.get(reader.key) ?? "f32"];
        this.#flags |= FUNCTION_FLAGS.canonical << shape;
        plan.site(SITE.canonical, reader.end, shape);
        return;
      }
    }
  }

  get #innermostLoop(): number {
    return this.#stack.loop[this.#depth - 1] ?? -1;
  }

  /** Here the fuel counter must be right. */
  #isHeavy(): void {
    this.#flags |= FUNCTION_FLAGS.heavy;
    this.#plan.mark(this.#innermostLoop, LOOP_FLAGS.heavy);
  }

  /** What is owed is paid here. */
  #settles(): void {
    this.#plan.mark(this.#innermostLoop, LOOP_FLAGS.settles);
  }

  /** What follows must not be reached without the test of the function's entry. */
  #needsEntry(): void {
    this.#region.need(this.#reader.offset, { entry: this.#stack.entry, depth: this.#depth });
  }

  #holdsHandler(): void {
    this.#region.late.giveUp();
    this.#settles();
    this.#flags |= FUNCTION_FLAGS.hasHandler;
    // A throw pays what is owed: a loop that catches it again and again would never owe enough to be tested.
    this.#isHeavy();
  }

  /** An instruction in whose place a function is called. */
  #replaced(kind: number): void {
    this.#charge(this.#costs.instruction);
    this.#counts.calls++;
    this.#mayThrow();
    this.#isHeavy();
    this.#needsEntry();
    this.#plan.site(kind, this.#reader.offset);
  }

  /** Adds to the current region; nothing in dead code. */
  #charge(units: number): void {
    this.#region.charge(units, this.#reader.offset);
  }

  #open(): void {
    this.#region.open(this.#reader.offset);
  }

  /** The first arm of the `if` that was pushed. */
  #beginArm(): void {
    const split = this.#region.splits.add(this.#region.current);
    this.#stack.split[this.#depth - 1] = split;
    this.#region.next(split, 0);
  }

  #branchAlways(label: number): void {
    const { back } = this.#stack, frame = this.#depth - 1 - label, before = back[frame];
    this.#branchTo(label);
    if (before === NO_BACK && this.#region.current >= 0) back[frame] = this.#region.current;
    this.#region.die();
  }

  #branchIf(label: number): void {
    const stack = this.#stack, top = this.#depth - 1, frame = top - label;
    const before = stack.splitEdge[frame] ?? NO_SPLIT;
    this.#branchTo(label);
    // In the same loop, so that both ways are charged as the region is.
    const lands = before === NO_SPLIT && frame > 0 && (stack.loopFrame[top] ?? -1) < frame;
    const split = lands ? this.#region.splits.add(this.#region.current) : NO_SPLIT;
    if (split !== NO_SPLIT) stack.splitEdge[frame] = split;
    this.#region.next(split, 0);
  }

  #blockResults(): number {
    const reader = this.#reader;
    return reader.blockKind === 2 ? this.#types.results(reader.blockType) : reader.blockKind;
  }

  #push(kind: number, labelArity: number): void {
    // A pending region opens here, so that the code after this block can go on in it.
    this.#open();
    const stack = this.#stack, depth = this.#depth++, outer = depth - 1;
    stack.reserve(depth);
    stack.kind[depth] = kind;
    stack.entry[depth] = this.#region.current;
    stack.escape[depth] = NO_ESCAPE;
    stack.arity[depth] = labelArity;
    stack.header[depth] = -1;
    stack.marks[depth] = 0;
    stack.edges[depth] = 0;
    stack.tableEdges[depth] = 0;
    stack.back[depth] = NO_BACK;
    stack.split[depth] = stack.splitEdge[depth] = NO_SPLIT;
    stack.loops[depth] = depth === 0 ? 0 : stack.loops[outer] ?? 0;
    stack.loop[depth] = depth === 0 ? -1 : stack.loop[outer] ?? -1;
    stack.loopFrame[depth] = depth === 0 ? -1 : stack.loopFrame[outer] ?? -1;
    stack.try[depth] = kind === TRY ? depth : depth === 0 ? -1 : stack.try[outer] ?? -1;
  }

  #labelArity(label: number): number {
    return this.#stack.arity[this.#depth - 1 - label] ?? 0;
  }

  /** Records that control may leave every frame further in than `frame`. */
  #escapeTo(frame: number): void {
    const top = this.#depth - 1, { escape } = this.#stack;
    if (this.#region.current !== DEAD && (escape[top] ?? 0) > frame) escape[top] = frame;
  }

  /** A branch out of a loop is written anew where another loop is put around that: in dead code, too. */
  #moveLabels(label: number): void {
    const inside = this.#depth - 1 - (this.#stack.loopFrame[this.#depth - 1] ?? -1);
    if (inside === this.#depth || label <= inside) return;
    this.#plan.site(SITE.branch, this.#reader.offset, inside);
  }

  #branchTo(label: number, edges = this.#stack.edges): void {
    this.#counts.branchPoints++;
    const stack = this.#stack, top = this.#depth - 1, frame = top - label;
    if (frame === 0) this.#flags |= FUNCTION_FLAGS.branchesToEnd;
    if (this.#region.current === DEAD) return;
    edges[frame] = (edges[frame] ?? 0) + 1;
    this.#counts.loopExits += (stack.loops[top] ?? 0) - (stack.loops[frame] ?? 0);
    stack.marks[frame] = (stack.marks[frame] ?? 0) | MARK.targeted;
    stack.splitEdge[frame] = MANY_EDGES;
    stack.back[frame] = MANY_BACK;
    this.#escapeTo(frame);
  }

  /** Something here may throw: an edge into the handlers of the try around it. */
  #mayThrow(): void {
    const { edges } = this.#stack, handler = this.#stack.try[this.#depth - 1] ?? -1;
    if (handler >= 0) edges[handler] = (edges[handler] ?? 0) + 1;
  }

  #throw(units: number): void {
    this.#mayThrow();
    this.#flags |= FUNCTION_FLAGS.heavy;
    this.#charge(units);
    this.#needsEntry();
    this.#exit();
    this.#plan.site(SITE.throw, this.#reader.offset);
    this.#escapeTo(0);
    this.#region.die();
  }

  /** Control does not come back to the loop from this instruction. */
  #exit(): void {
    if (this.#innermostLoop >= 0 && this.#region.current !== DEAD) {
      this.#plan.site(SITE.exit, this.#reader.offset);
    }
  }

  #branchTable(): void {
    const { labels, labelCount } = this.#reader;
    let furthest = 0;
    for (let i = 0; i < labelCount; i++) furthest = Math.max(furthest, labels[i] ?? 0);
    this.#charge(
      this.#costs.instruction + moveCost(this.#costs, this.#labelArity(labels[labelCount - 1] ?? 0)),
    );
    this.#moveLabels(furthest);
    for (let i = 0; i < labelCount; i++) this.#branchTo(labels[i] ?? 0, this.#stack.tableEdges);
    this.#region.die();
  }

  #loop(): void {
    const plan = this.#plan, reader = this.#reader, stack = this.#stack, outer = this.#innermostLoop;
    this.#counts.branchPoints += 3; // the loop, and the test at its header
    this.#mayThrow(); // the test calls a hook
    this.#open();
    this.#needsEntry();
    const params = reader.blockKind === 2 ? this.#types.params(reader.blockType) : 0;
    const loop = plan.loop(outer, this.#region.current);
    if (params > 0) plan.mark(loop, LOOP_FLAGS.fixed);
    if (this.#region.current !== DEAD) plan.site(SITE.loop, reader.offset, loop);
    this.#push(LOOP, params);
    const depth = this.#depth - 1;
    stack.loops[depth] = (stack.loops[depth] ?? 0) + 1;
    stack.loop[depth] = loop;
    stack.loopFrame[depth] = depth;
    if (this.#region.current === DEAD) return;
    this.#region.current = plan.site(SITE.test, reader.end);
    stack.header[depth] = this.#region.current;
  }

  #tryTable(): void {
    const reader = this.#reader, stack = this.#stack;
    this.#counts.clauses += reader.catchCount;
    this.#charge(this.#costs.instruction + this.#costs.catchClause * reader.catchCount);
    if (reader.catchCount > 0) this.#holdsHandler();
    // Labels of the clauses count from outside the try_table, so they are marked before its frame is pushed.
    for (let i = 0; i < reader.catchCount; i++) {
      const label = reader.catchLabels[i] ?? 0, frame = this.#depth - 1 - label;
      this.#branchTo(label);
      stack.marks[frame] = (stack.marks[frame] ?? 0) | MARK.handler;
      const header = stack.header[frame] ?? -1;
      if (header >= 0) this.#plan.siteKind[header] = SITE.test | SITE_FLAGS.handler;
      if (frame === 0) this.#flags |= FUNCTION_FLAGS.catchesToEnd;
    }
    this.#push(TRY, this.#blockResults());
  }

  /** `else`: the arm before ends here, and another begins. */
  #nextArm(): void {
    const top = this.#depth - 1, { marks, entry } = this.#stack;
    this.#counts.branchPoints++;
    this.#region.late.close(top);
    marks[top] = (marks[top] ?? 0) | MARK.otherArm | (this.#region.current === DEAD ? 0 : MARK.armEnds);
    if (entry[top] === DEAD) this.#region.die();
    else this.#region.pend(this.#stack.split[top], 1);
  }

  #openCatch(): void {
    const entry = this.#stack.entry[this.#depth - 1] ?? DEAD;
    this.#counts.clauses++;
    if (entry !== DEAD) this.#plan.add(entry, this.#costs.catchClause);
    this.#nextArm();
    this.#plan.site(SITE.handler, this.#reader.end);
  }

  #end(): void {
    const stack = this.#stack, plan = this.#plan, frame = --this.#depth;
    const kind = stack.kind[frame],
      entry = stack.entry[frame] ?? DEAD,
      escape = stack.escape[frame] ?? NO_ESCAPE;
    const marks = stack.marks[frame] ?? 0;
    this.#region.late.close(frame);
    this.#counts.branchPoints++;
    this.#counts.mergeSquares += (stack.edges[frame] ?? 0) ** 2 +
      (stack.tableEdges[frame] ?? 0) ** 2 * TABLE_EDGE_SHARE;
    if (kind === LOOP) this.#endLoop(frame, marks);
    if (frame === 0) return;
    const outer = frame - 1;
    if (escape < frame && escape < (stack.escape[outer] ?? 0)) stack.escape[outer] = escape;
    if (marks & MARK.handler && kind !== LOOP) plan.site(SITE.handler, this.#reader.end);
    if (entry === DEAD) {
      this.#region.die();
      return;
    }
    const joins = (marks & (MARK.targeted | MARK.armEnds)) !== 0 && kind !== LOOP ||
      kind === IF && !(marks & MARK.otherArm);
    if (this.#region.current === DEAD && !joins) return;
    if (escape >= frame) this.#region.current = entry;
    else if (joins || kind === LOOP) this.#region.pend(this.#onlyWay(frame, marks), 1);
  }

  /** The split that alone leads behind the block that ends. */
  #onlyWay(frame: number, marks: number): number {
    const { kind, split, splitEdge } = this.#stack;
    if (this.#region.current !== DEAD || kind[frame] === LOOP || (marks & MARK.armEnds) !== 0) {
      return NO_SPLIT;
    }
    const skips = kind[frame] === IF && !(marks & MARK.otherArm), edge = splitEdge[frame] ?? NO_SPLIT;
    if (skips) return edge === NO_SPLIT ? split[frame] ?? NO_SPLIT : NO_SPLIT;
    return Math.max(edge, NO_SPLIT);
  }

  #endLoop(frame: number, marks: number): void {
    const plan = this.#plan,
      stack = this.#stack,
      header = stack.header[frame] ?? -1,
      loop = stack.loop[frame] ?? -1;
    if (header < 0) return;
    plan.site(SITE.loopEnd, this.#reader.end, loop);
    if (marks & MARK.targeted) {
      this.#counts.loops++;
      plan.mark(loop, LOOP_FLAGS.targeted);
      this.#chargeBefore(header, loop, stack.back[frame] ?? NO_BACK);
      this.#flags |= FUNCTION_FLAGS.heavy;
    } else plan.siteKind[header] = SITE.charge; // a test would be work that nothing pays for
  }

  /** Charges a header where it is come from: in front of the loop, and in the region that goes back. */
  #chargeBefore(header: number, loop: number, back: number): void {
    const plan = this.#plan, entered = plan.loopRegion.at(loop), units = plan.siteCost[header] ?? 0;
    if (back < 0 || back === header || entered < 0) return;
    plan.add(entered, units);
    plan.add(back, units);
    plan.add(header, -units);
  }

  /** @param target the function, -1 for one that is not known */
  #call(typeIndex: number, target: number): void {
    const kind = this.#module.bytes[this.#reader.end] === UNREACHABLE
      ? CALL_KIND.neverReturns
      : CALL_KIND.returns;
    this.#chargeCall(typeIndex, target, kind);
    if (kind === CALL_KIND.neverReturns) {
      if (this.#throws) this.#flags |= FUNCTION_FLAGS.heavy;
      this.#exit();
    }
    this.#callSite(target);
    if (!this.#throws) return;
    this.#escapeTo(0);
    this.#region.next();
  }

  /** After everything else at the call: its instruction is rewritten here. In dead code, too. */
  #callSite(target: number): void {
    const known = target >= this.#module.imported.function, plan = this.#plan;
    const last = plan.siteKind[plan.siteCount - 1] ?? SITE.none;
    const again = (last & SITE_FLAGS.kind) === SITE.call && this.#region.current >= 0 &&
      this.#callRegion === this.#region.current;
    this.#callRegion = this.#region.current;
    plan.site(
      SITE.call | (again ? SITE_FLAGS.again : 0),
      this.#reader.offset,
      known ? plan.callees.length - 1 : -1,
    );
  }

  #tailCall(typeIndex: number, target: number): void {
    this.#flags |= FUNCTION_FLAGS.heavy | FUNCTION_FLAGS.tailCalls;
    this.#chargeCall(typeIndex, target, CALL_KIND.tail);
    this.#plan.site(SITE.leave, this.#reader.offset);
    this.#callSite(target);
    this.#escapeTo(0);
    this.#region.die();
  }

  #chargeCall(typeIndex: number, target: number, kind: number): void {
    const types = this.#types, plan = this.#plan, loop = this.#innermostLoop;
    const results = types.results(typeIndex), { callBytes } = this.#facts;
    callBytes[this.#body] = Math.max(callBytes[this.#body] ?? 0, types.bytes(typeIndex));
    this.#mayThrow();
    this.#counts.callResults += results;
    this.#counts.callResultSquares += results * results;
    this.#charge(this.#costs.instruction + moveCost(this.#costs, types.params(typeIndex) + results));
    this.#open(); // what is called is charged here, even where the call itself costs nothing
    this.#needsEntry();
    plan.mark(loop, LOOP_FLAGS.calls);
    if (target >= this.#module.imported.function) {
      this.#counts.calls++;
      plan.call(target, { region: this.#region.current, loop, kind });
      return;
    }
    this.#counts.unknownCalls++;
    this.#flags |= FUNCTION_FLAGS.callsUnknown;
    if (kind !== CALL_KIND.returns) return;
    this.#settles();
    this.#isHeavy();
  }
}
