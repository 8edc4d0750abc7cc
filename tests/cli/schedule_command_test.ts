/** `aegis schedule`, from a pipe and on a terminal. */
import { splitLine } from "../../src/cli/schedule_command.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { pseudoTerminalAvailable } from "../terminal/pseudo_terminal.ts";
import { aegis, ServerProcess } from "./server_process.ts";
import { converse } from "./terminal_talk.ts";

Deno.test("splitLine() takes words, and keeps what is quoted together", () => {
  assertEquals(splitLine(`  load "a b.wasm" 'my task' x`), ["load", "a b.wasm", "my task", "x"]);
  assertEquals(splitLine(""), []);
  assertEquals(splitLine(`show ""`), ["show", ""]);
});

Deno.test("aegis schedule does what comes from a pipe, line by line, with a server of its own that ends with it", async () => {
  const lines = ["load examples/simple.wasm my-task", "list", "start my-task", "stats", "quit", "list"];
  const { code, out, err } = await aegis(["schedule"], { stdin: `${lines.join("\n")}\n` });
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^ID .*\n\S{8} +my-task +ready /);
  assertMatch(out, /^Tasks {7}1: 1 (running|completed|queued)\n/m);
  assertEquals(out.match(/^ID /gm)?.length, 3, "nothing is done after quit");
  assert(!out.includes("aegis>"), "a pipe is asked nothing");
});

Deno.test("aegis schedule tells what it cannot do, goes on, and fails in the end", async () => {
  const lines = [
    "strat x",
    "frobnicate",
    "start",
    "show nobody",
    "load none.wasm",
    "load tests/cli/main_test.ts",
    "help",
  ];
  const { code, out, err } = await aegis(["schedule"], { stdin: lines.join("\n") });
  assertEquals(code, 1);
  for (
    const said of [
      'Unknown command "strat"\nhint: Did you mean "start"?',
      'Unknown command "frobnicate"\nhint: Type "help".',
      'Cannot start nothing: type "start TASK"',
      'There is no task "nobody"',
      'Cannot read "none.wasm"',
    ]
  ) assertStringIncludes(err, said);
  for (const command of ["load FILE [NAME]", "pause TASK", "stats", "quit"]) {
    assertMatch(out, new RegExp(`^  ${RegExp.escape(command)} `, "m"));
  }
});

Deno.test("aegis schedule asks the server that is named, and leaves it as it is", async () => {
  await using server = await ServerProcess.start();
  const env = server.environment, words = ["schedule", "--server", server.url];
  const named = await aegis(words, { env, stdin: "load examples/simple.wasm 'by hand'\n" });
  assertEquals([named.code, named.err], [0, ""]);
  assertStringIncludes((await aegis(["task", "list"], { env })).out, '"by hand"');
  const wrong = await aegis(words, { env: { AEGIS_TOKEN: "aegis_wrong" }, stdin: "list\n" });
  assertEquals([wrong.code, wrong.out], [2, ""]);
  assertStringIncludes(wrong.err, "The server does not know that token");
});

Deno.test({
  name:
    "aegis schedule on a terminal edits lines, completes commands, files and tasks, and remembers what was typed",
  ignore: !await pseudoTerminalAvailable(),
  async fn() {
    const left = "\x1b[D", up = "\x1b[A", backspace = "\x7f";
    const { code, shown } = await converse(["schedule"], [
      [/aegis> $/, "loa\t"],
      [/load $/, "examples/simple.wasm my-tusk"],
      [/my-tusk$/, `${left}${left}${backspace}a\r`], // my-task
      [/my-task +ready[^>]*aegis> $/, "start my\t"],
      [/start my-task ?$/, "\r"],
      [/my-task +(running|queued)[^>]*aegis> $/, `${up}${up}`],
      [/load examples\/simple\.wasm my-task$/, "\r"],
      [/my-task +ready[^>]*aegis> $/, "stats\r"],
      [/Tasks +2: [^>]*aegis> $/, "load examples/sim\t"],
      [/examples\/simple\.wa$/, "\x03"], // the command is left, with the line
    ]);
    assertEquals(code, 0, shown);
    assertStringIncludes(shown, 'Type "help" for what can be typed');
  },
});
