/** G58: names of module files are whoever's who made them; no command hands them to a terminal as they are. */
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertStringIncludes } from "../assert.ts";
import { runCommand } from "./fake_io.ts";

/** Sets a title, clears the screen, turns text around, and would be a line of its own. */
const NAME = "a\x1b]0;taken\x07\x1b[2J\u202egpj.\u009b31m\nerror: fake\r.wasm";

/** What a terminal would obey, and what turns text around; line ends are ours. */
// deno-lint-ignore no-control-regex -- that is what must not be there
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const MODULES = {
  good: compileText('(module (func (export "main")))'),
  bad: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99]),
  none: undefined,
} as const;

Deno.test("G58 the name of a module file reaches a terminal without what would drive it, whatever becomes of it", async () => {
  for (const [state, bytes] of Object.entries(MODULES)) {
    for (
      const command of [
        "run",
        "inspect",
        "validate",
        "scan",
        "graph",
        "disasm",
        "diff",
        "bindgen",
        "frobnicate",
      ]
    ) {
      const words = command === "diff" ? [command, NAME, NAME] : [command, NAME];
      for (const more of [[], ["--format", "json"]]) {
        const { out, err } = await runCommand([...words, ...more], {
          files: bytes === undefined ? {} : { [NAME]: bytes },
        });
        const shown = `${command} of a ${state} module: ${JSON.stringify(out + err)}`;
        assert(!OBEYED.test(out) && !OBEYED.test(err), shown);
        assert(!/^error: fake/m.test(out + err), shown);
        if (state === "none" && command === "run") assertStringIncludes(err, "\\u001b]0;taken");
      }
    }
  }
});
