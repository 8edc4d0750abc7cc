/**
 * Decodes instructions, one at a time, into its own fields. Structure is checked here and nowhere else: opcodes, LEB128
 * numbers, flag bytes, immediates that end too early. Types and index ranges are the validator's.
 *
 * Hot: 150 MB/s on compiled C and 210 MB/s on a synthetic body, so a module of 50 MB is walked in a third of a second. For
 * that there is one object, no allocation, and a switch whose common cases decode their one byte in place; methods of
 * their own for those cost a third of the speed. A field that the current instruction does not have keeps an old value.
 */
import { byteAt, Cursor, i64At, u64At } from "./cursor.ts";
import { CATCH_KIND } from "./catch_kind.ts";
import { IMPLEMENTATION_LIMITS } from "./implementation_limits.ts";
import { opcodeKey } from "./opcode.ts";
import { op, SHAPE, SHAPES } from "./opcodes.ts";
import { ANY_TYPE_INDEX, readHeapType, readValueType } from "./read/value_types.ts";
import { tooMany, unexpectedByte, unknownOpcode } from "./read_errors.ts";
import type { ValueType } from "./types.ts";

/** What the type of a block is given as: the values of {@linkcode InstructionReader.blockKind}. */
export const BLOCK_KIND = { empty: 0, value: 1, index: 2 } as const;

const MEMORY_INDEX_FLAG = 0x40;
const EMPTY_BLOCK = 0x40;
/** A byte from here on says that its LEB128 number goes on; also stands for a byte that is missing. */
const LONG = 0x80;

const INDEX = "an instruction's index";

const MOST_LABELS = IMPLEMENTATION_LIMITS.branchTableLabels.engine;
const MOST_CATCHES = IMPLEMENTATION_LIMITS.catchClauses.engine;

/** Whose heap type stands for a nullable reference. */
const NULLABLE_KEYS: ReadonlySet<number> = new Set(["ref.null", "ref.test null", "ref.cast null"].map(op));

export class InstructionReader extends Cursor {
  /** Of the current instruction's first byte; {@linkcode end} is past its last. */
  offset = 0;
  /** Dense key: an index of `ROWS`. */
  key = 0;
  /** Index immediates in the order of the bytes; of an access to memory, the memory. */
  index = 0;
  index2 = 0;
  /** Base-2 logarithm, as given. */
  align = 0;
  /** Exact below 2^53, and 2^53 from there on; {@linkcode exactMemoryOffset} has all bits. */
  memoryOffset = 0;
  lane = 0;
  blockKind: 0 | 1 | 2 = 0;
  /** A value type or a type index, by {@linkcode blockKind}. */
  blockType = 0;
  /** Of br_table, the default label last; {@linkcode labelCount} counts it. */
  labels: Uint32Array = new Uint32Array(64);
  labelCount = 0;
  /** Clauses of try_table: kinds of {@linkcode CATCH_KIND}, tags (0 where the clause names none), labels. */
  catchKinds: number[] = [];
  catchTags: number[] = [];
  catchLabels: number[] = [];
  catchCount = 0;
  /** As reference types; of a branch on a cast, the type before it … */
  heapType: ValueType = 0;
  /** … and the type that is tested for. */
  heapType2: ValueType = 0;
  /** Of `select t`. */
  types: ValueType[] = [];
  /** Value of i32.const. */
  i32 = 0;
  /** Position of the first immediate byte; other constants are read from there, see {@linkcode i64At}. */
  immediate = 0;
  private memoryOffsetPosition = 0;

  constructor(bytes: Uint8Array) {
    super(bytes, 0, 0);
  }

  /** Past the last byte of the current instruction. */
  get end(): number {
    return this.position;
  }

  /** The offset of a memory access with all its 64 bits. */
  get exactMemoryOffset(): bigint {
    return u64At(this.bytes, this.memoryOffsetPosition);
  }

  /** Value of i64.const. */
  get i64(): bigint {
    return i64At(this.bytes, this.immediate);
  }

  /** Walks the instructions in this range from now on. */
  reset(start: number, end: number): void {
    this.position = start;
    this.limit = end;
  }

  /**
   * Decodes the next instruction; false at the end of the range.
   *
   * @throws {ModuleInvalidError}
   */
  next(): boolean {
    const { bytes, limit } = this;
    let position = this.position;
    if (position >= limit) return false;
    this.offset = position;
    let key = byteAt(bytes, position++);
    if (key >= 0xfb) {
      this.position = position;
      key = this.readPrefixed(key);
      position = this.position;
    }
    this.key = key;
    this.immediate = position;
    // Cases of one byte are decoded here, everything else by a method. The numbers are those of SHAPE: as literals they
    // become a jump table.
    switch (SHAPES[key]) {
      case 1: // none
        break;
      case 2: { // index
        const byte = position < limit ? byteAt(bytes, position++) : LONG;
        if (byte >= LONG) return this.readIndex();
        this.index = byte;
        break;
      }
      case 3: { // memarg
        const flags = position < limit ? byteAt(bytes, position++) : LONG;
        const offset = position < limit ? byteAt(bytes, position) : LONG;
        if (flags >= MEMORY_INDEX_FLAG || offset >= LONG) return this.readMemoryArgument();
        this.align = flags;
        this.index = 0;
        this.memoryOffset = offset;
        this.memoryOffsetPosition = position++;
        break;
      }
      case 4: { // i32
        const byte = position < limit ? byteAt(bytes, position++) : LONG;
        if (byte >= LONG) return this.readI32();
        this.i32 = byte << 25 >> 25;
        break;
      }
      case 5: { // blocktype
        if (position >= limit || byteAt(bytes, position) !== EMPTY_BLOCK) return this.readBlockType();
        this.blockKind = BLOCK_KIND.empty;
        position++;
        break;
      }
      default:
        return this.readOther();
    }
    this.position = position;
    return true;
  }

  /** Immediates of the rarer shapes. */
  private readOther(): boolean {
    this.position = this.immediate;
    switch (SHAPES[this.key]) {
      case SHAPE.index2:
        this.index = this.u32(INDEX);
        this.index2 = this.u32(INDEX);
        return true;
      case SHAPE.i64:
        this.skipS64("i64 constant");
        return true;
      case SHAPE.bytes4:
        this.skip(4, "f32 constant");
        return true;
      case SHAPE.bytes8:
        this.skip(8, "f64 constant");
        return true;
      case SHAPE.bytes16:
        this.skip(16, "v128 constant");
        return true;
      case SHAPE.labels:
        return this.readLabels();
      case SHAPE.lane:
        this.lane = this.u8("lane index");
        return true;
      case SHAPE.memargLane:
        this.readMemoryArgument();
        this.lane = this.u8("lane index");
        return true;
      case SHAPE.types:
        return this.readTypes();
      case SHAPE.heaptype:
        this.heapType = readHeapType(this, NULLABLE_KEYS.has(this.key), ANY_TYPE_INDEX);
        return true;
      case SHAPE.cast:
        return this.readCast();
      case SHAPE.tryTable:
        this.readBlockType();
        return this.readCatches();
      case SHAPE.zero:
        return this.readZero();
      default:
        return this.failUnknown();
    }
  }

  private readIndex(): boolean {
    this.position = this.immediate;
    this.index = this.u32(INDEX);
    return true;
  }

  private readI32(): boolean {
    this.position = this.immediate;
    this.i32 = this.s32("i32 constant");
    return true;
  }

  private failUnknown(): never {
    const byte = byteAt(this.bytes, this.offset);
    throw unknownOpcode(byte, byte < 0xfb ? undefined : this.index, this.offset);
  }

  /** The key of an opcode of two parts; leaves the second part in `index`, for the message if it is unknown. */
  private readPrefixed(prefix: number): number {
    const sub = this.u32("second part of an opcode");
    this.index = sub;
    const key = prefix === 0xff ? -1 : opcodeKey(prefix, sub);
    return key < 0 ? 0xff : key;
  }

  private readMemoryArgument(): boolean {
    const start = this.position = this.immediate;
    const flags = this.u32("alignment");
    if (flags < MEMORY_INDEX_FLAG) {
      this.align = flags;
      this.index = 0;
    } else {
      if (flags >= 2 * MEMORY_INDEX_FLAG) throw unexpectedByte("alignment", flags, "below 0x80", start);
      this.align = flags - MEMORY_INDEX_FLAG;
      this.index = this.u32("memory index");
    }
    this.memoryOffsetPosition = this.position;
    this.memoryOffset = this.u64Clamped("memory offset");
    return true;
  }

  private readBlockType(): boolean {
    const position = this.position = this.immediate;
    const byte = this.peek();
    if (byte < EMPTY_BLOCK || byte >= LONG) {
      this.blockKind = BLOCK_KIND.index;
      this.blockType = this.s33("block type");
      if (this.blockType < 0) throw unexpectedByte("block type", byte, "a value type or an index", position);
    } else if (byte === EMPTY_BLOCK) {
      this.position++;
      this.blockKind = BLOCK_KIND.empty;
    } else {
      this.blockKind = BLOCK_KIND.value;
      this.blockType = readValueType(this, ANY_TYPE_INDEX);
    }
    return true;
  }

  private readLabels(): boolean {
    const start = this.position;
    const count = this.u32("number of labels");
    if (count > MOST_LABELS) throw tooMany("br_table", "count", count, MOST_LABELS, start);
    if (count >= this.labels.length) this.labels = new Uint32Array(MOST_LABELS + 1);
    const labels = this.labels;
    for (let index = 0; index <= count; index++) labels[index] = this.u32("label");
    this.labelCount = count + 1;
    return true;
  }

  private readTypes(): boolean {
    const count = this.u32("number of types");
    this.types.length = 0;
    for (let index = 0; index < count; index++) this.types.push(readValueType(this, ANY_TYPE_INDEX));
    return true;
  }

  private readCast(): boolean {
    const start = this.position;
    const flags = this.u8("flags of a cast");
    if (flags > 3) throw unexpectedByte("flags of a cast", flags, "at most 3", start);
    this.index = this.u32("label");
    this.heapType = readHeapType(this, (flags & 1) !== 0, ANY_TYPE_INDEX);
    this.heapType2 = readHeapType(this, (flags & 2) !== 0, ANY_TYPE_INDEX);
    return true;
  }

  private readCatches(): boolean {
    const first = this.position;
    const count = this.u32("number of catch clauses");
    if (count > MOST_CATCHES) throw tooMany("try_table", "count", count, MOST_CATCHES, first);
    for (let index = 0; index < count; index++) {
      const start = this.position;
      const kind = this.u8("kind of a catch clause");
      if (kind > CATCH_KIND.catch_all_ref) {
        throw unexpectedByte("kind of a catch clause", kind, "at most 3", start);
      }
      this.catchKinds[index] = kind;
      this.catchTags[index] = kind < CATCH_KIND.catch_all ? this.u32("tag index") : 0;
      this.catchLabels[index] = this.u32("label");
    }
    this.catchCount = count;
    return true;
  }

  private readZero(): boolean {
    const start = this.position;
    const byte = this.u8("reserved byte");
    if (byte !== 0) throw unexpectedByte("reserved byte", byte, "0", start);
    return true;
  }
}
