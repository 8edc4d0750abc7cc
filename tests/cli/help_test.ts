import { commandHelp, groupHelp, programHelp } from "../../src/cli/help.ts";
import { COMMAND_GROUPS, type CommandName, COMMANDS, type GroupName } from "../../src/cli/commands.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { runCommand } from "./fake_io.ts";

/** Each help text, for so many columns. */
function helps(columns?: number): string[] {
  const groups = Object.keys(COMMAND_GROUPS) as GroupName[], // a literal's keys are those of its type
    names = Object.keys(COMMANDS) as CommandName[]; // so are these
  return [
    programHelp(columns),
    ...groups.map((group) => groupHelp(group, columns)),
    ...names.map((name) => commandHelp(name, columns)),
  ];
}

/** What stands above the examples, which are to be copied as they are. */
const above = (text: string) => text.split("\nExamples:\n")[0] ?? "";

for (const columns of [60, 80, 120]) {
  Deno.test(`help fits into ${columns} columns, with the same words`, () => {
    const plain = helps();
    for (const [index, text] of helps(columns).entries()) {
      for (const line of above(text).split("\n")) {
        const isAligned = /^\w+: {2}/.test(line) && plain[index]?.includes(`\n${line}\n`);
        assert(line.length <= columns || isAligned, line);
      }
      assertEquals(text.split(/\s+/), plain[index]?.split(/\s+/));
    }
  });
}

Deno.test("help is not broken anew where no terminal shows it, or one that tells no columns", () => {
  assertEquals(helps(0), helps());
});

Deno.test("help puts what a flag means below itself", () => {
  assertStringIncludes(
    commandHelp("run", 80),
    "\n      --memory-limit <SIZE>      Most memory, in bytes or as 512KiB, 64MiB\n" +
      `${" ".repeat(33)}(default: 64MiB)\n`,
  );
});

Deno.test("help asks how many columns its terminal has, however it is called", async () => {
  for (const words of [["help", "run"], ["run", "--help"]]) {
    assertEquals((await runCommand(words, { columns: 60 })).out, commandHelp("run", 60));
  }
  assertEquals((await runCommand(["--help"], { columns: 60 })).out, programHelp(60));
  assertEquals((await runCommand([], { columns: 60 })).err, programHelp(60));
  assertEquals((await runCommand(["task"], { columns: 60 })).err, groupHelp("task", 60));
});
