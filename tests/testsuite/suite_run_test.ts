import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { MODES } from "./modes.ts";
import type { ScriptReport } from "./script_report.ts";
import { engineRefusals } from "./suite_totals.ts";
import { type Deadlines, runSuite } from "./suite_run.ts";

/** Runs scripts given as text, by name. */
async function run(
  scripts: Readonly<Record<string, string>>,
  { modes = MODES, deadlines }: { modes?: typeof MODES; deadlines?: Deadlines } = {},
): Promise<ScriptReport[]> {
  const path = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(scripts)) await Deno.writeTextFile(`${path}/${name}`, text);
    return await runSuite({
      folder: new URL(`file://${path}/`),
      scripts: Object.keys(scripts),
      modes,
      ...(deadlines === undefined ? {} : { deadlines }),
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

const TRUE = `(module $M
  (import "spectest" "print_i32" (func $print (param i32)))
  (import "spectest" "global_i64" (global $g i64))
  (type $s (func))
  (global (export "nan") f32 (f32.const -nan:0x200001))
  (global (export "vector") v128 (v128.const i64x2 1 -1))
  (global (export "exception") exnref (ref.null exn))
  (tag $e)
  (func (export "mixed") (param f32 externref v128 f64 (ref null $s)) (result v128 (ref null $s) f32 externref f64)
    local.get 2 local.get 4 local.get 0 local.get 1 local.get 3)
  (func $own (export "own") (result funcref) (ref.func $own))
  (func (export "caught") (result exnref)
    (block $b (result exnref) (try_table (catch_all_ref $b) (throw $e)) unreachable))
  (func (export "throws") (throw $e))
  (func $deep (export "deep") (call $deep))
  (func (export "print") (result i64) (call $print (i32.const 1)) (global.get $g)))
(register "M" $M)
(module definition $D (import "M" "own" (func $f (result funcref))) (func (export "f") (result funcref) (call $f)))
(module instance $I $D)
(assert_return (get $M "nan") (f32.const -nan:0x200001))
(assert_return (get $M "vector") (v128.const i32x4 1 0 -1 -1))
(assert_return (get $M "exception") (ref.null exn))
(assert_return
  (invoke $M "mixed" (f32.const nan:0x1) (ref.extern 7) (v128.const i64x2 2 3) (f64.const -0) (ref.null $s))
  (v128.const i64x2 2 3) (ref.null) (f32.const nan:0x1) (ref.extern 7) (f64.const -0))
(assert_return (invoke $I "f") (ref.func))
(assert_return (invoke $M "caught") (ref.exn))
(assert_return (invoke $M "print") (i64.const 666))
(assert_exception (invoke $M "throws"))
(assert_exhaustion (invoke $M "deep") "call stack exhausted")
`;

Deno.test("runSuite() passes every kind of value bit by bit, in every mode", async () => {
  const [report] = await run({ "true.wast": TRUE });
  assertEquals(report?.failures, []);
  assertEquals(report?.counts, MODES.map(() => ({ passed: 9, failed: 0, excepted: 0 })));
  assert(report !== undefined && report.fuel > 1000n && report.compared === 13 * (MODES.length - 1));
});

const OBJECTS = `(module $plain (func (export "one") (result i32) (i32.const 1)))
(module $G
  (type $s (struct (field i32)))
  (func (export "struct") (result anyref) (struct.new $s (i32.const 1)))
  (func (export "i31") (result (ref i31)) (ref.i31 (i32.const 1))))
(assert_return (invoke "struct") (ref.struct))
(assert_return (invoke $G "i31") (ref.i31))
(register "G" $G)
(module (import "G" "i31" (func (result (ref i31)))) (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke $plain "one") (i32.const 1))
`;

Deno.test("runSuite() excepts what an engine does not run, with all that needs it, and runs the rest", async () => {
  const [report] = await run({ "objects.wast": OBJECTS });
  assertEquals(report?.failures, []);
  assertEquals(
    report?.counts,
    MODES.map(({ prepare }) =>
      prepare.engine === "interpreter"
        ? { passed: 1, failed: 0, excepted: 6 }
        : { passed: 4, failed: 0, excepted: 0 }
    ),
  );
  assertEquals(engineRefusals(report === undefined ? [] : [report]), [
    "objects.wast: gc: 2 modules refused, 3 assertions with them",
  ]);
});

const FALSE = `(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "vector") (result v128) (v128.const i32x4 1 2 3 4))
  (func (export "null") (result funcref) (ref.null func))
  (func (export "trap") unreachable))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke "one"))
(assert_return (invoke "vector") (v128.const i32x4 1 2 3 5))
(assert_return (invoke "null") (ref.func))
(assert_return (invoke "trap"))
(assert_return (invoke "absent"))
(assert_trap (invoke "trap") "integer divide by zero")
(assert_trap (invoke "one") "unreachable")
(assert_exception (invoke "trap"))
(assert_exhaustion (invoke "trap") "call stack exhausted")
(assert_invalid (module) "type mismatch")
(assert_malformed (module binary "\\00asm\\01\\00\\00\\00") "unexpected end")
(assert_malformed (module quote "(module)") "unknown operator")
(assert_unlinkable (module) "unknown import")
(assert_unlinkable (module (import "spectest" "absent" (func))) "incompatible import type")
(assert_unlinkable (module (import "spectest" "print" (func (result i32)))) "unknown import")
(assert_trap (module) "out of bounds memory access")
(assert_trap (module (func $f unreachable) (start $f)) "out of bounds memory access")
(invoke "trap")
(register "x" $unknown)
(module (func (i32.add)))
`;

Deno.test("runSuite() contradicts every false assertion, and that one alone", async () => {
  const modes = MODES.slice(0, 1), [report] = await run({ "false.wast": FALSE }, { modes });
  const lines = report?.failures.map((line) => Number(/^false\.wast:(\d+) /.exec(line)?.[1]));
  assertEquals(lines, Array.from({ length: 21 }, (_, index) => index + 7));
  assertEquals(report?.counts, [{ passed: 1, failed: 21, excepted: 0 }]);
});

const ENDLESS = `(module (func (export "f") (loop (br 0))) (func (export "one") (result i32) (i32.const 1)))
(invoke "f")
(assert_return (invoke "one") (i32.const 1))
`;

Deno.test("runSuite() stops a step that does not end, and goes on", async () => {
  const modes = MODES.slice(0, 1);
  const [report] = await run({ "endless.wast": ENDLESS }, { modes, deadlines: { step: 50, script: 20_000 } });
  assertEquals(report?.failures, ['endless.wast:2 (default slices) action "f" : was stopped: timeout']);
  assertEquals(report?.counts[0]?.passed, 1);
});

Deno.test("runSuite() fails a script that takes too long, and runs the next", async () => {
  const scripts = { "endless.wast": ENDLESS, "true.wast": TRUE, "again.wast": ENDLESS, "last.wast": TRUE };
  const [endless, first, again, last] = await run(scripts, { deadlines: { step: 20_000, script: 2000 } });
  for (const report of [endless, again]) {
    assertStringIncludes(report?.failures.join() ?? "", ": it took longer than 2000 ms");
  }
  assertEquals([first?.failures, last?.failures], [[], []]);
});
