import { checkDeclared, type DeclaredName, measureModule } from "../../src/analysis/declared.ts";
import { ModuleRefusedError } from "../../src/core/errors.ts";
import { type LimitOptions, resolveLimits } from "../../src/core/limits.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { textModule } from "./text_module.ts";

/** For each limit a module that is just within, one just beyond, and how the message puts it. */
interface LimitRow {
  readonly limits: LimitOptions;
  readonly fits: string;
  readonly refused: string;
  readonly says: readonly string[];
}

const ROWS: Readonly<Record<DeclaredName, readonly LimitRow[]>> = {
  moduleSize: [{
    limits: { moduleSize: 12 },
    fits: "",
    refused: "(type (func))",
    says: ["14 bytes", "12 bytes"],
  }],
  functionSize: [{
    limits: { functionSize: 3 },
    fits: "(func) (func nop)",
    refused: "(func) (func nop nop)",
    says: ["a function of 4 bytes", "3 bytes"],
  }],
  functions: [{
    limits: { functions: 2 },
    fits: '(import "m" "f" (func)) (func)',
    refused: '(import "m" "f" (func)) (func) (func)',
    says: ["3 functions", "is 2"],
  }],
  imports: [{
    limits: { imports: 1 },
    fits: '(import "m" "f" (func))',
    refused: '(import "m" "f" (func)) (import "m" "g" (global i32))',
    says: ["2 imports", "is 1"],
  }],
  exports: [{
    limits: { exports: 1 },
    fits: '(func (export "a"))',
    refused: '(func (export "a") (export "b"))',
    says: ["2 exports", "is 1"],
  }],
  globals: [{
    limits: { globals: 1 },
    fits: "(global i32 (i32.const 1))",
    refused: '(import "m" "g" (global i32)) (global i32 (i32.const 1))',
    says: ["2 globals", "is 1"],
  }],
  segments: [{
    limits: { segments: 2 },
    fits: '(data "") (elem func)',
    refused: '(data "") (data "") (elem func)',
    says: ["3 data and element segments", "is 2"],
  }],
  memories: [{
    limits: { memories: 2 },
    fits: '(import "m" "m" (memory 1)) (memory 1)',
    refused: '(import "m" "m" (memory 1)) (memory 1) (memory 1)',
    says: ["3 memories", "is 2"],
  }],
  tables: [{
    limits: { tables: 2 },
    fits: '(import "m" "t" (table 1 funcref)) (table 1 funcref)',
    refused: '(import "m" "t" (table 1 funcref)) (table 1 funcref) (table 1 funcref)',
    says: ["3 tables", "is 2"],
  }],
  memoryLimit: [
    {
      limits: { memoryLimit: "1MiB", memories: 3 },
      fits: "(memory 15) (memory 1)",
      refused: "(memory 15) (memory 1) (memory 1)",
      says: ["1088KiB of memory", "1MiB"],
    },
    {
      limits: { memoryLimit: 65535 },
      fits: "(memory 0)",
      refused: "(memory 1)",
      says: ["64KiB of memory", "65535 bytes"],
    },
    {
      limits: { memoryLimit: "1MiB" },
      fits: "(memory i64 16)",
      refused: "(memory i64 17)",
      says: ["1088KiB of memory"],
    },
  ],
  functionTableLimit: [{
    limits: { functionTableLimit: 10, tableLimit: 0 },
    fits: "(table 4 funcref) (table 6 funcref)",
    refused: "(table 4 funcref) (table 7 funcref)",
    says: ["11 function table elements", "is 10"],
  }],
  tableLimit: [{
    limits: { functionTableLimit: 0, tableLimit: 10 },
    fits: "(table 4 externref) (table i64 6 externref)",
    refused: "(table 4 externref) (table i64 7 externref)",
    says: ["11 table elements", "is 10"],
  }],
};

function check(fields: string, limits: LimitOptions): void {
  checkDeclared(measureModule(textModule(fields).module), resolveLimits(limits));
}

Deno.test("checkDeclared() refuses what exceeds a limit, names it, and admits what does not", () => {
  for (const [field, rows] of Object.entries(ROWS)) {
    for (const { limits, fits, refused, says } of rows) {
      check(fits, limits);
      const error = assertThrows(() => check(refused, limits), ModuleRefusedError);
      assertEquals([error.code, error.field], ["ModuleRefused", field], refused);
      for (const part of [field, ...says]) assertStringIncludes(error.message, part);
      assert(error.suggestion?.includes(field), "says what to do");
    }
  }
});

Deno.test("measureModule() leaves the sizes of imports to the module that declares them", () => {
  check('(import "m" "m" (memory 1000)) (import "m" "t" (table 1000 funcref))', {
    memoryLimit: 0,
    functionTableLimit: 0,
    tableLimit: 0,
  });
});

Deno.test("checkDeclared() compares sums beyond what memory can have", () => {
  const memories = "(memory i64 262144)".repeat(100);
  assertThrows(() => check(memories, { memories: 100, memoryLimit: "16GiB" }), ModuleRefusedError, "1600GiB");
});
