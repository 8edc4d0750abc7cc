import { DEFAULT_COSTS, entryCost, moveCost } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { OPCODES } from "../../src/wasm/opcodes.ts";
import { assert, assertEquals } from "../assert.ts";
import { textModule } from "./text_module.ts";

Deno.test("DEFAULT_COSTS charges 1 a unit of work, and is frozen", () => {
  const { instruction, functionEntry, byte, element, page } = DEFAULT_COSTS;
  assertEquals({ instruction, functionEntry, byte, element, page }, {
    instruction: 1,
    functionEntry: 1,
    byte: 1,
    element: 1,
    page: 1,
  });
  assert(Object.isFrozen(DEFAULT_COSTS));
});

Deno.test("entryCost() counts locals in whole steps beyond the free ones", () => {
  const of = (locals: number) => entryCost(DEFAULT_COSTS, locals);
  assertEquals([0, 64, 65, 127, 128, 49_984].map(of), [1, 1, 1, 1, 2, 781]);
});

Deno.test("moveCost() counts values in whole steps", () => {
  assertEquals([0, 15, 16, 31, 32, 1000].map((values) => moveCost(DEFAULT_COSTS, values)), [
    0,
    0,
    1,
    1,
    2,
    62,
  ]);
});

/** Instructions that generate no code: the only ones that may be free. */
const FREE = "nop drop block loop unreachable return else end try catch catch_all delegate try_table".split(
  " ",
);

Deno.test("the opcode table calls only those instructions free that generate no code", () => {
  const free = OPCODES.filter((row) => row.cost === "free").map((row) => row.mnemonic);
  assertEquals(free.filter((mnemonic) => !FREE.includes(mnemonic)), []);
});

Deno.test("planModule() takes another cost model", () => {
  const { module } = textModule(`(memory 1)
    (func (export "f") (param i32) (local i64 i64 i64) local.get 0 if i32.const 1 drop end local.get 0 memory.grow drop)`);
  const costs = { ...DEFAULT_COSTS, instruction: 7, functionEntry: 100, freeLocals: 1, localsPerUnit: 2 };
  const plan = planModule(module, costs);
  assertEquals([...plan.siteCost.subarray(0, 2)], [101 + 4 * 7, 7]);
  const free = planModule(module, { ...costs, instruction: 0 });
  assertEquals([...free.siteCost.subarray(0, free.siteCount)].reduce((sum, units) => sum + units), 101);
});
