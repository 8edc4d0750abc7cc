import { OPCODE_KEYS, opcodeKey, type OpcodeRow } from "../../src/wasm/opcode.ts";
import { ALIGNMENTS, op, OPCODES, ROWS, SHAPE, SHAPES } from "../../src/wasm/opcodes.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  body,
  type Bytes,
  F32,
  F64,
  funcType,
  I32,
  I64,
  leb,
  rawModule,
  section,
  V128,
  vec,
} from "./module_builder.ts";

/** How V8 says that it does not know an opcode, or that a flag would enable it. */
const UNKNOWN = /invalid (\w+ )*opcode|enable with/i;

/** Known to V8 as a part of custom descriptors, which are off. */
const NEED_DESCRIPTORS = new Set([opcodeKey(0xfb, 0x20), opcodeKey(0xfb, 0x21)]);

function verdict(code: Bytes): string {
  const module = rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [1, 0]),
    section(5, [1, 3, 1, 1]),
    section(10, vec([body([], code)])),
  );
  try {
    new WebAssembly.Module(module);
    return "";
  } catch (error) {
    return (error as Error).message; // V8 throws CompileError and nothing else
  }
}

function encoded(prefix: number, sub: number): Bytes {
  return prefix >= 0xfb ? [prefix, ...leb(sub)] : [prefix];
}

Deno.test("OPCODES holds exactly the instructions that V8 accepts by default", () => {
  const differences: string[] = [];
  const compare = (prefix: number, sub: number) => {
    const key = opcodeKey(prefix, sub);
    const message = verdict([...encoded(prefix, sub), ...new Array(20).fill(0)]);
    const known = !UNKNOWN.test(message) && !NEED_DESCRIPTORS.has(key);
    if (known !== (ROWS[key] !== undefined)) {
      differences.push(`${prefix.toString(16)} ${sub.toString(16)}: V8 knows it: ${known}, ${message}`);
    }
  };
  for (let code = 0; code < 0xfb; code++) compare(code, 0);
  compare(0xff, 0);
  for (const prefix of [0xfb, 0xfc, 0xfd, 0xfe]) {
    for (let sub = 0; opcodeKey(prefix, sub) >= 0; sub++) compare(prefix, sub);
  }
  assertEquals(differences, []);
});

const TYPE_CODES: Record<string, number> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128, addr: I32 };

/** Immediates that are valid in the module of {@linkcode verdictOfSignature}. */
function plainImmediates(row: OpcodeRow): Bytes {
  return row.immediates.flatMap((kind): Bytes => {
    switch (kind) {
      case "memarg":
        return [row.alignment, 0];
      case "f32":
        return new Array(4).fill(0);
      case "f64":
        return new Array(8).fill(0);
      case "v128":
      case "lanes":
        return new Array(16).fill(0);
      default:
        return [0];
    }
  });
}

interface Signature {
  readonly operands: readonly string[];
  readonly results: readonly string[];
}

function parse(signature: string): Signature {
  const sides = signature.split("->").map((side) => side.trim().split(" ").filter((name) => name !== ""));
  assertEquals(sides.length, 2, signature);
  const [operands = [], results = []] = sides;
  return { operands, results };
}

function codes(names: readonly string[]): number[] {
  return names.map((name) => {
    const code = TYPE_CODES[name];
    assert(code !== undefined, `${name} is no type of signatures`);
    return code;
  });
}

/** Whether V8 accepts a function of this type that does the instruction and nothing else. */
function accepts(row: OpcodeRow, { operands, results }: Signature, immediates: Bytes): boolean {
  const code = [
    ...operands.flatMap((_, index) => [0x20, index]),
    ...encoded(row.prefix, row.sub),
    ...immediates,
  ];
  return WebAssembly.validate(rawModule(
    section(1, [1, ...funcType(codes(operands), codes(results))]),
    section(3, [1, 0]),
    section(4, [1, 0x70, 0, 1]),
    section(5, [1, 3, 1, 1]),
    section(9, [1, 1, 0, 0]),
    section(12, [1]),
    section(10, vec([body([], code)])),
    section(11, [1, 1, 0]),
  ));
}

function swapped(names: readonly string[], at: number): string[] {
  return names.map((name, index) => index !== at ? name : name === "f32" ? "i64" : "f32");
}

Deno.test("OPCODES has V8's signatures", () => {
  const wrong: string[] = [];
  for (const row of OPCODES) {
    if (row.signature === undefined) continue;
    const { operands, results } = parse(row.signature);
    const ok = (signature: Signature) => accepts(row, signature, plainImmediates(row));
    if (!ok({ operands, results })) wrong.push(`${row.mnemonic} is not ${row.signature}`);
    operands.forEach((_, at) => {
      if (ok({ operands: swapped(operands, at), results })) wrong.push(`${row.mnemonic}: operand ${at}`);
    });
    results.forEach((_, at) => {
      if (ok({ operands, results: swapped(results, at) })) wrong.push(`${row.mnemonic}: result ${at}`);
    });
  }
  assertEquals(wrong, []);
});

Deno.test("OPCODES has V8's alignments", () => {
  const wrong: string[] = [];
  for (const row of OPCODES) {
    assertEquals(row.alignment >= 0, row.immediates.includes("memarg"), row.mnemonic);
    if (row.alignment < 0) continue;
    const ok = (alignment: number) =>
      accepts(row, parse(row.signature ?? ""), [alignment, 0, 0].slice(0, row.immediates.length + 1));
    if (!ok(row.alignment)) wrong.push(`${row.mnemonic}: ${row.alignment}`);
    if (ok(row.alignment + 1)) wrong.push(`${row.mnemonic}: ${row.alignment + 1}`);
    if (row.alignment > 0 && ok(row.alignment - 1) === (row.feature === "threads")) {
      wrong.push(`${row.mnemonic}: ${row.alignment - 1}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("OPCODES charges nothing for what wasmtime charges nothing for, and for marks of the old exceptions", () => {
  const free = OPCODES.filter((row) => row.cost === "free").map((row) => row.mnemonic).sort();
  assertEquals(free, [
    "block",
    "catch",
    "catch_all",
    "delegate",
    "drop",
    "else",
    "end",
    "loop",
    "nop",
    "return",
    "unreachable",
  ]);
});

Deno.test("op() finds every instruction by its name, and no other", () => {
  for (const row of OPCODES) {
    const key = op(row.mnemonic);
    assert(key >= 0 && key < OPCODE_KEYS);
    assertEquals(ROWS[key], row);
  }
  assertThrows(() => op("i32.nonsense"), Error, '"i32.nonsense"');
});

Deno.test("the dense tables agree with the rows", () => {
  for (let key = 0; key < OPCODE_KEYS; key++) {
    const row = ROWS[key];
    assertEquals(SHAPES[key] === SHAPE.unknown, row === undefined);
    if (row !== undefined && row.alignment >= 0) assertEquals(ALIGNMENTS[key], row.alignment);
  }
});
