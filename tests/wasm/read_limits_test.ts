/** V8's limits, asked of V8: each at the limit and one above it, with a promise where the items would be many. */
import { ModuleInvalidError, ModuleRefusedError } from "../../src/core/errors.ts";
import {
  checkLimit,
  ENGINE_LIMITS,
  IMPLEMENTATION_LIMITS,
  type ImplementationLimit,
  READ_LIMITS,
} from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  body,
  type Bytes,
  funcType,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "./module_builder.ts";

const TYPE = section(SECTION.type, vec([funcType([], [])]));

function repeat(count: number, item: Bytes): Bytes {
  return join(new Array(count).fill(item));
}

function moduleWith(code: Bytes): Uint8Array<ArrayBuffer> {
  return wasmModule({ types: [funcType([], [])], functions: [{ type: 0, code }] });
}

/** One body of so many bytes, of nothing but nop. */
function bodyOf(count: number): Uint8Array<ArrayBuffer> {
  const size = [SECTION.code, ...leb(count + 5), 1, ...leb(count, 4), 0];
  const start = rawModule(TYPE, section(SECTION.function, [1, 0]), size);
  const module = new Uint8Array(start.length + count - 1).fill(0x01);
  module.set(start);
  module[module.length - 1] = 0x0b;
  return module;
}

/** A module that reaches the limit with this many items, and shows whether V8 minds the number. */
const REACHED: Partial<Record<ImplementationLimit, (count: number) => Uint8Array<ArrayBuffer>>> = {
  types: (count) => rawModule(section(SECTION.type, leb(count))),
  params: (count) => rawModule(section(SECTION.type, [1, 0x60, ...leb(count), ...repeat(count, [0x7f]), 0])),
  results: (count) => rawModule(section(SECTION.type, [1, 0x60, 0, ...leb(count), ...repeat(count, [0x7f])])),
  fields: (count) => rawModule(section(SECTION.type, [1, 0x5f, ...leb(count), ...repeat(count, [0x7f, 0])])),
  supertypes: (count) =>
    rawModule(
      section(SECTION.type, [2, 0x50, 0, 0x5f, 0, 0x50, ...leb(count), ...repeat(count, [0]), 0x5f, 0]),
    ),
  subtypingDepth: (count) =>
    rawModule(
      section(
        SECTION.type,
        vec([
          [0x50, 0, 0x5f, 0],
          ...Array.from({ length: count }, (_, index) => [0x50, 1, ...leb(index), 0x5f, 0]),
        ]),
      ),
    ),
  imports: (count) => rawModule(section(SECTION.import, leb(count))),
  functions: (count) => rawModule(TYPE, section(SECTION.function, leb(count))),
  tables: (count) => rawModule(section(SECTION.table, leb(count))),
  memories: (count) => rawModule(section(SECTION.memory, leb(count))),
  tags: (count) => rawModule(TYPE, section(SECTION.tag, leb(count))),
  globals: (count) => rawModule(section(SECTION.global, leb(count))),
  exports: (count) => rawModule(section(SECTION.export, leb(count))),
  elements: (count) => rawModule(section(SECTION.element, leb(count))),
  elementEntries: (count) => rawModule(section(SECTION.element, [1, 1, 0, ...leb(count)])),
  data: (count) => rawModule(section(SECTION.data, leb(count))),
  locals: (count) =>
    rawModule(
      TYPE,
      section(SECTION.function, [1, 0]),
      section(SECTION.code, vec([body([[count, 0x7f]], [])])),
    ),
  bodyBytes: bodyOf,
  branchTableLabels: (count) => moduleWith([0x41, 0, 0x0e, ...leb(count), ...repeat(count, [0]), 0]),
  catchClauses: (count) => moduleWith([0x1f, 0x40, ...leb(count), ...repeat(count, [2, 0]), 0x0b]),
  arrayNewFixed: (count) =>
    wasmModule({
      types: [funcType([], []), [0x5e, 0x7f, 0]],
      functions: [{ type: 0, code: join([repeat(count, [0x41, 0]), [0xfb, 8, 1], leb(count), [0x1a]]) }],
    }),
  tableMinimum: (count) => rawModule(section(SECTION.table, [1, 0x70, 0, ...leb(count)])),
  memoryPages: (count) => rawModule(section(SECTION.memory, [1, 0, ...leb(count)])),
  memory64Pages: (count) => rawModule(section(SECTION.memory, [1, 4, ...leb(count)])),
};

/** How V8 says that there is too much of something. */
const TOO_MANY =
  /exceeds internal limit|maximum number|larger than implementation limit|> m|too large|greater than allowed/i;

function v8Minds(module: Uint8Array<ArrayBuffer>): boolean {
  try {
    new WebAssembly.Module(module);
    return false;
  } catch (error) {
    return TOO_MANY.test((error as Error).message); // V8 throws CompileError and nothing else
  }
}

for (
  const [name, build] of Object.entries(REACHED) as [
    ImplementationLimit,
    (count: number) => Uint8Array<ArrayBuffer>,
  ][]
) {
  Deno.test(`E40 IMPLEMENTATION_LIMITS has V8's limit of ${name}`, () => {
    const { engine } = IMPLEMENTATION_LIMITS[name];
    assertEquals([v8Minds(build(engine)), v8Minds(build(engine + 1))], [false, true]);
  });
}

/** What only the validator compares. */
const VALIDATOR: ReadonlySet<string> = new Set([
  "subtypingDepth",
  "arrayNewFixed",
  "branchTableLabels",
  "catchClauses",
]);

for (
  const [name, build] of Object.entries(REACHED) as [
    ImplementationLimit,
    (count: number) => Uint8Array<ArrayBuffer>,
  ][]
) {
  if (VALIDATOR.has(name)) continue;
  const { engine, limit } = IMPLEMENTATION_LIMITS[name];

  Deno.test(`E40 readModule() rejects as invalid what is above V8's limit of ${name}`, () => {
    const error = assertThrows(
      () => readModule(build(engine + 1)),
      ModuleInvalidError,
      `${engine + 1} exceeds ${engine}`,
    );
    assert(error.offset > 0);
  });

  if (limit === engine) continue;
  Deno.test(`E40 readModule() refuses what is above our limit of ${name}, and not what is at it`, () => {
    assertThrows(() => readModule(build(limit + 1)), ModuleRefusedError, `${limit + 1} exceeds ${limit}`);
    for (const [count, limits] of [[limit, READ_LIMITS], [engine, ENGINE_LIMITS]] as const) {
      try {
        readModule(build(count), limits);
      } catch (error) {
        assert(error instanceof ModuleInvalidError && !error.message.includes("exceeds"), String(error));
      }
    }
  });
}

Deno.test("E40 readModule() refuses a module that is larger than it is told to read", () => {
  const limits = { ...READ_LIMITS, moduleBytes: 9 };
  assertEquals(readModule(rawModule(), limits).sections, []);
  assertThrows(
    () => readModule(rawModule([0, 1, 0]), limits),
    ModuleRefusedError,
    "Cannot read module: size 11 exceeds 9",
  );
});

Deno.test("E40 readModule() refuses more custom sections than it can hold", () => {
  const sections = (count: number) => rawModule(repeat(count, [0, 1, 0]));
  assertEquals(readModule(sections(10_000)).customs.length, 10_000);
  assertThrows(() => readModule(sections(10_001)), ModuleRefusedError, "count 10001 exceeds 10000");
});

Deno.test("E40 readModule() counts the entries of all element segments together", () => {
  const segment = [1, 0, ...leb(30_000), ...new Array(30_000).fill(0)];
  const module = rawModule(
    TYPE,
    section(SECTION.import, [1, 0, 0, 0, 0]),
    section(SECTION.element, vec([segment, segment])),
  );
  assertEquals(readModule(module).elements.length, 2);
  assertThrows(
    () => readModule(module, { ...READ_LIMITS, elementEntries: 59_999 }),
    ModuleRefusedError,
    "count 60000 exceeds 59999",
  );
});

Deno.test("E40 readModule() counts the members of all types together", () => {
  const module = rawModule(
    section(SECTION.type, vec([funcType([0x7f, 0x7f], [0x7f]), [0x5f, 2, 0x7f, 0, 0x7f, 0]])),
  );
  assertEquals(readModule(module, { ...READ_LIMITS, typeMembers: 5 }).types.length, 2);
  assertThrows(
    () => readModule(module, { ...READ_LIMITS, typeMembers: 4 }),
    ModuleRefusedError,
    "5 exceeds 4",
  );
});

Deno.test("E40 readModule() leaves room for the exports of all memories and tables", () => {
  const module = rawModule(
    section(SECTION.memory, [1, 0, 1]),
    section(SECTION.export, vec([[0, 2, 0], [1, 0x61, 2, 0]])),
  );
  assertEquals(readModule(module, { ...READ_LIMITS, exports: 3 }).exports.length, 2);
  assertThrows(
    () => readModule(module, { ...READ_LIMITS, exports: 2 }),
    ModuleRefusedError,
    "count 3 exceeds 2",
  );
});

Deno.test("E40 checkLimit() tells what is invalid from what is refused", () => {
  const place = { what: "x", noun: "count", offset: 3 };
  checkLimit(READ_LIMITS, "locals", 49_984, place);
  assertThrows(
    () => checkLimit(READ_LIMITS, "locals", 49_985, place),
    ModuleRefusedError,
    "Cannot read x: count 49985 exceeds 49984",
  );
  assertThrows(
    () => checkLimit(READ_LIMITS, "locals", 50_001, place),
    ModuleInvalidError,
    "Cannot read x: count 50001 exceeds 50000 at offset 0x3",
  );
  checkLimit(ENGINE_LIMITS, "locals", 50_000, place);
});

Deno.test("E40 IMPLEMENTATION_LIMITS are never above V8's", () => {
  for (const { engine, limit } of Object.values(IMPLEMENTATION_LIMITS)) assert(limit <= engine);
});
