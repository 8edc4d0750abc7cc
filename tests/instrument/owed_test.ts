/** What is owed is paid in time: loops that pay now and then are stopped all the same, and owe little when they trap. */
import { MOST_OWED } from "../../src/analysis/plan.ts";
import { loopKinds } from "../analysis/loop_kinds.ts";
import { countingModule, UNITS } from "../analysis/oracle.ts";
import { validModule } from "../analysis/text_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { ENDLESS, type LoopRow, MOST_TURNS, PAYS_RARELY, TURN, upTo } from "./endless_loops.ts";
import { callExport, globalValue, InstrumentedRun, type RunOptions } from "./instrumented.ts";

/** Iterations after which a loop traps that should have been stopped long before. */
const RUNAWAY = 3_000_000;

/** Units that a loop is given in all, and at a time. */
const BUDGETS = [[0n, 1n], [1n, 1n], [100n, 100n], [5000n, 7n], [100_000n, 1000n], [
  200_000n,
  50_000n,
]] as const;

function moduleOf(
  { code, fields = "" }: Omit<LoopRow, "kinds">,
  mostTurns = RUNAWAY,
): Uint8Array<ArrayBuffer> {
  return compileText(`(module (global $turns (export "turns") (mut i32) (i32.const 0)) ${fields}
    (func (export "f") (param i32) (local i32 i32 i32) ${code}))`.replaceAll(MOST_TURNS, String(mostTurns)));
}

/** The bare V8 instance that counts, after a call of `f`, and how that ended. */
function oracleRun(bytes: Uint8Array): { units: bigint; end: string } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes)));
  let end = "returned";
  try {
    callExport(exports, "f", [1]);
  } catch (error) {
    end = String(error);
  }
  return { units: BigInt(String(globalValue(exports, UNITS))), end };
}

/** Units from one turn of an endless loop to the next. */
function unitsOfTurn(row: LoopRow): number {
  return Number(oracleRun(moduleOf(row, 200)).units - oracleRun(moduleOf(row, 100)).units) / 100;
}

/** A run that is given `budget` units, in slices. */
class BudgetRun {
  #granted = 0n;
  #stopped = false;
  /** Turns that were made when the hook was called, each time. */
  readonly turnsAtHook: number[] = [];

  private constructor(readonly budget: bigint, readonly slice: bigint) {}

  static async start(
    bytes: Uint8Array<ArrayBuffer>,
    options: { budget: bigint; slice: bigint },
  ): Promise<{ run: InstrumentedRun; watch: BudgetRun }> {
    const watch = new BudgetRun(options.budget, options.slice);
    const hooks: RunOptions["hooks"] = {
      refuel: (instance) => {
        watch.turnsAtHook.push(Number(globalValue(instance.exports, "turns")));
        while (instance.fuel.value < 0n) {
          const most = watch.budget - watch.#granted, more = watch.slice < most ? watch.slice : most;
          watch.#granted += more;
          instance.fuel.value += more;
          if (more > 0n) continue;
          watch.#stopped = true;
          throw new Error("The budget is used up");
        }
      },
    };
    return { run: await InstrumentedRun.start(bytes, { hooks }), watch };
  }

  /** Calls `f`, and says how that ended and how much is left. */
  call(run: InstrumentedRun): { end: string; left: bigint } {
    let end = "returned";
    try {
      run.call("f", [1]);
    } catch (error) {
      end = this.#stopped ? "stopped" : String(error);
    }
    return { end, left: this.budget - this.#granted + run.instance.fuel.value };
  }
}

/**
 * Units that may have run when a loop is stopped: what it may owe, twice that where a counter's round adds as much, and
 * an iteration.
 */
function mostBeyond(kinds: string, units: number): number {
  return (kinds.includes("counted") ? 2 : 1) * MOST_OWED + units;
}

for (const [name, row] of Object.entries(ENDLESS)) {
  Deno.test(`a loop that never ends is stopped, and calls the hook regularly: ${name}`, async () => {
    const bytes = moduleOf(row), { module } = validModule(bytes);
    const kinds = loopKinds(module, module.bodies.length - 1);
    const units = unitsOfTurn(row), beyond = mostBeyond(kinds, units);
    if (row.kinds !== "") assertEquals(kinds, row.kinds);
    for (const [budget, slice] of BUDGETS) {
      const { run, watch } = await BudgetRun.start(bytes, { budget, slice }), { end, left } = watch.call(run);
      const what = `${kinds}, budget ${budget}`;
      assertEquals(end, "stopped", what);
      const turns = [0, ...watch.turnsAtHook], last = Number(globalValue(run.instance.exports, "turns"));
      assertEquals(last, turns.at(-1), what);
      assert(last * units <= Number(budget) + beyond, `${what}: ${last} turns of ${units} units`);
      assert(left < 0n && Number(-left) <= beyond, `${what}: ${left} left`);
      for (let call = 1; call < turns.length; call++) {
        const between = ((turns[call] ?? 0) - (turns[call - 1] ?? 0)) * units;
        assert(between <= Number(slice) + beyond, `${what}: ${between} units between two calls of the hook`);
      }
    }
  });
}

for (const [name, row] of Object.entries({ ...ENDLESS, "that pays in some turns": PAYS_RARELY })) {
  Deno.test(`a loop that never ends is stopped in the same turn whatever the slices: ${name}`, async () => {
    const bytes = moduleOf(row);
    for (const budget of [20_000n, 21_000n, 22_000n, 23_500n]) {
      const turns: number[] = [];
      for (const slice of [7n, 1000n, budget]) {
        const { run, watch } = await BudgetRun.start(bytes, { budget, slice });
        assertEquals(watch.call(run).end, "stopped");
        turns.push(Number(globalValue(run.instance.exports, "turns")));
      }
      assertEquals(new Set(turns).size, 1, `budget ${budget}: ${turns}`);
    }
  });
}

/** Loops that end by a trap, in the turn that is given. The one with a static loop pays before it runs. */
const TRAPPING: Readonly<Record<string, (turn: number) => LoopRow>> = {
  "wrapped": (turn) => ({
    code: `loop ${TURN} global.get $turns i32.const ${turn} i32.eq if unreachable end br 0 end`,
    kinds: "wrapped",
  }),
  "tested": (turn) => ({
    code: `loop call $g ${TURN} global.get $turns i32.const ${turn} i32.eq if unreachable end br 0 end`,
    fields: "(func $g)",
    kinds: "tested",
  }),
  "counted": (turn) => ({
    code: `loop ${TURN} global.get $turns i32.const ${turn} i32.eq if unreachable end ${
      upTo(1, 1_000_000)
    } end`,
    kinds: "counted",
  }),
  "by a division": (turn) => ({
    code: `loop ${TURN} i32.const 7 global.get $turns i32.const ${turn} i32.ne i32.div_u drop br 0 end`,
    kinds: "wrapped",
  }),
  "in a light function": (turn) => ({
    code: `loop ${TURN} global.get $turns i32.const ${turn} i32.eq call $g br 0 end`,
    fields: "(func $g (param i32) local.get 0 if unreachable end)",
    kinds: "tested",
    behind: 1,
  }),
  "in a function that takes what is owed": (turn) => ({
    code: `loop ${TURN} global.get $turns i32.const ${turn} i32.eq call $g br 0 end`,
    fields: '(func $g (export "g") (param i32) local.get 0 if unreachable end)',
    kinds: "tested",
    behind: 1,
  }),
  "behind a call that returns what is owed": (turn) => ({
    code: `loop call $g global.get $turns i32.const ${turn} i32.eq if unreachable end br 0 end`,
    fields: `(func $g (export "g") ${TURN})`,
    kinds: "tested",
  }),
  "counted in a tested loop": (turn) => ({
    code: `loop i32.const 1 local.get 0 i32.sub local.set 1
      loop ${TURN} global.get $turns i32.const ${turn} i32.eq if unreachable end ${
      upTo(1, 100)
    } end br 0 end`,
    kinds: "tested counted",
  }),
};

for (const [name, rowOf] of Object.entries(TRAPPING)) {
  Deno.test(`a loop that traps owes little: ${name}`, async () => {
    let most = 0n;
    for (const turn of [1, 2, 10, 100, 150, 200, 228, 229, 240, 255, 256, 257, 300, 512, 1000, 10_000]) {
      const row = rowOf(turn), bytes = moduleOf(row), { module } = validModule(bytes);
      assertEquals(loopKinds(module, module.bodies.length - 1), row.kinds);
      const oracle = oracleRun(bytes);
      const { run, watch } = await BudgetRun.start(bytes, { budget: 1_000_000n, slice: 1000n });
      const { end, left } = watch.call(run);
      assertEquals([end, globalValue(run.instance.exports, "turns")], [oracle.end, turn]);
      const missing = oracle.units - (watch.budget - left);
      assert(missing >= -BigInt(row.behind ?? 0), `turn ${turn}: ${-missing} units too much`);
      // A counter's round may have as much to pay as was owed before it began.
      const bound = (name.startsWith("counted") ? 2 : 1) * MOST_OWED + 40;
      assert(missing <= BigInt(bound), `turn ${turn}: ${missing} units are missing`);
      if (missing > most) most = missing;
    }
    assert(most > 1000n, `at most ${most} were owed`);
  });
}

/** Functions that return. Whatever way they do, all that they consumed has been paid. */
const ENDING: Readonly<Record<string, Omit<LoopRow, "kinds">>> = {
  "by its end": { code: `loop ${TURN} global.get $turns i32.const 500 i32.lt_s br_if 0 end` },
  "by a branch": { code: `block loop ${TURN} global.get $turns i32.const 500 i32.gt_s br_if 1 br 0 end end` },
  "by a branch to the function's label": {
    code: `loop ${TURN} global.get $turns i32.const 500 i32.gt_s br_if 1 br 0 end`,
  },
  "by br_table": {
    code: `block block loop ${TURN} global.get $turns i32.const 500 i32.ge_s br_table 0 2 end end end`,
  },
  "by a return": { code: `loop ${TURN} global.get $turns i32.const 500 i32.gt_s if return end br 0 end` },
  "by a tail call": {
    code: `loop ${TURN} global.get $turns i32.const 500 i32.gt_s if return_call $g end br 0 end`,
    fields: "(func $g i32.const 1 drop)",
  },
  "by a throw": {
    code:
      `(block $c (try_table (catch_all $c) loop ${TURN} global.get $turns i32.const 500 i32.gt_s if throw $t end br 0 end))`,
    fields: "(tag $t)",
  },
  "by a call that throws": {
    code:
      `(block $c (try_table (catch_all $c) loop ${TURN} global.get $turns i32.const 500 i32.gt_s if call $g unreachable end br 0 end))`,
    fields: "(tag $t) (func $g throw $t)",
  },
  "by a reference that is thrown": {
    code:
      `(block $c (try_table (catch_all $c) (block $r (result exnref) (try_table (catch_all_ref $r) throw $t) unreachable)
      local.set 4 loop ${TURN} global.get $turns i32.const 500 i32.gt_s if local.get 4 throw_ref end br 0 end))`,
    fields: "(tag $t)",
  },
  "through calls that pass on what is owed": {
    code: `loop call $g global.get $turns i32.const 500 i32.lt_s br_if 0 end`,
    fields: `(func $g (export "g") ${TURN})`,
  },
  "through calls before which it is paid": {
    code: `loop call $g drop drop global.get $turns i32.const 500 i32.lt_s br_if 0 end`,
    fields: `(func $g (export "g") (result i32 i32) ${TURN} i32.const 1 i32.const 2)`,
  },
  "through a table": {
    code: `loop i32.const 0 call_indirect global.get $turns i32.const 500 i32.lt_s br_if 0 end`,
    fields: `(table 1 funcref) (elem (i32.const 0) $g) (func $g ${TURN})`,
  },
  "through recursion": {
    code: "i32.const 500 call $g",
    fields: `(func $g (param i32) ${TURN} local.get 0 if local.get 0 i32.const 1 i32.sub call $g end)`,
  },
  "through recursion with a short way out": {
    code: "i32.const 500 call $g",
    fields: `(func $g (param i32) local.get 0 if ${TURN} local.get 0 i32.const 1 i32.sub call $g end)`,
  },
  "counted": { code: `loop ${TURN} ${upTo(1, 500)} end` },
  "counted, from what is not known": { code: `local.get 0 local.set 1 loop ${TURN} ${upTo(1, 500)} end` },
  "counted, in a tested loop": {
    code: `loop i32.const 1 local.get 0 i32.sub local.set 1 loop ${TURN} ${upTo(1, 50)} end ${
      upTo(2, 20)
    } end`,
  },
};

for (const [name, row] of Object.entries(ENDING)) {
  Deno.test(`a run is out of fuel if and only if it consumed more than its budget: ${name}`, async () => {
    const code = row.code.includes("local.set 4") ? `(local exnref) ${row.code}` : row.code;
    const bytes = moduleOf({ ...row, code });
    const { units } = oracleRun(bytes);
    assert(units > 5000n);
    for (const difference of [-5000n, -4096n, -100n, -2n, -1n, 0n, 1n, 100n, 5000n]) {
      for (const slice of [1n, 1000n, 1_000_000n]) {
        const { run, watch } = await BudgetRun.start(bytes, { budget: units + difference, slice });
        const { end, left } = watch.call(run), what = `${difference} more than ${units}, slices of ${slice}`;
        // What returns is judged by what it left: the last units may have been charged without a test.
        assertEquals(end === "stopped" || left < 0n, difference < 0n, `${what}: ${end}, ${left} left`);
        if (end === "returned") assertEquals(left, difference, what);
      }
    }
  });
}
