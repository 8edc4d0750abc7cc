import { assert, assertEquals } from "../assert.ts";
import { ScriptCompiler } from "./script_compiler.ts";
import { splitScript } from "./wast.ts";

const compiler = await ScriptCompiler.create();

/** What becomes of the one module of a script. */
function compile(script: string, text: string) {
  const [command] = splitScript(text);
  if (command === undefined || !("module" in command)) throw new Error("The script has no module");
  return compiler.compile(script, command, command.module);
}

function accepted(script: string, text: string): boolean {
  const compiled = compile(script, text);
  return "bytes" in compiled && WebAssembly.validate(compiled.bytes);
}

const OLD = "(module (tag $e) (func (try (do (throw $e)) (catch $e))))";
/** Refused by the first parser: names that change the direction of writing. */
const RIGHT_TO_LEFT = String.raw`(module (func (export "a` + "\u202e" + `b")))`;

Deno.test("ScriptCompiler knows the old exceptions in the scripts that are of them", () => {
  assert(accepted("legacy/throw.wast", OLD));
  assert(!accepted("throw.wast", OLD));
});

Deno.test("ScriptCompiler gives text that must be well-formed to a second parser, and no other", () => {
  assert(accepted("names.wast", RIGHT_TO_LEFT));
  assert("refused" in compile("names.wast", `(assert_malformed ${RIGHT_TO_LEFT} "")`));
});

Deno.test("ScriptCompiler keeps what is invalid as it is written", () => {
  const texts = [
    "(module (memory 1) (func (drop (i32.load offset=4294967296 (i32.const 0)))))",
    "(module (global i32 (i32.const 0) (nop)))",
    "(module (type (func (result i32))) (tag (type 0)))",
  ];
  for (const text of texts) {
    const compiled = compile("a.wast", `(assert_invalid ${text} "")`);
    assertEquals("bytes" in compiled && WebAssembly.validate(compiled.bytes), false, text);
    assert("bytes" in compiled, text);
  }
});

Deno.test("ScriptCompiler takes the bytes of a binary module as they stand", () => {
  assertEquals(compile("a.wast", String.raw`(module binary "\00\ff")`), { bytes: Uint8Array.of(0, 0xff) });
});
