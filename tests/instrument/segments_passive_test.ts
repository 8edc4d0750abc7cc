import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import type { ByteRange, Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { formatType } from "../../src/wasm/types.ts";
import { assert, assertEquals } from "../assert.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import {
  body,
  type Bytes,
  EXTERNREF,
  FUNCREF,
  funcType,
  leb,
  type ModuleParts,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "../wasm/module_builder.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

/** What can be said of the segments of a module, their modes apart. */
function contents({ bytes, elements, data }: Module): unknown {
  const slice = ({ start, end }: ByteRange) => bytes.slice(start, end);
  return {
    elements: elements.map(({ type, functions, expressions }) => ({
      type: formatType(type),
      functions,
      expressions: expressions?.map(slice),
    })),
    data: data.map(slice),
  };
}

/** The module before and after; V8 has taken what came out. */
function rewrite(bytes: Uint8Array<ArrayBuffer>): { original: Module; rewritten: Module } {
  assert(WebAssembly.validate(bytes), "the fixture is valid");
  const made = instrument(bytes, { limits: resolveLimits(WIDE_LIMITS), unboundedHeap: true });
  new WebAssembly.Module(Uint8Array.from(made.bytes));
  return { original: readModule(bytes, ENGINE_LIMITS), rewritten: readModule(made.bytes, ENGINE_LIMITS) };
}

const modes = (module: Module) => [module.elements, module.data].map((list) => list.map(({ mode }) => mode));

Deno.test("active segments of all forms become passive, and keep their types and contents", () => {
  const { original, rewritten } = rewrite(EVERYTHING);
  assertEquals(contents(rewritten), contents(original));
  assertEquals(modes(original), [
    ["active", "passive", "active", "declarative", "active", "passive", "active", "declarative"],
    ["active", "passive", "active"],
  ]);
  assertEquals(modes(rewritten), [
    ["passive", "passive", "passive", "declarative", "passive", "passive", "passive", "declarative"],
    ["passive", "passive", "passive"],
  ]);
});

const EXNREF = 0x69, TYPED = 0;
const AT_ZERO: Bytes = [0x41, 0, 0x0b];

/** A table's type and a segment for it that names a type. */
const TYPED_SEGMENTS: Readonly<Record<string, readonly [table: Bytes, segment: Bytes]>> = {
  "a function type": [[0x63, TYPED, 0, 1], [6, 0, ...AT_ZERO, 0x63, TYPED, 1, 0xd2, 0, 0x0b]],
  "functions that are not null": [
    [0x40, 0, 0x64, TYPED, 0, 1, 0xd2, 0, 0x0b],
    [6, 0, ...AT_ZERO, 0x64, TYPED, 1, 0xd2, 0, 0x0b],
  ],
  "functions by index, that are not null": [
    [0x40, 0, 0x64, 0x70, 0, 1, 0xd2, 0, 0x0b],
    [0, ...AT_ZERO, 1, 0],
  ],
  "a type below the table's": [[FUNCREF, 0, 1], [6, 0, ...AT_ZERO, 0x63, TYPED, 1, 0xd0, TYPED, 0x0b]],
  externref: [[EXTERNREF, 0, 1], [6, 0, ...AT_ZERO, EXTERNREF, 1, 0xd0, EXTERNREF, 0x0b]],
  exnref: [[EXNREF, 0, 1], [6, 0, ...AT_ZERO, EXNREF, 1, 0xd0, EXNREF, 0x0b]],
  i31ref: [[0x6c, 0, 1], [6, 0, ...AT_ZERO, 0x6c, 1, 0x41, 7, 0xfb, 0x1c, 0x0b]],
  "no entries": [[FUNCREF, 0, 1], [4, ...AT_ZERO, 0]],
  "numbers longer than they need be": [
    [FUNCREF, 0, 1],
    [...leb(2, 3), ...leb(0, 2), ...AT_ZERO, 0, ...leb(1, 3), ...leb(0, 2)],
  ],
};

for (const [note, [table, segment]] of Object.entries(TYPED_SEGMENTS)) {
  Deno.test(`an active element segment becomes passive: ${note}`, () => {
    const { original, rewritten } = rewrite(wasmModule({
      types: [funcType([], [])],
      functions: [{ type: 0, code: [] }],
      tables: [table],
      elements: [segment],
    }));
    assertEquals(contents(rewritten), contents(original));
    assertEquals(modes(rewritten), [["passive"], []]);
  });
}

const DATA = { memories: [[0, 1]], data: [[0, ...AT_ZERO, 1, 7]] } satisfies ModuleParts;
const FUNCTION = { types: [funcType([], [])], functions: [{ type: 0, code: [] }] } satisfies ModuleParts;

Deno.test("the number of data segments stands before the code wherever there are any, or it stood there before", () => {
  const counted = (parts: ModuleParts) => rewrite(wasmModule(parts)).rewritten.dataCount;
  assertEquals(counted({ ...DATA, ...FUNCTION }), 1);
  assertEquals(counted({ ...DATA, ...FUNCTION, dataCount: 1 }), 1);
  assertEquals(counted(DATA), 1, "without code");
  assertEquals(counted({ data: [[1, 1, 7]] }), 1, "a passive one");
  assertEquals(counted({ ...FUNCTION, dataCount: 0 }), 0);
  assertEquals(counted(FUNCTION), undefined);
});

Deno.test("sections of segments may be there and be empty", () => {
  const { rewritten } = rewrite(rawModule(
    section(SECTION.type, vec([funcType([], [])])),
    section(SECTION.function, vec([[0]])),
    section(SECTION.element, [0]),
    section(SECTION.code, vec([body([], [])])),
    section(SECTION.data, [0]),
  ));
  assertEquals(modes(rewritten), [[], []]);
});
