/** What the readers of sections make of their items. */
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import {
  abstractRef,
  concreteRef,
  EXTERNREF,
  FUNCREF,
  HEAP,
  I16,
  I32,
  I64,
  I8,
} from "../../src/wasm/types.ts";
import { assertEquals } from "../assert.ts";
import { EVERYTHING } from "./everything_module.ts";

const everything: Module = readModule(EVERYTHING);

/** Without the field that says where. */
function withoutOffsets(items: readonly { readonly offset: number }[]): unknown[] {
  return items.map(({ offset: _, ...rest }) => rest);
}

Deno.test("readModule() reads types of every form", () => {
  assertEquals(everything.groups, [{ start: 0, size: 1 }, { start: 1, size: 1 }, { start: 2, size: 2 }, {
    start: 4,
    size: 1,
  }, { start: 5, size: 1 }]);
  const packed = { storage: I8, mutable: true };
  const fields = [packed, { storage: I16, mutable: false }, { storage: concreteRef(3, true), mutable: true }];
  assertEquals(withoutOffsets(everything.types).slice(1), [
    { final: true, supertypes: [], composite: { kind: "func", params: [I32, I64], results: [0x7c, I32] } },
    { final: false, supertypes: [], composite: { kind: "struct", fields } },
    {
      final: true,
      supertypes: [],
      composite: { kind: "array", field: { storage: concreteRef(2, false), mutable: true } },
    },
    {
      final: true,
      supertypes: [2],
      composite: { kind: "struct", fields: [...fields, { storage: I32, mutable: false }] },
    },
    { final: true, supertypes: [], composite: { kind: "func", params: [I32], results: [] } },
  ]);
});

Deno.test("readModule() gives every index space its imports first", () => {
  assertEquals(everything.imported, { function: 1, table: 1, memory: 1, global: 1, tag: 1 });
  assertEquals(everything.imports.map(({ kind, index }) => [kind, index]), [
    ["function", 0],
    ["table", 0],
    ["memory", 0],
    ["global", 0],
    ["tag", 0],
  ]);
  assertEquals(everything.functions, [0, 0, 1]);
  const { tables, memories, globals, tags } = everything;
  assertEquals([tables.length, memories.length, globals.length, tags.length], [4, 4, 5, 2]);
});

Deno.test("readModule() reads limits, of 64 bits and shared ones too", () => {
  assertEquals(withoutOffsets(everything.memories), [
    { min: 1n, max: 2n, index64: false, shared: false },
    { min: 1n, max: undefined, index64: false, shared: false },
    { min: 1n, max: 2n, index64: false, shared: true },
    { min: 1n, max: 5n, index64: true, shared: false },
  ]);
  assertEquals(everything.tables.map(({ min, max, index64, element }) => [min, max, index64, element]), [
    [1n, 10n, false, FUNCREF],
    [3n, undefined, false, FUNCREF],
    [2n, 3n, false, abstractRef(HEAP.func, false)],
    [1n, 2n ** 33n, true, EXTERNREF],
  ]);
  assertEquals(everything.tables.map(({ init }) => init !== undefined), [false, false, true, false]);
});

Deno.test("readModule() reads globals, exports, tags and the start function", () => {
  assertEquals(everything.globals.map(({ type, mutable }) => [type, mutable]), [
    [I32, false],
    [I32, false],
    [I64, true],
    [concreteRef(2, true), true],
    [I32, false],
  ]);
  assertEquals(everything.globals.map(({ init }) => init && init.end - init.start), [undefined, 3, 6, 3, 3]);
  assertEquals(withoutOffsets(everything.exports), [
    { name: "f", kind: "function", index: 1 },
    { name: "t", kind: "table", index: 1 },
    { name: "m", kind: "memory", index: 0 },
    { name: "g", kind: "global", index: 1 },
    { name: "tag", kind: "tag", index: 0 },
  ]);
  assertEquals(everything.tags.map(({ typeIndex }) => typeIndex), [5, 0]);
  assertEquals(everything.start?.index, 1);
});

Deno.test("readModule() reads the eight forms of element segments", () => {
  const nonNull = abstractRef(HEAP.func, false);
  const found = everything.elements.map((
    { mode, table, position, type, functions, expressions },
  ) => [mode, table, position !== undefined, type, functions, expressions?.length]);
  assertEquals(found, [
    ["active", 0, true, nonNull, [0, 1], undefined],
    ["passive", 0, false, nonNull, [1], undefined],
    ["active", 1, true, nonNull, [1], undefined],
    ["declarative", 0, false, nonNull, [2], undefined],
    ["active", 0, true, FUNCREF, undefined, 1],
    ["passive", 0, false, FUNCREF, undefined, 1],
    ["active", 1, true, FUNCREF, undefined, 1],
    ["declarative", 0, false, FUNCREF, undefined, 1],
  ]);
});

Deno.test("readModule() reads the three forms of data segments", () => {
  assertEquals(everything.data.map(({ mode, memory, position }) => [mode, memory, position !== undefined]), [
    ["active", 0, true],
    ["passive", 0, false],
    ["active", 1, true],
  ]);
});

Deno.test("readModule() reads the locals of bodies", () => {
  const [first, second] = everything.bodies;
  assertEquals([first?.locals, first?.localCount], [[], 0]);
  const groups = [{ count: 2, type: I32 }, { count: 0, type: 0x7c }, { count: 1, type: I64 }];
  assertEquals([second?.locals, second?.localCount], [groups, 3]);
});
