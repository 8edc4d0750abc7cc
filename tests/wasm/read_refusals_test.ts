/** What the readers of sections refuse, offset included. */
import { ModuleInvalidError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import {
  body,
  type Bytes,
  exportOf,
  funcType,
  HEADER,
  importOf,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
} from "./module_builder.ts";

const FUNC = funcType([], []);
const TYPE = section(SECTION.type, vec([FUNC]));
const STRUCT_TYPE = section(SECTION.type, vec([[0x5f, 0]]));
const FUNCTION_IMPORT = section(SECTION.import, vec([importOf("", "", [0, 0])]));
const MEMORY = section(SECTION.memory, [1, 0, 1]);
const TABLE = section(SECTION.table, [1, 0x70, 0, 1]);

/** What a section must not hold: sections before it, its id, its payload, part of the message, offset in the payload. */
type Refusal = readonly [
  before: readonly Bytes[],
  id: number,
  payload: Bytes,
  message: string,
  offset: number,
];

const REFUSALS: Record<string, Refusal> = {
  "a type of unknown form": [[], SECTION.type, [1, 0x61], "type: byte 0x61 must be 0x60 (func)", 1],
  "a recursion group in a recursion group": [[], SECTION.type, [1, 0x4e, 1, 0x4e, 0], "type: byte 0x4e", 3],
  "a type that names one after its group": [
    [],
    SECTION.type,
    [2, 0x60, 1, 0x63, 1, 0, ...FUNC],
    "heap type: index 1 is out of range, there are 1",
    4,
  ],
  "a supertype that is the type itself": [
    [],
    SECTION.type,
    [1, 0x50, 1, 0, ...FUNC],
    "supertype: index 0 is out of range, there are none",
    3,
  ],
  "a supertype that follows": [
    [],
    SECTION.type,
    [1, 0x4e, 2, 0x50, 1, 1, ...FUNC, 0x50, 0, ...FUNC],
    "supertype: index 1",
    5,
  ],
  "two supertypes": [
    [],
    SECTION.type,
    [3, 0x50, 0, 0x5f, 0, 0x50, 0, 0x5f, 0, 0x50, 2, 0, 1, 0x5f, 0],
    "supertypes: count 2 exceeds 1",
    10,
  ],
  "a packed parameter": [
    [],
    SECTION.type,
    [1, 0x60, 1, 0x78, 0],
    "value type: byte 0x78 must be a value type",
    3,
  ],
  "a field of unknown mutability": [
    [],
    SECTION.type,
    [1, 0x5f, 1, 0x7f, 2],
    "mutability: byte 0x02 must be 0 or 1",
    4,
  ],
  "a heap type that is none": [
    [],
    SECTION.type,
    [1, 0x60, 1, 0x64, 0x40, 0],
    "heap type: byte 0x40 must be a heap type",
    4,
  ],
  "a heap type in two bytes": [
    [],
    SECTION.type,
    [1, 0x60, 1, 0x64, 0xf0, 0x7f, 0],
    "heap type: byte 0xf0",
    4,
  ],
  "an import of unknown kind": [
    [],
    SECTION.import,
    [1, 0, 0, 5, 0],
    "kind of an import: byte 0x05 must be 0 to 4",
    3,
  ],
  "an imported function whose type does not exist": [
    [TYPE],
    SECTION.import,
    [1, 0, 0, 0, 1],
    "type of an import: index 1 is out of range, there are 1",
    4,
  ],
  "an imported function of a struct type": [
    [STRUCT_TYPE],
    SECTION.import,
    [1, 0, 0, 0, 0],
    "type of an import: type 0 is no function type",
    4,
  ],
  "a function whose type does not exist": [
    [],
    SECTION.function,
    [1, 0],
    "type of a function: index 0 is out of range, there are none",
    1,
  ],
  "a function of a struct type": [
    [STRUCT_TYPE],
    SECTION.function,
    [1, 0],
    "type of a function: type 0 is no function type",
    1,
  ],
  "a table of numbers": [
    [],
    SECTION.table,
    [1, 0x7f, 0, 1],
    "reference type: byte 0x7f must be a reference type",
    1,
  ],
  "a table with a reserved byte": [
    [],
    SECTION.table,
    [1, 0x40, 1, 0x70, 0, 1, 0xd0, 0x70, 0x0b],
    "reserved byte of a table: byte 0x01 must be 0",
    2,
  ],
  "a shared table": [
    [],
    SECTION.table,
    [1, 0x70, 3, 1, 1],
    "flags of a table: byte 0x03 must be 0, 1, 4 or 5",
    2,
  ],
  "a table that starts above its maximum": [
    [],
    SECTION.table,
    [1, 0x70, 1, 2, 1],
    "maximum 1 is below minimum 2",
    4,
  ],
  "a table of too many elements": [
    [],
    SECTION.table,
    [1, 0x70, 0, ...leb(10_000_001)],
    "size 10000001 exceeds 10000000",
    3,
  ],
  "a table size of 6 bytes": [
    [],
    SECTION.table,
    [1, 0x70, 0, 0x81, 0x80, 0x80, 0x80, 0x80, 0],
    "more than 5 bytes",
    7,
  ],
  "a memory with unknown flags": [
    [],
    SECTION.memory,
    [1, 8, 1],
    "flags of a memory: byte 0x08 must be at most 7",
    1,
  ],
  "a shared memory without maximum": [[], SECTION.memory, [1, 2, 1], "what is shared needs a maximum", 1],
  "a memory that starts above its maximum": [
    [],
    SECTION.memory,
    [1, 1, 2, 1],
    "maximum 1 is below minimum 2",
    3,
  ],
  "a memory of more than 4 GiB": [[], SECTION.memory, [1, 0, ...leb(65_537)], "size 65537 exceeds 65536", 2],
  "a memory whose maximum is above 4 GiB": [
    [],
    SECTION.memory,
    [1, 1, 0, ...leb(65_537)],
    "size 65537 exceeds 65536",
    3,
  ],
  "a 64-bit memory of more than 16 GiB": [
    [],
    SECTION.memory,
    [1, 4, ...leb(262_145)],
    "size 262145 exceeds 262144",
    2,
  ],
  "a 64-bit memory of 2^64 - 1 pages": [
    [],
    SECTION.memory,
    [1, 4, ...leb(2n ** 64n - 1n)],
    "size 18446744073709551615 exceeds",
    2,
  ],
  "a tag with an attribute": [[TYPE], SECTION.tag, [1, 1, 0], "attribute of a tag: byte 0x01 must be 0", 1],
  "a tag of a struct type": [
    [STRUCT_TYPE],
    SECTION.tag,
    [1, 0, 0],
    "type of a tag: type 0 is no function type",
    2,
  ],
  "a global of unknown mutability": [
    [],
    SECTION.global,
    [1, 0x7f, 2, 0x41, 0, 0x0b],
    "mutability: byte 0x02 must be 0 or 1",
    2,
  ],
  "a global of packed type": [[], SECTION.global, [1, 0x78, 0, 0x41, 0, 0x0b], "value type: byte 0x78", 1],
  "a global whose expression does not end": [
    [],
    SECTION.global,
    [1, 0x7f, 0, 0x41, 0],
    "constant expression: the bytes end",
    5,
  ],
  "a global whose block takes the last end": [
    [],
    SECTION.global,
    [1, 0x7f, 0, 2, 0x40, 0x0b],
    "constant expression: the bytes end",
    6,
  ],
  "a global of an unknown instruction": [
    [],
    SECTION.global,
    [1, 0x7f, 0, 0x27, 0x0b],
    "no instruction has the opcode 0x27",
    3,
  ],
  "an export of unknown kind": [
    [],
    SECTION.export,
    [1, 0, 5, 0],
    "kind of an export: byte 0x05 must be 0 to 4",
    2,
  ],
  "the start of a function that does not exist": [
    [TYPE, FUNCTION_IMPORT],
    SECTION.start,
    [1],
    "start function: index 1 is out of range, there are 1",
    0,
  ],
  "an element segment of unknown form": [
    [TABLE],
    SECTION.element,
    [1, 8, 0, 0],
    "flags of an element segment: byte 0x08 must be at most 7",
    1,
  ],
  "an element segment for a table that does not exist": [
    [TABLE],
    SECTION.element,
    [1, 2, 1, 0x41, 0, 0x0b, 0, 0],
    "table of an element segment: index 1",
    2,
  ],
  "an element segment for table 0 where there is none": [
    [],
    SECTION.element,
    [1, 0, 0x41, 0, 0x0b, 0],
    "table of an element segment: index 0",
    1,
  ],
  "an element segment of unknown kind": [
    [],
    SECTION.element,
    [1, 1, 1, 0],
    "kind of an element segment: byte 0x01 must be 0",
    2,
  ],
  "an element segment of numbers": [[], SECTION.element, [1, 5, 0x7f, 0], "reference type: byte 0x7f", 2],
  "an element segment with a function that does not exist": [
    [],
    SECTION.element,
    [1, 1, 0, 1, 0],
    "function of an element segment: index 0 is out of range, there are none",
    4,
  ],
  "a data segment of unknown form": [
    [MEMORY],
    SECTION.data,
    [1, 3, 0],
    "flags of a data segment: byte 0x03 must be at most 2",
    1,
  ],
  "a data segment for a memory that does not exist": [
    [MEMORY],
    SECTION.data,
    [1, 2, 1, 0x41, 0, 0x0b, 0],
    "memory of a data segment: index 1",
    2,
  ],
  "a data segment for memory 0 where there is none": [
    [],
    SECTION.data,
    [1, 0, 0x41, 0, 0x0b, 0],
    "memory of a data segment: index 0",
    1,
  ],
  "a data segment longer than its section": [
    [],
    SECTION.data,
    [1, 1, 2, 0x61],
    "data segment: length 2 exceeds the 1 bytes left",
    3,
  ],
};

/** The specification gives the code of a heap type one byte, and element segments reference types. */
const LOOSER_IN_V8 = new Set(["a heap type in two bytes", "an element segment of numbers"]);

for (const [title, [before, id, payload, message, offset]] of Object.entries(REFUSALS)) {
  Deno.test(`readModule() rejects ${title}`, () => {
    const bytes = rawModule(...before, section(id, payload));
    const error = assertThrows(() => readModule(bytes), ModuleInvalidError, message);
    assertEquals([error.code, error.offset], [
      "ModuleInvalid",
      HEADER.length + join(before).length + 2 + offset,
    ], error.message);
    assertEquals(WebAssembly.validate(bytes), LOOSER_IN_V8.has(title));
  });
}

for (const [kind, name] of ["function", "table", "memory", "global", "tag"].entries()) {
  Deno.test(`readModule() rejects the export of a ${name} that does not exist`, () => {
    const bytes = rawModule(TYPE, section(SECTION.export, vec([exportOf("x", kind, 7)])));
    const error = assertThrows(
      () => readModule(bytes),
      ModuleInvalidError,
      `exported ${name}: index 7 is out of range, there are none`,
    );
    assertEquals(error.offset, bytes.length - 1);
  });
}

const BODIES: Record<string, readonly [body: Bytes, message: string, offset: number]> = {
  "a body larger than its section": [[3, 0, 0x0b], "function body: length 3 exceeds the 2 bytes left", 2],
  "a body without a byte": [[0], "locals of a function: the bytes end", 2],
  "locals of a type that does not exist": [[4, 1, 1, 0x40, 0x0b], "value type: byte 0x40", 4],
  "locals of a type index that does not exist": [
    [5, 1, 1, 0x63, 1, 0x0b],
    "heap type: index 1 is out of range, there are 1",
    5,
  ],
  "locals that reach into the next body": [[2, 1, 1, 0x7f, 0x0b], "value type: the bytes end", 4],
  "too many locals in one group": [
    [6, 1, ...leb(50_001), 0x7f, 0x0b],
    "locals of a function: count 50001 exceeds 50000",
    3,
  ],
  "too many locals in all groups": [
    [11, 2, ...leb(40_000), 0x7f, ...leb(2 ** 32 - 1), 0x7f, 0x0b],
    "count 4295007295 exceeds 50000",
    7,
  ],
};

for (const [title, [code, message, offset]] of Object.entries(BODIES)) {
  Deno.test(`readModule() rejects ${title}, as V8 does`, () => {
    const before = [TYPE, section(SECTION.function, [1, 0])];
    const bytes = rawModule(...before, section(SECTION.code, [1, ...code]));
    const error = assertThrows(() => readModule(bytes), ModuleInvalidError, message);
    assertEquals(error.offset, HEADER.length + join(before).length + 2 + offset, error.message);
    assertEquals(WebAssembly.validate(bytes), false);
  });
}

Deno.test("readModule() counts parameters among the locals", () => {
  const module = (locals: number) =>
    rawModule(
      section(SECTION.type, vec([funcType([0x7f, 0x7f], [])])),
      section(SECTION.function, [1, 0]),
      section(SECTION.code, vec([body([[locals, 0x7f]], [])])),
    );
  assertEquals(WebAssembly.validate(module(49_998)), true);
  assertEquals(WebAssembly.validate(module(49_999)), false);
  assertThrows(() => readModule(module(49_999)), ModuleInvalidError, "count 50001 exceeds 50000");
});
