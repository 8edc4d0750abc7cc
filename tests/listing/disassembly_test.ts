import { AegisError, type ModuleInvalidError } from "../../src/core/errors.ts";
import { ItemNames } from "../../src/inspection/item_names.ts";
import { disassembly } from "../../src/listing/disassembly.ts";
import { namedFunction } from "../../src/listing/named_function.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";
import { largeModule } from "../inspection/large_module.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { body, exportOf, funcType, rawModule, section, vec } from "../wasm/module_builder.ts";

function named(bytes: Uint8Array<ArrayBuffer>) {
  const module = readModule(bytes);
  return { module, names: new ItemNames(module) };
}

function textOf(bytes: Uint8Array<ArrayBuffer>, functions?: readonly number[]): string {
  const onError = (error: ModuleInvalidError) => {
    throw error;
  };
  return [...disassembly(named(bytes), { ...(functions === undefined ? {} : { functions }), onError })].join(
    "",
  );
}

const ADDER = compileText(`(module
  (import "env" "log" (func (param i32)))
  (func (export "add") (param i32 i32) (result i32) (local i64)
    (if (local.get 0) (then (call 0 (i32.const 7))))
    (i32.add (local.get 0) (local.get 1))))`);

Deno.test("disassembly() shows functions with their offsets, types, locals and what they call", () => {
  assertEquals(
    textOf(ADDER),
    'func 0 "env.log" (i32) -> (), imported\n' +
      '\nfunc 1 "add" (i32, i32) -> (i32), 18 bytes at 0x33\n' +
      "  locals: 1 i64\n" +
      "  0x36  local.get 0\n" +
      "  0x38  if\n" +
      "  0x3a    i32.const 7\n" +
      "  0x3c    call 0                                     ;; env.log\n" +
      "  0x3e  end\n" +
      "  0x3f  local.get 0\n" +
      "  0x41  local.get 1\n" +
      "  0x43  i32.add\n" +
      "  0x44  end\n",
  );
});

Deno.test("disassembly() says where bytes are no instructions, and goes on with the next function", () => {
  const bytes = rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [2, 0, 0]),
    section(10, vec([body([], [0x01, 0x27]), body([], [0x00])])),
  );
  const errors: number[] = [];
  const text = [...disassembly(named(bytes), { onError: ({ offset }) => errors.push(offset) })].join("");
  assertEquals(errors.length, 1);
  assertMatch(text, /nop\n {2}0x\w+ {2}no instruction: .*0x27.*\n\nfunc 1 .*\n {2}0x\w+ {2}unreachable\n/);
});

Deno.test("disassembly() prints no character of a name that acts on a terminal", () => {
  const bytes = rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [1, 0]),
    section(7, vec([exportOf("\x1b]0;owned\x07\u202e\n", 0, 0)])),
    section(10, vec([body([], [0x10, 0])])),
  );
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  assert(!/[\x00-\x09\x0b-\x1f\u202e]/.test(textOf(bytes)));
  assertEquals(textOf(bytes).split("\n").length, 4);
});

Deno.test("disassembly() is made as it is asked for: the first lines of five million come at once", () => {
  const bytes = largeModule({ functions: 5000, drops: 500 });
  const pieces = disassembly(named(bytes), { onError: () => {} }), start = performance.now();
  for (let line = 0; line < 100; line++) pieces.next();
  assert(performance.now() - start < 500);
});

Deno.test("namedFunction() finds functions by index, export and name, and says which are near", () => {
  const found = named(ADDER);
  assertEquals(["1", "add", "env.log"].map((wanted) => namedFunction(found, wanted)), [1, 1, 0]);
  const error = assertThrows(() => namedFunction(found, "ad"), AegisError);
  assertEquals(error.code, "FunctionNotFound");
  assertStringIncludes(error.suggestion ?? "", '"add"');
  assertEquals(assertThrows(() => namedFunction(found, "2"), AegisError).code, "FunctionNotFound");
});
