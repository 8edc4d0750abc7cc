/**
 * Functions that take the place of bulk operations: they charge by size and do large ones in chunks, with a test
 * between two chunks, so that no single operation keeps a guest from being stopped.
 *
 * An operation that exceeds its memory, table or segment pays nothing beyond its instruction and traps whole, as the
 * specification says: one of a single chunk pays afterwards, for others the bounds are compared before the first. A
 * segment counts with its declared size, so a dropped one of many chunks pays for the first before it traps.
 */
import type { CodeContext } from "./additions.ts";
import { BULK, CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import type { CostModel } from "../analysis/cost.ts";
import { writeValueType } from "../wasm/encoder.ts";
import { I32, I64, type ValueType } from "../wasm/types.ts";

/** Bytes, or elements, that are moved between two tests: 50 µs and 200 µs of work. */
const CHUNK = { memory: 1 << 20, table: 1 << 16 } as const;

type Space = keyof typeof CHUNK;

/** A memory or table that an operation touches. */
interface Region {
  readonly space: Space;
  readonly index: number;
  readonly wide: boolean;
}

function region(context: CodeContext, space: Space, index: number): Region {
  const item = space === "memory" ? context.module.memories[index] : context.module.tables[index];
  if (item === undefined) {
    throw new RangeError(`A validated module uses ${space} ${index}, which does not exist`);
  }
  return { space, index, wide: item.index64 };
}

const addressType = (wide: boolean): ValueType => wide ? I64 : I32;

/** memory.fill and table.fill: `(at, value, size)`. */
export function fillFunction(context: CodeContext, costs: CostModel, space: Space, index: number): number {
  const target = region(context, space, index);
  const value = space === "memory" ? I32 : context.module.tables[index]?.element ?? I32;
  return new BulkFunction(context, costs, {
    key: `${space}.fill ${index}`,
    space,
    params: [addressType(target.wide), value, addressType(target.wide)],
    sizeWide: target.wide,
    targets: [{ param: 0, wide: target.wide, limit: target }],
    pass: 1,
    instruction: [space === "memory" ? BULK.memoryFill : BULK.tableFill, index],
    backwards: false,
  }).index();
}

/** memory.copy and table.copy: `(to, from, size)`. */
export function copyFunction(
  context: CodeContext,
  costs: CostModel,
  space: Space,
  to: number,
  from: number,
): number {
  const target = region(context, space, to), source = region(context, space, from);
  const sizeWide = target.wide && source.wide;
  return new BulkFunction(context, costs, {
    key: `${space}.copy ${to} ${from}`,
    space,
    params: [addressType(target.wide), addressType(source.wide), addressType(sizeWide)],
    sizeWide,
    targets: [{ param: 0, wide: target.wide, limit: target }, { param: 1, wide: source.wide, limit: source }],
    pass: undefined,
    instruction: [space === "memory" ? BULK.memoryCopy : BULK.tableCopy, to, from],
    // Two indices may stand for one object, if both are imported.
    backwards: true,
  }).index();
}

/** memory.init and table.init: `(to, offset in the segment, size)`. */
export function initFunction(
  context: CodeContext,
  costs: CostModel,
  space: Space,
  to: number,
  segment: number,
): number {
  const target = region(context, space, to);
  return new BulkFunction(context, costs, {
    key: `${space}.init ${to} ${segment}`,
    space,
    params: [addressType(target.wide), I32, I32],
    sizeWide: false,
    targets: [
      { param: 0, wide: target.wide, limit: target },
      { param: 1, wide: false, limit: segmentSize(context, space, segment) },
    ],
    pass: undefined,
    instruction: [space === "memory" ? BULK.memoryInit : BULK.tableInit, segment, to],
    backwards: false,
  }).index();
}

function segmentSize(context: CodeContext, space: Space, segment: number): number {
  if (space === "memory") {
    const data = context.module.data[segment];
    return data === undefined ? 0 : data.end - data.start;
  }
  const elements = context.module.elements[segment];
  return elements?.functions?.length ?? elements?.expressions?.length ?? 0;
}

/** An address operand, and what bounds it: a memory or table, or a number of bytes or elements. */
interface Target {
  readonly param: number;
  readonly wide: boolean;
  readonly limit: Region | number;
}

interface BulkShape {
  readonly key: string;
  readonly space: Space;
  readonly params: readonly [ValueType, ValueType, ValueType];
  readonly sizeWide: boolean;
  readonly targets: readonly Target[];
  /** The parameter that every chunk gets as it is. */
  readonly pass: number | undefined;
  /** Number after the prefix, then the indices as they are encoded. */
  readonly instruction: readonly number[];
  /** Whether source and target can overlap. */
  readonly backwards: boolean;
}

/** Parameters are locals 0 … 2; 3 and 4 are the addresses and 5 is the size, all as i64. */
const SIZE = 5;
const addressLocal = (param: number): number => 3 + param;

class BulkFunction {
  readonly #writer = new CodeWriter();

  constructor(
    readonly context: CodeContext,
    readonly costs: CostModel,
    readonly shape: BulkShape,
  ) {}

  /** The index of the function, which leaves what takes more than one chunk to another. */
  index(): number {
    const { additions } = this.context, type = additions.type(this.shape.params, []);
    const large = additions.function(`${this.shape.key} in chunks`, () => {
      this.#body();
      return { type, code: this.#writer };
    });
    return additions.function(this.shape.key, () => ({ type, code: this.#smallBody(large) }));
  }

  /** One chunk: the instruction, which checks the bounds itself, then its price. Small, so that V8 may inline it. */
  #smallBody(large: number): CodeWriter {
    const writer = new CodeWriter(), { counters } = this.context, { sizeWide, space } = this.shape;
    const params = () => {
      for (let param = 0; param < 3; param++) indexed(writer, CODE.localGet, param);
    };
    writer.u32(0); // no locals
    indexed(writer, CODE.localGet, 2);
    if (sizeWide) i64Const(writer, CHUNK[space]);
    else i32Const(writer, CHUNK[space]);
    writer.u8(sizeWide ? CODE.i64GtU : CODE.i32GtU);
    writer.unlikelyBranch(CODE.if);
    writer.u8(EMPTY_BLOCK);
    params();
    indexed(writer, CODE.call, large);
    writer.u8(CODE.return);
    writer.u8(CODE.end);
    params();
    this.#instruction(writer);
    counters.chargeDynamic(writer, this.#unit, () => {
      indexed(writer, CODE.localGet, 2);
      if (!sizeWide) writer.u8(CODE.i64ExtendI32U);
    });
    counters.test(writer);
    writer.u8(CODE.end);
    return writer;
  }

  #body(): void {
    const writer = this.#writer, { targets, sizeWide, backwards } = this.shape;
    writer.u32(1); // one group of locals
    writer.u32(3);
    writeValueType(writer, I64);
    for (const target of targets) this.#widen(target.param, target.wide, addressLocal(target.param));
    this.#widen(2, sizeWide, SIZE);
    for (const target of targets) this.#checkBounds(target);
    if (backwards) {
      indexed(writer, CODE.localGet, addressLocal(0));
      indexed(writer, CODE.localGet, addressLocal(1));
      writer.u8(CODE.i64GtU);
      writer.u8(CODE.if);
      writer.u8(EMPTY_BLOCK);
      this.#chunks(true);
      writer.u8(CODE.else);
      this.#chunks(false);
      writer.u8(CODE.end);
    } else this.#chunks(false);
    this.context.counters.chargeDynamic(writer, this.#unit, () => indexed(writer, CODE.localGet, SIZE));
    this.context.counters.test(writer);
    this.#perform(() => this.#narrow(SIZE, sizeWide), () => {});
    writer.u8(CODE.end);
  }

  get #unit(): number {
    return this.shape.space === "memory" ? this.costs.byte : this.costs.element;
  }

  #widen(param: number, wide: boolean, local: number): void {
    indexed(this.#writer, CODE.localGet, param);
    if (!wide) this.#writer.u8(CODE.i64ExtendI32U);
    indexed(this.#writer, CODE.localSet, local);
  }

  #narrow(local: number, wide: boolean): void {
    indexed(this.#writer, CODE.localGet, local);
    if (!wide) this.#writer.u8(CODE.i32WrapI64);
  }

  #limit(limit: Region | number): void {
    const writer = this.#writer;
    if (typeof limit === "number") return i64Const(writer, limit);
    if (limit.space === "memory") indexed(writer, CODE.memorySize, limit.index);
    else {
      writer.u8(CODE.bulk);
      writer.u32(BULK.tableSize);
      writer.u32(limit.index);
    }
    if (!limit.wide) writer.u8(CODE.i64ExtendI32U);
    if (limit.space === "table") return;
    i64Const(writer, 16); // pages to bytes
    writer.u8(CODE.i64Shl);
  }

  /** `size > limit || address > limit - size`: let the instruction itself trap. */
  #checkBounds(target: Target): void {
    const writer = this.#writer;
    indexed(writer, CODE.localGet, SIZE);
    this.#limit(target.limit);
    writer.u8(CODE.i64GtU);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.#trap();
    writer.u8(CODE.end);
    indexed(writer, CODE.localGet, addressLocal(target.param));
    this.#limit(target.limit);
    indexed(writer, CODE.localGet, SIZE);
    writer.u8(CODE.i64Sub);
    writer.u8(CODE.i64GtU);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.#trap();
    writer.u8(CODE.end);
  }

  #trap(): void {
    for (let param = 0; param < 3; param++) indexed(this.#writer, CODE.localGet, param);
    this.#instruction();
    this.#writer.u8(CODE.unreachable);
  }

  #instruction(writer = this.#writer): void {
    writer.u8(CODE.bulk);
    for (const number of this.shape.instruction) writer.u32(number);
  }

  /** The instruction on addresses, each moved by `displace`, with a size. */
  #perform(size: () => void, displace: () => void): void {
    const writer = this.#writer, { targets, pass } = this.shape;
    for (let param = 0; param < 2; param++) {
      if (param === pass) {
        indexed(writer, CODE.localGet, param);
        continue;
      }
      indexed(writer, CODE.localGet, addressLocal(param));
      displace();
      if (targets[param]?.wide !== true) writer.u8(CODE.i32WrapI64);
    }
    size();
    this.#instruction();
  }

  /** All but the last chunk, from the low end or from the high end. */
  #chunks(fromEnd: boolean): void {
    const writer = this.#writer, chunk = CHUNK[this.shape.space];
    const step = (local: number, opcode: number) => {
      indexed(writer, CODE.localGet, local);
      i64Const(writer, chunk);
      writer.u8(opcode);
      indexed(writer, CODE.localSet, local);
    };
    const chunkSize = () => {
      i64Const(writer, chunk);
      if (!this.shape.sizeWide) writer.u8(CODE.i32WrapI64);
    };
    writer.u8(CODE.loop);
    writer.u8(EMPTY_BLOCK);
    indexed(writer, CODE.localGet, SIZE);
    i64Const(writer, chunk);
    writer.u8(CODE.i64GtU);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.context.counters.charge(writer, chunk * this.#unit);
    this.context.counters.test(writer);
    if (fromEnd) {
      step(SIZE, CODE.i64Sub);
      this.#perform(chunkSize, () => {
        indexed(writer, CODE.localGet, SIZE);
        writer.u8(CODE.i64Add);
      });
    } else {
      this.#perform(chunkSize, () => {});
      for (const target of this.shape.targets) step(addressLocal(target.param), CODE.i64Add);
      step(SIZE, CODE.i64Sub);
    }
    writer.u8(CODE.br);
    writer.u8(1); // the loop
    writer.u8(CODE.end);
    writer.u8(CODE.end);
  }
}
