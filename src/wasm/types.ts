/**
 * WebAssembly's types as integers, so that the validator compares them without allocation.
 *
 *     number and vector types   their byte in the binary format: i32 0x7f … v128 0x7b
 *     packed storage types      i8 0x78, i16 0x77
 *     reference types           REF | NULLABLE? | ABSTRACT? | heap      (below 2^30, so V8 keeps them unboxed)
 *     bottom                    0, the type of operands in unreachable code
 *
 * `heap` is the byte of an abstract heap type when ABSTRACT is set, else a type index.
 */
export type ValueType = number;

export const BOTTOM = 0;
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const I8 = 0x78;
export const I16 = 0x77;

export const REF = 1 << 26;
export const NULLABLE = 1 << 25;
export const ABSTRACT = 1 << 24;
const HEAP_MASK = ABSTRACT - 1;

/** Abstract heap types by name; the values are their bytes in the binary format. */
export const HEAP = {
  noexn: 0x74,
  nofunc: 0x73,
  noextern: 0x72,
  none: 0x71,
  func: 0x70,
  extern: 0x6f,
  any: 0x6e,
  eq: 0x6d,
  i31: 0x6c,
  struct: 0x6b,
  array: 0x6a,
  exn: 0x69,
} as const;

/** A key of {@linkcode HEAP}. */
export type HeapName = keyof typeof HEAP;

const HEAP_NAMES: ReadonlyMap<number, HeapName> = new Map(
  Object.entries(HEAP).map(([name, code]) => [code, name as HeapName]),
);

/** Makes a reference type to an abstract heap type. */
export function abstractRef(heap: number, nullable: boolean): ValueType {
  return REF | ABSTRACT | (nullable ? NULLABLE : 0) | heap;
}

/** Makes a reference type to the type with this index. */
export function concreteRef(typeIndex: number, nullable: boolean): ValueType {
  return REF | (nullable ? NULLABLE : 0) | typeIndex;
}

export const FUNCREF: ValueType = abstractRef(HEAP.func, true);
export const EXTERNREF: ValueType = abstractRef(HEAP.extern, true);
export const EXNREF: ValueType = abstractRef(HEAP.exn, true);

export function isRef(type: ValueType): boolean {
  return (type & REF) !== 0;
}

export function isNullable(type: ValueType): boolean {
  return (type & NULLABLE) !== 0;
}

/** Whether the heap type of a reference is one of {@linkcode HEAP} rather than a type index. */
export function isAbstract(type: ValueType): boolean {
  return (type & ABSTRACT) !== 0;
}

/** The heap type of a reference: a code of {@linkcode HEAP} if {@linkcode isAbstract}, else a type index. */
export function heapOf(type: ValueType): number {
  return type & HEAP_MASK;
}

/** Whether a byte is the code of an abstract heap type. */
export function isHeapCode(code: number): boolean {
  return HEAP_NAMES.has(code);
}

/**
 * Heap bytes that one live exception reference keeps: 96 measured for the object, and the payload, which tags may
 * make up to 256 bytes large. A slot that can hold one counts this much, since it is heap that nothing else bounds.
 */
export const EXCEPTION_BYTES = 96 + 256;

/**
 * Bytes that a value takes in the stack's cost model: 16 for v128, else 8, since V8's optimised code spills values of
 * 32 bits into slots of 64.
 */
export function byteWidth(type: ValueType): number {
  if (!isRef(type)) return type === V128 ? 16 : 8;
  return isExceptionRef(type) ? EXCEPTION_BYTES : 8;
}

/** Bytes that a value has by its type: 4, 8 or 16; 8 for references. */
export function valueBytes(type: ValueType): number {
  if (type === V128) return 16;
  return type === I32 || type === F32 ? 4 : 8;
}

/** Whether a type is `exnref` or one of its subtypes. */
export function isExceptionRef(type: ValueType): boolean {
  if (!isRef(type) || !isAbstract(type)) return false;
  const heap = heapOf(type);
  return heap === HEAP.exn || heap === HEAP.noexn;
}

const NUMBER_NAMES: ReadonlyMap<number, string> = new Map([
  [BOTTOM, "bottom"],
  [I32, "i32"],
  [I64, "i64"],
  [F32, "f32"],
  [F64, "f64"],
  [V128, "v128"],
  [I8, "i8"],
  [I16, "i16"],
]);

/** Prints the heap type of a reference: `func`, `3`. */
export function formatHeapType(type: ValueType): string {
  return isAbstract(type) ? HEAP_NAMES.get(heapOf(type)) ?? "?" : String(heapOf(type));
}

/** Prints a type as the text format does, short forms included: `i32`, `funcref`, `(ref null 3)`. */
export function formatType(type: ValueType): string {
  if (!isRef(type)) return NUMBER_NAMES.get(type) ?? `type 0x${type.toString(16)}`;
  const heap = formatHeapType(type);
  if (!isNullable(type)) return `(ref ${heap})`;
  if (!isAbstract(type)) return `(ref null ${heap})`;
  const short: Partial<Record<HeapName, string>> = {
    none: "nullref",
    nofunc: "nullfuncref",
    noextern: "nullexternref",
    noexn: "nullexnref",
  };
  return short[heap as HeapName] ?? `${heap}ref`;
}
