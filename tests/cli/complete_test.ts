import { complete, METAVARS_WITH_PATHS } from "../../src/cli/complete.ts";
import type { CommandRow } from "../../src/cli/commands/command_row.ts";
import { COMMANDS, firstWords } from "../../src/cli/commands.ts";
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS, flagText } from "../../src/cli/flags.ts";
import { ENGINES } from "../../src/core/engine.ts";
import { assert, assertEquals } from "../assert.ts";
import { runCommand } from "./fake_io.ts";

/** The candidates for the last word of a line; a line that ends with a space has an empty one. */
function wordsOf(line: string): string[] {
  return complete(line.split(" ")).candidates.map(({ word }) => word);
}

Deno.test("complete() knows every command and every group", () => {
  assertEquals(wordsOf(""), firstWords());
  assertEquals(wordsOf("ins"), ["inspect", "install"]);
  assertEquals(wordsOf("task re"), ["resume", "restart"]);
  assertEquals(wordsOf("help config "), ["check", "explain", "schema"]);
  assertEquals(wordsOf("--v"), ["--version"]);
  assertEquals(wordsOf("nothing "), []);
});

Deno.test("complete() knows every flag of every command, and says what it does", () => {
  for (const [name, row] of Object.entries(COMMANDS)) {
    if (name === "help") continue; // it takes names of commands
    const { candidates } = complete([...name.split(" "), "--"]);
    for (const flag of row.flags) {
      const found = candidates.find(({ word }) => word === flagText(flag));
      assert(found !== undefined && found.doc.length > 0, `${name} ${flagText(flag)}`);
    }
    assert(candidates.every(({ word, doc }) => !/[\t\n ]/.test(word) && !/[\t\n]/.test(doc)), name);
  }
});

Deno.test("complete() knows the values of every flag that has some, behind it and behind an equals sign", () => {
  let count = 0;
  for (const [name, row] of Object.entries(COMMANDS)) {
    for (const flag of row.flags) {
      const { choices, alone, long }: FlagRow = FLAGS[flag];
      if (choices === undefined) continue;
      count++;
      const words = [...name.split(" ")];
      assertEquals(wordsOf([...words, `--${long}=`].join(" ")), choices.map((one) => `--${long}=${one}`));
      // The next word is no value of a flag that can stand alone.
      if (alone === undefined) assertEquals(wordsOf([...words, `--${long}`, ""].join(" ")), [...choices]);
      else assert(wordsOf([...words, `--${long}`].join(" ")).includes(`--${long}=${choices[0]}`));
    }
  }
  assert(count > 30);
  assertEquals(wordsOf("run --engine i"), ENGINES.filter((engine) => engine.startsWith("i")));
  assertEquals(wordsOf("run -f js"), ["json", "json-compact"]);
});

Deno.test("complete() leaves names of files to the shell where there may be some", () => {
  const paths = (line: string) => complete(line.split(" ")).paths;
  assertEquals(paths("run "), "files");
  assertEquals(paths("run add.wasm --config "), "files");
  assertEquals(paths("run add.wasm --config=a"), "files");
  assertEquals(paths("run add.wasm -c a"), "files");
  assertEquals(paths("run --dir sr"), "directories");
  assertEquals(paths("run --dir src::/i"), "none");
  assertEquals(paths("diff old.wasm n"), "files");
  assertEquals(paths("run add.wasm -e f -- no"), "files");
  assertEquals(paths("serve a.wasm --route /"), "none");
  assertEquals(paths("new http he"), "none");
  assertEquals(paths("run add.wasm more"), "none");
});

Deno.test("complete() offers a flag once, unless it adds up", () => {
  const flags = wordsOf("run add.wasm --quiet -f json --allow-read=src -vv --");
  for (const gone of ["--quiet", "--format"]) assert(!flags.includes(gone), gone);
  for (const left of ["--allow-read", "--verbose", "--engine"]) assert(flags.includes(left), left);
});

Deno.test("complete() offers flags where nothing else can stand, and shells to completions", () => {
  assert(wordsOf("server ").includes("--port"));
  assert(wordsOf("run add.wasm ").includes("--function"));
  assertEquals(wordsOf("completions "), ["bash", "zsh", "fish", "powershell"]);
});

Deno.test("complete() knows what each name for a value stands for", () => {
  const plain = new Set<string>();
  const metavars = Object.values(COMMANDS as Record<string, CommandRow>).flatMap((row) => [
    ...(row.operand === undefined || row.operand.choices ? [] : [row.operand.metavar]),
    ...(row.second === undefined ? [] : [row.second.metavar]),
    ...row.flags.flatMap((flag) => {
      const { choices, metavar }: FlagRow = FLAGS[flag];
      return metavar === undefined || choices ? [] : [metavar];
    }),
  ]);
  for (const metavar of metavars) if (METAVARS_WITH_PATHS[metavar] === undefined) plain.add(metavar);
  // A new one is to be looked at: is it a path?
  assertEquals(
    [...plain].sort(),
    [
      "COMMAND",
      "CRON",
      "EXPRESSION",
      "FROM:TO",
      "FUNCTION",
      "HASH|COUNT",
      "HOST[:PORT]",
      "ID",
      "ID=VALUE",
      "KIND",
      "NAME",
      "NAMES",
      "NAME[=VALUE]",
      "NUMBER",
      "ORIGIN",
      "PORT",
      "SIZE",
      "SPECIFIER",
      "STATE",
      "TASK",
      "TIME",
      "UNITS",
      "URL",
      "WORDS",
    ].filter((metavar) => metavars.includes(metavar)),
  );
});

Deno.test("completions prints the answer of a script: what the shell adds, then words with what they mean", async () => {
  const { status, out } = await runCommand(["completions", "bash", "--", "run", "--engine", "in"]);
  assertEquals([status, out], [0, `none\ninterpreter\t${FLAGS.engine.doc}\n`]);
  const blank = await runCommand(["completions", "powershell", "--", "task", " "]);
  assertEquals(blank.out.split("\n")[1]?.split("\t")[0], "add");
});

Deno.test("completions refuses another shell, and names the near one", async () => {
  const { status, err } = await runCommand(["completions", "bsah"]);
  assertEquals([status, err], [
    2,
    'error: Cannot complete in "bsah": use one of bash, zsh, fish, powershell\nhint: Did you mean "bash"?\n',
  ]);
});
