/**
 * What the validator says, and where. A case is a function body in a module that has something of every kind; offsets
 * count from the first byte of its code. Rules themselves are compared with V8's elsewhere.
 */
import { ModuleInvalidError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import {
  body,
  type Bytes,
  EXTERNREF,
  F32,
  FUNCREF,
  funcType,
  I32,
  I64,
  leb,
  type ModuleParts,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "./module_builder.ts";

const END = 0x0b, EMPTY = 0x40, REF = 0x64, REF_NULL = 0x63;

/** The function that is tested stands last; it has the parameters i32 and f32, and gives an i32. */
const PARTS: ModuleParts = {
  types: [
    funcType([I32, F32], [I32]),
    funcType([], []),
    [0x5f, 2, I32, 0, 0x78, 1],
    [0x5e, I64, 0],
    funcType([I32], []),
    funcType([I32], [I64]),
    [0x5e, REF, 2, 1],
  ],
  functions: [{ type: 1, code: [] }, { type: 5, code: [0x42, 0] }],
  tables: [[FUNCREF, 0, 1], [EXTERNREF, 0, 1]],
  memories: [[0, 1]],
  tags: [[0, 4]],
  globals: [[I32, 0, 0x41, 0, END], [I64, 1, 0x42, 0, END]],
  elements: [[1, 0, 1, 0]],
  dataCount: 0,
};

/** The module and the offset of the code. */
function withCode(code: Bytes, locals: readonly Bytes[] = []): { bytes: Uint8Array; offset: number } {
  const before = wasmModule({ ...PARTS, functions: [] });
  const declared = vec(locals);
  const inner = [...declared, ...code, END];
  const bodies = [body([], []), body([], [0x42, 0]), [...leb(inner.length), ...inner]];
  const codeSection = section(SECTION.code, vec(bodies));
  const bytes = insert(before, [[1], [5], [0]], codeSection);
  return { bytes, offset: bytes.length - code.length - 1 };
}

/** Adds functions of these types, and the code section at the end. */
function insert(module: Uint8Array, types: readonly Bytes[], code: Bytes): Uint8Array {
  const rest = Array.from(module.subarray(8));
  const typeSection = 2 + (rest[1] ?? 0);
  return rawModule(
    rest.slice(0, typeSection),
    section(SECTION.function, vec(types)),
    rest.slice(typeSection),
    code,
  );
}

function refusal(bytes: Uint8Array): ModuleInvalidError {
  return assertThrows(() => validateModule(readModule(bytes)), ModuleInvalidError);
}

/** Code, offset of the instruction that is wrong, what is said after `Cannot validate function 2: `. */
type Case = readonly [code: Bytes, at: number, reason: string];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "operands of another type, and missing ones": [
    [[0x20, 0, 0x20, 1, 0x6a], 4, "i32.add expects i32, found f32"],
    [[0x41, 0, 0x6a], 2, "i32.add expects i32, found no operand in its block"],
    [[0x41, 0, 0x02, EMPTY, 0x1a, END], 4, "drop expects an operand, found no operand in its block"],
    [[0x00, 0x20, 1, 0x6a], 3, "i32.add expects i32, found f32"],
    [[0x20, 1], 2, "end expects i32, found f32"],
    [[], 0, "end expects i32, found no operand in its block"],
    [[0x41, 0, 0x41, 0], 4, "end finds 1 operands more than the block gives"],
  ],
  "control flow": [
    [[0x0c, 2], 0, "br names label 2, but only 1 are in scope"],
    [[0x05], 0, "else has no if before it"],
    [[0x41, 0, 0x04, I32, 0x41, 0, END], 6, "if without else must give its parameters as results"],
    [[0x41, 0, 0x0e, 1, 0, 1, 0], 2, "br_table names label 1, but only 1 are in scope"],
    [
      [0x02, EMPTY, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, END],
      6,
      "br_table has labels that take 1 and 0 operands",
    ],
    [[0x02, 2, END], 0, "block expects a function type, type 2 is a struct type"],
    [[0x02, 9, END], 0, "block names type 9, but there are 7"],
    [[0x00, END, 0x01], 2, "instructions follow the last end"],
    [[0x02, EMPTY], 3, "1 blocks are not closed by end"],
  ],
  "select": [
    [[0x20, 0, 0x20, 1, 0x41, 0, 0x1b], 6, "select expects two of one type, i32, found f32"],
    [
      [0xd0, 0x70, 0xd0, 0x70, 0x41, 0, 0x1b],
      6,
      "select expects a number or vector, found funcref",
    ],
    [[0x00, 0x1c, 2, I32, I32], 1, "select names 2 types, it must name one"],
  ],
  "variables": [
    [[0x20, 2], 0, "local.get names local 2, but there are 2"],
    [[0x20, 1, 0x21, 0], 2, "local.set expects i32, found f32"],
    [[0x23, 2], 0, "global.get names global 2, but there are 2"],
    [[0x41, 0, 0x24, 0], 2, "global.set writes global 0, which is immutable"],
  ],
  "calls": [
    [[0x10, 3], 0, "call names function 3, but there are 3"],
    [[0x20, 1, 0x10, 1], 2, "call expects i32, found f32"],
    [[0x41, 0, 0x11, 2, 0], 2, "call_indirect expects a function type, type 2 is a struct type"],
    [[0x41, 0, 0x11, 1, 1], 2, "call_indirect expects a table of functions, found externref"],
    [[0x12, 0], 0, "return_call gives 0 results, the function gives 1"],
    [[0x41, 0, 0x12, 1], 2, "return_call expects result i32, found i64"],
    [[0xd0, 0x70, 0x14, 1], 2, "call_ref expects (ref null 1), found funcref"],
  ],
  "memory and tables": [
    [[0x41, 0, 0x28, 3, 0], 2, "i32.load has alignment 2^3, at most 2^2 is allowed"],
    [[0x41, 0, 0xfe, 0x10, 1, 0], 2, "i32.atomic.load has alignment 2^1, it must be 2^2"],
    [[0x41, 0, 0x28, 0x42, 1, 0], 2, "i32.load names memory 1, but there are 1"],
    [
      [0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10],
      2,
      "i32.load has an offset above 2^32-1 in a memory of 32 bits",
    ],
    [[0x20, 1, 0x28, 2, 0], 2, "i32.load expects i32, found f32"],
    [[0xfc, 0x09, 0], 0, "data.drop names data segment 0, but there are 0"],
    [[0x25, 2], 0, "table.get names table 2, but there are 2"],
    [[0xfc, 0x0d, 1], 0, "elem.drop names element segment 1, but there are 1"],
    [[0xfc, 0x0e, 0, 1], 0, "table.copy cannot put externref into a table of funcref"],
    [[0xfc, 0x0c, 0, 1], 0, "table.init cannot put (ref func) into a table of externref"],
  ],
  "vectors": [
    [[0x00, 0xfd, 0x18, 8], 1, "i16x8.extract_lane_s names lane 8, but there are 8"],
    [[0x00, 0xfd, 0x57, 3, 0, 2], 1, "v128.load64_lane names lane 2, but there are 2"],
    [
      [0x00, 0xfd, 0x0d, ...new Array(15).fill(0), 32],
      1,
      "i8x16.shuffle names lane 32, but there are 32",
    ],
  ],
  "references": [
    [[0xd2, 1], 0, "ref.func names function 1, which no export, element or global declares"],
    [[0x20, 0, 0xd1], 2, "ref.is_null expects a reference, found i32"],
    [[0xd0, 0x70, 0xfb, 0x16, 0x6d], 2, "ref.cast expects anyref, found funcref"],
    [
      [0x00, 0xfb, 0x18, 3, 0, 0x6d, 0x6e],
      1,
      "br_on_cast cannot cast eqref to anyref",
    ],
    [
      [0x00, 0xfb, 0x18, 3, 0, 0x6e, 0x6d],
      1,
      "br_on_cast branches with eqref, its label takes i32",
    ],
  ],
  "structs and arrays": [
    [[0x20, 1, 0x41, 0, 0xfb, 0x00, 2], 4, "struct.new expects i32, found f32"],
    [[0x00, 0xfb, 0x02, 2, 2], 1, "struct.get names field 2, but there are 2"],
    [[0x00, 0xfb, 0x02, 2, 1], 1, "struct.get expects a full field, found i8"],
    [[0x00, 0xfb, 0x05, 2, 0], 1, "struct.set writes to an immutable field"],
    [[0x00, 0xfb, 0x07, 6], 1, "array.new_default finds no default for (ref 2)"],
    [[0x00, 0xfb, 0x0b, 2], 1, "array.get expects an array type, type 2 is a struct type"],
    [
      [0x00, 0xfb, 0x08, 3, 0x91, 0x4e],
      1,
      "array.new_fixed lists 10001 elements, the limit is 10000",
    ],
  ],
  "exceptions": [
    [[0x08, 1], 0, "throw names tag 1, but there are 1"],
    [[0x20, 1, 0x08, 0], 2, "throw expects i32, found f32"],
    [[0x1f, EMPTY, 1, 2, 1, END], 0, "try_table names label 1, but only 1 are in scope"],
    [[0x1f, EMPTY, 1, 2, 0, END], 0, "try_table catches 0 values, label 0 takes 1"],
    [[0x1f, EMPTY, 1, 3, 0, END], 0, "try_table catches (ref exn), label 0 takes i32"],
    [[0x07, 0], 0, "catch has no try before it"],
    [[0x06, EMPTY, 0x19, 0x07, 0, 0x1a, END], 3, "catch has no try before it"],
    [[0x06, EMPTY, 0x19, 0x19, END], 3, "catch_all has no try before it"],
    [[0x06, EMPTY, 0x19, 0x18, 0], 3, "delegate has no try before it"],
    [[0x06, EMPTY, 0x18, 1], 2, "delegate names label 1, but only 1 are in scope"],
    [[0x06, EMPTY, 0x09, 0, END], 2, "rethrow names label 0, which is no catch"],
    [
      [0x06, EMPTY, END, 0x1f, EMPTY, 0, END],
      3,
      "try_table mixes old and new exceptions in one module",
    ],
    [
      [0x1f, EMPTY, 0, END, 0x06, EMPTY, END],
      4,
      "try mixes old and new exceptions in one module",
    ],
    [
      [0x06, EMPTY, END, 0xd0, 0x69],
      3,
      "ref.null mixes old and new exceptions in one module",
    ],
  ],
};

for (const [theme, cases] of Object.entries(CASES)) {
  Deno.test(`validateModule() says what is wrong and where: ${theme}`, () => {
    for (const [code, at, reason] of cases) {
      const { bytes, offset } = withCode(code);
      const error = refusal(bytes);
      assertEquals(error.reason, `Cannot validate function 2: ${reason}`);
      assertEquals(error.offset - offset, at, reason);
      assertEquals(WebAssembly.validate(Uint8Array.from(bytes)), false, reason);
    }
  });
}

Deno.test("validateModule() says what is wrong and where: locals that have no value yet", () => {
  // local.get 2; local.set 2 in a block does not last beyond it.
  const { bytes, offset } = withCode([0x02, EMPTY, 0xd2, 0, 0x21, 2, END, 0x20, 2, 0x00], [[
    1,
    REF,
    FUNCREF,
  ]]);
  const error = refusal(bytes);
  assertEquals(error.reason, "Cannot validate function 2: local.get reads local 2, which has no value yet");
  assertEquals(error.offset - offset, 7);
});

Deno.test("validateModule() says what is wrong and where: locals that hold new exceptions beside old ones", () => {
  const exnref = 0x69;
  const old = [0x06, EMPTY, END, 0x00];
  const inOne = withCode(old, [[1, exnref]]);
  assertEquals(
    refusal(inOne.bytes).reason,
    "Cannot validate function 2: try mixes old and new exceptions in one module",
  );
  assertEquals(refusal(inOne.bytes).offset, inOne.offset);
  const functions = [{ type: 1, code: old }, { type: 1, code: [], locals: [[1, exnref]] as const }];
  const inTwo = wasmModule({ ...PARTS, functions });
  assertEquals(
    refusal(inTwo).reason,
    "Cannot validate function 1: a local mixes old and new exceptions in one module",
  );
  assertEquals(refusal(inTwo).offset, inTwo.length - 4); // the local declarations
  for (const bytes of [inOne.bytes, inTwo]) assertEquals(WebAssembly.validate(Uint8Array.from(bytes)), false);
});

Deno.test("validateModule() wants a data count section before code may name data", () => {
  const { dataCount: _, ...parts } = PARTS;
  const bytes = wasmModule({ ...parts, functions: [{ type: 1, code: [0xfc, 0x09, 0] }] });
  assertEquals(refusal(bytes).reason, "Cannot validate function 0: data.drop needs a data count section");
  assertEquals(refusal(bytes).offset, bytes.length - 4);
});

/** A part of a module, what is said of it, the bytes at the offset that is given with it. */
const DECLARATIONS: Readonly<Record<string, readonly [parts: ModuleParts, message: string, at: Bytes]>> = {
  "a global that reads a later one": [
    { globals: [[I32, 0, 0x23, 1, END], [I32, 0, 0x41, 7, END]] },
    "global 0: global.get names global 1, but a constant sees 0 here",
    [0x23, 1],
  ],
  "a global that reads a mutable one": [
    { globals: [[I32, 1, 0x41, 7, END], [I32, 0, 0x23, 0, END]] },
    "global 1: global.get names global 0, which is mutable and so no constant",
    [0x23, 0],
  ],
  "a constant of another type": [
    { globals: [[I32, 0, 0x42, 7, END]] },
    "global 0: end expects i32, found i64",
    [END],
  ],
  "an instruction that is no constant": [
    { globals: [[I32, 0, 0x41, 7, 0x45, END]] },
    "global 0: i32.eqz is no constant instruction",
    [0x45],
  ],
  "a tag with results": [
    { types: [funcType([], [I32])], tags: [[0, 0]] },
    "tag 0: type 0 of a tag must have no results",
    [0, 0],
  ],
  "a start function with parameters": [
    { types: [funcType([I32], [])], functions: [{ type: 0, code: [] }], start: 0 },
    "start function 0: it must have no parameters and no results",
    [0],
  ],
  "a table whose elements need a value": [
    { tables: [[REF, FUNCREF, 0, 1]] },
    "table 0: elements of type (ref func) need a value to start with",
    [REF, FUNCREF],
  ],
  "an element segment for a table of another type": [
    { tables: [[EXTERNREF, 0, 1]], elements: [[6, 0, 0x41, 0, END, FUNCREF, 0]] },
    "element segment 0: a table of externref cannot hold funcref",
    [6, 0, 0x41],
  ],
  "an element that is no reference": [
    { elements: [[5, FUNCREF, 1, 0x41, 0, END]] },
    "element segment 0: end expects funcref, found i32",
    [END],
  ],
  "a data segment at an i64 position": [
    { memories: [[0, 1]], data: [[0, 0x42, 0, END, 0]] },
    "data segment 0: end expects i32, found i64",
    [END, 0],
  ],
  "a supertype that is final": [
    { types: [[0x5f, 0], [0x50, 1, 0, 0x5f, 0]] },
    "type 1: its supertype 0 is final",
    [0x50, 1, 0],
  ],
  "a supertype of another form": [
    { types: [[0x50, 0, 0x5f, 1, I32, 0], [0x50, 1, 0, 0x5f, 1, REF_NULL, 0, 0]] },
    "type 1: its struct type does not match supertype 0",
    [0x50, 1, 0],
  ],
  "a chain of 64 supertypes": [
    {
      types: [
        [0x50, 0, 0x5f, 0],
        ...Array.from({ length: 64 }, (_, index) => [0x50, 1, index, 0x5f, 0]),
      ],
    },
    "type 64: it has 64 supertypes above each other, at most 63 are allowed",
    [0x50, 1, 63],
  ],
};

for (const [name, [parts, message, at]] of Object.entries(DECLARATIONS)) {
  Deno.test(`validateModule() refuses ${name}`, () => {
    const bytes = wasmModule(parts);
    const error = refusal(bytes);
    assertEquals(error.reason, `Cannot validate ${message}`);
    assertEquals(Array.from(bytes.subarray(error.offset, error.offset + at.length)), at);
    assertEquals(WebAssembly.validate(bytes), false);
  });
}
