/** Functions that are passed counters, with what may go wrong there: locals, ways out, and ways in. */
import { PASS } from "../../src/analysis/passed_counters.ts";
import type { TortureRow } from "../analysis/torture.ts";

/** Functions that export `f`, and what each is passed. */
export interface MeterRow extends TortureRow {
  /** Bits of `PASS` by function. */
  readonly passed: readonly number[];
}

const { depth, owed, entry } = PASS;

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** Arguments of `f`. */
export const NUMBERS: readonly (readonly number[])[] = [[0], [1], [2], [3], [10], [300]];

/** Where the number of calls is exponential. */
export const SMALL: readonly (readonly number[])[] = [[0], [1], [2], [7], [12]];

/** The argument of a function, less 1. */
export const LESS = "local.get 0 i32.const 1 i32.sub";

export const TABLE = "(table 2 funcref)";

/** Calls `$g` with the argument of `f`. */
export const MAIN = '(func (export "f") (param i32) (result i32) local.get 0 call $g)';

export const LOCALS: readonly MeterRow[] = [
  {
    note: "locals whose places are taken start at 0 and keep their values over calls",
    fields: `(func $g (param i32) (result i32) (local i32 i32 i32 i64)
      local.get 1 local.get 2 i32.add local.get 3 i32.add local.get 4 i32.wrap_i64 i32.add i32.const 1000 i32.mul
      local.get 0 i32.const 3 i32.mul local.set 1  local.get 0 i32.const 5 i32.mul local.set 2
      local.get 0 i32.const 7 i32.mul local.set 3  i64.const 11 local.set 4
      local.get 0 i32.eqz if local.get 1 return end
      ${LESS} call $g i32.add
      local.get 1 i32.add local.get 2 i32.add local.get 3 i32.add local.get 4 i32.wrap_i64 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
  {
    note: "one local, and two places that are needed",
    fields: `(func $g (param i32) (result i32) (local i32)
      local.get 1 local.get 0 local.tee 1 i32.add
      local.get 0 if (param i32) (result i32) ${LESS} call $g i32.const 3 i32.mul i32.add end
      local.get 1 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
  {
    note: "no locals",
    fields: `(func $g (param i32) (result i32)
      local.get 0 if (result i32) ${LESS} call $g i32.const 2 i32.add else i32.const 5 end) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
  {
    note: "a place for the depth alone",
    fields: `(func $g (param i32) (result i32) (local i32 i64)
      local.get 0 i32.eqz if local.get 1 local.get 2 i32.wrap_i64 i32.add return end
      i32.const 4 local.set 1 i64.const 9 local.set 2 ${LESS} call $g
      local.get 1 i32.add local.get 2 i32.wrap_i64 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth, 0],
  },
  {
    note: "a place for none",
    fields: `(func $g (param i32) (result i32) (local i64 i32)
      local.get 0 i32.eqz if local.get 2 return end
      i32.const 4 local.set 2 i64.const 9 local.set 1 ${LESS} call $g
      local.get 2 i32.add local.get 1 i32.wrap_i64 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [0, 0],
  },
  {
    note: "locals that are set by loops that count",
    fields: `(func $g (param i32) (result i32) (local i32 i32 i32)
      loop local.get 2 local.get 1 i32.add local.set 2
        local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_s br_if 0 end
      local.get 0 if ${LESS} call $g local.set 3 end local.get 1 local.get 2 i32.add local.get 3 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
  {
    note: "more locals than are free, of which the first are replaced",
    fields: `(func $g (param i32) (result i32) (local ${repeat(200, "i32")})
      local.get 2 local.get 200 i32.add local.get 0 local.tee 2 local.set 200
      local.get 0 if ${LESS} call $g local.set 1 end local.get 2 i32.add local.get 1 i32.add) ${MAIN}`,
    inputs: NUMBERS.filter(([number = 0]) => number < 50),
    passed: [depth | owed, 0],
  },
];

/** Ways out of `$g`, which recurs once for each way it does not take. */
const wayOut = (note: string, code: string): MeterRow => ({
  note,
  fields: `(func $g (param i32) (result i32) (local i32) ${code}) ${MAIN}`,
  inputs: SMALL,
  passed: [depth | owed, 0],
});

export const WAYS_OUT: readonly MeterRow[] = [
  wayOut(
    "by a return over more operands",
    `i32.const 9 i32.const 8 local.get 0 i32.eqz if i32.const 7 return end
    drop drop ${LESS} call $g i32.const 1 i32.add`,
  ),
  wayOut(
    "by a branch to the function's label",
    `local.get 0 i32.eqz if i32.const 7 br 1 end ${LESS} call $g
    i32.const 1 i32.add`,
  ),
  wayOut(
    "by a branch over more operands",
    `i32.const 9 i32.const 8 local.get 0 i32.eqz if i32.const 7 br 1 end
    drop drop ${LESS} call $g i32.const 1 i32.add`,
  ),
  wayOut("by br_if", `i32.const 7 local.get 0 i32.eqz br_if 0 drop ${LESS} call $g i32.const 1 i32.add`),
  wayOut(
    "by br_table",
    `block $a (result i32) block $b (result i32) i32.const 7 local.get 0 i32.const 3 i32.rem_u br_table 2 $a $b end
      ${LESS} call $g i32.add end ${LESS} call $g i32.add`,
  ),
  wayOut(
    "out of a loop",
    `loop (result i32) local.get 0 i32.eqz if i32.const 7 br 2 end ${LESS} local.tee 0
    call $g local.set 1 local.get 1 i32.const 7 i32.gt_u if local.get 1 return end br 0 end`,
  ),
  wayOut(
    "by a branch to the function's label in dead code",
    `local.get 0 i32.eqz if i32.const 7 return br 1 end
    ${LESS} call $g i32.const 1 i32.add return i32.const 3 br 0`,
  ),
  wayOut(
    "with calls in dead code",
    `local.get 0 i32.eqz if i32.const 7 return call $g drop end
    ${LESS} call $g i32.const 1 i32.add return ${LESS} call $g call $g`,
  ),
  wayOut("with no call but in dead code", "local.get 0 return call $g"),
  {
    note: "without a result",
    fields: `(global $sum (mut i32) (i32.const 0))
      (func $g (param i32) local.get 0 i32.eqz br_if 0 global.get $sum local.get 0 i32.add global.set $sum ${LESS} call $g)
      (func (export "f") (param i32) (result i32) local.get 0 call $g global.get $sum)`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
  {
    note: "with results of other types",
    fields: `(func $g (param i32) (result f64) local.get 0 if (result f64) ${LESS} call $h f64.convert_i64_s
        else f64.const 0.5 end)
      (func $h (param i32) (result i64) local.get 0 if (result i64) ${LESS} call $g i64.trunc_f64_s i64.const 3 i64.add
        else i64.const 4 end)
      (func (export "f") (param i32) (result f64) local.get 0 call $g)`,
    inputs: NUMBERS,
    passed: [depth | owed, depth | owed, 0],
  },
  {
    note: "with several results, by each way",
    fields: `(func $g (param i32) (result i32 i64)
        local.get 0 i32.eqz if i32.const 1 i64.const 2 return end
        local.get 0 i32.const 5 i32.eq if i32.const 9 i32.const 5 i64.const 6 br 1 end
        i32.const 4 i64.const 4 local.get 0 i32.const 7 i32.eq br_if 0 drop drop
        ${LESS} call $g i64.const 3 i64.add)
      (func (export "f") (param i32) (result i32 i64) local.get 0 call $g)`,
    inputs: NUMBERS,
    passed: [depth, 0],
  },
];

const FIB = `local.get 0 i32.const 2 i32.lt_u if local.get 0 return end
  ${LESS} CALL local.get 0 i32.const 2 i32.sub CALL i32.add`;

export const REACHED: readonly MeterRow[] = [
  {
    note: "exported, and recurs",
    fields: `(func $g (export "f") (param i32) (result i32) ${FIB.replaceAll("CALL", "call $g")})`,
    inputs: SMALL,
    passed: [depth | owed | entry],
  },
  {
    note: "through a table and directly in one function",
    fields: `${TABLE} (elem (i32.const 1) $g) (type $t (func (param i32) (result i32)))
      (func $g (export "f") (param i32) (result i32) ${
      FIB.replace("CALL", "call $g").replace("CALL", "i32.const 1 call_indirect (type $t)")
    })`,
    inputs: SMALL,
    passed: [depth | owed | entry],
  },
  {
    note: "by a reference and directly in one function",
    fields: `(type $t (func (param i32) (result i32))) (elem declare func $g)
      (func $g (export "f") (type $t) ${
      FIB.replace("CALL", "call $g").replace("CALL", "ref.func $g call_ref $t")
    })`,
    inputs: SMALL,
    passed: [depth | owed | entry],
  },
  {
    note: "through a table, with several results",
    fields: `${TABLE} (elem (i32.const 0) $g) (type $t (func (param i32) (result i32 i32)))
      (func $g (param i32) (result i32 i32) local.get 0 i32.eqz if i32.const 1 i32.const 2 return end
        local.get 0 i32.const 1 i32.and if (result i32 i32) ${LESS} call $g else ${LESS} i32.const 0 call_indirect (type $t) end
        i32.const 3 i32.add)
      (func (export "f") (param i32) (result i32 i32) local.get 0 call $g)`,
    inputs: NUMBERS,
    passed: [depth | entry, 0],
  },
  {
    note: "exported, and called by another",
    fields: `(func $g (export "g") (param i32) (result i32) local.get 0 i32.const 3 i32.mul)
      (func (export "f") (param i32) (result i32) local.get 0 call $g call $g)`,
    inputs: NUMBERS,
    passed: [owed | entry, 0],
  },
  {
    note: "at the start, and called by another",
    fields:
      `(global $sum (mut i32) (i32.const 1)) (func $g global.get $sum i32.const 2 i32.mul global.set $sum
        loop global.get $sum i32.eqz br_if 0 end) (start $g)
      (func (export "f") (result i32) call $g call $g global.get $sum)`,
    inputs: [[], []],
    passed: [owed | entry, 0],
  },
  {
    note: "its type is that of other functions in a group of types",
    fields:
      `(rec (type $t (sub (func (param i32) (result i32)))) (type $u (sub $t (func (param i32) (result i32)))))
      (table 1 (ref null $t)) (elem (i32.const 0) (ref null $t) (ref.func $g))
      (func $g (export "f") (type $u) local.get 0 i32.eqz if i32.const 7 return end
        local.get 0 i32.const 1 i32.and if (result i32) ${LESS} call $g
        else ${LESS} i32.const 0 call_indirect (type $u) end i32.const 1 i32.add)`,
    inputs: NUMBERS,
    passed: [depth | owed | entry],
  },
  {
    note: "with a short way out",
    fields: `(func $g (export "f") (param i32) (result i32) (local i32 i32)
      local.get 0 if ${LESS} call $g i32.const 3 i32.add local.set 2 end local.get 1 local.get 2 i32.add)`,
    inputs: NUMBERS,
    passed: [depth | owed | entry],
  },
];

/** `$dies` is not light, and `$light` calls it where it does not come back. */
const dying = (note: string, how: { dies: string; light: string; passed: number }): MeterRow => ({
  note,
  fields: `(func $dies (param i32) ${how.dies}) (func $light (param i32) (result i32) ${how.light})
    (func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 0 call $light return end
      ${LESS} call $g call $light local.get 0 i32.add) ${MAIN}`,
  inputs: NUMBERS,
  passed: [how.passed, 0, depth | owed, 0],
});

const ENDLESS_LOOP = "loop local.get 0 br_if 0 end unreachable", NOT_HERE = "local.get 0 i32.const -7 i32.eq";

export const DYING: readonly MeterRow[] = [
  dying("a light function calls one that never returns", {
    dies: ENDLESS_LOOP,
    light: `${NOT_HERE} if i32.const 1 call $dies unreachable end local.get 0`,
    passed: owed,
  }),
  dying("a light function calls one that never returns, and that recurs", {
    dies: "local.get 0 call $dies",
    light: `${NOT_HERE} if i32.const 1 call $dies unreachable end local.get 0`,
    passed: depth | owed,
  }),
  dying("a light function calls two that never return", {
    dies: ENDLESS_LOOP,
    light:
      `${NOT_HERE} if i32.const 1 call $dies unreachable else ${NOT_HERE} if i32.const 1 call $dies unreachable end
      end local.get 0`,
    passed: owed,
  }),
  dying("a light function calls one that never returns in dead code", {
    dies: ENDLESS_LOOP,
    light: "local.get 0 return i32.const 1 call $dies unreachable",
    passed: owed,
  }),
  dying("a light function calls one that never returns in dead code over and over", {
    dies: "local.get 0 call $dies",
    light: `block local.get 0 return ${repeat(3, "i32.const 1 call $dies unreachable")} end i32.const 3`,
    passed: depth | owed,
  }),
  {
    note: "a light function calls one with a result that never returns",
    fields: `(func $dies (result i32) loop br 0 end unreachable)
      (func $light (param i32) (result i32) ${NOT_HERE} if (result i32) call $dies unreachable else i32.const 5 end)
      (func $g (param i32) (result i32) local.get 0 call $light) ${MAIN}`,
    inputs: NUMBERS,
    passed: [owed, 0, 0, 0],
  },
  {
    note:
      "a light function that is in a table calls one that never returns, and that calls from outside reach",
    fields: `${TABLE} (elem (i32.const 0) $light $dies) (func $dies (param i32) (result i32) ${ENDLESS_LOOP})
      (func $light (param i32) (result i32) ${NOT_HERE} if i32.const 1 call $dies unreachable end local.get 0)
      (func $g (param i32) (result i32) local.get 0 call $light
        local.get 0 i32.const 0 call_indirect (param i32) (result i32) i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [owed | entry, 0, depth | owed, 0],
  },
];

export const BETWEEN: readonly MeterRow[] = [
  {
    note: "loops before, around and behind recursion",
    fields: `(func $g (param i32) (result i32) (local i32 i32)
      loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0 end
      local.get 0 i32.eqz if i32.const 1 return end
      loop ${LESS} i32.const 2 i32.div_u call $g local.get 2 i32.add local.tee 2 local.get 0 i32.lt_u br_if 0 end
      loop local.get 1 i32.const 3 i32.sub local.tee 1 i32.const 0 i32.gt_s br_if 0 end
      local.get 1 local.get 2 i32.add) ${MAIN}`,
    inputs: SMALL,
    passed: [depth | owed, 0],
  },
  {
    note: "what is charged where it happens, in recursion",
    fields: `(memory 1 9)
      (func $g (param i32) (result i32) (local i32)
        i32.const 0 i32.const 3 local.get 0 memory.fill
        local.get 0 i32.eqz if i32.const 1 memory.grow return end
        ${LESS} call $g local.get 1 i32.add i32.const 9 i32.const 5 i32.const 7 memory.copy) ${MAIN}`,
    inputs: SMALL,
    passed: [depth | owed, 0],
  },
  {
    note: "calls of light functions on the way",
    fields:
      `(func $light (param i32) (result i32) local.get 0 if (result i32) i32.const 3 else i32.const 4 i32.const 5 i32.add end)
      (func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 0 call $light return end
        ${LESS} call $g call $light local.get 0 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [0, depth | owed, 0],
  },
  {
    note: "a chain of calls whose members pay",
    fields: `${TABLE} (elem (i32.const 0) $leaf) (func $leaf (result i32) i32.const 3)
      (func $pays (result i32) i32.const 0 call_indirect (result i32) i32.const 1 i32.add)
      (func $two (result i32 i32) call $pays call $pays)
      (func $g (param i32) (result i32) loop call $two i32.add drop ${LESS} local.tee 0 i32.const 0 i32.gt_s br_if 0 end
        call $pays) ${MAIN}`,
    inputs: NUMBERS,
    passed: [0, depth | owed, depth, depth | owed, 0],
  },
  {
    note: "NaNs are not canonical here, and locals of theirs do not matter",
    fields: `(func $g (param i32) (result i32) (local i32 i32 f32)
      local.get 0 if f32.const 0.1 local.get 3 f32.add local.set 3 ${LESS} call $g local.set 1 end
      local.get 1 local.get 3 i32.trunc_sat_f32_s i32.add local.get 2 i32.add i32.const 1 i32.add) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth | owed, 0],
  },
];
