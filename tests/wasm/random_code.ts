/**
 * Modules with one random function, one odd instruction after the other, over index spaces that hold something of
 * every kind. Operands come from locals or from dead code, so that many modules are valid and most of the others are
 * wrong in one place only.
 */
import type { ImmediateKind, OpcodeRow } from "../../src/wasm/opcode.ts";
import { OPCODES } from "../../src/wasm/opcodes.ts";
import {
  type Bytes,
  exportOf,
  funcType,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  sleb,
  vec,
} from "./module_builder.ts";
import type { Random } from "./random.ts";

const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b, I8 = 0x78;
const REF = 0x64, REF_NULL = 0x63, SUB = 0x50, STRUCT = 0x5f, ARRAY = 0x5e, FUNC = 0x60;
const UNREACHABLE = 0x00, ELSE = 0x05, CATCH = 0x07, END = 0x0b, DELEGATE = 0x18, CATCH_ALL = 0x19;
const DROP = 0x1a, LOCAL_GET = 0x20;

const NUMBERS = [I32, I64, F32, F64, V128];
/** Every abstract reference type by its short form; those that hold exceptions stand last. */
const ABSTRACT = [0x73, 0x72, 0x71, 0x70, 0x6f, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x74, 0x69];
const EXCEPTION_TYPES = 2;

const TYPES: readonly Bytes[] = [
  funcType([], []),
  funcType([I32], [I32]),
  funcType([I64, F32], [F64, I32]),
  [SUB, 0, STRUCT, 3, I32, 1, I64, 0, I8, 1],
  [SUB, 1, 3, STRUCT, 4, I32, 1, I64, 0, I8, 1, REF_NULL, 3, 1],
  [ARRAY, I8, 1],
  [ARRAY, 0x70, 1],
  [SUB, 0, ARRAY, REF_NULL, 3, 0],
  [ARRAY, REF, 3, 1],
  [FUNC, 1, 0x6e, 1, 0x6f],
  [FUNC, 0, 1, REF_NULL, 3],
  [FUNC, 2, I32, 0x6f, 0],
  [SUB, 0, FUNC, 1, REF, 4, 1, REF_NULL, 3],
  [SUB, 1, 12, FUNC, 1, REF_NULL, 3, 1, REF, 4],
  [STRUCT, 0],
  [ARRAY, F64, 1],
];
const FUNCTION_TYPES = [0, 1, 2, 9, 10, 11, 12, 13];
const STRUCT_TYPES = [3, 4, 14];
const ARRAY_TYPES = [5, 6, 7, 8, 15];

const TABLES: readonly Bytes[] = [[0x70, 0, 4], [0x6f, 4, 4], [REF_NULL, 3, 0, 4], [REF_NULL, 1, 0, 4]];
const MEMORIES: readonly Bytes[] = [[0, 1], [4, 1], [3, 1, 2]];
const TAGS: readonly Bytes[] = [[0, 0], [0, 11]];
const GLOBALS: readonly Bytes[] = [
  [I32, 1, 0x41, 0, END],
  [I64, 0, 0x42, 0, END],
  [0x70, 1, 0xd0, 0x70, END],
  [REF_NULL, 3, 1, 0xd0, 3, END],
  [0x6e, 0, 0xd0, 0x71, END],
];
const ELEMENTS: readonly Bytes[] = [[1, 0, 1, 0], [5, 0x6f, 1, 0xd0, 0x6f, END], [5, REF_NULL, 4, 0]];
const DATA: readonly Bytes[] = [[1, 1, 0], [1, 0]];
const FUNCTIONS: readonly Bytes[] = [[0], [1], [2], [9], leb(TYPES.length)];

const PARAMS: readonly Bytes[] = [
  ...NUMBERS.map((type) => [type]),
  [0x70],
  [0x6f],
  [REF, 3],
  [REF, 4],
  [REF, 1],
  [REF, 0x6e],
  [REF, 5],
];

/** Locals at the end that must be set before they are read. */
const UNSET = 2;

const PLAIN_BODY: Bytes = [3, 0, UNREACHABLE, END];

/** Instructions that only stand where others have put a place for them. */
const PARTS = new Set(["else", "end", "catch", "catch_all", "delegate"]);
const BLOCKS = new Set(["block", "loop", "if", "try", "try_table"]);

/** Old and new exceptions do not go together in one module, so a module draws from one of two lists. */
const WITH_OLD = OPCODES.filter((row) =>
  !PARTS.has(row.mnemonic) && !/try_table|throw_ref/.test(row.mnemonic)
);
const WITH_NEW = OPCODES.filter((row) => !PARTS.has(row.mnemonic) && row.feature !== "legacy-exceptions");

class RandomCode {
  readonly #random: Random;
  readonly #rows: readonly OpcodeRow[];
  /** Those with rules of their own are more interesting than the 400 that compute. */
  readonly #irregular: readonly OpcodeRow[];
  readonly #abstract: readonly number[];
  readonly #locals: readonly Bytes[];

  constructor(random: Random) {
    this.#random = random;
    const old = random.below(3) === 0;
    this.#rows = old ? WITH_OLD : WITH_NEW;
    this.#irregular = this.#rows.filter((row) => row.signature === undefined);
    this.#abstract = old ? ABSTRACT.slice(0, -EXCEPTION_TYPES) : ABSTRACT;
    this.#locals = [
      ...NUMBERS.map((type) => [1, type]),
      ...this.#abstract.map((type) => [1, type]),
      ...[0, 1, 3, 4, 5, 6, 8, 12].map((type) => [1, REF_NULL, type]),
      [1, REF, 3],
      [1, REF, 0x70],
    ];
  }

  /** A function type with random results. */
  type(): Bytes {
    return [FUNC, ...vec(PARAMS), ...vec(this.#often(2) ? [] : [this.#valueType()])];
  }

  /** A body with its size. */
  body(): Bytes {
    const code = join([vec(this.#locals), this.#pieces(0), this.#often(8) ? [] : [UNREACHABLE], [END]]);
    return join([leb(code.length), code]);
  }

  #pieces(depth: number): Bytes {
    return join(this.#times(1 + this.#random.below(2), () => this.#piece(depth)));
  }

  /** Operands, an instruction and whatever closes it. */
  #piece(depth: number): Bytes {
    const row = this.#random.pick(this.#often(4) ? this.#rows : this.#irregular);
    const labels = depth + 1;
    const parts = [
      this.#often(3) ? [] : [UNREACHABLE],
      this.#operands(),
      row.prefix >= 0xfb ? [row.prefix, ...leb(row.sub)] : [row.prefix],
      ...row.immediates.map((kind) => this.#immediates[kind](row, labels)),
    ];
    if (BLOCKS.has(row.mnemonic)) parts.push(this.#inside(depth), this.#closing(row.mnemonic, depth));
    if (this.#often(3)) parts.push(this.#times(this.#random.below(3), () => DROP));
    return join(parts);
  }

  #operands(): Bytes {
    const locals = PARAMS.length + this.#locals.length - UNSET;
    return join(this.#times(this.#random.below(4), () => [LOCAL_GET, ...leb(this.#random.below(locals))]));
  }

  #inside(depth: number): Bytes {
    return depth > 2 ? [UNREACHABLE] : [...this.#pieces(depth + 1), ...(this.#often(4) ? [] : [UNREACHABLE])];
  }

  #closing(mnemonic: string, depth: number): Bytes {
    if (mnemonic === "if" && this.#often(2)) return [ELSE, ...this.#inside(depth), END];
    if (mnemonic !== "try") return [END];
    switch (this.#random.below(4)) {
      case 0:
        return [DELEGATE, ...this.#index(depth + 1)];
      case 1:
        return [CATCH_ALL, ...this.#inside(depth), END];
      case 2:
        return [CATCH, ...this.#index(TAGS.length), ...this.#inside(depth), END];
      default:
        return [END];
    }
  }

  /** A random immediate of each kind. */
  readonly #immediates: Record<ImmediateKind, (row: OpcodeRow, labels: number) => Bytes> = {
    label: (_, labels) => this.#index(labels),
    function: () => this.#index(FUNCTIONS.length),
    type: (row) => this.#typeIndex(row),
    table: () => this.#index(TABLES.length),
    memory: () => this.#index(MEMORIES.length),
    local: () => this.#index(PARAMS.length + this.#locals.length),
    global: () => this.#index(GLOBALS.length),
    tag: () => this.#index(TAGS.length),
    data: () => this.#index(DATA.length),
    element: () => this.#index(ELEMENTS.length),
    field: () => this.#index(4),
    blocktype: () => this.#blockType(),
    memarg: (row) => this.#memoryArgument(row),
    i32: () => sleb(this.#random.below(1000)),
    i64: () => sleb(this.#random.below(1000)),
    f32: () => this.#bytes(4, 256),
    f64: () => this.#bytes(8, 256),
    v128: () => this.#bytes(16, 256),
    lane: () => this.#bytes(1, this.#often(2) ? 3 : 18),
    lanes: () => this.#bytes(16, this.#often(4) ? 34 : 32),
    labels: (_, labels) => {
      const label = () => this.#index(labels);
      return [...vec(this.#times(this.#random.below(3), label)), ...label()];
    },
    types: () => vec(this.#times(this.#often(8) ? 2 : 1, () => this.#valueType())),
    heaptype: () => this.#heapType(),
    castflags: () => this.#bytes(1, 4),
    catches: (_, labels) => vec(this.#times(this.#random.below(3), () => this.#clause(labels))),
    count: () => this.#bytes(1, 3),
    zero: () => [this.#often(8) ? 1 : 0],
  };

  #clause(labels: number): Bytes {
    const kind = this.#random.below(4);
    return [kind, ...(kind < 2 ? this.#index(TAGS.length) : []), ...this.#index(labels)];
  }

  /** A type of the kind that the instruction wants, as a rule. */
  #typeIndex(row: OpcodeRow): Bytes {
    if (this.#often(12)) return this.#index(TYPES.length);
    const [kind] = row.mnemonic.split(".");
    return [
      this.#random.pick(kind === "struct" ? STRUCT_TYPES : kind === "array" ? ARRAY_TYPES : FUNCTION_TYPES),
    ];
  }

  #blockType(): Bytes {
    if (this.#often(3)) return [0x40];
    return this.#often(2) ? this.#valueType() : sleb(this.#random.pick(FUNCTION_TYPES));
  }

  #valueType(): Bytes {
    if (this.#often(3)) return [this.#random.pick(NUMBERS)];
    if (this.#often(2)) return [this.#random.pick(this.#abstract)];
    return [this.#often(2) ? REF : REF_NULL, ...this.#heapType()];
  }

  #heapType(): Bytes {
    return this.#often(2) ? [this.#random.pick(this.#abstract)] : sleb(this.#random.below(TYPES.length));
  }

  #memoryArgument(row: OpcodeRow): Bytes {
    const align = this.#often(6) ? this.#random.below(6) : row.alignment;
    const offset = leb(this.#often(8) ? 2n ** BigInt(30 + this.#random.below(34)) : this.#random.below(300));
    return this.#often(2) ? [align, ...offset] : [0x40 | align, ...this.#index(MEMORIES.length), ...offset];
  }

  /** A number below `bound`, now and then the one past it. */
  #index(bound: number): Bytes {
    return leb(this.#random.below(bound + (this.#often(12) ? 1 : 0)));
  }

  #bytes(count: number, bound: number): Bytes {
    return this.#times(count, () => this.#random.below(bound));
  }

  /** True once in `times`. */
  #often(times: number): boolean {
    return this.#random.below(times) === 0;
  }

  #times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

/** A module whose last function is random. */
export function randomModule(random: Random): Uint8Array<ArrayBuffer> {
  const code = new RandomCode(random);
  return rawModule(
    section(SECTION.type, vec([...TYPES, code.type()])),
    section(SECTION.function, vec(FUNCTIONS)),
    section(SECTION.table, vec(TABLES)),
    section(SECTION.memory, vec(MEMORIES)),
    section(SECTION.tag, vec(TAGS)),
    section(SECTION.global, vec(GLOBALS)),
    section(SECTION.export, vec([exportOf("f", 0, 1), exportOf("g", 0, 3)])),
    section(SECTION.element, vec(ELEMENTS)),
    section(SECTION.dataCount, leb(DATA.length)),
    section(SECTION.code, vec([PLAIN_BODY, PLAIN_BODY, PLAIN_BODY, PLAIN_BODY, code.body()])),
    section(SECTION.data, vec(DATA)),
  );
}
