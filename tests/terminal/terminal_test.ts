/** G57: nobody at a terminal can be asked for anything on behalf of a guest. */
import { compile } from "watr";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { pseudoTerminalAvailable, runOnTerminal } from "./pseudo_terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CONFIG = `--config=${ROOT}deno.json`;
const available = await pseudoTerminalAvailable();
const PROMPT = /Deno requests|Allow\?|permission/i;

/** Everything in the library that could run is run without --no-prompt, since an embedder may. */
function probe(which: "scope" | "permissions"): string[] {
  const flags = ["--unstable-worker-options", CONFIG, "--frozen"];
  return [Deno.execPath(), "run", ...flags, `${ROOT}tests/terminal/probe.ts`, which];
}

Deno.test({
  name: "G57 a guest's Worker finds nothing to reach out with, and nobody is asked",
  ignore: !available,
  async fn() {
    const { code, shown } = await runOnTerminal(probe("scope"), { cwd: ROOT });
    assertEquals(code, 0, shown);
    assertStringIncludes(shown, '{"reached":[]}');
    assert(!PROMPT.test(shown), shown);
  },
});

Deno.test({
  name: "G57 on a terminal a Worker like a guest's would be asked about, which is why its scope is emptied",
  ignore: !available,
  async fn() {
    // The same Worker before its scope is emptied: Deno asks, the person says y, and the file is read. Were this to
    // change, the defence that the test above is about would have become unnecessary.
    const { shown } = await runOnTerminal(probe("permissions"), { cwd: ROOT });
    assertMatch(shown, PROMPT);
    assertStringIncludes(shown, '"read":"granted"');
  },
});

Deno.test({
  name: "G57 aegis run on a terminal asks nothing: a file that was not granted is an errno, and one hint",
  ignore: !available,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const text = `(module
        (import "wasi_snapshot_preview1" "path_open"
          (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "etc/passwd")
        (func (export "_start")
          (call $exit
            (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 0)
                        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))))`;
      await Deno.writeFile(`${folder}/reach.wasm`, compile(text));
      const words = [Deno.execPath(), "run", "-A", `${ROOT}cli.ts`, "run", "reach.wasm"];
      const { code, shown } = await runOnTerminal(words, { cwd: folder });
      assertEquals(code, 76, shown); // notcapable
      assertStringIncludes(shown, "--allow-read=/etc/passwd");
      assert(!PROMPT.test(shown), shown);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "G58 a program that writes escape sequences to a terminal cannot drive it",
  ignore: !available,
  async fn() {
    const program = `${ROOT}tests/programs/wasm/escape.wasm`;
    const words = [Deno.execPath(), "run", "-A", `${ROOT}cli.ts`, "run", program];
    const { code, shown } = await runOnTerminal(words, { cwd: ROOT });
    assertEquals(code, 0, shown);
    assertStringIncludes(shown, "\\x1b]0;"); // the title that it would set, as text
    assertStringIncludes(shown, "\\x1b]52;"); // the clipboard
    // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
    assertEquals(shown.match(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f]/g), null, JSON.stringify(shown));
  },
});
