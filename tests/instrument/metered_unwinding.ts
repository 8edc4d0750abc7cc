/** Functions that are passed counters, whose frames end without a return: by tail calls and by exceptions. */
import { PASS } from "../../src/analysis/passed_counters.ts";
import { LESS, MAIN, type MeterRow, NUMBERS, SMALL, TABLE } from "./metered_functions.ts";

const { depth, owed, entry } = PASS;

export const TAILS: readonly MeterRow[] = [
  {
    note: "a tail call of itself, often",
    fields:
      `(func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 return end ${LESS} return_call $g) ${MAIN}`,
    inputs: [[0], [1], [100_000]],
    passed: [0, 0],
  },
  {
    note: "two functions by tail calls",
    fields:
      `(func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 return end ${LESS} return_call $h)
      (func $h (param i32) (result i32) local.get 0 i32.eqz if i32.const 8 return end ${LESS} return_call $g) ${MAIN}`,
    inputs: [[0], [1], [2], [100_001]],
    passed: [0, 0, 0],
  },
  {
    note: "a tail call of what takes the depth",
    fields:
      `(func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 return end ${LESS} return_call $h)
      (func $h (param i32) (result i32) local.get 0 i32.eqz if i32.const 8 return end ${LESS} call $g i32.const 1 i32.add)
      ${MAIN}`,
    inputs: NUMBERS,
    passed: [0, depth, 0],
  },
  {
    note: "a tail call of what takes the depth and has another function for calls from outside",
    fields:
      `(func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 return end ${LESS} return_call $h)
      (func $h (export "f") (param i32) (result i32) local.get 0 i32.eqz if i32.const 8 return end ${LESS} call $g
        i32.const 1 i32.add)`,
    inputs: NUMBERS,
    passed: [0, depth | entry],
  },
  {
    note: "through a table",
    fields: `${TABLE} (elem (i32.const 0) $g $h) (type $t (func (param i32) (result i32)))
      (func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 return end
        ${LESS} local.get 0 i32.const 1 i32.and return_call_indirect (type $t))
      (func $h (param i32) (result i32) local.get 0 i32.eqz if i32.const 8 return end ${LESS} call $g i32.const 1 i32.add)
      (func (export "f") (param i32) (result i32) local.get 0 call $h)`,
    inputs: NUMBERS,
    passed: [0, depth | owed | entry, 0],
  },
  {
    note: "with a loop before, so that something is owed",
    fields:
      `(func $g (param i32) (result i32) (local i32) loop local.get 1 i32.const 3 i32.add local.tee 1 local.get 0
        i32.lt_s br_if 0 end local.get 0 i32.eqz if i32.const 7 return end ${LESS} return_call $g) ${MAIN}`,
    inputs: NUMBERS,
    passed: [0, 0],
  },
];

export const HANDLERS: readonly MeterRow[] = [
  {
    note: "a throw through frames that are counted",
    fields: `(tag $t (param i32))
      (func $g (param i32) (result i32) local.get 0 i32.eqz if i32.const 7 throw $t end ${LESS} call $g i32.const 1 i32.add)
      (func (export "f") (param i32) (result i32)
        (block $b (result i32) (try_table (result i32) (catch $t $b) local.get 0 call $g)))`,
    inputs: NUMBERS,
    passed: [depth, 0],
  },
  {
    note: "a handler in every frame",
    fields: `(tag $t (param i32))
      (func $g (export "g") (param i32) (result i32) (local i32 i32)
        local.get 0 local.set 1
        (block $b (result i32) (try_table (result i32) (catch $t $b)
          local.get 0 if (result i32) ${LESS} call $g else i32.const 7 throw $t end))
        local.get 0 i32.const 3 i32.rem_u i32.eqz if local.get 1 throw $t end
        local.get 1 i32.add local.get 2 i32.add)
      (func (export "f") (param i32) (result i32)
        (block $b (result i32) (try_table (result i32) (catch $t $b) local.get 0 call $g)))`,
    inputs: NUMBERS,
    passed: [depth | entry, 0],
  },
  {
    note: "a handler that is the function's label, and recursion behind another",
    fields: `(tag $t (param i32))
      (func $g (param i32) (result i32)
        local.get 0 i32.eqz if i32.const 7 throw $t end
        (try_table (result i32) (catch $t 0) ${LESS} call $g)
        i32.const 1 i32.add
        local.get 0 i32.const 5 i32.eq if local.get 0 throw $t end) ${
      MAIN.replace("call $g", "(try_table (param i32) (result i32) (catch $t 0) call $g)")
    }`,
    inputs: NUMBERS,
    passed: [depth, 0],
  },
  {
    note: "recursion in a handler's block, after frames below have ended",
    fields: `(tag $t)
      (func $g (param i32) (result i32)
        local.get 0 i32.const 2 i32.lt_s if local.get 0 i32.eqz if throw $t end i32.const 3 return end
        block $b (try_table (catch_all $b) ${LESS} call $g return) end
        local.get 0 i32.const 2 i32.sub call $g i32.const 5 i32.add)
      (func (export "f") (param i32) (result i32) block $b (try_table (catch_all $b) local.get 0 call $g return) end
        i32.const 99)`,
    inputs: SMALL,
    passed: [depth, 0],
  },
  {
    note: "a handler, and recursion through a table",
    fields: `(tag $t) ${TABLE} (elem (i32.const 0) $g) (type $f (func (param i32) (result i32)))
      (func $g (param i32) (result i32)
        local.get 0 i32.eqz if throw $t end
        block $b (try_table (catch_all $b) ${LESS} local.get 0 i32.const 1 i32.and
          if (param i32) (result i32) i32.const 0 call_indirect (type $f) else call $g end return) end
        i32.const 5)
      (func (export "f") (param i32) (result i32) block $b (try_table (catch_all $b) local.get 0 call $g return) end
        i32.const 99)`,
    inputs: NUMBERS,
    passed: [depth | entry, 0],
  },
  {
    note: "no tag, and a handler that is never reached",
    fields: `(func $g (param i32) (result i32) (local i32)
        block $b (try_table (catch_all $b) local.get 0 if ${LESS} call $g local.set 1 end local.get 1 i32.const 2 i32.add
          return) end i32.const 5) ${MAIN}`,
    inputs: NUMBERS,
    passed: [depth, 0],
  },
];

/** Written in the old exception instructions. */
export const OLD: readonly MeterRow[] = [
  {
    note: "a handler in every frame, and a delegate to the caller",
    fields: `(tag $t)
      (func $g (param i32) (result i32) (local i32)
        local.get 0 i32.eqz if throw $t end
        try (result i32) try (result i32) ${LESS} call $g delegate 0 catch $t local.get 0 i32.const 3 i32.rem_u
          if (result i32) i32.const 5 else rethrow 1 end end
        local.get 1 i32.add)
      (func $d (param i32) (result i32) try (result i32) local.get 0 call $g delegate 0)
      (func (export "f") (param i32) (result i32) try (result i32) local.get 0 call $d catch_all i32.const 99 end)`,
    inputs: NUMBERS,
    passed: [depth, 0, 0],
  },
];
