import { assertEquals } from "../assert.ts";
import { compileText, legacyTextCompiler } from "../testsuite/module_bytes.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";

/** A module of a proposal with exported functions without parameters; each is called in turn. */
interface FeatureRow {
  readonly feature: string;
  readonly fields: string;
  readonly legacy?: true;
}

const FEATURES: readonly FeatureRow[] = [
  {
    feature: "multi-value",
    fields: `(func (export "a") (result i32 i64 f32) i32.const 1 i64.const 2 f32.const 3)
      (func $r (export "b") (result i32 i32) i32.const 3 i32.const 4 block (param i32 i32) (result i32 i32) i32.const 1 br_if 0 end)
      (func (export "c") (result i32) call $r i32.mul)`,
  },
  {
    feature: "recursion with several results and a handler",
    fields: `(tag $t)
      (func $f (param i32) (result i32 i64)
        (block $c (try_table (catch_all $c)
          local.get 0 i32.eqz if throw $t end
          local.get 0 i32.const 1 i32.sub call $f return))
        i32.const 5 i64.const 6)
      (func (export "a") (result i32 i64) i32.const 10 call $f)`,
  },
  {
    feature: "multi-memory",
    fields: `(memory $m 1) (memory $n 2 3) (data (memory $n) (i32.const 5) "xyz")
      (func (export "a") (result i32) i32.const 0 i32.const 5 i32.const 3 memory.copy $m $n i32.const 1 i32.load8_u $m)
      (func (export "b") (result i32) i32.const 1 memory.grow $n memory.size $n i32.add)
      (func (export "c") (result i32) i32.const 1 memory.grow $n memory.size $m i32.add)`,
  },
  {
    feature: "memory64",
    fields: `(memory i64 1 4) (data $d "pq")
      (func (export "a") (result i64) i64.const 2 memory.grow memory.size i64.add)
      (func (export "b") (result i64) i64.const 5 memory.grow)
      (func (export "c") (result i64) i64.const 0 i32.const 9 i64.const 100 memory.fill
        i64.const 8 i32.const 0 i32.const 2 memory.init $d i64.const 4 i64.load)`,
  },
  {
    feature: "table64",
    fields: `(table $t i64 4 9 funcref) (table $u 4 funcref) (elem $e func $f $g)
      (func $f (result i32) i32.const 1) (func $g (result i32) i32.const 2)
      (func (export "a") (result i32) i64.const 1 i32.const 0 i32.const 2 table.init $t $e
        i32.const 0 i64.const 1 i32.const 2 table.copy $u $t
        i64.const 2 call_indirect $t (result i32) i32.const 0 call_indirect $u (result i32) i32.add)
      (func (export "b") (result i64) ref.func $f i64.const 5 table.grow $t)
      (func (export "c") (result i64) ref.func $f i64.const 1 table.grow $t)
      (func (export "d") (result i64) i64.const 0 ref.func $g i64.const 9 table.fill $t table.size $t)`,
  },
  {
    feature: "tail calls",
    fields: `(func $down (param i32 i32) (result i32)
        local.get 0 if (result i32) local.get 0 i32.const 1 i32.sub local.get 1 i32.const 3 i32.add return_call $down
        else local.get 1 end)
      (func (export "a") (result i32) i32.const 100000 i32.const 0 return_call $down)`,
  },
  {
    feature: "exceptions",
    fields: `(tag $t (param i32 i64))
      (func $throw (param i32) local.get 0 i64.const 7 throw $t)
      (func (export "a") (result i32 i64)
        (block $c (result i32 i64) (try_table (catch $t $c) i32.const 3 call $throw) unreachable))
      (func (export "b") (result i32) (block $c (result exnref) (try_table (catch_all_ref $c) i32.const 3 call $throw)
        unreachable) ref.is_null)`,
  },
  {
    feature: "old exceptions",
    legacy: true,
    fields: `(tag $t (param i32))
      (func $f (param i32) (result i32) local.get 0 if (result i32)
        try (result i32) local.get 0 i32.const 1 i32.sub call $f throw $t catch $t i32.const 2 i32.add end
        else i32.const 5 throw $t end)
      (func (export "a") (result i32) try (result i32) i32.const 4 call $f catch_all i32.const -1 end)
      (func (export "b") (result i32) try (result i32) try (result i32) i32.const 0 call $f delegate 0 catch $t end)`,
  },
  {
    feature: "typed references",
    fields: `(type $t (func (param i32) (result i32))) (elem declare func $f)
      (table 2 (ref $t) (ref.func $f))
      (func $f (type $t) local.get 0 i32.const 1 i32.add)
      (func (export "a") (result i32) i32.const 4 ref.func $f call_ref $t)
      (func (export "b") (result i32) (local (ref $t)) ref.func $f local.set 0 i32.const 1 local.get 0 return_call_ref $t)
      (func (export "c") (result i32) i32.const 9 i32.const 1 table.get 0 call_ref $t)`,
  },
  {
    feature: "SIMD",
    fields: `(memory 1)
      (func (export "a") (result i32) v128.const i32x4 1 2 3 4 v128.const i32x4 5 6 7 8 i32x4.mul
        i32x4.extract_lane 3)
      (func (export "b") (result i32) i32.const 0 v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 v128.store
        i32.const 4 v128.load32_zero i8x16.bitmask)
      (func (export "c") (result f32) f32.const 2 f32x4.splat f32.const 3 f32x4.splat f32.const 1 f32x4.splat
        f32x4.relaxed_madd f32x4.extract_lane 0)`,
  },
  {
    feature: "extended constants",
    fields: `(global $g i32 (i32.const 6)) (global $h i32 (i32.mul (global.get $g) (i32.const 7)))
      (memory 1) (data (i32.add (global.get $g) (i32.const 1)) "z")
      (func (export "a") (result i32) global.get $h) (func (export "b") (result i32) i32.const 7 i32.load8_u)`,
  },
  {
    feature: "references and segments",
    fields:
      `(table $t 3 funcref) (table $x 3 externref) (elem (table $t) (i32.const 1) func $f) (elem $p func $f $f)
      (global (mut funcref) (ref.func $f)) (func $f (result i32) i32.const 3)
      (func (export "a") (result i32) i32.const 1 call_indirect $t (result i32))
      (func (export "b") (result i32) i32.const 0 i32.const 0 i32.const 2 table.init $t $p elem.drop $p
        i32.const 0 table.get $t ref.is_null)
      (func (export "c") (result i32) ref.null extern i32.const 2 table.grow $x table.size $x i32.add)`,
  },
  {
    feature: "garbage collection",
    fields: `(type $p (struct (field i32) (field (mut i64)))) (type $a (array (mut i32)))
      (type $list (sub (struct (field (ref null $list)) (field i32))))
      (data $d "\\01\\00\\00\\00\\02\\00\\00\\00")
      (func (export "a") (result i32) i32.const 3 i64.const 4 struct.new $p struct.get $p 0)
      (func (export "b") (result i32) i32.const 7 i32.const 100 array.new $a array.len)
      (func (export "c") (result i32) (local (ref $a))
        i32.const 50 array.new_default $a local.set 0
        local.get 0 i32.const 5 i32.const 9 i32.const 10 array.fill $a
        local.get 0 i32.const 20 local.get 0 i32.const 4 i32.const 3 array.copy $a $a
        local.get 0 i32.const 21 array.get $a)
      (func (export "d") (result i32) i32.const 0 i32.const 2 array.new_data $a $d i32.const 1 array.get $a)
      (func (export "e") (result i32) i32.const 1 i32.const 2 i32.const 3 array.new_fixed $a 3 array.len)
      (func (export "f") (result i32) i32.const 5 ref.i31 i31.get_s)
      (func (export "g") (result i32) i32.const -1 array.new_default $a array.len)`,
  },
];

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

Deno.test("instrumented modules of every proposal compute what the originals compute", async () => {
  const legacy = await legacyTextCompiler();
  for (const { feature, fields, legacy: old } of FEATURES) {
    const bytes = (old === true ? legacy : compileText)(`(module ${fields})`);
    const bare = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const run = await InstrumentedRun.start(bytes, { unboundedHeap: true });
    for (const name of Object.keys(bare)) {
      const expected = outcome(() => callExport(bare, name, []));
      assertEquals(outcome(() => run.call(name)), expected, `${feature}, ${name}`);
    }
    assertEquals(run.instance.stackUsed.value, 0, feature);
  }
});
