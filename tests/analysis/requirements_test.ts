import { checkRequirements } from "../../src/analysis/requirements.ts";
import { ModuleRefusedError } from "../../src/core/errors.ts";
import { type LimitOptions, resolveLimits } from "../../src/core/limits.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { textModule } from "./text_module.ts";

const BOUNDED = { unboundedHeap: false }, UNBOUNDED = { unboundedHeap: true };

/** A module that a limit forbids; the module before it is just within. */
interface LimitRow {
  readonly limits: LimitOptions;
  readonly fits: string;
  readonly refused: string;
  /** Parts of the message. */
  readonly says: readonly string[];
  readonly field: string;
}

const LIMITED: readonly LimitRow[] = [
  {
    limits: { memories: 2 },
    fits: "(memory 1) (memory 1)",
    refused: "(memory 1) (memory 1) (memory 1)",
    says: ["3 memories", "the limit is 2"],
    field: "memories",
  },
  {
    limits: { memoryLimit: "1MiB", memories: 3 },
    fits: "(memory 15) (memory 1)",
    refused: "(memory 15) (memory 1) (memory 1)",
    says: ["1088KiB of memory", "the limit is 1MiB"],
    field: "memoryLimit",
  },
  {
    limits: { memoryLimit: 65535 },
    fits: "(memory 0)",
    refused: "(memory 1)",
    says: ["64KiB of memory", "the limit is 65535 bytes"],
    field: "memoryLimit",
  },
  {
    limits: { memoryLimit: "1MiB" },
    fits: "(memory i64 16)",
    refused: "(memory i64 17)",
    says: ["1088KiB"],
    field: "memoryLimit",
  },
  {
    limits: { tables: 2 },
    fits: '(import "m" "t" (table 1 funcref)) (table 1 funcref)',
    refused: '(import "m" "t" (table 1 funcref)) (table 1 funcref) (table 1 funcref)',
    says: ["3 tables", "the limit is 2"],
    field: "tables",
  },
  {
    limits: { functionTableLimit: 10, tableLimit: 0 },
    fits: "(table 4 funcref) (table 6 funcref)",
    refused: "(table 4 funcref) (table 7 funcref)",
    says: ["11 function table elements", "the limit is 10"],
    field: "functionTableLimit",
  },
  {
    limits: { functionTableLimit: 0, tableLimit: 10 },
    fits: "(table 4 externref) (table i64 6 externref)",
    refused: "(table 4 externref) (table i64 7 externref)",
    says: ["11 table elements", "the limit is 10"],
    field: "tableLimit",
  },
];

function check(fields: string, limits: LimitOptions, confinement = BOUNDED): void {
  checkRequirements(textModule(fields).module, resolveLimits(limits), confinement);
}

Deno.test("checkRequirements() refuses what exceeds a limit, names it, and admits what does not", () => {
  for (const { limits, fits, refused, says, field } of LIMITED) {
    check(fits, limits);
    for (const confinement of [BOUNDED, UNBOUNDED]) {
      const error = assertThrows(() => check(refused, limits, confinement), ModuleRefusedError);
      assertEquals([error.code, error.field], ["ModuleRefused", field], refused);
      for (const part of says) assertStringIncludes(error.message, part);
      assert(error.suggestion !== undefined, "says what to do");
    }
  }
});

Deno.test("checkRequirements() leaves imported memories and tables to the module that declares them", () => {
  check('(import "m" "m" (memory 1000)) (import "m" "t" (table 1000 funcref))', {
    memoryLimit: 0,
    functionTableLimit: 0,
  });
});

/** What the guest's heap has no bound for, and the same without that. */
const UNCONFINED: readonly { readonly refused: string; readonly says: string; readonly fits: string }[] = [
  { refused: "(type (func)) (type (struct))", says: "type 1 is a struct of the GC", fits: "(type (func))" },
  { refused: "(type (array i8))", says: "type 0 is a array of the GC", fits: "(type (func (param i31ref)))" },
  { refused: "(memory 1 1 shared)", says: "memory 0 is shared", fits: "(memory 1 1)" },
  {
    refused: "(tag) (tag (param i32 exnref))",
    says: "tag 1 carries references",
    fits: "(tag) (tag (param i32))",
  },
  { refused: "(tag (param externref))", says: "tag 0 carries references", fits: "(tag)" },
  {
    refused: `(tag (param ${"v128 ".repeat(16)} i32))`,
    says: "tag 0 carries 260 bytes, the limit is 256",
    fits: `(tag (param ${"v128 ".repeat(16)}))`,
  },
  {
    refused: "(global i32 (i32.const 1)) (global exnref (ref.null exn))",
    says: "global 1 holds an exception reference",
    fits: "(global externref (ref.null extern))",
  },
  {
    refused: "(global (ref null noexn) (ref.null noexn))",
    says: "global 0 holds an exception reference",
    fits: "",
  },
  { refused: "(table 1 exnref)", says: "table 0 holds exception references", fits: "(table 1 externref)" },
  {
    refused: '(func (export "x") (param exnref))',
    says: 'export "x" passes an exception reference',
    fits: "(func (param exnref))",
  },
  {
    refused: '(import "m" "y" (func (result exnref)))',
    says: 'import "y" passes an exception reference',
    fits: '(import "m" "y" (func (result externref)))',
  },
];

Deno.test("checkRequirements() refuses what would fill a heap without bound, and tells what it is", () => {
  for (const { refused, says, fits } of UNCONFINED) {
    const error = assertThrows(() => check(refused, {}), ModuleRefusedError, says);
    assertEquals(error.code, "ModuleRefused");
    check(fits, {});
    check(refused, {}, UNBOUNDED);
  }
});
