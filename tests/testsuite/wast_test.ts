import { assertEquals, assertThrows } from "../assert.ts";
import { type Command, splitScript } from "./wast.ts";

/** The one command of a script. */
function only(text: string): Command {
  const commands = splitScript(text);
  assertEquals(commands.length, 1);
  return commands[0] ?? { kind: "register", as: "", name: undefined, line: 0 };
}

Deno.test("splitScript() takes a module's text as it stands, strings and comments with parentheses included", () => {
  const text = `(module $m (func (export ")")) ;; )\n (; ) (; ( ;) ;) (@note ")" ())(memory 1))`;
  assertEquals(only(`;; first\n${text}`), {
    kind: "module",
    line: 2,
    module: { form: "text", name: "$m", line: 2, text },
  });
});

Deno.test("splitScript() joins the strings of a binary module and reads every escape", () => {
  const command = only(String.raw`(module binary "\00asm" (; and ;) "\t\n\r\"\'\\\u{e9}\7fé")`);
  assertEquals("module" in command && command.module, {
    form: "binary",
    name: undefined,
    line: 1,
    bytes: Uint8Array.from([0, 0x61, 0x73, 0x6d, 9, 10, 13, 0x22, 0x27, 0x5c, 0xc3, 0xa9, 0x7f, 0xc3, 0xa9]),
  });
});

Deno.test("splitScript() puts quoted fields into a module, and leaves a quoted module as it is", () => {
  const text = (script: string) => {
    const command = only(script);
    return "module" in command && command.module.form === "quote" ? command.module.text : undefined;
  };
  assertEquals(text(`(module quote "(func)" "(memory 1)")`), "(module (func)(memory 1)\n)");
  assertEquals(text(`(module quote "(module (func))")`), "(module (func))");
  assertEquals(text(`(module quote "(@x")`), "(module (@x\n)");
});

Deno.test("splitScript() takes a script of fields for one module", () => {
  assertEquals(splitScript("(func) (memory 0)").map(({ kind }) => kind), ["module"]);
});

Deno.test("splitScript() tells definitions from instances", () => {
  const [definition, instance, unnamed] = splitScript(
    "(module definition $M (func)) (module instance $I $M) (module instance)",
  );
  assertEquals(definition?.kind, "module definition");
  assertEquals(definition !== undefined && "module" in definition && definition.module, {
    form: "text",
    name: "$M",
    line: 1,
    text: "(module $M (func))",
  });
  assertEquals(instance, { kind: "module instance", line: 1, name: "$I", of: "$M" });
  assertEquals(unnamed, { kind: "module instance", line: 1, name: undefined, of: undefined });
});

Deno.test("splitScript() reads actions and keeps arguments and expected results as they are written", () => {
  const [invoke, get, returns] = splitScript(
    `(invoke $m "\\e2\\82\\ac" (i32.const -1)) (get "g")
     (assert_return (invoke "f") (either (f32.const nan:canonical) (ref.null)))`,
  );
  assertEquals(invoke, {
    kind: "action",
    line: 1,
    action: {
      kind: "invoke",
      module: "$m",
      field: "€",
      args: [{ kind: "list", items: [{ kind: "atom", text: "i32.const" }, { kind: "atom", text: "-1" }] }],
    },
  });
  assertEquals(get, {
    kind: "action",
    line: 1,
    action: { kind: "get", module: undefined, field: "g", args: [] },
  });
  assertEquals(returns?.kind === "assert_return" && [returns.line, returns.expected.length], [2, 1]);
});

Deno.test("splitScript() tells a trap of an action from one of an instantiation", () => {
  const [action, module] = splitScript(
    `(assert_trap (invoke "f") "unreachable") (assert_trap (module (func)) "out of bounds")`,
  );
  assertEquals(action !== undefined && "action" in action, true);
  assertEquals(module !== undefined && "module" in module, true);
});

Deno.test("splitScript() reads assertions about modules with their messages", () => {
  const kinds = ["assert_invalid", "assert_malformed", "assert_unlinkable", "assert_malformed_custom"];
  const commands = splitScript(kinds.map((kind) => `(${kind} (module) "why")`).join("\n"));
  assertEquals(
    commands.map((command) => "message" in command && [command.kind, command.line, command.message]),
    kinds.map((kind, index) => [kind, index + 1, "why"]),
  );
});

Deno.test("splitScript() names the line of what it cannot read", () => {
  assertThrows(
    () => splitScript("(module)\n(assert_odd)"),
    SyntaxError,
    'Unknown command "assert_odd" in line 2',
  );
  assertThrows(() => splitScript("(module (func)"), SyntaxError, "Unterminated list in line 1");
  assertThrows(() => splitScript('(register "a'), SyntaxError, "Unterminated string");
  assertThrows(() => splitScript("(; (; ;)"), SyntaxError, "Unterminated comment");
});
