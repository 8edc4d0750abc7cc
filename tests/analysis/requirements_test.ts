import { checkRequirements } from "../../src/analysis/requirements.ts";
import { ModuleRefusedError } from "../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { textModule } from "./text_module.ts";

const BOUNDED = { unboundedHeap: false, deterministic: false };
const UNBOUNDED = { unboundedHeap: true, deterministic: false };

function check(fields: string, confinement = BOUNDED): void {
  checkRequirements(textModule(fields).module, confinement);
}

/** What the guest's heap has no bound for, and the same without that. */
const UNCONFINED: readonly { readonly refused: string; readonly says: string; readonly fits: string }[] = [
  { refused: "(type (func)) (type (struct))", says: "type 1 is a struct of the GC", fits: "(type (func))" },
  { refused: "(type (array i8))", says: "type 0 is a array of the GC", fits: "(type (func (param i31ref)))" },
  { refused: "(memory 1 1 shared)", says: "memory 0 is shared", fits: "(memory 1 1)" },
  {
    refused: "(tag) (tag (param i32 exnref))",
    says: "tag 1 carries references",
    fits: "(tag) (tag (param i32))",
  },
  { refused: "(tag (param externref))", says: "tag 0 carries references", fits: "(tag)" },
  {
    refused: `(tag (param ${"v128 ".repeat(16)} i32))`,
    says: "tag 0 carries 260 bytes, the limit is 256",
    fits: `(tag (param ${"v128 ".repeat(16)}))`,
  },
  {
    refused: "(global i32 (i32.const 1)) (global exnref (ref.null exn))",
    says: "global 1 holds an exception reference",
    fits: "(global externref (ref.null extern))",
  },
  {
    refused: "(global (ref null noexn) (ref.null noexn))",
    says: "global 0 holds an exception reference",
    fits: "",
  },
  { refused: "(table 1 exnref)", says: "table 0 holds exception references", fits: "(table 1 externref)" },
  {
    refused: '(func (export "x") (param exnref))',
    says: 'export "x" passes an exception reference',
    fits: "(func (param exnref))",
  },
  {
    refused: '(import "m" "y" (func (result exnref)))',
    says: 'import "y" passes an exception reference',
    fits: '(import "m" "y" (func (result externref)))',
  },
];

Deno.test("checkRequirements() refuses what would fill a heap without bound, and tells what it is", () => {
  for (const { refused, says, fits } of UNCONFINED) {
    const error = assertThrows(() => check(refused), ModuleRefusedError, says);
    assertEquals(error.code, "ModuleRefused");
    check(fits);
    check(refused, UNBOUNDED);
  }
});
