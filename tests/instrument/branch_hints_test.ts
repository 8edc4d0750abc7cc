import { BranchHints } from "../../src/instrument/branch_hints.ts";
import { CODE } from "../../src/instrument/code.ts";
import { CodeWriter } from "../../src/instrument/code_writer.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { ByteWriter } from "../../src/wasm/encoder.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import type { Module } from "../../src/wasm/module.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

const NAME = "metadata.code.branch_hint";

interface FunctionHints {
  readonly functionIndex: number;
  /** Offsets from the first byte of the body, its locals included. */
  readonly offsets: readonly number[];
}

/** The number at a position, and where the next begins. */
function readU32(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0, next = at;
  for (let scale = 1;; scale *= 128) {
    const byte = bytes[next++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, next];
  }
}

/** Reads the payload of the section as the proposal has it; every hint must say "likely not taken". */
function readHints(payload: Uint8Array): FunctionHints[] {
  let at = 0;
  const next = (): number => {
    const [value, end] = readU32(payload, at);
    at = end;
    return value;
  };
  const hints = Array.from({ length: next() }, () => {
    const functionIndex = next(), offsets: number[] = [];
    for (let count = next(); count > 0; count--) {
      offsets.push(next());
      assertEquals([next(), next()], [1, 0], "one byte, likely not taken");
    }
    return { functionIndex, offsets };
  });
  assertEquals(at, payload.length);
  return hints;
}

/** The rewritten module, and the payload of its hints. */
function rewritten(bytes: Uint8Array<ArrayBuffer>): { module: Module; payload: Uint8Array | undefined } {
  const made = instrument(bytes, { limits: resolveLimits(WIDE_LIMITS), unboundedHeap: true });
  const module = readModule(made.bytes, ENGINE_LIMITS),
    section = module.customs.find(({ name }) => name === NAME);
  return {
    module,
    payload: section && module.bytes.subarray(section.start, section.end),
  };
}

const ofText = (fields: string) => rewritten(compileText(`(module ${fields})`));

/** Mnemonics of the instructions that the hints of a module point to, by function. */
function hinted({ module, payload }: ReturnType<typeof rewritten>): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let last = -1;
  for (const { functionIndex, offsets } of payload === undefined ? [] : readHints(payload)) {
    assert(functionIndex > last, "functions are in the order of their indices");
    last = functionIndex;
    const body = module.bodies[functionIndex - module.imported.function];
    assert(body !== undefined, `function ${functionIndex} has a body`);
    const reader = new InstructionReader(module.bytes), mnemonics = new Map<number, string>();
    reader.reset(body.code, body.end);
    while (reader.next()) mnemonics.set(reader.offset - body.start, ROWS[reader.key]?.mnemonic ?? "?");
    assertEquals([...offsets].sort((a, b) => a - b), offsets, "offsets go up");
    assertEquals(new Set(offsets).size, offsets.length, "no branch is hinted twice");
    found.set(functionIndex, offsets.map((offset) => mnemonics.get(offset) ?? "between instructions"));
  }
  return found;
}

Deno.test("BranchHints writes functions, the offsets of their branches, and that these are unlikely", () => {
  const hints = new BranchHints(), code = new CodeWriter();
  code.u8(0);
  code.unlikelyBranch(CODE.if);
  for (let byte = 0; byte < 200; byte++) code.u8(CODE.end);
  code.unlikelyBranch(CODE.brIf);
  hints.add(3, code);
  code.clear();
  hints.add(4, code);
  code.unlikelyBranch(CODE.if);
  hints.add(300, code);
  const writer = new ByteWriter();
  hints.write(writer);
  const bytes = writer.written();
  assertEquals([...bytes.subarray(0, 3)], [0, bytes.length - 2, NAME.length]);
  assertEquals(new TextDecoder().decode(bytes.subarray(3, 3 + NAME.length)), NAME);
  assertEquals(readHints(bytes.subarray(3 + NAME.length)), [
    { functionIndex: 3, offsets: [1, 202] },
    { functionIndex: 300, offsets: [0] },
  ]);
});

Deno.test("BranchHints writes nothing where there is no hint", () => {
  const hints = new BranchHints(), writer = new ByteWriter();
  hints.add(0, new CodeWriter());
  hints.write(writer);
  assertEquals(writer.position, 0);
  assertEquals(ofText("(memory 1)").payload, undefined);
});

const HOST = '(import "m" "a" (func)) (import "m" "b" (func))';
const LOOP = "loop local.get 0 br_if 0 end";
const COUNTS = `loop local.get 0 i32.const -1 i32.add local.tee 0 br_if 0 end`;

/** Modules, and the hints in their first function that has a body. */
const ROWS_OF_HINTS:
  readonly (readonly [note: string, fields: string, hints: readonly string[] | undefined])[] = [
    ["the test at the entry", '(func (export "f") i32.const 1 drop)', ["if"]],
    ["behind imports", `${HOST} (func (export "f") i32.const 1 drop)`, ["if"]],
    ["a light function has no test", "(func i32.const 1 drop)", undefined],
    [
      "none of the guest's own branches",
      '(func (export "f") (param i32) block local.get 0 br_if 0 end local.get 0 if end)',
      ["if"],
    ],
    [
      "a loop in a loop of ours: the branch that leads to where it is paid",
      `(func (export "f") (param i32) ${LOOP})`,
      ["if", "br_if"],
    ],
    [
      "a loop that calls a light function",
      `(func (export "f") (param i32) loop call $g local.get 0 br_if 0 end) (func $g)`,
      ["if", "if"],
    ],
    [
      "a loop that calls another",
      `(func (export "f") (param i32) loop call $g local.get 0 br_if 0 end) (func $g (export "g"))`,
      ["if", "if"],
    ],
    ["a loop that counts: to pay, and back for more", `(func (export "f") (param i32) ${COUNTS})`, [
      "if",
      "if",
      "br_if",
    ]],
    ["the stack", "(func $f call $f)", ["if", "if"]],
    ["what calls from outside pass through tests the counter", '(func $f (export "f") call $f)', ["if"]],
    ["and no more where it passes on what is owed", '(func $f (export "f")) (func (export "g") call $f)', [
      "if",
    ]],
    ["a handler", '(func (export "f") (block $c (try_table (catch_all $c))))', ["if", "if"]],
    ["locals come before", `(func (export "f") (local i32 i64 f32) i32.const 1 drop)`, ["if"]],
  ];

Deno.test("instrumentModule() hints the branches to its hooks, and no others", () => {
  for (const [note, fields, hints] of ROWS_OF_HINTS) {
    const made = ofText(fields);
    assertEquals(hinted(made).get(made.module.imported.function), hints, note);
  }
});

Deno.test("instrumentModule() hints added functions, too", () => {
  const made = ofText(
    '(memory 1) (func (export "f") i32.const 0 i32.const 0 i32.const 0 memory.fill) (func (param i32) loop local.get 0 br_if 0 end)',
  );
  const byFunction = hinted(made), added = [...byFunction].filter(([index]) => index >= 2);
  assert(added.length >= 2, "what fills, and what pays");
  for (const [, mnemonics] of added) assert(mnemonics.every((mnemonic) => mnemonic === "if"));
});

Deno.test("instrumentModule() hints the bodies that stand in added functions", () => {
  const made = ofText(`(func (export "g")) (func $f (export "f") (param i32) ${LOOP} i32.const 0 call $f)`);
  const byFunction = hinted(made);
  // What is owed and the stack at the entry; the branch that leads out of the loop to where it is paid.
  assertEquals([0, 1, 2].map((index) => byFunction.get(index)), [["if"], ["if"], ["if", "if", "br_if"]]);
});

Deno.test("instrumentModule() writes the hints before the code, and V8 takes them", () => {
  for (const bytes of [EVERYTHING, compileText('(module (func (export "f") i32.const 1 drop))')]) {
    const made = rewritten(bytes), { module } = made;
    for (const [index, mnemonics] of hinted(made)) {
      assert(
        mnemonics.every((mnemonic) => mnemonic === "if" || mnemonic === "br_if"),
        `function ${index}: ${mnemonics}`,
      );
    }
    const section = module.customs.find(({ name }) => name === NAME),
      code = module.sections.find(({ id }) => id === 10);
    assert(section !== undefined && code !== undefined);
    // Between them stand the code section's number and its size.
    assert(code.start > section.end && code.start - section.end <= 6);
    assert(WebAssembly.validate(Uint8Array.from(module.bytes)));
  }
});
