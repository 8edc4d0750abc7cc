/** Shapes that cost a validator more than their size: each ends in well under a second, or is refused by name. */
import { ModuleRefusedError } from "../../src/core/errors.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  type Bytes,
  END,
  funcType,
  I32,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
} from "./module_builder.ts";

const NOTHING = funcType([], []);
const UNREACHABLE = 0x00,
  BLOCK = 0x02,
  BR_TABLE = 0x0e,
  CALL = 0x10,
  DROP = 0x1a,
  LOCAL_GET = 0x20,
  F32_NEG = 0x8c;

function repeat(pattern: Bytes, count: number): Bytes {
  return join(new Array(count).fill(pattern));
}

/** A module whose functions have these types and bodies; a body is its groups of locals and its code, `end` included. */
function build(types: readonly Bytes[], functions: readonly { type: number; body: Bytes }[]): Uint8Array {
  return rawModule(
    section(SECTION.type, vec(types)),
    section(SECTION.function, vec(functions.map(({ type }) => leb(type)))),
    section(SECTION.code, vec(functions.map(({ body }) => join([leb(body.length), body])))),
  );
}

/** Validates within V8's limits, and within time: generous, for machines that are slow or busy. */
function validate(bytes: Uint8Array) {
  const start = performance.now();
  try {
    return validateModule(readModule(bytes, ENGINE_LIMITS));
  } finally {
    const elapsed = performance.now() - start;
    assert(elapsed < 5000, `it took ${elapsed} ms`);
  }
}

Deno.test("E41 validateModule() goes through a million nested blocks", () => {
  const body = join([[0], repeat([BLOCK, 0x40], 1_000_000), repeat([END], 1_000_001)]);
  assertEquals(validate(build([NOTHING], [{ type: 0, body }])).maxOperandBytes, Uint32Array.of(0));
});

Deno.test("E41 validateModule() goes through a hundred tables of 65,520 labels", () => {
  const table = join([[UNREACHABLE, BR_TABLE], leb(65_520), new Array(65_521).fill(0)]);
  validate(build([NOTHING], [{ type: 0, body: join([[0], repeat(table, 100), [END]]) }]));
});

Deno.test("E41 validateModule() finds the types of locals that are far beyond the bytes of the body", () => {
  const body = [
    3,
    ...leb(40_000),
    I32,
    1,
    0x7d,
    ...leb(9_000),
    0x7e,
    LOCAL_GET,
    ...leb(40_000),
    F32_NEG,
    DROP,
    END,
  ];
  assertEquals(validate(build([NOTHING], [{ type: 0, body }])).maxOperandBytes, Uint32Array.of(8));
});

Deno.test("E41 validateModule() does not write out 50,000 locals for each of a thousand functions", () => {
  const functions = new Array(1000).fill({ type: 0, body: [1, ...leb(50_000), I32, END] });
  assertEquals(validate(build([NOTHING], functions)).maxOperandBytes.length, 1000);
});

Deno.test("E41 validateModule() refuses a module that declares 50,000 locals in each of 10,000 functions", () => {
  const functions = new Array(10_000).fill({ type: 0, body: [1, ...leb(50_000), I32, END] });
  const error = assertThrows(() => validate(build([NOTHING], functions)), ModuleRefusedError);
  assertEquals(error.reason, "Cannot validate the module: it declares and moves too many values");
});

const THOUSAND = new Array(1000).fill(0x7e);

Deno.test("E41 validateModule() refuses two bytes of code that move 2,000 operands, a hundred thousand times", () => {
  const types = [NOTHING, funcType([], THOUSAND), funcType(THOUSAND, THOUSAND)];
  const empty = [0, UNREACHABLE, END];
  const body = join([[0, CALL, 0], repeat([CALL, 1], 100_000), [UNREACHABLE, END]]);
  const module = build(types, [{ type: 1, body: empty }, { type: 2, body: empty }, { type: 0, body }]);
  const error = assertThrows(() => validate(module), ModuleRefusedError);
  assertEquals(error.reason, "Cannot validate the module: it declares and moves too many values");
});

Deno.test("E41 validateModule() refuses a function that piles up a million operands", () => {
  const body = join([[0], repeat([CALL, 0], 2000), [UNREACHABLE, END]]);
  const types = [NOTHING, funcType([], THOUSAND)];
  const module = build(types, [{ type: 1, body: [0, UNREACHABLE, END] }, { type: 0, body }]);
  const error = assertThrows(() => validate(module), ModuleRefusedError);
  assertEquals(error.reason, "Cannot validate function 1: it piles up more than 1048576 operands");
});

Deno.test("E41 validateModule() tells a hundred thousand types apart", () => {
  // Each refers to the one before it, so that no two are equal; three bytes keep the sign bit of the index clear.
  const types = Array.from(
    { length: 100_000 },
    (_, index) => index === 0 ? NOTHING : [0x60, 1, 0x63, ...leb(index - 1, 3), 0],
  );
  const { canonical } = validate(rawModule(section(SECTION.type, vec(types))));
  assertEquals(canonical.every((id, index) => id === index), true);
});
