import { checkCompileCost, COMPILE_COST_LIMITS } from "../../src/analysis/compile_cost.ts";
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { ModuleRefusedError } from "../../src/core/errors.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { type Bytes, funcType, I32, wasmModule } from "../wasm/module_builder.ts";
import { validModule } from "./text_module.ts";

const DROP = 0x1a, CALL = 0x10, LOCAL_GET = 0x20, BR_IF = 0x0d, BLOCK = 0x02, EMPTY = 0x40, END = 0x0b;

function check(bytes: Uint8Array): void {
  const { module, maxOperandBytes } = validModule(bytes);
  checkCompileCost(module, { plan: planModule(module, DEFAULT_COSTS), maxOperandBytes });
}

const repeated = (count: number, code: Bytes): Bytes => new Array(count).fill(code).flat();

/** A function with that many locals and branch points: half are branches, each into a block of its own, half block ends. */
function branches(locals: number, count: number) {
  const code = repeated(count / 2, [BLOCK, EMPTY, LOCAL_GET, 0, BR_IF, 0, END]);
  return { type: 0, locals: [[locals, I32]] as const, code };
}

function moduleOf(...functions: ReturnType<typeof branches>[]): Uint8Array {
  return wasmModule({ types: [funcType([I32], [])], functions });
}

Deno.test("checkCompileCost() admits what compiles fast and refuses locals × branches above 10^7", () => {
  check(moduleOf(branches(800, 10_000)));
  const error = assertThrows(
    () => check(moduleOf(branches(1, 2), branches(1100, 10_000))),
    ModuleRefusedError,
  );
  assertEquals(error.code, "ModuleRefused");
  assertStringIncludes(error.message, "function 1");
  assertStringIncludes(error.message, String(COMPILE_COST_LIMITS.function));
});

Deno.test("checkCompileCost() refuses the function that stops V8 for five seconds", () => {
  assertThrows(() => check(moduleOf(branches(49_000, 10_000))), ModuleRefusedError);
});

Deno.test("checkCompileCost() refuses a module whose functions add up to more than 2·10^8", () => {
  const functions = new Array(22).fill(branches(800, 10_000));
  check(moduleOf(...functions.slice(2)));
  const error = assertThrows(() => check(moduleOf(...functions)), ModuleRefusedError);
  assertStringIncludes(error.message, "the module");
  assertStringIncludes(error.message, String(COMPILE_COST_LIMITS.module));
});

Deno.test("checkCompileCost() counts block ends and the targets of br_table like branches", () => {
  const blocks = { type: 0, locals: [[1100, I32]] as const, code: repeated(10_000, [BLOCK, EMPTY, END]) };
  assertThrows(() => check(moduleOf(blocks)), ModuleRefusedError);
  const table: Bytes = [LOCAL_GET, 0, 0x0e, 0x90, 0x4e, ...new Array(10_001).fill(0)];
  assertThrows(() => check(moduleOf({ type: 0, locals: [[1100, I32]], code: table })), ModuleRefusedError);
});

Deno.test("checkCompileCost() counts operands that lie under branches", () => {
  const height = 4000, ifs = 4000;
  const code = [
    ...repeated(height, [LOCAL_GET, 0]),
    ...repeated(ifs, [LOCAL_GET, 0, 0x04, EMPTY, END]),
    ...repeated(height, [DROP]),
  ];
  const bytes = wasmModule({ types: [funcType([I32], [])], functions: [{ type: 0, code }] });
  assertThrows(() => check(bytes), ModuleRefusedError);
});

Deno.test("checkCompileCost() counts calls by the square of the values they move", () => {
  const values = new Array(1000).fill(I32);
  const module = (calls: number) =>
    wasmModule({
      types: [funcType([], []), funcType(values, values)],
      functions: [
        {
          type: 0,
          code: [...repeated(1000, [0x41, 0]), ...repeated(calls, [CALL, 1]), ...repeated(1000, [DROP])],
        },
        { type: 1, code: repeated(1000, [0x41, 0]) },
      ],
    });
  check(module(5));
  assertThrows(() => check(module(20)), ModuleRefusedError);
});
