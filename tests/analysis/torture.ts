/**
 * Functions whose control flow is hard to account for, each with inputs that take different ways through it. All of them
 * return normally; what they compute does not matter.
 */

/** A module in text form, and calls of one of its exports. */
export interface TortureRow {
  readonly note: string;
  /** Fields of a module that exports `f`. */
  readonly fields: string;
  /** Arguments of each call of `f`. */
  readonly inputs: readonly (readonly (number | bigint)[])[];
  /** Written in the old exception instructions, which need another compiler. */
  readonly legacy?: true;
}

/** Arguments that most functions take. */
export const NUMBERS: readonly (readonly number[])[] = [[0], [1], [2], [3], [7], [100]];

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** Sixteen and thirty-three values at once: what costs a unit, and two, to move. */
const MANY = repeat(16, "i32"), MORE = repeat(33, "i32");

const BLOCKS: readonly TortureRow[] = [
  {
    note: "if without else, twice in a row",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      local.get 0 if i32.const 1 local.set 1 end
      local.get 0 i32.const 2 i32.and if local.get 1 i32.const 5 i32.add local.set 1 end
      local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "arms of different length, one of them left",
    fields: `(func (export "f") (param i32) (result i32)
      block $out (result i32)
        local.get 0 i32.const 1 i32.and
        if (result i32) i32.const 1 i32.const 2 i32.add i32.const 3 i32.add
        else i32.const 9 br $out end
        i32.const 4 i32.add
      end
      i32.const 100 i32.mul)`,
    inputs: NUMBERS,
  },
  {
    note: "both arms leave; the code behind is dead",
    fields: `(func (export "f") (param i32) (result i32)
      block $a block $b
        local.get 0 if br $a else br $b end
        i32.const 1 drop i32.const 2 drop unreachable
      end i32.const 10 return
      end i32.const 20)`,
    inputs: [[0], [1]],
  },
  {
    note: "br_if out of three blocks at once, and code behind each",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      block $a block $b block $c
        local.get 0 i32.eqz br_if $a
        local.get 0 i32.const 1 i32.eq br_if $b
        local.get 0 i32.const 2 i32.eq br_if $c
        i32.const 1 local.set 1 nop
      end i32.const 2 local.get 1 i32.add local.set 1
      end i32.const 3 local.get 1 i32.add local.set 1
      end local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "a return in the middle of an inner block",
    fields: `(func (export "f") (param i32) (result i32)
      block block local.get 0 i32.const 3 i32.gt_u if i32.const 33 return end
      i32.const 1 drop end i32.const 2 drop end i32.const 3)`,
    inputs: NUMBERS,
  },
  {
    note: "blocks with parameters and results",
    fields: `(func (export "f") (param i32) (result i32)
      local.get 0 local.get 0
      block (param i32 i32) (result i32 i32) local.get 0 br_if 0 i32.const 1 i32.add end
      if (param i32) (result i32) i32.const 5 i32.add else i32.const 6 i32.add end)`,
    inputs: NUMBERS,
  },
  {
    note: "a block that is never left normally inside one that is",
    fields: `(func (export "f") (param i32) (result i32)
      block $out (result i32) block $in local.get 0 if i32.const 7 br $out end br $in end i32.const 8 end
      i32.const 1 i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "blocks, loops and ifs in dead code",
    fields: `(func (export "f") (param i32) (result i32)
      block $out (result i32)
        local.get 0 br $out
        loop $l block br $l end i32.const 1 if br $l else br 1 end end
        block (result i32) i32.const 3 end drop
        i32.const 4 br_if $out br_table 0 0 $out
      end i32.const 2 i32.mul)`,
    inputs: NUMBERS,
  },
  {
    note: "br_table to four depths, default in the middle",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      block $a block $b block $c block $d
        local.get 0 br_table $d $b $a $c
      end i32.const 1 local.set 1
      end i32.const 2 local.get 1 i32.add local.set 1
      end i32.const 3 local.get 1 i32.add local.set 1
      end local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "br_table whose every label is the function's",
    fields: `(func (export "f") (param i32) (result i32)
      i32.const 5 local.get 0 br_table 0 0 0)`,
    inputs: NUMBERS,
  },
  {
    note: "br_table back to a loop and out of it",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      block $out loop $l
        local.get 1 i32.const 1 i32.add local.set 1
        local.get 0 i32.const 1 i32.sub local.tee 0 i32.const 0 i32.gt_s br_table $out $l
      end end local.get 1)`,
    inputs: NUMBERS,
  },
];

const LOOPS: readonly TortureRow[] = [
  {
    note: "a counted loop",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      loop local.get 1 i32.const 3 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0 end local.get 1)`,
    inputs: NUMBERS,
  },
  {
    note: "a loop in a loop, with continue and break of both",
    fields: `(func (export "f") (param i32) (result i32) (local i32 i32 i32)
      block $done loop $outer
        local.get 1 local.get 0 i32.ge_u br_if $done
        local.get 1 i32.const 1 i32.add local.set 1
        i32.const 0 local.set 2
        loop $inner
          local.get 2 i32.const 1 i32.add local.set 2
          local.get 3 i32.const 1 i32.add local.set 3
          local.get 3 i32.const 30 i32.gt_u br_if $done
          local.get 2 i32.const 3 i32.and i32.eqz br_if $outer
          local.get 2 i32.const 5 i32.lt_u br_if $inner
        end
        local.get 3 i32.const 7 i32.rem_u if br $outer end
        i32.const 1 local.get 3 i32.add local.set 3
        br $outer
      end end local.get 3)`,
    inputs: NUMBERS,
  },
  {
    note: "a loop that is entered and left without a turn",
    fields: `(func (export "f") (param i32) (result i32)
      loop (result i32) i32.const 1 local.get 0 i32.add end i32.const 2 i32.mul)`,
    inputs: NUMBERS,
  },
  {
    note: "a loop with parameters",
    fields: `(func (export "f") (param i32) (result i32)
      i32.const 0 local.get 0
      loop $l (param i32 i32) (result i32)
        local.set 0 local.get 0 i32.add
        local.get 0 if (param i32) (result i32) local.get 0 i32.const 1 i32.sub br $l end
      end)`,
    inputs: NUMBERS,
  },
  {
    note: "a loop that moves sixteen values on each turn, and a block that moves more",
    fields: `(func (export "f") (param i32) (result i32)
      block $out (result ${MORE})
        ${repeat(16, "i32.const 1")}
        loop $l (param ${MANY}) (result ${MORE})
          local.get 0 i32.const 1 i32.sub local.tee 0 i32.const 0 i32.gt_s br_if $l
          ${repeat(17, "i32.const 2")}
          local.get 0 br_if $out
        end
      end ${repeat(32, "i32.add")})`,
    inputs: NUMBERS,
  },
  {
    note: "a return out of a loop",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      loop $l
        local.get 1 local.get 0 i32.eq if local.get 1 return end
        local.get 1 i32.const 1 i32.add local.set 1 br $l
      end unreachable)`,
    inputs: NUMBERS,
  },
  {
    note: "a block around half of a loop's body",
    fields: `(func (export "f") (param i32) (result i32) (local i32)
      loop $l
        block $skip local.get 0 i32.const 1 i32.and br_if $skip local.get 1 i32.const 10 i32.add local.set 1 end
        block $whole local.get 1 i32.const 1 i32.add local.set 1 end
        local.get 0 i32.const 1 i32.sub local.tee 0 i32.const 0 i32.gt_s br_if $l
        i32.const 99 drop
      end local.get 1)`,
    inputs: NUMBERS,
  },
];

const CALLS: readonly TortureRow[] = [
  {
    note: "recursion with code behind the call",
    fields: `(func $f (export "f") (param i32) (result i32)
      local.get 0 i32.const 2 i32.lt_u if (result i32) local.get 0
      else local.get 0 i32.const 1 i32.sub call $f local.get 0 i32.const 2 i32.sub call $f i32.add end)`,
    inputs: [[0], [1], [2], [10]],
  },
  {
    note: "calls through a table and a reference, results many",
    fields: `(type $m (func (param i32) (result ${MANY})))
      (table 2 funcref) (elem (i32.const 0) $g $h)
      (func $g (type $m) ${repeat(16, "local.get 0")})
      (func $h (type $m) ${repeat(16, "local.get 0")} return)
      (func (export "f") (param i32) (result i32)
        local.get 0 local.get 0 i32.const 1 i32.and call_indirect (type $m) ${repeat(15, "i32.add")}
        local.get 0 ref.func $g call_ref $m ${repeat(15, "i32.add")} i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "tail calls, direct and by table and reference",
    fields: `(type $t (func (param i32 i32) (result i32)))
      (table 1 funcref) (elem (i32.const 0) $b)
      (func $a (type $t) local.get 0 i32.eqz if local.get 1 return end
        local.get 0 i32.const 1 i32.sub local.get 1 i32.const 1 i32.add i32.const 0 return_call_indirect (type $t))
      (func $b (type $t) local.get 0 i32.const 5 i32.eq
        if local.get 0 i32.const 1 i32.sub local.get 1 ref.func $a return_call_ref $t end
        local.get 0 local.get 1 return_call $c)
      (func $c (type $t) local.get 0 local.get 1 return_call $a)
      (elem declare func $a)
      (func (export "f") (param i32) (result i32) local.get 0 i32.const 0 call $a i32.const 1 i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "more locals than are free",
    fields: `(func $locals (param i32) (result i32) (local ${repeat(64, "i32")}) local.get 3)
      (func $more (param i32) (result i32) (local ${repeat(127, "i64")}) local.get 0)
      (func $most (param i32) (result i32) (local ${repeat(200, "i32")}) local.get 199)
      (func (export "f") (param i32) (result i32)
        local.get 0 call $locals local.get 0 call $more i32.add local.get 0 call $most i32.add)`,
    inputs: NUMBERS,
  },
  {
    note: "branches on null",
    fields: `(type $t (func (result i32)))
      (func $g (type $t) i32.const 5) (elem declare func $g)
      (func (export "f") (param i32) (result i32) (local (ref null $t))
        local.get 0 if ref.func $g local.set 1 end
        block $null
          local.get 1 br_on_null $null call_ref $t return
        end
        block $some (result (ref $t)) local.get 1 br_on_non_null $some i32.const 8 return end
        call_ref $t)`,
    inputs: NUMBERS,
  },
  {
    note: "a start function",
    fields: `(global $g (mut i32) (i32.const 3)) (start $s)
      (func $s (local i32) loop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 10 i32.lt_u br_if 0 end)
      (func (export "f") (param i32) (result i32) global.get $g)`,
    inputs: NUMBERS,
  },
  {
    note: "typed select, drop and nop, wide constants",
    fields: `(func (export "f") (param i32) (result i64)
      nop nop i64.const 1234567890123456789 i64.const -1 local.get 0 select (result i64)
      f64.const 1.5 drop nop v128.const i32x4 1 2 3 4 drop)`,
    inputs: NUMBERS,
  },
];

const SIZES: readonly TortureRow[] = [
  {
    note: "bulk operations on memories, over and under a chunk",
    fields: `(memory 40) (data $d "abcdefgh")
      (func (export "f") (param i32) (result i32)
        i32.const 0 i32.const 7 local.get 0 memory.fill
        i32.const 8 i32.const 0 local.get 0 memory.copy
        i32.const 3 i32.const 1 i32.const 5 memory.init $d
        data.drop $d
        i32.const 3 i32.const 0 i32.const 0 memory.init $d
        i32.const 5 i32.load8_u)`,
    inputs: [[0], [1], [1_048_575], [1_048_576], [1_048_577], [2_400_000]],
  },
  {
    note: "bulk operations on tables",
    fields: `(table $t 80000 funcref) (table $u 80000 funcref) (elem $e func $g $g $g)
      (func $g) (export "t" (table $t))
      (func (export "f") (param i32) (result i32)
        i32.const 0 ref.func $g local.get 0 table.fill $t
        i32.const 1 i32.const 0 local.get 0 table.copy $u $t
        i32.const 0 i32.const 1 i32.const 2 table.init $u $e
        elem.drop $e
        i32.const 0 i32.const 0 i32.const 0 table.init $u $e
        local.get 0 table.get $u ref.is_null)`,
    inputs: [[2], [65535], [65536], [65537], [79999]],
  },
  {
    note: "growth that costs the least, more, and that fails",
    fields: `(memory 1 500) (table $t 1 5000 funcref)
      (func (export "f") (param i32) (result i32)
        local.get 0 memory.grow ref.null func local.get 0 table.grow $t i32.add)`,
    inputs: [[0], [1], [49], [50], [51], [300], [1000], [200_000], [-1]],
  },
];

/** Every row. */
export const TORTURE: readonly TortureRow[] = [
  ...BLOCKS,
  ...LOOPS,
  ...CALLS,
  ...SIZES,
];
