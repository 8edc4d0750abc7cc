import { assert, assertEquals } from "../assert.ts";
import { compareWithOracle } from "../instrument/oracle_run.ts";
import { listPlan } from "./plan_listing.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** Code that costs that many units. */
const cost = (units: number): string => repeat(units, "i32.const 0 drop");

/** The same as it is listed. */
const listed = (units: number): string => repeat(units, "i32.const drop");

/** A note, the code of a function with two parameters, and its plan. */
type SplitRow = readonly [note: string, code: string, expected: string];

const MOVED: readonly SplitRow[] = [
  [
    "two arms",
    `local.get 0 if ${cost(2)} else ${cost(5)} end`,
    `[test 5] local.get if ${listed(2)} else [charge 3] ${listed(5)} end end`,
  ],
  [
    "two arms that cost the same",
    `local.get 0 if ${cost(4)} else ${cost(4)} end ${cost(1)}`,
    `[test 8] local.get if ${listed(4)} else ${listed(4)} end ${listed(1)} end`,
  ],
  [
    "an arm that returns, and what is behind",
    `local.get 0 if ${cost(1)} return end ${cost(3)}`,
    `[test 4] local.get if ${listed(1)} [leave] return end [charge 2] ${listed(3)} end`,
  ],
  [
    "an arm that leaves for further out, and what is behind",
    `block local.get 0 if br 1 end ${cost(2)} end`,
    `[test 4] block local.get if br end [charge 1] ${listed(2)} end end`,
  ],
  [
    "what is behind a branch and returns, and what the branch leads to",
    `block local.get 0 br_if 0 ${cost(2)} return end ${cost(1)}`,
    `[test 4] block local.get br_if [charge 1] ${listed(2)} [leave] return end ${listed(1)} end`,
  ],
  [
    "inner ones first, then the outer",
    `local.get 0 if local.get 1 if ${cost(3)} else ${cost(4)} end else ${cost(9)} end`,
    `[test 8] local.get if local.get if ${listed(3)} else [charge 1] ${listed(4)} end else [charge 4] ` +
    `${listed(9)} end end`,
  ],
  [
    "two after each other",
    `local.get 0 if ${cost(1)} else ${cost(2)} end local.get 1 if ${cost(2)} else ${cost(1)} end`,
    `[test 7] local.get if ${listed(1)} else [charge 1] ${listed(2)} end local.get if [charge 1] ${
      listed(2)
    } ` +
    `else ${listed(1)} end end`,
  ],
  [
    "in a loop, to its header",
    `loop local.get 0 if ${cost(1)} else ${cost(2)} end local.get 0 br_if 0 end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 5] local.get if ${listed(1)} else [charge+wrapped 1] ${
      listed(2)
    } ` +
    "end local.get br_if end [loopEnd+wrapped] end",
  ],
];

const KEPT: readonly SplitRow[] = [
  [
    "where an arm costs nothing",
    `local.get 0 if nop else ${cost(2)} end`,
    `[test 3] local.get if nop else [charge 2] ${listed(2)} end end`,
  ],
  [
    "where there is one arm, and what is behind belongs to the region before",
    `local.get 0 if ${cost(2)} end ${cost(2)}`,
    `[test 5] local.get if [charge 2] ${listed(2)} end ${listed(2)} end`,
  ],
  [
    "where what is behind a block is reached from its end, too",
    `block block local.get 0 br_if 0 ${cost(2)} local.get 1 br_if 1 end ${cost(2)} end`,
    `[test 3] block block local.get br_if [charge 4] ${listed(2)} local.get br_if end [charge 2] ${
      listed(2)
    } end end`,
  ],
  [
    "where two branches lead there",
    `block local.get 0 br_if 0 ${cost(1)} local.get 1 br_if 0 ${cost(1)} return end ${cost(1)}`,
    `[test 3] block local.get br_if [charge 3] ${listed(1)} local.get br_if [charge 1] ${listed(1)} ` +
    `[leave] return end [charge 1] ${listed(1)} end`,
  ],
  [
    "where a branch leads out of a loop",
    `block block loop local.get 0 br_if 1 local.get 1 br_if 2 ${cost(1)} br 0 end end ${cost(1)} end`,
    // 2 of the header: where the loop is entered, and where the one `br` goes back.
    "[test 3] block block [loop+wrapped] loop [test+wrapped 0] local.get [branch+wrapped] br_if [charge+wrapped 2] " +
    `local.get [branch+wrapped] br_if [charge+wrapped 4] ${
      listed(1)
    } br end [loopEnd+wrapped] end [charge 1] ` +
    `${listed(1)} end end`,
  ],
  [
    "where an arm's end and a branch in it lead to the same code",
    `local.get 0 if local.get 1 br_if 0 ${cost(1)} else return end ${cost(2)}`,
    `[test 3] local.get if [charge 2] local.get br_if [charge 1] ${
      listed(1)
    } else [leave] return end [charge 2] ` +
    `${listed(2)} end`,
  ],
  [
    "where a branch out of an arm leads to what is behind it",
    `local.get 0 if local.get 1 br_if 0 ${cost(1)} return end ${cost(2)}`,
    `[test 3] local.get if [charge 2] local.get br_if [charge 1] ${
      listed(1)
    } [leave] return end [charge 2] ` +
    `${listed(2)} end`,
  ],
  [
    "where a branch leads back",
    `loop local.get 0 br_if 0 ${cost(1)} end ${cost(1)}`,
    `[test 2] [loop+wrapped] loop [test+wrapped 2] local.get br_if [charge+wrapped 1] ${listed(1)} end ` +
    `[loopEnd+wrapped] ${listed(1)} end`,
  ],
  [
    "where one way traps, and what is behind belongs to the region before",
    `block local.get 0 br_if 0 ${cost(2)} unreachable end ${cost(1)}`,
    `[test 4] block local.get br_if [charge 2] ${listed(2)} unreachable end ${listed(1)} end`,
  ],
  [
    "in dead code",
    `return local.get 0 if ${cost(1)} else ${cost(1)} end`,
    `[test 1] [leave] return local.get if ${listed(1)} else ${listed(1)} end end`,
  ],
];

const functionOf = (code: string): string => `(func (export "f") (param i32 i32) ${code})`;

for (const [what, rows] of [["moves what both ways are charged", MOVED], ["moves nothing", KEPT]] as const) {
  Deno.test(`Splits ${what}`, () => {
    for (const [note, code, expected] of rows) {
      assertEquals(listPlan(textModule(functionOf(code)).module, 0), expected, note);
    }
  });
}

Deno.test("Splits changes nothing about what a call costs", async () => {
  const ways = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;
  let compared = 0;
  for (const [note, code] of [...MOVED, ...KEPT]) {
    // Loops end, and traps do not come: neither can be compared.
    const fields = functionOf(code.replaceAll("unreachable", "return"));
    const inputs = code.includes("loop")
      ? ways.filter(([first]) => first === (code.includes("br 0") ? 1 : 0))
      : ways;
    compared += await compareWithOracle({ note, fields, inputs });
  }
  assert(compared >= 50, `${compared} calls`);
});
