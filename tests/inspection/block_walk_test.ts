import { surveyCode } from "../../src/inspection/code_survey.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Loops, and how many of them nothing leads out of. */
const LOOPS: readonly (readonly [endless: number, body: string])[] = [
  [1, "(loop $l (br $l))"],
  [0, "(loop $l)"],
  [0, "(loop $l (br_if $l (local.get 0)))"],
  [0, "(block $o (loop $l (br_if $o (local.get 0)) (br $l)))"],
  [1, "(loop $l (block $o (br_if $o (local.get 0))) (br $l))"],
  [0, "(loop $l (if (local.get 0) (then (return))) (br $l))"],
  [1, "(loop $l (if (local.get 0) (then (nop)) (else (nop))) (br $l))"],
  [0, "(loop $l (if (local.get 0) (then (br $l))))"],
  // An if counts as one whose end is reached: that no loop is said to be endless that ends comes first.
  [0, "(loop $l (if (local.get 0) (then (br $l)) (else (br $l))))"],
  [1, "(loop $l (br_table $l $l (local.get 0)))"],
  [0, "(block $o (loop $l (br_table $l $o (local.get 0))))"],
  [0, "(loop $l (call $f) (br $l))"],
  [0, "(loop $l (unreachable))"],
  [0, "(unreachable) (loop $l (br $l))"],
  [2, "(loop $a (loop $b (br $b)) (br $a))"],
  [1, "(loop $a (loop $b (br_if $b (local.get 0))) (br $a))"],
  [0, "(loop $a (return) (loop $b (br $b)))"],
  [0, "(loop $l (return_call $f))"],
];

for (const [endless, body] of LOOPS) {
  Deno.test(`surveyCode() finds ${endless} endless loops in ${body}`, () => {
    const module = readModule(
      compileText(
        `(module (func $f (param i32)) (func (param i32) ${
          body.replaceAll("call $f", "call $f (local.get 0)")
        }))`,
      ),
    );
    validateModule(module);
    assertEquals(surveyCode(module).endless.count, endless);
  });
}

Deno.test("surveyCode() counts blocks within each other, the function's own included", () => {
  const survey = surveyCode(readModule(compileText("(module (func) (func (block (loop (block)))))")));
  assertEquals([survey.deepest.functionIndex, survey.deepest.figure], [1, 4]);
});
