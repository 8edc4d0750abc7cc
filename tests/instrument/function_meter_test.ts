/** Functions that pass counters on do what they do on bare V8, cost what the oracle counts, and pay it in time. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { validModule } from "../analysis/text_module.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { compileText, legacyTextCompiler } from "../testsuite/module_bytes.ts";
import { BETWEEN, DYING, LOCALS, type MeterRow, REACHED, WAYS_OUT } from "./metered_functions.ts";
import { HANDLERS, OLD, TAILS } from "./metered_unwinding.ts";
import { InstrumentedRun } from "./instrumented.ts";
import { compareWithOracle } from "./oracle_run.ts";
import { settlements } from "./settlements.ts";

const GROUPS: Readonly<Record<string, readonly MeterRow[]>> = {
  "keeps the guest's locals": LOCALS,
  "returns what is owed on every way out": WAYS_OUT,
  "meters functions that calls from outside reach, too": REACHED,
  "meters what stands between calls": BETWEEN,
  "meters calls that never return from light functions": DYING,
  "meters tail calls": TAILS,
  "meters handlers": HANDLERS,
};

for (const [what, rows] of Object.entries(GROUPS)) {
  Deno.test(`FunctionMeter ${what}`, async () => {
    for (const row of rows) await checkRow(row);
  });
}

Deno.test("FunctionMeter meters handlers of the old exceptions", async () => {
  const compile = await legacyTextCompiler();
  for (const row of OLD) await checkRow(row, compile);
});

async function checkRow(row: MeterRow, compile = compileText): Promise<void> {
  const { module } = validModule(compile(`(module ${row.fields})`));
  const { passed } = planModule(module, DEFAULT_COSTS);
  assertEquals([...passed], [...row.passed], `${row.note}: what is passed`);
  await compareWithOracle(row, compile);
}

/** A function that is not light, takes what is owed, has no place for it, and is light. */
const CALLEES = `(func $takes (param i32) loop local.get 0 br_if 0 end)
  (func $pays (result i32 i32) i32.const 0 i32.const 0 (loop br 0)) (func $light)`;

/** A note, the code of a function, and before what it pays. The function takes and returns what is owed if it is `called`. */
type PaymentRow = readonly [note: string, code: string, expected: string, called?: true];

const PAYMENTS: readonly PaymentRow[] = [
  ["charged at the entry alone", "i32.const 1 drop", ""],
  ["owed for an arm", "local.get 0 if i32.const 1 drop end", "end"],
  ["owed for a loop", "loop local.get 0 br_if 0 end", "end"],
  ["by a return", "loop local.get 0 br_if 0 end local.get 0 if return end", "return end"],
  ["by a branch to the function's label", "loop local.get 0 br_if 1 br 0 end", "end"],
  ["before a tail call", "local.get 0 if local.get 0 return_call $takes end", "return_call end"],
  ["not before a call that takes it", "local.get 0 call $takes", "end"],
  ["not before a call of a light function", "loop call $light local.get 0 br_if 0 end", "end"],
  ["before a call that does not take it", "loop call $pays drop drop local.get 0 br_if 0 end", "call end"],
  ["before a call that does not come back", "local.get 0 if call $pays unreachable end", "call end"],
  ["before a call of an import", "loop local.get 0 br_if 0 end call $import", "call end"],
  [
    "before each, even where nothing can be owed",
    "call $import local.get 0 if call $import end",
    "call call end",
  ],
  [
    "before a call through a table",
    "loop i32.const 0 call_indirect local.get 0 br_if 0 end",
    "call_indirect end",
  ],
  ["before a call of a reference", "loop ref.null $f call_ref $f local.get 0 br_if 0 end", "call_ref end"],
  ["in dead code, too", "loop local.get 0 br_if 0 end return call $import", "return call end"],
  ["not at the end of what returns it", "loop local.get 0 br_if 0 end local.get 0 if return end", "", true],
  ["but before calls in it", "loop call $import local.get 0 br_if 0 end call $light", "call", true],
];

Deno.test("FunctionMeter pays what is owed where code does not know of it", () => {
  for (const [note, code, expected, called] of PAYMENTS) {
    const name = called === true ? "(func i32.const 1 call $f)" : '(export "f" (func $f))';
    const fields = `(type $f (func)) (import "m" "i" (func $import)) (table 1 funcref) ${CALLEES}
      (func $f (param i32) ${code}) ${name} (func i32.const 0 call $takes call $pays drop drop)`;
    assertEquals(settlements(compileText(`(module ${fields})`), 4), expected, note);
  }
});

Deno.test("FunctionMeter pays what is owed before what throws", () => {
  const rows: readonly PaymentRow[] = [
    ["a throw", "loop local.get 0 if throw $t end local.get 0 br_if 0 end", "tested throw end"],
    ["a throw of a reference", "local.get 0 if ref.null exn throw_ref end", "tested throw_ref end"],
    ["a call that may", "loop call $g local.get 0 br_if 0 end", "call end"],
    ["not a call of a light function", "loop call $light local.get 0 br_if 0 end", "end"],
  ];
  for (const [note, code, expected] of rows) {
    const fields = `(tag $t) (func $g throw $t) (func $light) (func (export "f") (param i32) ${code})`;
    assertEquals(settlements(compileText(`(module ${fields})`), 2), expected, note);
  }
});

Deno.test("FunctionMeter lets a light function trap in what it calls", async () => {
  const bytes = compileText(
    `(module (func $dies (param i32) i32.const 900 i32.const 0 i32.div_u drop loop local.get 0 br_if 0 end)
    (func $light (param i32) local.get 0 if i32.const 1 call $dies unreachable end)
    (func (export "f") (param i32) local.get 0 call $light))`,
  );
  const run = await InstrumentedRun.start(bytes);
  run.call("f", [0]);
  assertThrows(() => run.call("f", [1]), WebAssembly.RuntimeError, "divide by zero");
});

/** Payments in a function of which each is tested, and of which none is. */
Deno.test("FunctionMeter tests each of more than 64 payments", () => {
  const paymentsOf = (count: number) => {
    const pays = Array.from({ length: count }, () => "local.get 0 if i32.const 0 drop end call $import").join(
      " ",
    );
    const fields = `(import "m" "i" (func $import)) (func (export "f") (param i32) ${pays})`;
    return settlements(compileText(`(module ${fields})`), 1);
  };
  const each = (count: number, what: string) => Array.from({ length: count }, () => what).join(" ");
  assertEquals(paymentsOf(64), `${each(64, "call")} end`);
  assertEquals(paymentsOf(65), `${each(65, "tested call")} end`);
});

Deno.test("FunctionMeter pays once where nothing is charged between two calls", () => {
  const rows: readonly PaymentRow[] = [
    ["two calls in a row", "local.get 0 if i32.const 0 drop end call $import call $import", "call end"],
    [
      "with free code between",
      "local.get 0 if i32.const 0 drop end call $import nop call $import",
      "call end",
    ],
    ["with an arm between", "call $import local.get 0 if i32.const 0 drop end call $import", "call call end"],
    ["with a loop between", "call $import loop local.get 0 br_if 0 end call $import", "call call end"],
    [
      "the second in a loop",
      "local.get 0 if i32.const 0 drop end call $import loop call $import local.get 0 br_if 0 end",
      "call call end",
    ],
    [
      "the second in an arm",
      "local.get 0 if i32.const 0 drop end call $import local.get 0 if call $import end",
      "call call end",
    ],
    ["the first in an arm", "local.get 0 if call $import end call $import", "call call end"],
    [
      "with a call between that returns what is owed",
      "local.get 0 if i32.const 0 drop end call $import i32.const 1 call $takes call $import",
      "call call end",
    ],
  ];
  for (const [note, code, expected] of rows) {
    const fields = `(import "m" "i" (func $import)) (func $takes (param i32) loop local.get 0 br_if 0 end)
      (func (export "f") (param i32) ${code})`;
    assertEquals(settlements(compileText(`(module ${fields})`), 2), expected, note);
  }
});
