import { classifyFailure, type Failure } from "../../src/guest/failure.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const REFUSED = { used: 1, allowed: 2 };

/** What comes out of a module of these fields, instantiated and called. */
function errorOf(fields: string, imports: WebAssembly.Imports = {}): unknown {
  try {
    const { run } =
      new WebAssembly.Instance(new WebAssembly.Module(compileText(`(module ${fields})`)), imports).exports;
    if (typeof run === "function") run();
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}

const RECURSION = "Maximum call stack size exceeded";

/** Errors, what they mean, and what they mean after a growth was refused where that differs. */
const ROWS: Readonly<Record<string, readonly [error: unknown, failure: Failure, refused?: Failure]>> = {
  "a trap": [
    errorOf('(func (export "run") unreachable)'),
    { kind: "trap", trap: "unreachable", message: "unreachable" },
    { kind: "memory", ...REFUSED },
  ],
  "a trap that is not known": [
    new WebAssembly.RuntimeError("of another kind"),
    { kind: "trap", trap: "unknown", message: "of another kind" },
    { kind: "memory", ...REFUSED },
  ],
  "an exception": [
    errorOf('(tag $t) (func (export "run") throw $t)'),
    { kind: "trap", trap: "uncaughtException", message: "an exception was thrown and not caught" },
    { kind: "memory", ...REFUSED },
  ],
  "the end of the stack": [errorOf('(func $f (export "run") call $f)'), { kind: "stack" }],
  "another RangeError": [new RangeError("x"), { kind: "fault", message: "x" }],
  "an import that does not fit": [
    new WebAssembly.LinkError(RECURSION),
    { kind: "link", message: RECURSION },
  ],
  "an error of ours": [new TypeError("No function"), { kind: "fault", message: "No function" }],
  "what is no error": ["text", { kind: "fault", message: "text" }],
};

for (const [what, [error, failure, refused = failure]] of Object.entries(ROWS)) {
  Deno.test(`classifyFailure() tells ${what}`, () => {
    assertEquals(classifyFailure(error, undefined), failure);
    assertEquals(classifyFailure(error, REFUSED), refused);
  });
}
