/** Writes the instrumented code of one function body: the original bytes with insertions, as the plan says. */
import type { CodeContext } from "./additions.ts";
import { copyFunction, fillFunction, initFunction } from "./bulk_functions.ts";
import { canonicalType, writeCanonicalNan } from "./canonical_nan.ts";
import { CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import type { CodeWriter } from "./code_writer.ts";
import { beginCount, chargeCount, endCount, writeNearerLimit } from "./counted_loop.ts";
import { FunctionMeter, type MeterOptions } from "./function_meter.ts";
import { type Ceiling, memoryGrowFunction, tableGrowFunction } from "./growth_functions.ts";
import type { OriginMapBuilder } from "./origin_map.ts";
import type { CostModel } from "../analysis/cost.ts";
import type { MeteredCount } from "../analysis/counted_loops.ts";
import { NAN_SHAPES } from "../analysis/nan_results.ts";
import { passedCount } from "../analysis/passed_counters.ts";
import { FUNCTION_FLAGS, SITE, SITE_FLAGS } from "../analysis/plan.ts";
import { writeValueType } from "../wasm/encoder.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody } from "../wasm/module.ts";
import { op, ROWS } from "../wasm/opcodes.ts";
import { closeWrapper, DUE, openWrapper, WRAPPER_LABELS } from "./loop_wrapper.ts";
import { payFunction } from "./pay_function.ts";
import { I32, type ValueType } from "../wasm/types.ts";

/** V8 refuses arrays beyond this many elements, so longer ones are charged nothing and trap. */
const MOST_ARRAY_ELEMENTS = 1 << 27;

const BR_TABLE = op("br_table"),
  LOCAL_GET = op("local.get"),
  LOCAL_SET = op("local.set"),
  LOCAL_TEE = op("local.tee");

/** Instructions behind which code may run that is not the next. What begins a block or loop is none of them. */
const DIVERTS = /^(if|else|end|try|catch|delegate|br|return|throw|rethrow|unreachable)/;
const CONTROL: ReadonlySet<number> = new Set(
  [...ROWS.keys()].filter((key) => DIVERTS.test(ROWS[key]?.mnemonic ?? "")),
);

type ReplacementWriter = (rewriter: BodyRewriter, reader: InstructionReader) => number;

/** The appended function that takes an instruction's place, by mnemonic. */
const REPLACEMENTS: Readonly<Record<string, ReplacementWriter>> = {
  "memory.grow": (to, at) => memoryGrowFunction(to.context, to.options.costs, to.options.ceiling, at.index),
  "table.grow": (to, at) => tableGrowFunction(to.context, to.options.costs, to.options.ceiling, at.index),
  "memory.fill": (to, at) => fillFunction(to.context, to.options.costs, "memory", at.index),
  "table.fill": (to, at) => fillFunction(to.context, to.options.costs, "table", at.index),
  "memory.copy": (to, at) => copyFunction(to.context, to.options.costs, "memory", at.index, at.index2),
  "table.copy": (to, at) => copyFunction(to.context, to.options.costs, "table", at.index, at.index2),
  "memory.init": (to, at) => initFunction(to.context, to.options.costs, "memory", at.index2, at.index),
  "table.init": (to, at) => initFunction(to.context, to.options.costs, "table", at.index2, at.index),
};

const REPLACEMENT_BY_KEY: ReadonlyMap<number, ReplacementWriter> = new Map(
  Object.entries(REPLACEMENTS).map(([mnemonic, write]) => [op(mnemonic), write]),
);

export interface RewriteOptions extends MeterOptions {
  readonly costs: CostModel;
  readonly ceiling: Ceiling;
  readonly origin: OriginMapBuilder;
  /** By body: gets the local in which it keeps what is owed; -1 for none. */
  readonly owed: Int32Array;
}

export class BodyRewriter {
  readonly #reader: InstructionReader;

  constructor(readonly context: CodeContext, readonly options: RewriteOptions) {
    this.#reader = new InstructionReader(context.module.bytes);
  }

  /**
   * Writes locals and code, without the size in front. The pairs it adds to the origin map are relative to the
   * writer's first byte.
   */
  rewrite(writer: CodeWriter, bodyIndex: number, body: FunctionBody): void {
    const { module, counters, additions } = this.context, { plan, origin } = this.options;
    const flags = plan.flags[bodyIndex] ?? 0;
    const type = module.types[module.functions[module.imported.function + bodyIndex] ?? 0]?.composite;
    if (type?.kind !== "func") {
      throw new TypeError(`Body ${bodyIndex} of a validated module has no function type`);
    }

    const params = type.params.length, passed = passedCount(plan.passed[bodyIndex] ?? 0);
    let nextLocal = params + Math.max(body.localCount, passed);
    const added: ValueType[] = [];
    const addLocal = (type: ValueType): number => {
      added.push(type);
      return nextLocal++;
    };
    const meter = new FunctionMeter(this.context, this.options, {
      index: bodyIndex,
      body,
      params,
      addLocal: () => addLocal(I32),
    });
    const { owed } = meter;
    this.options.owed[bodyIndex] = owed;
    const length = (flags & FUNCTION_FLAGS.hasArray) !== 0 ? addLocal(I32) : undefined;
    const counts = (flags & FUNCTION_FLAGS.counts) !== 0;
    const count = { start: counts ? addLocal(I32) : -1, bound: counts ? addLocal(I32) : -1, owed };
    const ofShape = Object.values(NAN_SHAPES).map((shape) =>
      (flags & (FUNCTION_FLAGS.canonical << shape)) !== 0 ? addLocal(canonicalType(shape)) : -1
    );
    const catchesToEnd = (flags & FUNCTION_FLAGS.catchesToEnd) !== 0;
    const wraps = catchesToEnd || owed >= 0 && (flags & FUNCTION_FLAGS.branchesToEnd) !== 0;
    this.#writeLocals(writer, body, { added, passed });
    origin.add(writer.position, body.code);

    let copied = body.code;
    let nearer: MeteredCount | undefined; // the counted loop whose limit is still to be copied
    const copyTo = (offset: number) => {
      if (nearer !== undefined && nearer.limitFrom < offset) {
        writer.copy(module.bytes, copied, nearer.limitFrom);
        writeNearerLimit(writer, nearer, count);
        copied = nearer.limitTo;
        origin.add(writer.position, copied);
        nearer = undefined;
      }
      if (offset > copied) writer.copy(module.bytes, copied, offset);
      copied = offset;
    };
    const first = plan.bodySites[bodyIndex] ?? 0, end = plan.bodySites[bodyIndex + 1] ?? 0;
    const entry = plan.entrySite[bodyIndex] ?? first;
    for (let site = first; site < end; site++) {
      const bits = plan.siteKind[site] ?? 0,
        kind = bits & SITE_FLAGS.kind,
        wrapped = (bits & SITE_FLAGS.wrapped) !== 0,
        cost = plan.siteCost[site] ?? 0,
        offset = plan.siteOffset[site] ?? 0,
        before = writer.position;
      if ((bits & SITE_FLAGS.again) === 0) meter.unsettle();
      if (kind === SITE.call && meter.leavesAlone(cost)) continue;
      copyTo(offset);
      if (site === first) {
        meter.receive(writer, (local) => this.options.exactLocals === true || this.#isReadFirst(local, body));
      }
      switch (kind) {
        case SITE.charge:
          meter.charge(writer, cost);
          break;
        case SITE.test:
          if ((bits & SITE_FLAGS.handler) !== 0) meter.restore(writer);
          if (site === entry) meter.test(writer, cost);
          else if (wrapped) { // tested before it is charged: the header is come back to
            counters.branchIfDue(writer, owed, DUE);
            meter.charge(writer, cost);
          } else meter.turn(writer, cost, (bits & SITE_FLAGS.settles) !== 0);
          break;
        case SITE.loop:
          if (wrapped) {
            nearer = plan.counted.get(cost);
            if (nearer === undefined) openWrapper(writer, this.#blockType(offset));
            else {
              writer.u8(CODE.loop);
              writer.bytes(this.#blockType(offset));
              meter.turn(writer, 0, false);
              beginCount(writer, nearer, count);
            }
          }
          break;
        case SITE.loopEnd:
          if (wrapped) {
            const counted = plan.counted.get(cost);
            if (counted === undefined) closeWrapper(writer, owed, payFunction(this.context));
            else {
              endCount(writer, counted, count);
              writer.u8(CODE.end);
              meter.charge(writer, counted.lastUnits);
            }
          }
          break;
        case SITE.exit: {
          const counted = plan.counted.get(cost - 1);
          if (counted !== undefined) chargeCount(writer, counted, { ...count, more: counted.units });
          break;
        }
        case SITE.throw:
          meter.throws(writer);
          break;
        case SITE.branch:
          if (wrapped) copied = this.#moveLabels(writer, offset, cost);
          break;
        case SITE.canonical:
          writeCanonicalNan(writer, cost, ofShape[cost] ?? -1);
          break;
        case SITE.leave:
          meter.leave(writer);
          break;
        case SITE.handler:
          meter.restore(writer);
          break;
        case SITE.call:
          copied = this.#endOf(offset);
          meter.call(writer, {
            call: cost,
            instruction: module.bytes.subarray(offset, copied),
            mark: () => origin.add(writer.position, offset),
          });
          break;
        case SITE.array:
          if (length !== undefined) this.#chargeArray(writer, length);
          break;
        case SITE.grow:
        case SITE.bulk:
          copied = this.#replace(writer, offset, body.end);
          break;
      }
      if (site === meter.frameSite) meter.enter(writer);
      if (site === first && wraps) {
        // Branches and handlers that lead to the function's label now lead to this block's.
        writer.u8(CODE.block);
        if (type.results.length === 0) writer.u8(EMPTY_BLOCK);
        else if (type.results.length === 1) writeValueType(writer, type.results[0] ?? I32);
        else writer.s32(additions.type([], type.results));
      }
      if (writer.position > before) origin.add(writer.position, copied);
    }
    copyTo(wraps ? body.end : body.end - 1); // the last `end` closes the block
    if (catchesToEnd) meter.restore(writer);
    meter.leave(writer);
    writer.u8(CODE.end);
  }

  /** The type of the loop at an offset. */
  #blockType(offset: number): Uint8Array {
    return this.context.module.bytes.subarray(offset + 1, this.#endOf(offset));
  }

  /** Whether a local may be read before it is written, as far as the straight code at the entry tells. */
  #isReadFirst(local: number, body: FunctionBody): boolean {
    const reader = this.#reader;
    reader.reset(body.code, body.end);
    while (reader.next() && !CONTROL.has(reader.key)) {
      if (reader.index !== local) continue;
      if (reader.key === LOCAL_GET) return true;
      if (reader.key === LOCAL_SET || reader.key === LOCAL_TEE) return false;
    }
    return true;
  }

  /** The end of the instruction at an offset. */
  #endOf(offset: number): number {
    const reader = this.#reader;
    reader.reset(offset, this.context.module.bytes.length);
    reader.next();
    return reader.end;
  }

  /** Writes the branch at an offset with labels beyond `inside` further out; returns where the copy goes on. */
  #moveLabels(writer: CodeWriter, offset: number, inside: number): number {
    const reader = this.#reader, moved = (label: number) => label > inside ? label + WRAPPER_LABELS : label;
    reader.reset(offset, this.context.module.bytes.length);
    reader.next();
    writer.u8(this.context.module.bytes[offset] ?? 0);
    if (reader.key === BR_TABLE) {
      writer.u32(reader.labelCount - 1);
      for (let i = 0; i < reader.labelCount; i++) writer.u32(moved(reader.labels[i] ?? 0));
    } else writer.u32(moved(reader.index));
    return reader.end;
  }

  /** @param passed parameters that have the places of the first locals */
  #writeLocals(
    writer: CodeWriter,
    body: FunctionBody,
    { added, passed }: { added: readonly ValueType[]; passed: number },
  ): void {
    writer.u32(body.locals.length + added.length);
    let replaced = passed;
    for (const { count, type } of body.locals) {
      const fewer = Math.min(replaced, count);
      replaced -= fewer;
      writer.u32(count - fewer);
      writeValueType(writer, type);
    }
    for (const type of added) {
      writer.u32(1);
      writeValueType(writer, type);
    }
  }

  /** Writes the call that takes the place of the instruction at an offset; returns where the copy goes on. */
  #replace(writer: CodeWriter, offset: number, limit: number): number {
    const reader = this.#reader;
    reader.reset(offset, limit);
    reader.next();
    const target = REPLACEMENT_BY_KEY.get(reader.key)?.(this, reader);
    if (target === undefined) {
      throw new TypeError(`The plan replaces an instruction that has no replacement, key ${reader.key}`);
    }
    indexed(writer, CODE.call, target);
    return reader.end;
  }

  /** Charges the length on top of the stack, and leaves it there. */
  #chargeArray(writer: CodeWriter, length: number): void {
    const { counters } = this.context;
    indexed(writer, CODE.localSet, length);
    counters.chargeDynamic(writer, this.options.costs.element, () => {
      indexed(writer, CODE.localGet, length);
      writer.u8(CODE.i64ExtendI32U);
      i64Const(writer, 0);
      indexed(writer, CODE.localGet, length);
      i32Const(writer, MOST_ARRAY_ELEMENTS);
      writer.u8(CODE.i32LeU);
      writer.u8(CODE.select);
    });
    counters.test(writer);
    indexed(writer, CODE.localGet, length);
  }
}
