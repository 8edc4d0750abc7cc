/**
 * Guests that try to do much between two tests: whatever they do, little is charged beyond the budget when they are stopped,
 * and they have not done much more by then.
 */
import { countingModule, UNITS } from "../analysis/oracle.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, globalValue, InstrumentedRun } from "./instrumented.ts";
import {
  LONG_BEHIND,
  LONG_CALLS,
  LONG_HANDLERS,
  LONG_LOOPS,
  LONG_PAIRS,
  type LongRow,
} from "./long_guests.ts";

/** Units beyond the budget: all that light functions, and untested ones, may add up to in one body, and a little. */
const MOST_BEYOND = 150_000;

/** Without what stops them, guests would do this much untested. */
const WORTHWHILE = 200_000;

/** What `f` costs in all, and how many turns it makes. */
function wholeRun(bytes: Uint8Array, row: LongRow): { units: number; turns: number } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes)), row.imports);
  callExport(exports, "f", []);
  return { units: Number(globalValue(exports, UNITS)), turns: Number(globalValue(exports, "turns")) };
}

/** Calls `f` with a budget: how that ended, what is charged beyond the budget then, and the turns that were made. */
async function runWith(
  bytes: Uint8Array<ArrayBuffer>,
  { row, budget }: { row: LongRow; budget: number },
): Promise<{ end: string; beyond: number; turns: number }> {
  let granted = 0, stopped = false;
  const run = await InstrumentedRun.start(bytes, {
    imports: Object.values(row.imports?.m ?? {}).map((value) => ({ value })),
    hooks: {
      refuel: (instance) => {
        if (granted === budget) {
          stopped = true;
          throw new Error("The budget is used up");
        }
        granted = budget;
        instance.fuel.value += BigInt(budget);
        if (instance.fuel.value < 0n) {
          stopped = true;
          throw new Error("The budget is used up");
        }
      },
    },
  });
  let end = "returned";
  try {
    run.call("f");
  } catch (error) {
    end = stopped ? "stopped" : String(error);
  }
  const beyond = -Number(run.instance.fuel.value) - (budget - granted);
  return { end, beyond, turns: Number(globalValue(run.instance.exports, "turns")) };
}

const GROUPS: Readonly<Record<string, Readonly<Record<string, LongRow>>>> = {
  "in straight code": LONG_CALLS,
  "on the way out of a recursion": LONG_BEHIND,
  "between payments": LONG_PAIRS,
  "in loops around calls of functions that charge themselves": LONG_LOOPS,
  "in handlers that throw on": LONG_HANDLERS,
};

for (const [group, rows] of Object.entries(GROUPS)) {
  for (const [name, row] of Object.entries(rows)) {
    const title = `a guest that does much ${group} is stopped in time: ${name}`;
    Deno.test(title, async () => {
      const bytes = compileText(
        `(module (global $turns (export "turns") (mut i32) (i32.const 0)) ${row.fields})`,
      );
      const { units, turns } = wholeRun(bytes, row), each = units / turns;
      assert(units > WORTHWHILE + MOST_BEYOND, `${units} units`);
      for (const share of [0, 0.01, 0.1, 0.3, 0.5]) {
        const budget = Math.floor((units - WORTHWHILE) * share), what = `${budget} of ${units} units`;
        const found = await runWith(bytes, { row, budget });
        assertEquals(found.end, "stopped", what);
        assert(
          row.ahead === true || found.beyond <= MOST_BEYOND,
          `${what}: ${found.beyond} charged beyond that`,
        );
        const done = found.turns * each - budget;
        assert(done <= MOST_BEYOND, `${what}: ${done} done beyond that, in ${found.turns} turns`);
      }
    });
  }
}
