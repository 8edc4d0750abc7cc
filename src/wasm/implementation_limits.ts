/**
 * How large the parts of a module may be. V8 has a limit for each; ours are those less what instrumentation adds, so
 * that a module that is accepted here is still accepted by V8 after it was rewritten. Above V8's own limit a module
 * is invalid (`ModuleInvalidError`), between ours and V8's it is refused (`ModuleRefusedError`).
 *
 * V8's figures were found by compiling modules at the limit and one above it (V8 15.0); a test does it again.
 */
import { ModuleRefusedError } from "../core/errors.ts";
import { tooMany } from "./read_errors.ts";

/** What instrumentation may append to a module at most. */
export const RESERVED = {
  types: 64,
  functions: 64,
  tables: 1,
  globals: 8,
  /** Per function. */
  locals: 16,
  /** Exports; every memory and every table is exported in addition. */
  exports: 16,
} as const;

/**
 * Instrumented bodies are assumed to take at most this many times their original bytes, and then some: the densest
 * code is one branch or memory access of two to four bytes per region, and a region's charge takes about eight.
 */
const BODY_GROWTH = { factor: 3, constant: 4096 } as const;

const BODY_BYTES = 7_654_321;

interface LimitRow {
  /** V8's limit; where it has none, the reason for ours stands beside it. */
  readonly engine: number;
  /** Ours. */
  readonly limit: number;
}

function same(engine: number): LimitRow {
  return { engine, limit: engine };
}

/** The count of each part of a module, or its size in bytes. */
export const IMPLEMENTATION_LIMITS = {
  moduleBytes: same(2 ** 30),
  types: { engine: 1_000_000, limit: 1_000_000 - RESERVED.types },
  params: same(1000),
  results: same(1000),
  fields: same(10_000),
  /** Parameters, results and fields of all types. V8 has no limit; each takes 8 to 40 bytes of heap here. */
  typeMembers: { engine: Infinity, limit: 2_000_000 },
  supertypes: same(1),
  /** Longest chain of supertypes; the validator's. */
  subtypingDepth: same(63),
  imports: same(1_000_000),
  functions: { engine: 1_000_000, limit: 1_000_000 - RESERVED.functions },
  tables: { engine: 100_000, limit: 100_000 - RESERVED.tables },
  memories: same(100_000),
  tags: same(1_000_000),
  globals: { engine: 1_000_000, limit: 1_000_000 - RESERVED.globals },
  exports: { engine: 1_000_000, limit: 1_000_000 - RESERVED.exports },
  /** Segments become objects: V8's 10^7 would be a gigabyte of them. */
  elements: { engine: 10_000_000, limit: 100_000 },
  /** Entries of one segment for V8, of all segments for us: lists of expressions become objects, too. */
  elementEntries: { engine: 10_000_000, limit: 2_000_000 },
  data: same(100_000),
  /** Parameters included. */
  locals: { engine: 50_000, limit: 50_000 - RESERVED.locals },
  bodyBytes: {
    engine: BODY_BYTES,
    limit: Math.floor((BODY_BYTES - BODY_GROWTH.constant) / BODY_GROWTH.factor),
  },
  /** br_table, without the default label. */
  branchTableLabels: same(65_520),
  /** Clauses of one try_table. */
  catchClauses: same(65_520),
  /** Operands of array.new_fixed; the validator's. */
  arrayNewFixed: same(10_000),
  /** V8 has no limit; each becomes an object. */
  customSections: { engine: Infinity, limit: 10_000 },
  /** Elements of a table at the start. */
  tableMinimum: same(10_000_000),
  /** Pages at the start and at most. */
  memoryPages: same(65_536),
  memory64Pages: same(262_144),
} as const satisfies Record<string, LimitRow>;

/** A key of {@linkcode IMPLEMENTATION_LIMITS}. */
export type ImplementationLimit = keyof typeof IMPLEMENTATION_LIMITS;

/** Limits that a reader is given. Each is at most V8's. */
export type ReadLimits = Readonly<Record<ImplementationLimit, number>>;

function column(name: keyof LimitRow): ReadLimits {
  const entries = Object.entries(IMPLEMENTATION_LIMITS).map((
    [key, row]: [string, LimitRow],
  ) => [key, row[name]]);
  return Object.freeze(Object.fromEntries(entries)); // every key of the table is there
}

/** For modules that are going to be instrumented: the default. */
export const READ_LIMITS: ReadLimits = column("limit");

/** V8's own: for telling whether a module is valid at all. */
export const ENGINE_LIMITS: ReadLimits = column("engine");

/** What a count is of, for messages and for what is added to it. */
export interface CountPlace {
  /** What cannot be read when there are too many. */
  readonly what: string;
  /** What was counted. */
  readonly noun: string;
  readonly offset: number;
  /** What our limit counts in addition: V8 counts each section, segment and so on for itself. */
  readonly before?: number;
}

/**
 * Compares a count with its limit.
 *
 * @throws {ModuleInvalidError} above V8's limit
 * @throws {ModuleRefusedError} above ours
 */
export function checkLimit(
  limits: ReadLimits,
  name: ImplementationLimit,
  count: number,
  { what, noun, offset, before = 0 }: CountPlace,
): void {
  const total = count + before;
  if (total <= limits[name]) return;
  const { engine } = IMPLEMENTATION_LIMITS[name];
  if (count > engine) throw tooMany(what, noun, count, engine, offset);
  throw new ModuleRefusedError(`Cannot read ${what}: ${noun} ${total} exceeds ${limits[name]}`);
}
