/** Functions that pass counters on do what they do on bare V8, cost what the oracle counts, and pay it in time. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { validModule } from "../analysis/text_module.ts";
import { assertEquals } from "../assert.ts";
import { compileText, legacyTextCompiler } from "../testsuite/module_bytes.ts";
import { BETWEEN, LOCALS, type MeterRow, REACHED, WAYS_OUT } from "./metered_functions.ts";
import { HANDLERS, OLD, TAILS } from "./metered_unwinding.ts";
import { compareWithOracle } from "./oracle_run.ts";
import { settlements } from "./settlements.ts";

const GROUPS: Readonly<Record<string, readonly MeterRow[]>> = {
  "keeps the guest's locals": LOCALS,
  "returns what is owed on every way out": WAYS_OUT,
  "meters functions that calls from outside reach, too": REACHED,
  "meters what stands between calls": BETWEEN,
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
    ["a throw", "loop local.get 0 if throw $t end local.get 0 br_if 0 end", "throw end"],
    ["a throw of a reference", "local.get 0 if ref.null exn throw_ref end", "throw_ref end"],
    ["a call that may", "loop call $g local.get 0 br_if 0 end", "call end"],
    ["not a call of a light function", "loop call $light local.get 0 br_if 0 end", "end"],
  ];
  for (const [note, code, expected] of rows) {
    const fields = `(tag $t) (func $g throw $t) (func $light) (func (export "f") (param i32) ${code})`;
    assertEquals(settlements(compileText(`(module ${fields})`), 2), expected, note);
  }
});
