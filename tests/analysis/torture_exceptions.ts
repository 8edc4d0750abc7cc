/** Functions that throw and catch, to be accounted for as those of `torture.ts` are. */
import { NUMBERS, type TortureRow } from "./torture.ts";

const EXCEPTIONS: readonly TortureRow[] = [
  {
    note: "throw and catch in one function, with code behind both",
    fields: `(tag $t (param i32))
      (func (export "f") (param i32) (result i32)
        (block $caught (result i32)
          (try_table (result i32) (catch $t $caught)
            local.get 0 if local.get 0 throw $t end
            i32.const 4)
          i32.const 100 i32.add return)
        i32.const 1 i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "a call that throws from below, its rest of the region unreached",
    fields: `(tag $t (param i64 i64 i32))
      (func $deep (param i32) (result i32)
        local.get 0 i32.const 3 i32.gt_u if i64.const 1 i64.const 2 local.get 0 throw $t end
        local.get 0 i32.const 2 i32.mul)
      (func $middle (param i32) (result i32)
        i32.const 1 local.get 0 i32.add call $deep i32.const 2 i32.add i32.const 3 i32.add)
      (func (export "f") (param i32) (result i32)
        i32.const 9
        (block $caught
          (try_table (catch_all $caught) local.get 0 call $middle i32.const 5 i32.add return))
        drop i32.const 77)`,
    inputs: NUMBERS,
  },
  {
    note: "catch_all_ref and throw_ref, caught further out",
    fields: `(tag $t (param i32))
      (func $again (param i32) (result i32) (local exnref)
        (block $ref (result exnref)
          (try_table (catch_all_ref $ref) local.get 0 throw $t)
          unreachable)
        local.set 1 local.get 0 i32.const 1 i32.and if local.get 1 throw_ref end
        i32.const 6)
      (func (export "f") (param i32) (result i32)
        (block $v (result i32) (try_table (result i32) (catch $t $v) local.get 0 call $again))
        i32.const 2 i32.mul)`,
    inputs: NUMBERS,
  },
  {
    note: "a handler that is a loop's header",
    fields: `(tag $t)
      (func $maybe (param i32) local.get 0 i32.const 1 i32.and if throw $t end)
      (func (export "f") (param i32) (result i32) (local i32)
        (loop $again
          local.get 1 i32.const 1 i32.add local.set 1
          local.get 0 i32.const 0 i32.gt_s
          if
            local.get 0 i32.const 1 i32.sub local.set 0
            (try_table (catch_all $again) local.get 0 call $maybe i32.const 5 drop)
            br $again
          end)
        local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "a handler that is the function's label",
    fields: `(tag $t (param i32))
      (func $g (param i32) (result i32)
        i32.const 4 (try_table (param i32) (result i32) (catch $t 0) local.get 0 i32.add throw $t))
      (func (export "f") (param i32) (result i32) local.get 0 call $g i32.const 1 i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "a v128 in the payload, and several clauses",
    fields: `(tag $v (param v128)) (tag $w (param f64 v128))
      (func (export "f") (param i32) (result i32)
        (block $w (result f64 v128)
          (block $v (result v128)
            (try_table (catch $v $v) (catch $w $w)
              local.get 0 i32.const 1 i32.and if v128.const i32x4 1 2 3 4 throw $v end
              f64.const 1 v128.const i32x4 5 6 7 8 throw $w)
            unreachable)
          i32x4.extract_lane 1 return)
        i32x4.extract_lane 2 local.set 0 drop local.get 0)`,
    inputs: NUMBERS,
  },
  {
    note: "handlers and no tag in the module",
    fields: `(func $g (param i32) (result i32) local.get 0 i32.const 1 i32.add)
      (func (export "f") (param i32) (result i32)
        (block (try_table (catch_all 0) local.get 0 call $g call $g local.set 0))
        local.get 0 call $g)`,
    inputs: NUMBERS,
  },
];

const OLD_EXCEPTIONS: readonly TortureRow[] = [
  {
    note: "try, catch, catch_all, code behind",
    legacy: true,
    fields: `(tag $t (param i32)) (tag $u)
      (func $g (param i32) (result i32)
        local.get 0 i32.const 1 i32.eq if local.get 0 throw $t end
        local.get 0 i32.const 2 i32.eq if throw $u end
        local.get 0 i32.const 3 i32.mul)
      (func (export "f") (param i32) (result i32)
        try (result i32) local.get 0 call $g i32.const 1 i32.add
        catch $t i32.const 10 i32.add i32.const 20 i32.add
        catch_all i32.const 30 end
        i32.const 5 i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "rethrow out of nested handlers",
    legacy: true,
    fields: `(tag $t (param i32))
      (func (export "f") (param i32) (result i32)
        try (result i32)
          try (result i32) local.get 0 throw $t
          catch $t i32.const 1 i32.and
            if (result i32)
              try (result i32) i32.const 4 throw $t catch_all rethrow 2 end
            else i32.const 8 end
          end
        catch $t i32.const 100 i32.add end)`,
    inputs: NUMBERS,
  },
  {
    note: "delegate to an outer handler, and to the caller",
    legacy: true,
    fields: `(tag $t)
      (func $g (param i32) local.get 0 if throw $t end)
      (func $d (param i32) try local.get 0 call $g nop delegate 0 i32.const 3 drop)
      (func (export "f") (param i32) (result i32) (local i32)
        try $out
          try
            try local.get 0 call $d i32.const 1 local.set 1 delegate $out
          catch_all i32.const 50 local.set 1 end
          i32.const 2 local.get 1 i32.add local.set 1
        catch $t i32.const 40 local.set 1 end
        local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "a loop around try, left from the handler",
    legacy: true,
    fields: `(tag $t (param i32))
      (func (export "f") (param i32) (result i32) (local i32)
        block $done
          loop $again
            local.get 1 i32.const 1 i32.add local.set 1
            try local.get 1 throw $t
            catch $t local.get 0 i32.ge_u br_if $done br $again end
          end
        end local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "try without a handler, and try that never throws",
    legacy: true,
    fields: `(func (export "f") (param i32) (result i32)
      try (result i32) local.get 0 i32.const 1 i32.add end
      try (result i32) i32.const 2 catch_all i32.const 3 end i32.add)`,
    inputs: NUMBERS,
  },
];

/** Every row; those without `legacy` in the text that `watr` reads. */
export const TORTURE_EXCEPTIONS: readonly TortureRow[] = [...EXCEPTIONS, ...OLD_EXCEPTIONS];
