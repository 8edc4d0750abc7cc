/** Time and promises: what a hostile module can make the reader do is bounded by its bytes. */
import { AegisError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  type Bytes,
  exportOf,
  funcType,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "./module_builder.ts";

const EMPTY_TYPE = funcType([], []);
const TYPE = section(SECTION.type, vec([EMPTY_TYPE]));

function repeat(count: number, item: Bytes): Bytes {
  return join(new Array(count).fill(item));
}

/** Modules of any number of items, in shapes where a careless reader is quadratic or recurs. */
const GROWING: Record<string, (count: number) => Uint8Array> = {
  types: (count) => rawModule(section(SECTION.type, [...leb(count), ...repeat(count, EMPTY_TYPE)])),
  "one recursion group": (count) =>
    rawModule(section(SECTION.type, [1, 0x4e, ...leb(count), ...repeat(count, EMPTY_TYPE)])),
  // V8 hashes such names by their value.
  "exports named by multiples of 2^17": (count) =>
    wasmModule({
      types: [EMPTY_TYPE],
      functions: [{ type: 0, code: [] }],
      exports: Array.from({ length: count }, (_, index) => exportOf(String(index * 2 ** 17), 0, 0)),
    }),
  "blocks in a constant expression": (count) =>
    rawModule(
      section(SECTION.global, [1, 0x7f, 0, ...repeat(count, [2, 0x40]), ...repeat(count + 1, [0x0b])]),
    ),
  "groups of locals": (count) =>
    wasmModule({
      types: [EMPTY_TYPE],
      functions: [{ type: 0, locals: new Array(count).fill([1, 0x7f]), code: [] }],
    }),
  "element expressions": (count) =>
    rawModule(section(SECTION.element, [1, 5, 0x70, ...leb(count), ...repeat(count, [0xd0, 0x70, 0x0b])])),
  "custom sections": (count) => rawModule(repeat(0.3 * count, [0, 1, 0])),
};

function fastest(bytes: Uint8Array): number {
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    readModule(bytes);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

for (const [title, build] of Object.entries(GROWING)) {
  Deno.test(`E42 readModule() takes time in proportion to the bytes: ${title}`, () => {
    const [small, large] = [fastest(build(8_000)), fastest(build(32_000))];
    // In proportion it is 4 times, quadratic it were 16 times; the rest is for small times and a busy machine.
    assert(large < 10 * small + 10, `${small} ms, then ${large} ms`);
  });
}

/** Every count of the format, with a module that promises `count` items and has none. */
const PROMISES: Record<string, (count: Bytes) => Uint8Array> = {
  types: (count) => rawModule(section(SECTION.type, count)),
  "recursion group": (count) => rawModule(section(SECTION.type, [1, 0x4e, ...count])),
  supertypes: (count) => rawModule(section(SECTION.type, [1, 0x50, ...count])),
  parameters: (count) => rawModule(section(SECTION.type, [1, 0x60, ...count])),
  results: (count) => rawModule(section(SECTION.type, [1, 0x60, 0, ...count])),
  fields: (count) => rawModule(section(SECTION.type, [1, 0x5f, ...count])),
  imports: (count) => rawModule(section(SECTION.import, count)),
  functions: (count) => rawModule(TYPE, section(SECTION.function, count)),
  tables: (count) => rawModule(section(SECTION.table, count)),
  memories: (count) => rawModule(section(SECTION.memory, count)),
  tags: (count) => rawModule(TYPE, section(SECTION.tag, count)),
  globals: (count) => rawModule(section(SECTION.global, count)),
  exports: (count) => rawModule(section(SECTION.export, count)),
  "element segments": (count) => rawModule(section(SECTION.element, count)),
  "indices of an element segment": (count) => rawModule(section(SECTION.element, [1, 1, 0, ...count])),
  "expressions of an element segment": (count) => rawModule(section(SECTION.element, [1, 5, 0x70, ...count])),
  bodies: (count) => rawModule(section(SECTION.code, count)),
  "groups of locals": (count) =>
    rawModule(TYPE, section(SECTION.function, [1, 0]), section(SECTION.code, [1, count.length, ...count])),
  "locals of a group": (count) =>
    rawModule(
      TYPE,
      section(SECTION.function, [1, 0]),
      section(SECTION.code, [1, count.length + 1, 1, ...count]),
    ),
  "data segments": (count) => rawModule(section(SECTION.data, count)),
  "bytes of a data segment": (count) => rawModule(section(SECTION.data, [1, 1, ...count])),
  "bytes of a name": (count) => rawModule(section(SECTION.import, [1, ...count])),
  "labels of br_table": (count) => rawModule(section(SECTION.global, [1, 0x7f, 0, 0x0e, ...count])),
  "clauses of try_table": (count) => rawModule(section(SECTION.global, [1, 0x7f, 0, 0x1f, 0x40, ...count])),
  "types of select": (count) => rawModule(section(SECTION.global, [1, 0x7f, 0, 0x1c, ...count])),
};

for (const [title, build] of Object.entries(PROMISES)) {
  Deno.test(`E42 readModule() rejects at once ${title} that are promised and missing`, () => {
    for (const count of [1, 1000, 100_000, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = build(leb(count));
      const start = performance.now();
      const error = assertThrows(() => readModule(bytes), AegisError, "Cannot read");
      assert(performance.now() - start < 500);
      assertEquals(error.code === "ModuleInvalid" || count < 2 ** 31, true, `${count}: ${error.message}`);
    }
  });
}
