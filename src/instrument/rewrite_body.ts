/** Writes the instrumented code of one function body: the original bytes with insertions, as the plan says. */
import type { CodeContext } from "./additions.ts";
import { copyFunction, fillFunction, initFunction } from "./bulk_functions.ts";
import { CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import { type Ceiling, memoryGrowFunction, tableGrowFunction } from "./growth_functions.ts";
import type { OriginMapBuilder } from "./origin_map.ts";
import type { CostModel } from "../analysis/cost.ts";
import { ALSO_HANDLER, FUNCTION_FLAGS, type ModulePlan, SITE } from "../analysis/plan.ts";
import type { StackPlan } from "../analysis/stack_plan.ts";
import { type ByteWriter, writeValueType } from "../wasm/encoder.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import { I32, type ValueType } from "../wasm/types.ts";

/** V8 refuses arrays beyond this many elements, so longer ones are charged nothing and trap. */
const MOST_ARRAY_ELEMENTS = 1 << 27;

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

export interface RewriteOptions {
  readonly plan: ModulePlan;
  readonly stack: StackPlan;
  readonly costs: CostModel;
  readonly ceiling: Ceiling;
  readonly origin: OriginMapBuilder;
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
  rewrite(writer: ByteWriter, bodyIndex: number, body: FunctionBody): void {
    const { module, counters, additions } = this.context, { plan, stack, origin } = this.options;
    const flags = plan.flags[bodyIndex] ?? 0,
      counted = stack.counted[bodyIndex] === 1,
      frame = stack.frame[bodyIndex] ?? 0;
    const type = module.types[module.functions[module.imported.function + bodyIndex] ?? 0]?.composite;
    if (type?.kind !== "func") {
      throw new TypeError(`Body ${bodyIndex} of a validated module has no function type`);
    }

    let nextLocal = type.params.length + body.localCount;
    const added: ValueType[] = [];
    const addLocal = (): number => {
      added.push(I32);
      return nextLocal++;
    };
    const saved = counted && (flags & FUNCTION_FLAGS.hasHandler) !== 0 ? addLocal() : undefined;
    const length = (flags & FUNCTION_FLAGS.hasArray) !== 0 ? addLocal() : undefined;
    this.#writeLocals(writer, body, added);

    let copied = body.code;
    const copyTo = (offset: number) => {
      if (offset > copied) writer.bytes(module.bytes.subarray(copied, offset));
      copied = offset;
    };
    const end = plan.bodySites[bodyIndex + 1] ?? 0;
    for (let site = plan.bodySites[bodyIndex] ?? 0, first = true; site < end; site++, first = false) {
      const kind = plan.siteKind[site] ?? 0,
        cost = plan.siteCost[site] ?? 0,
        offset = plan.siteOffset[site] ?? 0;
      copyTo(offset);
      switch (kind) {
        case SITE.charge:
          counters.charge(writer, cost);
          break;
        case SITE.test | ALSO_HANDLER:
        case SITE.test:
          if (kind !== SITE.test && saved !== undefined) counters.restore(writer, saved);
          counters.charge(writer, cost);
          counters.test(writer);
          break;
        case SITE.leave:
          if (counted) counters.leave(writer, frame, saved);
          break;
        case SITE.handler:
          if (saved !== undefined) counters.restore(writer, saved);
          break;
        case SITE.array:
          if (length !== undefined) this.#chargeArray(writer, length);
          break;
        case SITE.grow:
        case SITE.bulk:
          copied = this.#replace(writer, offset, body.end);
          break;
      }
      if (first && counted) {
        counters.enter(writer, frame, saved);
        // Branches and handlers that lead to the function's label now lead to this block's.
        writer.u8(CODE.block);
        if (type.results.length === 0) writer.u8(EMPTY_BLOCK);
        else if (type.results.length === 1) writeValueType(writer, type.results[0] ?? I32);
        else writer.s32(additions.type([], type.results));
      }
      origin.add(writer.position, copied);
    }
    copyTo(body.end);
    if (counted) {
      // The last `end` that was copied closed the block.
      if (saved !== undefined && (flags & FUNCTION_FLAGS.catchesToEnd) !== 0) counters.restore(writer, saved);
      counters.leave(writer, frame, saved);
      writer.u8(CODE.end);
    }
  }

  #writeLocals(writer: ByteWriter, body: FunctionBody, added: readonly ValueType[]): void {
    const { bytes } = this.context.module;
    writer.u32(body.locals.length + added.length);
    let groups = body.start;
    while (((bytes[groups] ?? 0) & 0x80) !== 0) groups++;
    writer.bytes(bytes.subarray(groups + 1, body.code));
    for (const type of added) {
      writer.u32(1);
      writeValueType(writer, type);
    }
  }

  /** Writes the call that takes the place of the instruction at an offset; returns where the copy goes on. */
  #replace(writer: ByteWriter, offset: number, limit: number): number {
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
  #chargeArray(writer: ByteWriter, length: number): void {
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
