import { ModuleInvalidError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { SECTIONS } from "../../src/wasm/sections.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { EVERYTHING } from "./everything_module.ts";
import {
  body,
  type Bytes,
  customSection,
  exportOf,
  funcType,
  HEADER,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "./module_builder.ts";

/** Reads a module that must be refused; `message` is part of the error's, `offset` its offset. */
function refused(bytes: Uint8Array, message: string, offset: number): void {
  const error = assertThrows(() => readModule(bytes), ModuleInvalidError, message);
  assertEquals([error.code, error.offset], ["ModuleInvalid", offset], error.message);
}

const TYPE = section(SECTION.type, vec([funcType([], [])]));
const START = HEADER.length;

Deno.test("readModule() reads the empty module", () => {
  const module = readModule(rawModule());
  assertEquals([module.sections.length, module.types.length, module.bodies.length], [0, 0, 0]);
  assertEquals([module.start, module.dataCount], [undefined, undefined]);
});

Deno.test("E39 readModule() rejects bytes that do not begin like a module", () => {
  for (let length = 0; length < HEADER.length; length++) {
    refused(
      Uint8Array.from(HEADER.slice(0, length)),
      length < 4 ? "magic number: the bytes end" : "version: the bytes end",
      length,
    );
  }
  refused(Uint8Array.from([1, ...HEADER.slice(1)]), "a module begins with 00 61 73 6d", 0);
  refused(Uint8Array.from([...HEADER.slice(0, 4), 2, 0, 0, 0]), "version 2 must be 1", 4);
  refused(Uint8Array.from([...HEADER.slice(0, 4), 13, 0, 1, 0]), "version 65549 must be 1", 4);
});

Deno.test("E44 readModule() rejects an unknown section", () => {
  refused(rawModule([14, 0]), "byte 0x0e must be the id of a section", START);
  refused(rawModule(TYPE, [0xff, 0]), "byte 0xff must be the id of a section", START + TYPE.length);
});

/** A payload that says that there is nothing, for each section. */
const EMPTY_PAYLOAD: Record<string, Bytes> = { custom: [0], start: [0], "data count": [0] };

function emptySection(name: string): Bytes {
  return section(SECTIONS.findIndex((row) => row.name === name), EMPTY_PAYLOAD[name] ?? [0]);
}

/** Names of the sections that have a place, in order; without the start section, which needs a function. */
const ORDERED = SECTIONS.filter((row) => row.order > 0 && row.name !== "start")
  .sort((a, b) => a.order - b.order).map((row) => row.name);

Deno.test("readModule() accepts all sections in the order of the specification", () => {
  const { sections } = readModule(rawModule(...ORDERED.map(emptySection)));
  assertEquals(sections.length, 12);
  assert(WebAssembly.validate(rawModule(...ORDERED.map(emptySection))));
});

for (const name of ORDERED) {
  Deno.test(`E39 readModule() rejects a second section "${name}"`, () => {
    const first = emptySection(name);
    refused(
      rawModule(first, customSection("x", []), first),
      `section "${name}": it stands there twice`,
      START + first.length + 4,
    );
  });
}

for (const [index, name] of ORDERED.slice(0, -1).entries()) {
  Deno.test(`E39 readModule() rejects section "${name}" behind the one that should follow it`, () => {
    const after = emptySection(ORDERED[index + 1] ?? "");
    refused(
      rawModule(after, emptySection(name)),
      `section "${name}": it is out of order`,
      START + after.length,
    );
  });
}

for (const name of [...ORDERED, "custom"]) {
  Deno.test(`E39 readModule() rejects section "${name}" whose size is too large, and huge`, () => {
    const [id = 0, , ...payload] = emptySection(name);
    for (const size of [payload.length + 1, 2 ** 31, 2 ** 32 - 1]) {
      const encoded = leb(size);
      const message = `section "${name}": length ${size} exceeds the ${payload.length} bytes left`;
      refused(rawModule([id, ...encoded, ...payload]), message, START + 1 + encoded.length);
    }
  });
}

for (const name of ORDERED) {
  Deno.test(`E39 readModule() rejects bytes left over in section "${name}"`, () => {
    const [id = 0, , ...payload] = emptySection(name);
    refused(
      rawModule([id, payload.length + 2, ...payload, 0, 0]),
      `section "${name}": 2 bytes are left over`,
      START + 2 + payload.length,
    );
  });

  Deno.test(`E39 readModule() rejects section "${name}" without a byte`, () => {
    const [id = 0] = emptySection(name);
    refused(rawModule([id, 0]), "the bytes end", START + 2);
  });
}

Deno.test("E39 readModule() rejects a size or count in an over-long form", () => {
  refused(
    rawModule([SECTION.type, 0x81, 0x80, 0x80, 0x80, 0x80, 0, 0]),
    'size of section "type": its LEB128',
    START + 5,
  );
  refused(
    rawModule([SECTION.type, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
    'section "type": its LEB128',
    START + 6,
  );
  assertEquals(readModule(rawModule([SECTION.type, 0x85, 0x80, 0, 0x80, 0x80, 0x80, 0x80, 0])).types, []);
});

Deno.test("readModule() keeps custom sections anywhere, unknown and repeated ones", () => {
  const bytes = rawModule(customSection("a", [1, 2]), TYPE, customSection("a", []), customSection("é", [3]));
  const customs = readModule(bytes).customs.map((
    { name, start, end },
  ) => [name, ...bytes.subarray(start, end)]);
  assertEquals(customs, [["a", 1, 2], ["a"], ["é", 3]]);
});

Deno.test("E39 readModule() rejects a custom section whose name is cut off or no UTF-8", () => {
  refused(rawModule(section(0, [])), "name of a custom section: the bytes end", START + 2);
  refused(rawModule(section(0, [2, 0x61])), "length 2 exceeds the 1 bytes left", START + 3);
  refused(rawModule(section(0, [1, 0xff])), "not valid UTF-8", START + 3);
});

Deno.test("readModule() reads a module that has everything, as V8 does", () => {
  assert(WebAssembly.validate(EVERYTHING));
  const module = readModule(EVERYTHING);
  const theirs = new WebAssembly.Module(EVERYTHING);
  assertEquals(
    module.imports.map(({ module: from, name, kind }) => ({ module: from, name, kind: kind as string })),
    WebAssembly.Module.imports(theirs).map(({ module: from, name, kind }) => ({
      module: from,
      name,
      kind: kind as string,
    })),
  );
  assertEquals(
    module.exports.map(({ name, kind }) => ({ name, kind: kind as string })),
    WebAssembly.Module.exports(theirs).map(({ name, kind }) => ({ name, kind: kind as string })),
  );
});

Deno.test("E39 readModule() rejects a module cut off anywhere but between sections", () => {
  const ends = new Set(readModule(EVERYTHING).sections.map((part) => part.end));
  for (let length = HEADER.length + 1; length < EVERYTHING.length; length++) {
    if (ends.has(length)) continue;
    const error = assertThrows(() => readModule(EVERYTHING.subarray(0, length)), ModuleInvalidError);
    assert(error.offset <= length, `${length}: ${error.message}`);
  }
});

Deno.test("E39 readModule() rejects every section that ends before its items do", () => {
  const { sections } = readModule(EVERYTHING);
  for (const { id, offset, start, end } of sections) {
    if (id === SECTION.custom) continue;
    for (let size = 0; size < end - start; size++) {
      const cut = rawModule(
        [...EVERYTHING.subarray(START, offset)],
        section(id, [...EVERYTHING.subarray(start, start + size)]),
      );
      const error = assertThrows(() => readModule(cut), ModuleInvalidError);
      assert(error.offset <= cut.length, `section ${id}, ${size} bytes: ${error.message}`);
    }
  }
});

Deno.test("readModule() gives absolute ranges of bodies, expressions and data", () => {
  const { bodies, globals, data, elements } = readModule(EVERYTHING);
  for (const { code, end } of bodies) assert(code < end && EVERYTHING[end - 1] === 0x0b);
  const expressions = [
    ...globals.flatMap(({ init }) => init ?? []),
    ...data.flatMap(({ position }) => position ?? []),
    ...elements.flatMap(({ position, expressions }) => [position ?? [], expressions ?? []].flat()),
  ];
  assert(expressions.length > 8);
  for (const { start, end } of expressions) assert(start < end && EVERYTHING[end - 1] === 0x0b);
  assertEquals(data.map(({ start, end }) => new TextDecoder().decode(EVERYTHING.subarray(start, end))), [
    "active",
    "passive",
    "second",
  ]);
});

Deno.test("E39 readModule() rejects bodies that do not match the declared functions", () => {
  const functions = section(SECTION.function, [1, 0]);
  refused(
    rawModule(TYPE, functions),
    'section "code": it is missing, and 1 functions are declared',
    START + TYPE.length + functions.length,
  );
  const code = START + TYPE.length + functions.length + 2;
  refused(
    rawModule(TYPE, functions, section(SECTION.code, [0])),
    "0 bodies stand against 1 declared functions",
    code,
  );
  refused(
    rawModule(TYPE, functions, section(SECTION.code, vec([body([], []), body([], [])]))),
    "2 bodies stand against 1",
    code,
  );
  refused(rawModule(section(SECTION.code, vec([body([], [])]))), "1 bodies stand against 0", START + 2);
  assertEquals(readModule(rawModule(section(SECTION.function, [0]))).bodies, []);
});

Deno.test("E39 readModule() rejects a data count that is not the number of segments", () => {
  const count = section(SECTION.dataCount, [1]);
  refused(rawModule(count), "0 segments stand against a data count of 1", START + 3);
  const two = rawModule(count, section(SECTION.data, vec([[1, 0], [1, 0]])));
  refused(two, "2 segments stand against a data count of 1", two.length);
  assertEquals(readModule(rawModule(section(SECTION.dataCount, [0]))).dataCount, 0);
});

Deno.test("E39 readModule() rejects two exports of one name", () => {
  const module = (second: string) =>
    wasmModule({
      types: [funcType([], [])],
      functions: [{ type: 0, code: [], name: "run" }, { type: 0, code: [], name: second }],
    });
  assertEquals(readModule(module("run2")).exports.length, 2);
  const bytes = module("run");
  const { offset = 0 } = readModule(module("ran")).exports[1] ?? {};
  refused(bytes, 'section "export": name "run" is taken', offset);
});

Deno.test("readModule() takes names of exports that objects give a meaning to", () => {
  const names = ["__proto__", "constructor", "toString", "", "0", "-1", "\0"];
  const exports = names.map((name) => exportOf(name, 0, 0));
  const bytes = wasmModule({ types: [funcType([], [])], functions: [{ type: 0, code: [] }], exports });
  assertEquals(readModule(bytes).exports.map(({ name }) => name), names);
});
