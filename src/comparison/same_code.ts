/**
 * Whether two functions do the same, instruction by instruction. Indices are compared by what they name, so that a new
 * import, which moves the number of every function, changes none of them. Hot: every byte of both modules passes through.
 */
import { BLOCK_KIND, InstructionReader } from "../wasm/instructions.ts";
import type { ImmediateKind } from "../wasm/opcode.ts";
import { ROWS, SHAPE, SHAPES } from "../wasm/opcodes.ts";
import { heapOf, isAbstract, isRef, type ValueType } from "../wasm/types.ts";
import type { ComparedModule } from "./compared_module.ts";
import type { FunctionMatches } from "./match_functions.ts";

const WIDTHS: Readonly<Record<number, number>> = {
  [SHAPE.bytes4]: 4,
  [SHAPE.bytes8]: 8,
  [SHAPE.bytes16]: 16,
};

/** Compares the functions of two modules. */
export class CodeComparer {
  readonly #one: ComparedModule;
  readonly #other: ComparedModule;
  readonly #matches: FunctionMatches;
  readonly #reader: InstructionReader;
  readonly #otherReader: InstructionReader;

  /** Whether all indices name the same in both, so that equal bytes are equal code. */
  readonly #indicesStay: boolean;

  constructor(one: ComparedModule, other: ComparedModule, matches: FunctionMatches) {
    this.#indicesStay = indicesStay(one, other, matches);
    this.#one = one;
    this.#other = other;
    this.#matches = matches;
    this.#reader = new InstructionReader(one.module.bytes);
    this.#otherReader = new InstructionReader(other.module.bytes);
  }

  /**
   * Whether two functions have the same type, locals and instructions.
   *
   * @throws {ModuleInvalidError} where bytes are no instructions
   */
  same(index: number, otherIndex: number): boolean {
    const one = this.#one, other = this.#other;
    const body = one.module.bodies[index - one.firstBody];
    const otherBody = other.module.bodies[otherIndex - other.firstBody];
    if (body === undefined || otherBody === undefined) return body === otherBody;
    if (one.signatureId(index) !== other.signatureId(otherIndex)) return false;
    if (body.localCount !== otherBody.localCount) return false;
    if (!this.#sameBytes(body.start, body.code, otherBody.start, otherBody.code)) {
      const { locals } = body, { locals: otherLocals } = otherBody;
      if (locals.length !== otherLocals.length) return false;
      for (const [at, { count, type }] of locals.entries()) {
        const group = otherLocals[at];
        if (group?.count !== count || !this.#sameType(type, group.type)) return false;
      }
    }
    if (this.#indicesStay && this.#sameBytes(body.code, body.end, otherBody.code, otherBody.end)) return true;
    this.#reader.reset(body.code, body.end);
    this.#otherReader.reset(otherBody.code, otherBody.end);
    for (;;) {
      const more = this.#reader.next();
      if (more !== this.#otherReader.next()) return false;
      if (!more) return true;
      if (!this.#sameInstruction()) return false;
    }
  }

  #sameBytes(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    if (end - start !== otherEnd - otherStart) return false;
    const { bytes } = this.#one.module, { bytes: otherBytes } = this.#other.module;
    for (let at = start, other = otherStart; at < end; at++, other++) {
      if (bytes[at] !== otherBytes[other]) return false;
    }
    return true;
  }

  #sameInstruction(): boolean {
    const one = this.#reader, other = this.#otherReader, { key } = one;
    if (key !== other.key) return false;
    const kinds = ROWS[key]?.immediates ?? [];
    switch (SHAPES[key]) {
      case SHAPE.none:
      case SHAPE.zero:
        return true;
      case SHAPE.index2:
        return this.#sameIndex(kinds[0], one.index, other.index) &&
          this.#sameIndex(kinds[1], one.index2, other.index2);
      case SHAPE.index:
        return this.#sameIndex(kinds[0], one.index, other.index);
      case SHAPE.i32:
        return one.i32 === other.i32;
      case SHAPE.i64:
        return one.i64 === other.i64;
      case SHAPE.lane:
        return one.lane === other.lane;
      case SHAPE.memarg:
        return this.#sameAccess();
      case SHAPE.memargLane:
        return this.#sameAccess() && one.lane === other.lane;
      case SHAPE.blocktype:
        return this.#sameBlock();
      case SHAPE.labels:
        return sameNumbers(one.labels, other.labels, [one.labelCount, other.labelCount]);
      case SHAPE.types:
        return one.types.length === other.types.length &&
          one.types.every((type, at) => this.#sameType(type, other.types[at] ?? 0));
      case SHAPE.heaptype:
        return this.#sameType(one.heapType, other.heapType);
      case SHAPE.cast:
        return one.index === other.index && this.#sameType(one.heapType, other.heapType) &&
          this.#sameType(one.heapType2, other.heapType2);
      case SHAPE.tryTable: {
        const counts = [one.catchCount, other.catchCount] as const;
        return this.#sameBlock() && sameNumbers(one.catchKinds, other.catchKinds, counts) &&
          sameNumbers(one.catchTags, other.catchTags, counts) &&
          sameNumbers(one.catchLabels, other.catchLabels, counts);
      }
      default: {
        const width = WIDTHS[SHAPES[key] ?? 0] ?? 0;
        return this.#sameBytes(
          one.immediate,
          one.immediate + width,
          other.immediate,
          other.immediate + width,
        );
      }
    }
  }

  #sameAccess(): boolean {
    const one = this.#reader, other = this.#otherReader;
    return one.index === other.index && one.align === other.align &&
      one.memoryOffset === other.memoryOffset &&
      (one.memoryOffset < 2 ** 53 || one.exactMemoryOffset === other.exactMemoryOffset);
  }

  #sameBlock(): boolean {
    const one = this.#reader, other = this.#otherReader;
    if (one.blockKind !== other.blockKind) return false;
    if (one.blockKind === BLOCK_KIND.empty) return true;
    return one.blockKind === BLOCK_KIND.index
      ? this.#sameIndex("type", one.blockType, other.blockType)
      : this.#sameType(one.blockType, other.blockType);
  }

  #sameType(type: ValueType, otherType: ValueType): boolean {
    if (type === otherType && (!isRef(type) || isAbstract(type))) return true;
    if (!isRef(type) || !isRef(otherType) || isAbstract(type) || isAbstract(otherType)) return false;
    return type - heapOf(type) === otherType - heapOf(otherType) &&
      this.#sameIndex("type", heapOf(type), heapOf(otherType));
  }

  #sameIndex(kind: ImmediateKind | undefined, index: number, otherIndex: number): boolean {
    if (kind === "function") return (this.#matches.after[index] ?? -1) === otherIndex;
    if (kind === "type") return this.#one.typeId(index) === this.#other.typeId(otherIndex);
    if (kind === "global") return this.#one.globalId(index) === this.#other.globalId(otherIndex);
    return index === otherIndex;
  }
}

function indicesStay(one: ComparedModule, other: ComparedModule, { after }: FunctionMatches): boolean {
  if (one.module.types.length !== other.module.types.length) return false;
  if (one.module.globals.length !== other.module.globals.length) return false;
  for (let index = 0; index < after.length; index++) if (after[index] !== index) return false;
  for (let index = 0; index < one.module.types.length; index++) {
    if (one.typeId(index) !== other.typeId(index)) return false;
  }
  for (let index = 0; index < one.module.globals.length; index++) {
    if (one.globalId(index) !== other.globalId(index)) return false;
  }
  return true;
}

function sameNumbers(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  [count, otherCount]: readonly [number, number],
): boolean {
  if (count !== otherCount) return false;
  for (let at = 0; at < count; at++) if (one[at] !== other[at]) return false;
  return true;
}
