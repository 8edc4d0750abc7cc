/**
 * Prints instructions in the text format, indices as numbers unless told; derived from the opcode table. What is printed for a
 * body can be parsed again, which a test does for every row of the table.
 */
import { byteAt } from "./cursor.ts";
import { formatF32, formatF64 } from "./format_float.ts";
import { CATCH_KIND } from "./catch_kind.ts";
import { BLOCK_KIND, InstructionReader } from "./instructions.ts";
import type { ByteRange, Module } from "./module.ts";
import type { ImmediateKind } from "./opcode.ts";
import { op, ROWS, SHAPE, SHAPES } from "./opcodes.ts";
import {
  formatHeapType,
  formatType,
  heapOf,
  isAbstract,
  isNullable,
  isRef,
  type ValueType,
} from "./types.ts";

/**
 * How indices are written: as numbers, or as identifiers that somebody declares. The tag of a catch clause is told by the
 * kind `catches`: watr takes it as a number alone.
 */
export type IndexText = (kind: ImmediateKind, index: number) => string;

/** Indices as they are. */
const AS_NUMBERS: IndexText = (_, index) => String(index);

/** One instruction as text. */
export interface Line {
  /** Of its first byte in the module. */
  readonly offset: number;
  /** How many blocks it stands in; the marks of a block stand at the depth of what is around it. */
  readonly depth: number;
  readonly text: string;
}

const END = op("end");
const DELEGATE = op("delegate");

/** Marks that end one part of a block and begin another. */
const MIDDLE: ReadonlySet<number> = new Set(["else", "catch", "catch_all"].map(op));

/** The indices of these come in another order in text than in bytes. */
const INDIRECT: ReadonlySet<number> = new Set(["call_indirect", "return_call_indirect"].map(op));
const TABLE_INIT = op("table.init");
const MEMORY_INIT = op("memory.init");
const REF_NULL = op("ref.null");

/**
 * Walks the instructions of a body, or of any other range of code.
 *
 * @throws {ModuleInvalidError} where the bytes are no instructions
 */
export function* disassemble(module: Pick<Module, "bytes">, range: ByteRange): Generator<Line, void> {
  const reader = new InstructionReader(module.bytes);
  reader.reset(range.start, range.end);
  const depths = new BlockDepth();
  while (reader.next()) {
    const { key, offset } = reader;
    yield { offset, depth: depths.pass(key), text: formatInstruction(reader) };
  }
}

/** How many blocks instructions stand in, told one after the other. */
export class BlockDepth {
  #next: number;

  /** @param next of the first instruction, as {@linkcode next} told it where somebody stopped */
  constructor(next = 0) {
    this.#next = next;
  }

  /** Of the next instruction, unless it is a mark of a block. */
  get next(): number {
    return this.#next;
  }

  /** Goes past an instruction with this key. @returns its {@linkcode Line.depth} */
  pass(key: number): number {
    if (key === END || key === DELEGATE) this.#next = Math.max(0, this.#next - 1);
    const depth = MIDDLE.has(key) ? Math.max(0, this.#next - 1) : this.#next;
    const shape = SHAPES[key];
    if (shape === SHAPE.blocktype || shape === SHAPE.tryTable) this.#next++;
    return depth;
  }
}

/** Names of instructions; the table tells forms apart that text does not. */
const MNEMONICS: readonly string[] = Array.from(ROWS, (row) => row?.mnemonic.split(" ", 1)[0] ?? "");

/** Prints the current instruction of a reader. Half of all have no immediates, and most others one. */
export function formatInstruction(reader: InstructionReader, indexText: IndexText = AS_NUMBERS): string {
  const { key } = reader, mnemonic = MNEMONICS[key] ?? "", immediates = ROWS[key]?.immediates ?? [];
  const [only] = immediates;
  if (only === undefined) return mnemonic;
  const text = immediates.length === 1
    ? FORMATS[only](reader, indexText)
    : formatImmediates(reader, immediates, indexText).filter((part) => part !== "").join(" ");
  return text === "" ? mnemonic : `${mnemonic} ${text}`;
}

function formatImmediates(
  reader: InstructionReader,
  kinds: readonly ImmediateKind[],
  text: IndexText,
): string[] {
  const { key, index, index2 } = reader, [first = "type", second = "type"] = kinds;
  if (INDIRECT.has(key)) return [index2 === 0 ? "" : text("table", index2), `(type ${text("type", index)})`];
  if (key === TABLE_INIT || key === MEMORY_INIT) {
    return [index2 === 0 ? "" : text(second, index2), text(first, index)];
  }
  if (SHAPES[key] === SHAPE.index2) return [text(first, index), text(second, index2)];
  if (SHAPES[key] === SHAPE.cast) {
    const { heapType, heapType2 } = reader;
    return [text("label", index), formatReference(heapType, text), formatReference(heapType2, text)];
  }
  return kinds.map((kind) => FORMATS[kind](reader, text));
}

type Format = (reader: InstructionReader, text: IndexText) => string;

const indexOf = (kind: ImmediateKind): Format => ({ index }, text) => text(kind, index);

const FORMATS: Record<ImmediateKind, Format> = {
  label: indexOf("label"),
  function: indexOf("function"),
  type: indexOf("type"),
  table: indexOf("table"),
  memory: ({ index }, text) => index === 0 ? "" : text("memory", index),
  local: indexOf("local"),
  global: indexOf("global"),
  tag: indexOf("tag"),
  data: indexOf("data"),
  element: indexOf("element"),
  field: indexOf("field"),
  count: ({ index }) => String(index),
  zero: () => "",
  castflags: () => "",
  blocktype: formatBlockType,
  memarg: formatMemoryArgument,
  i32: ({ i32 }) => String(i32),
  i64: ({ i64 }) => String(i64),
  f32: ({ bytes, immediate }) => formatF32(wordAt(bytes, immediate)),
  f64: ({ bytes, immediate }) => formatF64(wordAt(bytes, immediate), wordAt(bytes, immediate + 4)),
  v128: ({ bytes, immediate }) =>
    `i32x4 ${
      [0, 4, 8, 12].map((at) => `0x${wordAt(bytes, immediate + at).toString(16).padStart(8, "0")}`).join(" ")
    }`,
  lanes: ({ bytes, immediate }) => bytes.subarray(immediate, immediate + 16).join(" "),
  lane: ({ lane }) => String(lane),
  labels: ({ labels, labelCount }, text) =>
    Array.from(labels.subarray(0, labelCount), (label) => text("label", label)).join(" "),
  types: ({ types }, text) => `(result${types.map((type) => ` ${formatTypeWith(type, text)}`).join("")})`,
  heaptype: ({ key, heapType }, text) =>
    key === REF_NULL ? formatHeapWith(heapType, text) : formatReference(heapType, text),
  catches: formatCatches,
};

function formatBlockType({ blockKind, blockType }: InstructionReader, text: IndexText): string {
  if (blockKind === BLOCK_KIND.empty) return "";
  return blockKind === BLOCK_KIND.value
    ? `(result ${formatTypeWith(blockType, text)})`
    : `(type ${text("type", blockType)})`;
}

function formatMemoryArgument(reader: InstructionReader, text: IndexText): string {
  const parts: string[] = [];
  if (reader.index !== 0) parts.push(text("memory", reader.index));
  if (reader.memoryOffset !== 0) parts.push(`offset=${reader.exactMemoryOffset}`);
  if (reader.align !== ROWS[reader.key]?.alignment) parts.push(`align=${2 ** reader.align}`);
  return parts.join(" ");
}

function formatCatches(
  { catchCount, catchKinds, catchTags, catchLabels }: InstructionReader,
  text: IndexText,
): string {
  const clauses: string[] = [];
  for (let at = 0; at < catchCount; at++) {
    const kind = catchKinds[at] ?? 0;
    const tag = kind < CATCH_KIND.catch_all ? ` ${text("catches", catchTags[at] ?? 0)}` : "";
    clauses.push(`(${CATCH_NAMES[kind]}${tag} ${text("label", catchLabels[at] ?? 0)})`);
  }
  return clauses.join(" ");
}

const CATCH_NAMES = Object.keys(CATCH_KIND);

/** The long form of a reference type, which text demands in casts. */
function formatReference(type: ValueType, text: IndexText): string {
  return `(ref ${isNullable(type) ? "null " : ""}${formatHeapWith(type, text)})`;
}

function formatHeapWith(type: ValueType, text: IndexText): string {
  return isAbstract(type) ? formatHeapType(type) : text("type", heapOf(type));
}

/** Prints a type as {@linkcode formatType} does, with the index of a type as told. */
export function formatTypeWith(type: ValueType, text: IndexText): string {
  return isRef(type) && !isAbstract(type) ? formatReference(type, text) : formatType(type);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) | byteAt(bytes, at + 1) << 8 | byteAt(bytes, at + 2) << 16 |
    byteAt(bytes, at + 3) << 24) >>> 0;
}
