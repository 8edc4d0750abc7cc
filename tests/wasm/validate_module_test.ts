import { ModuleInvalidError } from "../../src/core/errors.ts";
import type { InstructionReader } from "../../src/wasm/instructions.ts";
import { OPCODES, ROWS } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { abstractRef, BOTTOM, concreteRef, EXCEPTION_BYTES, HEAP } from "../../src/wasm/types.ts";
import type { FunctionObserver } from "../../src/wasm/validate/function_observer.ts";
import { FORM, FORMS, RULES } from "../../src/wasm/validate/signatures.ts";
import { opcodeKey } from "../../src/wasm/opcode.ts";
import { validateModule, type ValidateOptions } from "../../src/wasm/validate_module.ts";
import { Comparison } from "./verdict.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { EVERYTHING } from "./everything_module.ts";
import {
  type Bytes,
  F32,
  F64,
  funcType,
  I32,
  I64,
  type ModuleParts,
  V128,
  wasmModule,
} from "./module_builder.ts";

const REF_NULL = 0x63, EMPTY = 0x40, END = 0x0b;

function validate(parts: ModuleParts, options?: ValidateOptions) {
  return validateModule(readModule(wasmModule(parts)), options);
}

Deno.test("validateModule() accepts a module that has everything", () => {
  validateModule(readModule(EVERYTHING));
});

Deno.test("validateModule() has a rule or a signature for every instruction", () => {
  const unchecked = OPCODES.filter((row) => {
    const key = opcodeKey(row.prefix, row.sub);
    return FORMS[key] === FORM.irregular && RULES[key] === undefined;
  });
  assertEquals(unchecked, []);
});

Deno.test("validateModule() gives equal types equal canonical indices", () => {
  const { canonical } = validate({
    types: [
      funcType([I32], []),
      funcType([I64], []),
      funcType([I32], []),
      // Two groups of a struct that refers to itself and an array of it, and one with the order turned around.
      [0x4e, 2, 0x5f, 1, REF_NULL, 3, 0, 0x5e, REF_NULL, 3, 0],
      [0x4e, 2, 0x5f, 1, REF_NULL, 5, 0, 0x5e, REF_NULL, 5, 0],
      [0x4e, 2, 0x5e, REF_NULL, 8, 0, 0x5f, 1, REF_NULL, 8, 0],
    ],
  });
  assertEquals(Array.from(canonical), [0, 1, 0, 3, 4, 3, 4, 7, 8]);
});

Deno.test("Validation.isSubtype() knows declared supertypes, equal types and the abstract ones above them", () => {
  const { isSubtype, functionType } = bound(validate({
    types: [[0x50, 0, 0x5f, 0], [0x50, 1, 0, 0x5f, 1, I32, 0], [0x50, 0, 0x5f, 0], funcType([I32], [F64])],
  }));
  const [base, derived, equal, func] = [0, 1, 2, 3].map((index) => concreteRef(index, false));
  const nullable = (heap: number) => abstractRef(heap, true);
  const below: [number | undefined, number | undefined][] = [
    [derived, base],
    [derived, equal],
    [base, equal],
    [derived, nullable(HEAP.struct)],
    [derived, nullable(HEAP.any)],
    [func, nullable(HEAP.func)],
    [abstractRef(HEAP.none, false), derived],
    [nullable(HEAP.nofunc), concreteRef(3, true)],
    [BOTTOM, I32],
  ];
  const notBelow: [number | undefined, number | undefined][] = [
    [base, derived],
    [concreteRef(1, true), base],
    [func, nullable(HEAP.any)],
    [derived, nullable(HEAP.array)],
    [nullable(HEAP.none), func],
    [nullable(HEAP.i31), nullable(HEAP.struct)],
    [I32, I64],
  ];
  for (const [sub, sup] of below) assertEquals(isSubtype(sub ?? 0, sup ?? 0), true, `${sub} below ${sup}`);
  for (const [sub, sup] of notBelow) {
    assertEquals(isSubtype(sub ?? 0, sup ?? 0), false, `${sub} not below ${sup}`);
  }
  assertEquals(functionType(3), { kind: "func", params: [I32], results: [F64] });
  assertThrows(() => functionType(0), RangeError, "Cannot find a function type at index 0");
});

function bound(validation: ReturnType<typeof validate>) {
  return {
    isSubtype: (sub: number, sup: number) => validation.isSubtype(sub, sup),
    functionType: (index: number) => validation.functionType(index),
  };
}

/** The highest operand bytes of a function without parameters and results. */
function maxBytes(code: Bytes, parts: ModuleParts = {}): number | undefined {
  return validate({
    types: [funcType([], []), funcType([], [I64, F32]), funcType([I32, V128], [F64])],
    memories: [[0, 1]],
    tags: [[0, 0]],
    ...parts,
    functions: [{ type: 0, code }],
  }).maxOperandBytes[0];
}

Deno.test("Validation.maxOperandBytes counts operands by their width", () => {
  const v128 = [0xfd, 0x0c, ...new Array(16).fill(0)];
  assertEquals(maxBytes([]), 0);
  assertEquals(maxBytes([0x41, 0, 0x42, 0, 0x1a, 0x1a]), 16);
  assertEquals(maxBytes([0x41, 0, 0x41, 0, 0x6a, 0x1a]), 16);
  assertEquals(maxBytes([...v128, ...v128, 0xfd, 0x6e, 0x1a]), 32);
  assertEquals(maxBytes([0xd0, 0x70, 0x1a]), 8);
  assertEquals(maxBytes([0x41, 0, 0x29, 3, 0, 0x1a]), 8);
});

Deno.test("Validation.maxOperandBytes counts the operands around a block, and its results", () => {
  assertEquals(maxBytes([0x41, 0, 0x02, EMPTY, 0x42, 0, 0x1a, END, 0x1a]), 16);
  assertEquals(maxBytes([0x41, 0, 0x02, 1, 0x42, 0, 0x43, 0, 0, 0, 0, END, 0x1a, 0x1a, 0x1a]), 24);
  assertEquals(maxBytes([0x41, 0, 0x02, EMPTY, 0x42, 0, 0x0c, 0, END, 0x41, 0, 0x41, 0, 0x0f]), 24);
});

Deno.test("Validation.maxOperandBytes counts what keeps an exception alive", () => {
  const exnref = 0x69;
  assertEquals(maxBytes([0xd0, exnref, 0x1a]), EXCEPTION_BYTES);
  // An old catch holds its exception as long as it is open, and no longer.
  assertEquals(
    maxBytes([0x06, EMPTY, 0x07, 0, 0x41, 0, 0x1a, END, 0x41, 0, 0x41, 0, 0x0f]),
    EXCEPTION_BYTES + 8,
  );
  assertEquals(maxBytes([0x06, EMPTY, 0x19, END]), EXCEPTION_BYTES);
});

Deno.test("validateModule() shows an observer every instruction with height, reachability and operands", () => {
  const seen: string[] = [];
  const observe: FunctionObserver = {
    begin: (index, body) => seen.push(`function ${index} of ${body.end - body.start} bytes`),
    instruction(reader: InstructionReader, height, reachable, operands) {
      const types = Array.from({ length: height }, (_, depth) => operands.typeAt(depth).toString(16));
      seen.push(`${ROWS[reader.key]?.mnemonic} ${reachable ? "" : "dead "}[${types}]`);
    },
    end: (index) => seen.push(`end of ${index}`),
  };
  validate({
    types: [funcType([], [])],
    imports: [[1, 0x6d, 1, 0x66, 0, 0]],
    functions: [{ type: 0, code: [0x41, 1, 0x02, EMPTY, 0x42, 0, 0x0c, 0, 0x01, END, 0x1a] }, {
      type: 0,
      code: [],
    }],
  }, { observe });
  assertEquals(seen, [
    "function 1 of 13 bytes",
    "i32.const []",
    "block [7f]",
    "i64.const [7f]",
    "br [7e,7f]",
    "nop dead [0]",
    "end dead [0]",
    "drop [7f]",
    "end []",
    "end of 1",
    "function 2 of 2 bytes",
    "end []",
    "end of 2",
  ]);
});

Deno.test("validateModule() lets declared functions be named by ref.func, wherever the declaration stands", () => {
  const code = [0xd2, 0, 0x1a];
  const types = [funcType([], [])];
  const functions = [{ type: 0, code }];
  const global = [0x70, 0, 0xd2, 0, END];
  validate({ types, functions, globals: [global] });
  validate({ types, functions: [{ type: 0, code, name: "f" }] });
  validate({ types, functions, elements: [[3, 0, 1, 0]] });
  validate({ types, functions, tables: [[EMPTY, 0, 0x70, 0, 1, 0xd2, 0, END]] });
  assertThrows(
    () => validate({ types, functions, start: 0 }),
    ModuleInvalidError,
    "ref.func names function 0, which no export",
  );
});

Deno.test("validateModule() accepts new exceptions in a global beside old ones in code, as V8 does", () => {
  const parts = {
    types: [funcType([], [])],
    globals: [[0x69, 0, 0xd0, 0x69, END]],
    functions: [{ type: 0, code: [0x06, EMPTY, END] }],
  };
  validate(parts);
  assertEquals(WebAssembly.validate(wasmModule(parts)), true);
});

Deno.test("validateModule() takes the results of a loop for what it declares, though V8 looks at what they are", () => {
  const TYPED_FUNCREF = [0x64, 0x70];
  for (const opener of [0x02, 0x03]) {
    const parts = {
      types: [[0x60, 0, 1, ...TYPED_FUNCREF]],
      functions: [{ type: 0, code: [opener, 0x70, 0xd2, 0, END], name: "f" }],
    };
    assertThrows(() => validate(parts), ModuleInvalidError, "expects (ref func), found funcref");
    assertEquals(WebAssembly.validate(wasmModule(parts)), opener === 0x03, "V8 has changed");
    const comparison = new Comparison();
    comparison.add(Uint8Array.from(wasmModule(parts)), "a loop");
    assertEquals(comparison.differences, []);
  }
});
