import { MODULE_FEATURES, type ModuleFeature, moduleFeatures } from "../../src/analysis/features.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { compileText, legacyTextCompiler } from "../testsuite/module_bytes.ts";

/** A module for each proposal that uses it and no other, where that can be. */
const CASES: readonly (readonly [string, readonly ModuleFeature[]])[] = [
  ["", []],
  [
    '(memory 1) (table 2 funcref) (elem (i32.const 0) $f) (data (i32.const 0) "a") (global i32 (i32.const 1))' +
    "(func $f (param i32) (result i32) (block (result i32) (i32.load (local.get 0))))",
    [],
  ],
  ['(global (export "g") (mut i32) (i32.const 1))', ["mutable-globals"]],
  ['(import "m" "g" (global (mut i32)))', ["mutable-globals"]],
  ["(global (mut i32) (i32.const 1))", []],
  ["(func (drop (i32.extend8_s (i32.const 1))))", ["sign-extension"]],
  ["(func (drop (i32.trunc_sat_f32_s (f32.const 1))))", ["saturating-float-to-int"]],
  ["(func (result i32 i32) (i32.const 1) (i32.const 2))", ["multi-value"]],
  ["(func (i32.const 1) (block (param i32) drop))", ["multi-value"]],
  ["(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))", ["bulk-memory"]],
  ['(memory 1) (data "passive")', ["bulk-memory"]],
  ["(func (param externref))", ["reference-types"]],
  ["(table 1 funcref) (table 1 funcref)", ["reference-types"]],
  ["(func (drop (i32x4.splat (i32.const 1))))", ["simd"]],
  ["(func (param v128))", ["simd"]],
  [
    "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))",
    ["simd", "relaxed-simd"],
  ],
  ["(global i32 (i32.add (i32.const 1) (i32.const 2)))", ["extended-const"]],
  ["(func $f (return_call $f))", ["tail-call"]],
  ["(tag (param i32))", ["exceptions"]],
  ["(tag $t) (func (throw $t))", ["exceptions"]],
  ["(type $f (func)) (func (param (ref null $f)))", ["function-references"]],
  ["(func (param (ref extern)))", ["function-references"]],
  ["(type (struct (field i32)))", ["gc"]],
  ["(func (param anyref))", ["gc"]],
  ["(rec (type (func)) (type (func)))", ["gc"]],
  ["(memory 1) (memory 1)", ["multi-memory"]],
  ["(memory i64 1)", ["memory64"]],
  ["(table i64 1 funcref)", ["memory64"]],
  ["(memory 1 2 shared)", ["threads"]],
];

function featuresOf(bytes: Uint8Array): ModuleFeature[] {
  return moduleFeatures(readModule(bytes));
}

Deno.test("moduleFeatures() lists the proposals that a module uses", () => {
  for (const [fields, expected] of CASES) {
    assertEquals(featuresOf(compileText(`(module ${fields})`)), [...expected], fields);
  }
});

Deno.test("moduleFeatures() tells the older exceptions by their instructions", async () => {
  const compile = await legacyTextCompiler();
  assertEquals(featuresOf(compile("(module (tag $t) (func (try (do) (catch $t))))")), ["legacy-exceptions"]);
});

Deno.test("moduleFeatures() knows no feature that these tests do not show", () => {
  const shown = new Set<ModuleFeature>([...CASES.flatMap(([, features]) => features), "legacy-exceptions"]);
  assertEquals(MODULE_FEATURES.filter((feature) => !shown.has(feature)), []);
});
