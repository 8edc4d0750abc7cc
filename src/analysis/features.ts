/**
 * Which proposals a module uses, beyond the first version of WebAssembly: by the instructions in its code and constant
 * expressions, and by what its other sections declare. What a module only could use is not counted.
 */
import { BLOCK_KIND, InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, CompositeType, Module } from "../wasm/module.ts";
import { type Feature, OPCODE_KEYS } from "../wasm/opcode.ts";
import { op, ROWS } from "../wasm/opcodes.ts";
import {
  EXTERNREF,
  FUNCREF,
  HEAP,
  heapOf,
  isAbstract,
  isNullable,
  isRef,
  V128,
  type ValueType,
} from "../wasm/types.ts";

/** The proposals in the order in which they are listed, by the field's names. */
export const MODULE_FEATURES = [
  "mutable-globals",
  "sign-extension",
  "saturating-float-to-int",
  "multi-value",
  "bulk-memory",
  "reference-types",
  "simd",
  "relaxed-simd",
  "extended-const",
  "tail-call",
  "exceptions",
  "legacy-exceptions",
  "function-references",
  "gc",
  "multi-memory",
  "memory64",
  "threads",
] as const;

/** One of {@linkcode MODULE_FEATURES}. */
export type ModuleFeature = typeof MODULE_FEATURES[number];

type Uses = Set<ModuleFeature>;

/**
 * Lists the proposals that a module uses, in the order of {@linkcode MODULE_FEATURES}.
 *
 * @throws {ModuleInvalidError} where an instruction cannot be decoded
 */
export function moduleFeatures(module: Module): ModuleFeature[] {
  const uses: Uses = new Set();
  addTypes(module, uses);
  addDeclarations(module, uses);
  addSegments(module, uses);
  addInstructions(module, uses);
  // Tags serve both generations of exceptions: they tell the newer one only where no older instruction stands.
  if (module.tags.length > 0 && !uses.has("legacy-exceptions")) uses.add("exceptions");
  return MODULE_FEATURES.filter((feature) => uses.has(feature));
}

const EXCEPTION_HEAPS: ReadonlySet<number> = new Set([HEAP.exn, HEAP.noexn]);

function addType(type: ValueType, uses: Uses): void {
  if (type === V128) uses.add("simd");
  if (!isRef(type) || type === FUNCREF) return;
  if (type === EXTERNREF) uses.add("reference-types");
  else if (isAbstract(type) && EXCEPTION_HEAPS.has(heapOf(type))) uses.add("exceptions");
  else if (!isAbstract(type)) uses.add("function-references");
  else if (heapOf(type) === HEAP.func || heapOf(type) === HEAP.extern) {
    if (!isNullable(type)) uses.add("function-references");
  } else uses.add("gc");
}

function addComposite(type: CompositeType, uses: Uses): void {
  if (type.kind === "func") {
    if (type.results.length > 1) uses.add("multi-value");
    for (const value of type.params) addType(value, uses);
    for (const value of type.results) addType(value, uses);
    return;
  }
  uses.add("gc");
  for (const field of type.kind === "struct" ? type.fields : [type.field]) addType(field.storage, uses);
}

function addTypes(module: Module, uses: Uses): void {
  for (const type of module.types) {
    if (!type.final || type.supertypes.length > 0) uses.add("gc");
    addComposite(type.composite, uses);
  }
  if (module.groups.some((group) => group.size > 1)) uses.add("gc");
}

function addDeclarations(module: Module, uses: Uses): void {
  if (module.memories.length > 1) uses.add("multi-memory");
  if (module.tables.length > 1) uses.add("reference-types");
  for (const memory of module.memories) {
    if (memory.index64) uses.add("memory64");
    if (memory.shared) uses.add("threads");
  }
  for (const table of module.tables) {
    if (table.index64) uses.add("memory64");
    if (table.init !== undefined) uses.add("function-references");
    addType(table.element, uses);
  }
  for (const [index, global] of module.globals.entries()) {
    addType(global.type, uses);
    if (global.mutable && index < module.imported.global) uses.add("mutable-globals");
  }
  for (const item of module.exports) {
    if (item.kind === "global" && module.globals[item.index]?.mutable) uses.add("mutable-globals");
  }
}

function addSegments(module: Module, uses: Uses): void {
  if (module.dataCount !== undefined) uses.add("bulk-memory");
  for (const segment of module.data) if (segment.mode === "passive") uses.add("bulk-memory");
  for (const segment of module.elements) {
    if (segment.mode === "passive") uses.add("bulk-memory");
    if (segment.mode === "declarative") uses.add("reference-types");
    // A list of functions has the type (ref func), which its bytes need no proposal to say.
    if (segment.functions === undefined) addType(segment.type, uses);
  }
}

/** Constant expressions of the first version hold one of these, and `end`. */
const OLD_CONSTANTS: ReadonlySet<number> = new Set(
  ["i32.const", "i64.const", "f32.const", "f64.const", "global.get", "end"].map(op),
);

function* constantExpressions(module: Module): Generator<ByteRange> {
  for (const { init } of module.globals) if (init) yield init;
  for (const { init } of module.tables) if (init) yield init;
  for (const { position } of module.data) if (position) yield position;
  for (const { position, expressions } of module.elements) {
    if (position) yield position;
    if (expressions) yield* expressions;
  }
}

function addInstructions(module: Module, uses: Uses): void {
  const reader = new InstructionReader(module.bytes);
  const seen = new Uint8Array(OPCODE_KEYS); // marked in the loop, named after it: the loop sees every instruction
  let blockByIndex = false;
  for (const body of module.bodies) {
    for (const group of body.locals) addType(group.type, uses);
    reader.reset(body.code, body.end);
    while (reader.next()) {
      seen[reader.key] = 1;
      if (reader.blockKind === BLOCK_KIND.index) blockByIndex = true;
    }
  }
  if (blockByIndex) uses.add("multi-value");
  for (const range of constantExpressions(module)) {
    reader.reset(range.start, range.end);
    while (reader.next()) {
      seen[reader.key] = 1;
      if (!OLD_CONSTANTS.has(reader.key) && ROWS[reader.key]?.feature === "mvp") uses.add("extended-const");
    }
  }
  for (const [key, mark] of seen.entries()) {
    const feature: Feature = mark === 0 ? "mvp" : ROWS[key]?.feature ?? "mvp";
    if (feature !== "mvp") uses.add(feature);
  }
}
