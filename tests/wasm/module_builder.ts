/**
 * Builds modules for tests, byte by byte. Shares nothing with `src/wasm`, so that one mistake cannot hide in the
 * reader and in its fixtures alike. Everything returns plain numbers, easy to splice wrong bytes into.
 */
export type Bytes = number[];

export const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b, FUNCREF = 0x70, EXTERNREF = 0x6f;
export const EMPTY = 0x40, END = 0x0b;

/** The ids of sections. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

export const HEADER: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Unsigned LEB128 in `width` bytes, or as few as possible. */
export function leb(value: number | bigint, width = 1): Bytes {
  const bytes: Bytes = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n || bytes.length < width);
  bytes.push((bytes.pop() ?? 0) & 0x7f);
  return bytes;
}

/** Signed LEB128, as short as possible. */
export function sleb(value: number | bigint): Bytes {
  const bytes: Bytes = [];
  let rest = BigInt(value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

/** Joins without spreading, so that a million bytes do not overflow the stack. */
export function join(parts: readonly (readonly number[])[]): Bytes {
  const bytes: Bytes = [];
  for (const part of parts) {
    for (const byte of part) bytes.push(byte);
  }
  return bytes;
}

/** A vector: the count, then the items. */
export function vec(items: readonly (readonly number[])[]): Bytes {
  return join([leb(items.length), ...items]);
}

/** A name: length in bytes, then UTF-8. */
export function name(text: string): Bytes {
  const bytes = new TextEncoder().encode(text);
  return join([leb(bytes.length), [...bytes]]);
}

/** A section with the right size. */
export function section(id: number, payload: readonly number[]): Bytes {
  return join([[id], leb(payload.length), payload]);
}

export function customSection(title: string, payload: readonly number[]): Bytes {
  return section(SECTION.custom, join([name(title), payload]));
}

/** The header, then sections as given. */
export function rawModule(...sections: (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(join([HEADER, ...sections]));
}

/** A function type. */
export function funcType(params: readonly number[], results: readonly number[]): Bytes {
  return join([[0x60], leb(params.length), params, leb(results.length), results]);
}

/** A body with its size: groups of locals as [count, type], then code; the last `end` is added. */
export function body(locals: readonly (readonly [number, number])[], code: readonly number[]): Bytes {
  const inner = join([vec(locals.map(([count, type]) => [...leb(count), type])), code, [END]]);
  return join([leb(inner.length), inner]);
}

export interface FunctionParts {
  readonly type: number;
  readonly locals?: readonly (readonly [number, number])[];
  /** Without the last `end`. */
  readonly code: readonly number[];
  /** Exported under this name. */
  readonly name?: string;
}

/** Each entry is one item of its section, encoded; absent and empty sections are left out. */
export interface ModuleParts {
  readonly types?: readonly Bytes[];
  readonly imports?: readonly Bytes[];
  readonly functions?: readonly FunctionParts[];
  readonly tables?: readonly Bytes[];
  readonly memories?: readonly Bytes[];
  readonly tags?: readonly Bytes[];
  readonly globals?: readonly Bytes[];
  readonly exports?: readonly Bytes[];
  readonly start?: number;
  readonly elements?: readonly Bytes[];
  readonly dataCount?: number;
  readonly data?: readonly Bytes[];
  readonly customs?: readonly Bytes[];
  /** Needed where functions are exported by name and others are imported. */
  readonly importedFunctions?: number;
}

/** An export of kind 0 function, 1 table, 2 memory, 3 global, 4 tag. */
export function exportOf(title: string, kind: number, index: number): Bytes {
  return join([name(title), [kind], leb(index)]);
}

/** An import; `description` is the kind byte and what follows it. */
export function importOf(module: string, title: string, description: readonly number[]): Bytes {
  return join([name(module), name(title), description]);
}

/** A whole module. */
export function wasmModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const sections: Bytes[] = [];
  const add = (id: number, items: readonly Bytes[] | undefined) => {
    if (items !== undefined && items.length > 0) sections.push(section(id, vec(items)));
  };
  const functions = parts.functions ?? [];
  const exports = [...parts.exports ?? []];
  functions.forEach((fn, index) => {
    if (fn.name !== undefined) exports.push(exportOf(fn.name, 0, index + (parts.importedFunctions ?? 0)));
  });
  add(SECTION.type, parts.types);
  add(SECTION.import, parts.imports);
  add(SECTION.function, functions.map((fn) => leb(fn.type)));
  add(SECTION.table, parts.tables);
  add(SECTION.memory, parts.memories);
  add(SECTION.tag, parts.tags);
  add(SECTION.global, parts.globals);
  add(SECTION.export, exports);
  if (parts.start !== undefined) sections.push(section(SECTION.start, leb(parts.start)));
  add(SECTION.element, parts.elements);
  if (parts.dataCount !== undefined) sections.push(section(SECTION.dataCount, leb(parts.dataCount)));
  add(SECTION.code, functions.map((fn) => body(fn.locals ?? [], fn.code)));
  add(SECTION.data, parts.data);
  for (const custom of parts.customs ?? []) sections.push(custom);
  return rawModule(...sections);
}
