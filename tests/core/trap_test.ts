import { compile } from "watr";
import { type TrapCode, trapFromV8Message, TRAPS } from "../../src/core/trap.ts";
import { assert, assertEquals, assertInstanceOf, fail } from "../assert.ts";

/** Programs that trap when they are instantiated or when `run` is called, beside the trap that the specification says they end in. */
const PROGRAMS: readonly (readonly [trap: TrapCode, program: string])[] = [
  ["unreachable", `(func (export "run") unreachable)`],
  ["memoryOutOfBounds", `(memory 1) (func (export "run") (drop (i32.load (i32.const 65536))))`],
  [
    "memoryOutOfBounds",
    `(memory 1) (func (export "run") (memory.fill (i32.const -1) (i32.const 0) (i32.const 2)))`,
  ],
  [
    "memoryOutOfBounds",
    `(memory 1) (data $d "x") (func (export "run") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 9)))`,
  ],
  ["memoryOutOfBounds", `(memory 1) (data (i32.const 65536) "x")`],
  ["divideByZero", `(func (export "run") (drop (i32.div_s (i32.const 1) (i32.const 0))))`],
  ["divideByZero", `(func (export "run") (drop (i64.rem_u (i64.const 1) (i64.const 0))))`],
  ["integerOverflow", `(func (export "run") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))`],
  ["invalidConversion", `(func (export "run") (drop (i32.trunc_f64_s (f64.const nan))))`],
  ["invalidConversion", `(func (export "run") (drop (i64.trunc_f32_u (f32.const 1e30))))`],
  [
    "tableOutOfBounds",
    `(table 1 funcref) (type $t (func)) (func (export "run") (call_indirect (type $t) (i32.const 9)))`,
  ],
  ["tableOutOfBounds", `(table $t 1 funcref) (func (export "run") (drop (table.get $t (i32.const 9))))`],
  [
    "tableOutOfBounds",
    `(table $t 1 funcref) (func (export "run") (table.fill $t (i32.const 1) (ref.null func) (i32.const 1)))`,
  ],
  [
    "tableOutOfBounds",
    `(table $t 1 funcref) (elem $e func $f $f) (func $f)
     (func (export "run") (table.init $t $e (i32.const 0) (i32.const 1) (i32.const 2)))`,
  ],
  ["tableOutOfBounds", `(table 1 funcref) (elem (i32.const 1) $f) (func $f)`],
  [
    "indirectCall",
    `(table 1 funcref) (type $t (func)) (func (export "run") (call_indirect (type $t) (i32.const 0)))`,
  ],
  [
    "indirectCall",
    `(table funcref (elem $f)) (func $f) (type $t (func (result i32)))
     (func (export "run") (drop (call_indirect (type $t) (i32.const 0))))`,
  ],
  ["nullReference", `(func (export "run") (drop (ref.as_non_null (ref.null func))))`],
  ["nullReference", `(type $t (func)) (func (export "run") (call_ref $t (ref.null $t)))`],
  [
    "castFailure",
    `(func (export "run") (drop (ref.cast (ref i31) (any.convert_extern (extern.convert_any (struct.new $s))))))
     (type $s (struct))`,
  ],
  [
    "arrayOutOfBounds",
    `(type $a (array i32)) (func (export "run") (drop (array.get $a (array.new_default $a (i32.const 1)) (i32.const 1))))`,
  ],
  [
    "arrayTooLarge",
    `(type $a (array i32)) (func (export "run") (drop (array.new_default $a (i32.const -1))))`,
  ],
  [
    "dataOutOfBounds",
    `(type $a (array i8)) (data $d "x")
     (func (export "run") (drop (array.new_data $a $d (i32.const 0) (i32.const 9))))`,
  ],
  [
    "elementOutOfBounds",
    `(type $a (array funcref)) (elem $e func)
     (func (export "run") (drop (array.new_elem $a $e (i32.const 0) (i32.const 9))))`,
  ],
  [
    "unalignedAtomic",
    `(memory 1 1 shared) (func (export "run") (drop (i32.atomic.load (i32.const 1))))`,
  ],
  [
    "atomicWait",
    `(memory 1) (func (export "run") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))`,
  ],
  ["nullException", `(func (export "run") (throw_ref (ref.null exn)))`],
];

/** The message of V8's error when the program is instantiated and its function `run`, if it has one, is called. */
function trapMessage(program: string): string {
  const module = new WebAssembly.Module(new Uint8Array(compile(program)));
  try {
    const { run } = new WebAssembly.Instance(module).exports;
    assert(typeof run === "function", `no function: ${program}`);
    run();
  } catch (error) {
    assertInstanceOf(error, WebAssembly.RuntimeError, String(error));
    return error.message;
  }
  fail(`no trap: ${program}`);
}

Deno.test("trapFromV8Message() tells every trap that V8 raises", () => {
  for (const [trap, program] of PROGRAMS) {
    const message = trapMessage(program);
    assertEquals(trapFromV8Message(message), trap, `${message}: ${program}`);
  }
});

Deno.test("TRAPS has a program that raises each trap that V8 has a text for", () => {
  const raised = new Set(PROGRAMS.map(([trap]) => trap));
  for (const [name, row] of Object.entries(TRAPS)) {
    assertEquals(raised.has(name as TrapCode), row.v8.length > 0, name); // keys of TRAPS
  }
});

Deno.test("TRAPS has codes, messages and V8 texts that are each used once", () => {
  const rows = Object.values(TRAPS);
  for (
    const column of [
      rows.map((row) => row.code),
      rows.map((row) => row.message),
      rows.flatMap((row) => [...row.v8]),
    ]
  ) {
    assertEquals(new Set<unknown>(column).size, column.length, column.join());
  }
});

Deno.test("TRAPS keeps the codes that crossed threads, wires and disks before", () => {
  assertEquals(Object.entries(TRAPS).map(([name, row]) => `${name} ${row.code}`), [
    "unreachable 1",
    "memoryOutOfBounds 2",
    "divideByZero 3",
    "integerOverflow 4",
    "invalidConversion 5",
    "tableOutOfBounds 6",
    "indirectCall 7",
    "nullReference 8",
    "castFailure 9",
    "arrayOutOfBounds 10",
    "arrayTooLarge 11",
    "dataOutOfBounds 12",
    "elementOutOfBounds 13",
    "unalignedAtomic 14",
    "atomicWait 15",
    "nullException 16",
    "uncaughtException 17",
    "unknown 99",
  ]);
});

Deno.test("trapFromV8Message() says unknown to a text that is not in the table", () => {
  for (
    const text of [
      "",
      "Unreachable",
      "unreachable ",
      "__proto__",
      "constructor",
      "data segment 0 is out of bounds",
    ]
  ) {
    assertEquals(trapFromV8Message(text), "unknown", text);
  }
});
