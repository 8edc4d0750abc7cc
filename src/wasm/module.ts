/**
 * A module as the reader gives it: the structure of its sections, checked; its code, not yet typed.
 * Immutable. Offsets are absolute, counted from the first byte of the module. Every index space holds the imported
 * items first.
 */
import type { ValueType } from "./types.ts";

/** A half-open range of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A section as it stands in the bytes; `offset` is that of its id, the range is its payload. */
export interface Section extends ByteRange {
  readonly id: number;
  readonly offset: number;
}

export interface CustomSection extends ByteRange {
  readonly name: string;
  readonly offset: number;
}

export interface FieldType {
  /** May be a packed type. */
  readonly storage: ValueType;
  readonly mutable: boolean;
}

export type CompositeType =
  | { readonly kind: "func"; readonly params: readonly ValueType[]; readonly results: readonly ValueType[] }
  | { readonly kind: "struct"; readonly fields: readonly FieldType[] }
  | { readonly kind: "array"; readonly field: FieldType };

export type FunctionType = Extract<CompositeType, { kind: "func" }>;

export interface SubType {
  readonly final: boolean;
  /** At most one in the current specification. */
  readonly supertypes: readonly number[];
  readonly composite: CompositeType;
  readonly offset: number;
}

/** A recursion group: the types `start` … `start + size - 1`; a plain type is a group of one. */
export interface RecursionGroup {
  readonly start: number;
  readonly size: number;
}

export interface Limits64 {
  readonly min: bigint;
  readonly max: bigint | undefined;
  /** Indexed by i64 rather than i32. */
  readonly index64: boolean;
}

/** Sizes in pages of 64 KiB. */
export interface MemoryType extends Limits64 {
  readonly shared: boolean;
  readonly offset: number;
}

/** Sizes in elements. */
export interface TableType extends Limits64 {
  readonly element: ValueType;
  /** Value of every element at the start; absent for imports and for tables that start as null. */
  readonly init: ByteRange | undefined;
  readonly offset: number;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
  /** Absent for imports. */
  readonly init: ByteRange | undefined;
  readonly offset: number;
}

export interface TagType {
  readonly typeIndex: number;
  readonly offset: number;
}

/** Kinds of imports and exports; the values are their bytes in the binary format. */
export const EXTERNAL_KINDS = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** A key of {@linkcode EXTERNAL_KINDS}. */
export type ExternalKind = keyof typeof EXTERNAL_KINDS;

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Index in the index space of its kind. */
  readonly index: number;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly offset: number;
}

/** An element's or data segment's way of coming to life. */
export type SegmentMode = "active" | "passive" | "declarative";

export interface ElementSegment {
  readonly mode: SegmentMode;
  /** For active segments. */
  readonly table: number;
  readonly position: ByteRange | undefined;
  readonly type: ValueType;
  /** Function indices, where the segment lists indices … */
  readonly functions: readonly number[] | undefined;
  /** … or constant expressions, where it lists expressions. */
  readonly expressions: readonly ByteRange[] | undefined;
  readonly offset: number;
}

export interface DataSegment extends ByteRange {
  readonly mode: "active" | "passive";
  readonly memory: number;
  readonly position: ByteRange | undefined;
  readonly offset: number;
}

export interface LocalGroup {
  readonly count: number;
  readonly type: ValueType;
}

/** `start` is the first byte of the local declarations, `code` that of the first instruction, `end` is past the last `end`. */
export interface FunctionBody extends ByteRange {
  readonly locals: readonly LocalGroup[];
  /** Parameters not included. */
  readonly localCount: number;
  readonly code: number;
}

/** Stage 1 of the pipeline: structure checked, code not typed. */
export interface Module {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly customs: readonly CustomSection[];
  readonly types: readonly SubType[];
  readonly groups: readonly RecursionGroup[];
  readonly imports: readonly Import[];
  /** Type index of every function. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly GlobalType[];
  readonly tags: readonly TagType[];
  /** How many of each index space are imported. */
  readonly imported: Readonly<Record<ExternalKind, number>>;
  readonly exports: readonly Export[];
  readonly start: { readonly index: number; readonly offset: number } | undefined;
  readonly elements: readonly ElementSegment[];
  readonly dataCount: number | undefined;
  readonly data: readonly DataSegment[];
  /** Of the functions that are not imported, in order. */
  readonly bodies: readonly FunctionBody[];
}
