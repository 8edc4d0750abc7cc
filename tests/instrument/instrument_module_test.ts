import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import type { InstrumentedModule } from "../../src/instrument/instrument_module.ts";
import { describeExports, describeImports } from "../../src/wasm/external_type.ts";
import type { ByteRange, Module } from "../../src/wasm/module.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { customSection, rawModule } from "../wasm/module_builder.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

interface Both {
  readonly original: Module;
  readonly made: InstrumentedModule;
  readonly rewritten: Module;
}

function instrumented(bytes: Uint8Array<ArrayBuffer>, limits = WIDE_LIMITS): Both {
  const made = instrument(bytes, { limits: resolveLimits(limits), unboundedHeap: true, label: "under test" });
  return { original: readModule(bytes), made, rewritten: readModule(made.bytes, ENGINE_LIMITS) };
}

const textModule = (fields: string) => compileText(`(module ${fields})`);

Deno.test("instrumentModule() shifts no index: everything original stands first in its index space", () => {
  const { original, rewritten } = instrumented(EVERYTHING);
  const bytesOf = ({ bytes }: Module, range: ByteRange | undefined) =>
    range && bytes.slice(range.start, range.end);
  assertEquals(
    rewritten.types.slice(0, original.types.length).map((type) => type.composite),
    original.types.map((type) => type.composite),
  );
  assertEquals(rewritten.groups.slice(0, original.groups.length), original.groups);
  assertEquals(rewritten.functions.slice(0, original.functions.length), original.functions);
  assertEquals(rewritten.imported, original.imported);
  assertEquals(
    rewritten.imports.map(({ kind, index }) => [kind, index]),
    original.imports.map(({ kind, index }) => [kind, index]),
  );
  assertEquals(describeExports(rewritten).slice(0, original.exports.length).length, original.exports.length);
  assertEquals(
    rewritten.exports.slice(0, original.exports.length).map(({ name, kind, index }) => [name, kind, index]),
    original.exports.map(({ name, kind, index }) => [name, kind, index]),
  );
  for (const [index, global] of original.globals.entries()) {
    const kept = rewritten.globals[index];
    assertEquals([kept?.type, kept?.mutable], [global.type, global.mutable]);
    assertEquals(bytesOf(rewritten, kept?.init), bytesOf(original, global.init));
  }
  assertEquals(rewritten.tags.map((tag) => tag.typeIndex), original.tags.map((tag) => tag.typeIndex));
  for (const [index, table] of original.tables.entries()) {
    const kept = rewritten.tables[index];
    assertEquals([kept?.element, kept?.min, kept?.index64], [table.element, table.min, table.index64]);
    assertEquals(bytesOf(rewritten, kept?.init), bytesOf(original, table.init));
  }
  for (const [index, memory] of original.memories.entries()) {
    const kept = rewritten.memories[index];
    assertEquals([kept?.min, kept?.index64, kept?.shared], [memory.min, memory.index64, memory.shared]);
  }
  assertEquals(rewritten.elements.length, original.elements.length);
  assertEquals(rewritten.data.length, original.data.length);
});

Deno.test("instrumentModule() makes modules that V8 compiles, and a shim beside them", () => {
  for (const bytes of [EVERYTHING, textModule(""), textModule("(memory 1)"), textModule("(func)")]) {
    const { made } = instrumented(bytes);
    assert(WebAssembly.validate(Uint8Array.from(made.bytes)));
    assert(WebAssembly.validate(Uint8Array.from(made.shim)));
  }
});

Deno.test("instrumentModule() leaves the start function to the guest", () => {
  const { original, made, rewritten } = instrumented(textModule("(func) (func $s) (start $s)"));
  assertEquals([original.start?.index, rewritten.start], [1, undefined]);
  const start = rewritten.exports.find((item) => item.name === made.layout.added.start);
  assertEquals([start?.kind, start?.index], ["function", 1]);
  assertEquals(instrumented(textModule("(func)")).made.layout.added.start, undefined);
});

Deno.test("instrumentModule() drops custom sections, and writes its label as the only name", () => {
  const forged = customSection("name", [0, 7, 6, ...new TextEncoder().encode("forged")]);
  const bytes = rawModule(customSection("first", [1, 2, 3]), forged, customSection("producers", [0]));
  const { made, rewritten } = instrumented(bytes);
  assertEquals(rewritten.customs.map((section) => section.name), ["name"]);
  assertEquals(new TextDecoder().decode(made.bytes).includes("forged"), false);
  assert(new TextDecoder().decode(made.bytes).includes(made.layout.label));
  assertMatch(made.layout.label, /under test$/);
});

Deno.test("instrumentModule() keeps the original imports and exports as data, and hides the names of imports", () => {
  const bytes = textModule(
    `(import "__proto__" "a" (func (param i32))) (import "m" "m" (memory 1 9)) (import "" "" (global i32))
     (func (export "f") (result i64) i64.const 0) (table (export "t") 3 7 funcref) (export "memory" (memory 0))`,
  );
  const { original, made, rewritten } = instrumented(bytes);
  assertEquals(made.layout.imports, describeImports(original));
  assertEquals(made.layout.exports, describeExports(original));
  assertEquals(rewritten.imports.map((item) => [item.module, item.name]), [
    ["import", "0"],
    ["import", "1"],
    ["import", "2"],
  ]);
  assertEquals(made.layout.functionCount, 2);
});

Deno.test("instrumentModule() names what it adds unlike anything that the module exports", () => {
  const items = '(memory 1) (table 1 funcref) (data (i32.const 0) "x") (func $s) (start $s)';
  const plain = instrumented(textModule(items));
  const added = ({ made: { layout } }: Both) => [
    ...Object.values(layout.added),
    ...layout.memories.map((item) => item.exportName),
    ...layout.tables.map((item) => item.exportName),
  ];
  const names = added(plain);
  assertEquals(new Set(names).size, names.length);
  const taken = names.map((name) => `(export ${JSON.stringify(name)} (func $s))`).join(" ");
  const other = instrumented(textModule(`${items} ${taken}`));
  for (const name of added(other)) assert(!names.includes(name), name);
  const all = other.rewritten.exports.map((item) => item.name);
  assertEquals(new Set(all).size, all.length);
  assertNotEquals(added(other), names);
});

/** Declared limits, and the maximum that stands in the instrumented module under a ceiling of 4 pages and 9 elements. */
const MAXIMA: readonly (readonly [fields: string, max: bigint | undefined])[] = [
  ["(memory 1)", 4n],
  ["(memory 1 3)", 3n],
  ["(memory 1 4)", 4n],
  ["(memory 1 65536)", 4n],
  ["(memory 4 4)", 4n],
  ["(memory 0 0)", 0n],
  ["(memory i64 1)", 4n],
  ["(memory i64 1 100000)", 4n],
  ['(import "m" "m" (memory 1))', undefined],
  ['(import "m" "m" (memory 1 3))', 3n],
  ['(import "m" "m" (memory 1 99))', 4n],
  ['(import "m" "m" (memory 8 99))', 8n],
  ["(table 1 funcref)", 9n],
  ["(table 1 5 funcref)", 5n],
  ["(table 1 500 externref)", 9n],
  ["(table i64 1 funcref)", 9n],
  ["(table 0 4294967295 funcref)", 9n],
  ['(import "m" "t" (table 1 funcref))', undefined],
  ['(import "m" "t" (table 1 500 funcref))', 9n],
];

Deno.test("instrumentModule() lowers maxima to the ceiling, and never below the minimum", () => {
  for (const [fields, max] of MAXIMA) {
    const limits = { memoryLimit: "256KiB", tableLimit: 5, functionTableLimit: 9 };
    const { rewritten } = instrumented(textModule(fields), limits);
    assertEquals([...rewritten.memories, ...rewritten.tables][0]?.max, max, fields);
  }
});

Deno.test("instrumentModule() keeps maxima within what V8 takes, whatever the ceiling", () => {
  for (const fields of ["(memory 1)", "(memory i64 1)", "(table 1 funcref)", "(table i64 1 funcref)"]) {
    const { made } = instrumented(textModule(fields), { memoryLimit: "16GiB", tableLimit: 10_000_000 });
    assert(WebAssembly.validate(Uint8Array.from(made.bytes)), fields);
  }
});

Deno.test("instrumentModule() works out what instantiation costs", () => {
  const cost = (fields: string) => instrumented(textModule(fields)).made.layout.instantiationCost;
  assertEquals(cost(""), 0);
  assertEquals(cost('(import "m" "f" (func)) (func (export "a") (export "b"))'), 2 + 1 + 2);
  assertEquals(cost('(memory 1) (data (i32.const 0) "abcde") (data "passive")'), 5);
  assertEquals(cost("(global i32 (i32.const 1)) (global f64 (f64.const 1))"), 2);
  assertEquals(cost('(import "m" "g" (global i32))'), 2);
  assertEquals(cost("(func $f) (table 7 funcref) (elem (i32.const 0) $f $f) (elem func $f)"), 1 + 7 + 2);
});

Deno.test("instrumentModule() gives the same bytes for the same module", () => {
  assertEquals(instrumented(EVERYTHING).made.bytes, instrumented(EVERYTHING).made.bytes);
});
