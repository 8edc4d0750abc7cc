import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { FUNCTION_FLAGS, SITE, SITE_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { listPlan } from "./plan_listing.ts";
import { textModule, validModule } from "./text_module.ts";
import { type Bytes, EMPTY, END, funcType, I32, leb, wasmModule } from "../wasm/module_builder.ts";

/** A body, and the same with its sites. `fields` come before it in the module. */
interface PlanRow {
  readonly note: string;
  readonly code: string;
  readonly expected: string;
  readonly fields?: string;
}

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

const FLOW: readonly PlanRow[] = [
  {
    note: "straight-line code is one region; nop, drop and end cost nothing",
    code: "nop i32.const 1 i32.const 2 i32.add drop",
    expected: "[test 4] nop i32.const i32.const i32.add drop end",
  },
  {
    note: "an empty body costs its entry",
    code: "",
    expected: "[test 1] end",
  },
  {
    note: "the code behind a block that nothing leaves belongs to the region before it",
    code: "block i32.const 1 drop end i32.const 2 drop",
    expected: "[test 3] block i32.const drop end i32.const drop end",
  },
  {
    note: "an arm is a region of its own, the code behind is not",
    code: "local.get 0 if i32.const 1 drop end i32.const 2 drop",
    expected: "[test 4] local.get if [charge 1] i32.const drop end i32.const drop end",
  },
  {
    note: "both arms are regions; what both are charged is charged before them",
    code: "local.get 0 if nop i32.const 1 drop else i32.const 2 i32.const 3 drop drop end i32.const 4 drop",
    expected: "[test 5] local.get if nop i32.const drop else [charge 1] i32.const i32.const " +
      "drop drop end i32.const drop end",
  },
  {
    note: "an arm that leaves for further out splits what is behind",
    code: "block local.get 0 if br 1 end i32.const 1 i32.const 1 drop drop end i32.const 2 drop",
    expected: "[test 5] block local.get if br end [charge 1] i32.const i32.const drop drop end i32.const " +
      "drop end",
  },
  {
    note: "br_if ends a region",
    code: "block local.get 0 br_if 0 i32.const 1 drop end i32.const 2 drop",
    expected: "[test 4] block local.get br_if [charge 1] i32.const drop end i32.const drop end",
  },
  {
    note: "br_if past an outer block splits behind the inner one only",
    code: "block block local.get 0 br_if 1 end i32.const 1 drop end i32.const 2 drop",
    expected: "[test 4] block block local.get br_if end [charge 1] i32.const drop end i32.const drop end",
  },
  {
    note: "br_if to the function's label splits everything behind",
    code: "block local.get 0 br_if 1 end i32.const 2 drop",
    expected: "[test 3] block local.get br_if end [charge 1] i32.const drop end",
  },
  {
    note: "a loop's header is a test; what is behind the loop belongs to the region before it",
    code: "loop local.get 0 br_if 0 end i32.const 1 drop",
    expected: "[test 2] [loop+wrapped] loop [test+wrapped 2] local.get br_if end " +
      "[loopEnd+wrapped] i32.const drop end",
  },
  {
    note: "the rest of a loop behind a branch back is a region",
    code: "loop local.get 0 br_if 0 i32.const 1 drop end",
    expected: "[test 1] [loop+wrapped] loop [test+wrapped 2] local.get br_if " +
      "[charge+wrapped 1] i32.const drop end [loopEnd+wrapped] end",
  },
  {
    note: "a loop that can be left by a branch splits what is behind the block it leaves to",
    code: "block loop local.get 0 br_if 1 br 0 end end i32.const 1 drop",
    // The header is charged where the loop is entered, and where the one `br` goes back.
    expected: "[test 4] block [loop+wrapped] loop [test+wrapped 0] local.get " +
      "[branch+wrapped] br_if [charge+wrapped 3] br end " +
      "[loopEnd+wrapped] end i32.const drop end",
  },
  {
    note: "what is behind a loop that is never left is dead",
    code: "loop br 0 end i32.const 1 drop",
    expected: "[test 1] [loop+wrapped] loop [test+wrapped 1] br end " +
      "[loopEnd+wrapped] i32.const drop end",
  },
  {
    note: "br_table ends its region, and so do its targets",
    code: "block block local.get 0 br_table 0 1 0 end i32.const 1 drop end i32.const 2 drop",
    expected: "[test 4] block block local.get br_table end [charge 1] i32.const drop end i32.const drop " +
      "end",
  },
  {
    note: "br_table to outside of the block splits behind it",
    code: "block block local.get 0 br_table 0 2 end end i32.const 2 drop",
    expected: "[test 3] block block local.get br_table end end [charge 1] i32.const drop end",
  },
  {
    note: "return is free, ends the frame, and splits what is behind its block",
    code: "block local.get 0 if return end end i32.const 2 drop",
    expected: "[test 3] block local.get if [leave] return end end [charge 1] i32.const drop end",
  },
  {
    note: "dead code is not charged, whatever it holds",
    code:
      "return block i32.const 1 br_if 0 loop br 0 end end local.get 0 if nop else nop end i32.const 1 drop",
    expected: "[test 1] [leave] return block i32.const br_if loop br end end local.get if nop else nop " +
      "end i32.const drop end",
  },
  {
    note: "code behind a block both of whose arms are left is dead",
    code: "local.get 0 if return else return end i32.const 1 drop",
    expected: "[test 3] local.get if [leave] return else [leave] return end i32.const drop end",
  },
  {
    note: "unreachable costs nothing and ends its region; the region it stands in is charged whole",
    code: "i32.const 1 drop local.get 0 if unreachable i32.const 5 drop end i32.const 2 drop",
    expected: "[test 5] i32.const drop local.get if unreachable i32.const drop end i32.const drop end",
  },
  {
    note: "a call ends no region where nothing throws, and is charged for the entry of what it calls",
    fields: '(func $g (export "g"))',
    code: "i32.const 1 drop call $g i32.const 2 drop",
    expected: "[test 5] i32.const drop call i32.const drop end",
  },
  {
    note: "growth and bulk operations are marked, and cost 1 here",
    fields: "(memory 1) (table 1 funcref)",
    code: "i32.const 1 memory.grow drop i32.const 0 i32.const 0 i32.const 0 memory.fill " +
      "ref.null func i32.const 1 table.grow 0 drop",
    expected:
      "[test 10] i32.const [grow] memory.grow drop i32.const i32.const i32.const [bulk] memory.fill " +
      "ref.null i32.const [grow] table.grow drop end",
  },
  {
    note: "data.drop and elem.drop are plain",
    fields: '(data $d "a") (elem $e func)',
    code: "data.drop $d elem.drop $e",
    expected: "[test 3] data.drop elem.drop end",
  },
  {
    note: "tail calls end the frame and their region",
    fields: '(func $g (export "g"))',
    code: "local.get 0 if return_call $g end i32.const 1 i32.const 2 drop drop",
    expected: "[test 4] local.get if [leave] return_call end [charge 1] i32.const i32.const drop drop end",
  },
  {
    note: "branches on null and on casts end a region",
    code: "block ref.null func br_on_null 0 drop end i32.const 2 drop",
    expected: "[test 4] block ref.null br_on_null drop end i32.const drop end",
  },
];

const THROWING: readonly PlanRow[] = [
  {
    note: "a call ends its region in a module that has tags",
    fields: '(tag $t) (func $g (export "g"))',
    code: "i32.const 1 drop call $g i32.const 2 drop block call $g end i32.const 3 drop",
    expected: "[test 3] i32.const drop call [charge 2] i32.const drop block call end [charge 1] " +
      "i32.const drop end",
  },
  {
    note: "try_table costs 1 and a clause; its clauses split behind their targets, where the handler stands",
    fields: '(func $g (export "g"))',
    code: "(block $c (try_table (catch_all $c) call $g i32.const 1 drop) i32.const 2 drop) i32.const 3 drop",
    expected: "[test 4] block try_table call [charge 2] i32.const drop end i32.const drop end " +
      "[handler] [charge 1] i32.const drop end",
  },
  {
    note: "a clause that leads to a loop makes its header a handler; a throw may have paid in it",
    fields: "(tag $t)",
    code: "(loop $l (try_table (catch $t $l) i32.const 1 drop) i32.const 2 drop)",
    expected:
      "[test 1] [loop+settles] loop [test+handler+settles 4] try_table i32.const drop end i32.const drop " +
      "end [loopEnd+settles] end",
  },
  {
    note: "throw costs its surcharge and its payload, and ends its region; what is behind costs 1 of these",
    fields: "(tag $t (param i32 i64 v128))",
    code: "local.get 0 if i32.const 1 i64.const 2 v128.const i64x2 1 2 throw $t end i32.const 3 drop",
    expected:
      "[test 4] local.get if [charge 56] i32.const i64.const v128.const [throw] throw end i32.const drop end",
  },
  {
    note: "throw_ref costs as a throw without payload",
    code: "ref.null exn throw_ref",
    expected: "[test 52] ref.null [throw] throw_ref end",
  },
];

const OLD: readonly PlanRow[] = [
  {
    note: "old handlers are regions behind a mark, and clauses cost where the try is entered",
    fields: '(tag $t) (func $g (export "g"))',
    code:
      "try i32.const 1 drop call $g i32.const 2 drop catch $t i32.const 3 drop catch_all i32.const 4 drop end " +
      "i32.const 5 drop",
    expected:
      "[test 6] try i32.const drop call [charge 1] i32.const drop catch [handler] [charge 1] i32.const drop " +
      "catch_all [handler] [charge 1] i32.const drop end [charge 1] i32.const drop end",
  },
  {
    note: "rethrow costs as a throw without payload",
    fields: "(tag $t)",
    code: "try throw $t catch_all rethrow 0 end",
    expected: "[test 53] try [throw] throw catch_all [handler] [charge 50] [throw] rethrow end end",
  },
  {
    note: "delegate ends a block and costs nothing",
    fields: "(tag $t)",
    code: "try i32.const 1 drop delegate 0 i32.const 2 drop",
    expected: "[test 4] try i32.const drop delegate i32.const drop end",
  },
];

function checkRows(rows: readonly PlanRow[], compile?: TextCompiler): void {
  for (const { note, fields = "", code, expected } of rows) {
    const { module } = textModule(`${fields} (func (export "f") (param i32) ${code})`, compile);
    assertEquals(listPlan(module, module.bodies.length - 1), expected, note);
  }
}

Deno.test("planModule() places charges at the regions of structured control flow", () => checkRows(FLOW));

Deno.test("planModule() ends regions where exceptions may leave", () => checkRows(THROWING));

Deno.test("planModule() follows the old exception instructions", async () => {
  checkRows(OLD, await legacyTextCompiler());
});

Deno.test("planModule() adds the surcharges for locals, values moved and payloads", () => {
  const many = (count: number) => repeat(count, "i32"),
    zeros = (count: number) => repeat(count, "i32.const 0");
  const costOf = (fields: string): number => {
    // What others than direct callers reach is charged where it begins.
    const { module } = textModule(`${fields} (elem declare func 0 ${fields.includes("call 1") ? 1 : ""})`);
    return planModule(module, DEFAULT_COSTS).siteCost[0] ?? 0;
  };
  for (const [locals, units] of [[64, 1], [127, 1], [128, 2], [191, 2], [192, 3], [6464, 101]] as const) {
    assertEquals(costOf(`(func (local ${many(locals)}))`), units, `${locals} locals`);
  }
  assertEquals(costOf(`(func (param ${many(500)}))`), 1, "parameters are the caller's");
  for (const [values, units] of [[15, 0], [16, 1], [31, 1], [32, 2]] as const) {
    const type = `(result ${many(values)})`, body = zeros(values);
    assertEquals(costOf(`(func ${type} (block ${type} ${body} br 0))`), 1 + values + 1 + units, "br");
    assertEquals(costOf(`(func ${type} ${body} return)`), 1 + values + units, "return");
    assertEquals(costOf(`(func ${type} ${body})`), 1 + values, "the end moves nothing");
    const branches = `(func ${type} (block ${type} ${body} i32.const 1 br_table 0 0))`;
    assertEquals(costOf(branches), 1 + values + 2 + units, "br_table");
    const half = Math.floor(values / 2), callee = `(param ${many(values - half)}) (result ${many(half)})`;
    const calls = `(func ${body} call 1 ${repeat(half + half, "drop")}) (func ${callee} ${zeros(half)})`;
    if (values % 2 === 0) assertEquals(costOf(calls), 1 + values + 1 + units, "call");
  }
});

Deno.test("planModule() collects callees, flags and sizes for each body", () => {
  const { module } = textModule(`
    (import "m" "i" (func $i)) (table 1 funcref) (tag $t)
    (func $a call $b call $b call $a)
    (func $b (param i64 i64 i32) (result f64) call $i f64.const 0)
    (func $c (param i32) i64.const 1 i64.const 2 i32.const 3 call $b drop i32.const 0 call_indirect)
    (func $d (block (try_table (catch_all 0))))
    (func $e)`.replaceAll("call $b call $b", repeat(2, "i64.const 1 i64.const 2 i32.const 3 call $b drop")));
  const plan = planModule(module, DEFAULT_COSTS);
  const callees = module.bodies.map((_, body) => [
    ...plan.callees.subarray(plan.bodyCallees[body] ?? 0, plan.bodyCallees[body + 1] ?? 0),
  ]);
  assertEquals(callees, [[2, 2, 1], [], [2], [], []]);
  const { callsUnknown, hasHandler, heavy, owes } = FUNCTION_FLAGS;
  // Behind a call that may throw is another region: what it is charged is owed.
  assertEquals([...plan.flags.subarray(0, 5)], [
    owes,
    callsUnknown | heavy | owes,
    callsUnknown | heavy | owes,
    hasHandler | heavy,
    0,
  ]);
  assertEquals([...plan.callBytes], [32, 0, 32, 0, 0]);
});

Deno.test("planModule() keeps sites in the order of their offsets", () => {
  const { module } = textModule(`(tag $t) (func $g)
    (func (param i32) (loop $l (block $c (try_table (catch $t $l) (catch_all $c)
      call $g local.get 0 br_if $l return)) local.get 0 br_if $l))`);
  const plan = planModule(module, DEFAULT_COSTS);
  assert(plan.siteCount > 5);
  for (let site = 1; site < plan.siteCount; site++) {
    assert((plan.siteOffset[site] ?? 0) >= (plan.siteOffset[site - 1] ?? 0), `site ${site}`);
  }
});

Deno.test("planModule() keeps what it knows of its sites when their number passes a power of two", () => {
  const sitesOf = (fields: string) => {
    const { module } = textModule(fields), plan = planModule(module, DEFAULT_COSTS);
    return { plan, sites: Array.from({ length: plan.siteCount }, (_, site) => site) };
  };
  const loop = "(func (param i32) block loop local.get 0 br_if 0 local.get 0 br_if 1 end end)";
  const expected = sitesOf(loop), size = expected.sites.length, count = Math.ceil(2100 / size);
  // Functions of one site in front, so that each site of a loop comes to stand at each place.
  for (let shift = 0; shift < size; shift++) {
    const { plan, sites } = sitesOf(`${repeat(shift, "(func)")} ${repeat(count, loop)}`);
    let loops = -1;
    for (const site of sites.slice(shift)) {
      const same = (site - shift) % size, kind = (plan.siteKind[site] ?? 0) & SITE_FLAGS.kind;
      const numbered = kind === SITE.loop || kind === SITE.loopEnd;
      if (kind === SITE.loop) loops++;
      const cost = numbered ? loops : expected.plan.siteCost[same];
      assertEquals([kind, plan.siteCost[site]], [
        (expected.plan.siteKind[same] ?? 0) & SITE_FLAGS.kind,
        cost,
      ]);
    }
    assertEquals(loops, count - 1);
  }
});

Deno.test("planModule() is linear: a megabyte of branches in nested blocks takes less than a second", () => {
  const depth = 1000, turns = 250;
  const nest: Bytes = [
    ...new Array(depth).fill([0x02, EMPTY]).flat(),
    ...Array.from({ length: depth }, (_, label) => [0x20, 0, 0x0d, ...leb(label % (depth - label)), END])
      .flat(),
  ];
  const code: Bytes = [];
  for (let turn = 0; turn < turns; turn++) for (const byte of nest) code.push(byte);
  const bytes = wasmModule({ types: [funcType([I32], [])], functions: [{ type: 0, code }] });
  assert(bytes.length > 1_000_000);
  const { module } = validModule(bytes), start = performance.now();
  const plan = planModule(module, DEFAULT_COSTS);
  assert(performance.now() - start < 1000);
  assert(plan.siteCount > turns * depth / 4, `${plan.siteCount} sites`);
});
