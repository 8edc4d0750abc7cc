import { COMMAND_GROUPS, COMMANDS, commandsOf, firstWords, isCommandName } from "../../src/cli/commands.ts";
import type { CommandRow } from "../../src/cli/commands/command_row.ts";
import { flagOfField } from "../../src/cli/flags/setting_flags.ts";
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { isLimitName, limitText } from "../../src/core/limit_bounds.ts";
import { parseCommand } from "../../src/cli/parse.ts";
import { decodePlan } from "../../src/cli/run_plan.ts";
import { VERSION } from "../../src/cli/version.ts";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { splitWords } from "../markdown.ts";
import { runCommand } from "./fake_io.ts";

const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

Deno.test("main() prints the version and help on stdout", async () => {
  for (const flag of ["--version", "-V", "version"]) {
    assertEquals(await runCommand([flag]), { status: 0, out: `aegis ${VERSION}\n`, err: "", started: [] });
  }
  const help = await runCommand(["--help"]);
  assertEquals([help.status, help.err], [0, ""]);
  for (const words of [["-h"], ["help"]]) assertEquals((await runCommand(words)).out, help.out);
  for (const word of firstWords()) assertStringIncludes(help.out, `\n  ${word} `);
});

Deno.test("main() prints help on stderr and fails when nothing was asked for", async () => {
  const { status, out, err } = await runCommand([]);
  assertEquals([status, out], [2, ""]);
  assertStringIncludes(err, "Usage: aegis <COMMAND>");
});

Deno.test("main() names every flag of a command in its help, and its examples are commands", async () => {
  for (const [name, row] of Object.entries(COMMANDS)) {
    const { status, out } = await runCommand(["help", ...name.split(" ")]);
    assertEquals(status, 0);
    assertEquals((await runCommand([...name.split(" "), "--help"])).out, out);
    const { flags, flagDocs = {} }: CommandRow = row;
    for (const flagName of flags) {
      const { long, doc }: FlagRow = FLAGS[flagName];
      assertStringIncludes(out, `--${long}`);
      assertStringIncludes(out, flagDocs[flagName] ?? doc);
    }
    assertEquals(Object.keys(flagDocs).filter((flag) => !flags.some((other) => other === flag)), []);
    for (const { line } of row.examples) assertStringIncludes(out, line);
    assert(out.split("\n").every((line) => line.length <= 100), `${name}: a line is too long`);
  }
});

Deno.test("main() names every exit status of a run in its help", async () => {
  const { out } = await runCommand(["help", "run"]);
  for (const [code, { status }] of Object.entries(ERROR_CODES)) {
    assertMatch(out, new RegExp(`^  ${status} +\\w`, "m"), code);
  }
});

Deno.test("main() names the bounds of every limit in its help, as the library has them", async () => {
  const { out } = await runCommand(["help", "run"]);
  for (const [name, { least, most }] of Object.entries(LIMITS)) {
    const flag = flagOfField(name);
    if (flag === undefined || !isLimitName(name)) continue;
    assertMatch(
      out,
      new RegExp(`^  ${flag} +${limitText(name, least)} to ${limitText(name, most)}$`, "m"),
    );
  }
});

Deno.test("parseCommand() takes the examples that help shows", () => {
  for (const row of Object.values(COMMANDS)) {
    for (const { line } of row.examples) {
      const own = line.split(" | ").find((part) => part.startsWith("aegis ")) ?? line;
      const [, first = "", second = "", ...more] = splitWords(own.replace(/ > \S+$/, ""));
      const pair = `${first} ${second}`,
        [name, words] = isCommandName(pair)
          ? [pair, more]
          : [first, second === "" ? more : [second, ...more]];
      assert(isCommandName(name), line);
      parseCommand(name, words); // throws for what it does not know
    }
  }
});

Deno.test("main() lists the commands of a group where none of them is named", async () => {
  for (const group of Object.keys(COMMAND_GROUPS) as (keyof typeof COMMAND_GROUPS)[]) { // its own keys
    const alone = await runCommand([group]);
    assertEquals([alone.status, alone.out], [2, ""]);
    for (const name of commandsOf(group)) {
      assertMatch(alone.err, new RegExp(`^  ${name} +${COMMANDS[name].summary}$`, "m"));
    }
    for (const words of [["help", group], [group, "--help"], [group, "-h"], [group, "help"]]) {
      assertEquals(await runCommand(words), { status: 0, out: alone.err, err: "", started: [] });
    }
    assert(alone.err.split("\n").every((line) => line.length <= 100), `${group}: a line is too long`);
  }
  const groups = Object.keys(COMMAND_GROUPS) as (keyof typeof COMMAND_GROUPS)[]; // as above
  const grouped = Object.keys(COMMANDS).filter((name) => name.includes(" "));
  assertEquals(grouped.sort(), groups.flatMap((group) => commandsOf(group) as string[]).sort());
});

Deno.test("main() names the near command of two words", async () => {
  const hints: readonly (readonly [words: string, hint: string])[] = [
    ["task strat", 'Did you mean "task start"?'],
    ["help task strat", 'Did you mean "task start"?'],
    ["task lgos nightly", 'Did you mean "task logs"?'],
    ["tsak list", 'Did you mean "task"?'],
    ["logs nightly", 'Did you mean "task logs"?'],
    ["task nightly", "Commands: task add, task list, "],
    ["task list nightly", "See: aegis help task list"],
  ];
  for (const [words, hint] of hints) {
    const { status, out, err } = await runCommand(words.split(" "));
    assertEquals([status, out], [2, ""], words);
    assertStringIncludes(err, `\nhint: ${hint}`);
  }
});

Deno.test("main() refuses an unknown command with status 2, and names the near one", async () => {
  assertEquals(await runCommand(["inspekt", "m.wasm"]), {
    status: 2,
    out: "",
    err: 'error: Unknown command "inspekt"\nhint: Did you mean "inspect"?\n',
    started: [],
  });
  assertEquals(
    (await runCommand(["--vresion"])).err,
    'error: Unknown flag "--vresion"\nhint: Did you mean "--version"?\n',
  );
  for (const words of [["help", "runs"], ["rnu", "m.wasm"]]) {
    assertStringIncludes((await runCommand(words)).err, 'Did you mean "run"?');
  }
  assertEquals((await runCommand(["examples/add.wat"])).err.split("\n"), [
    'error: Unknown command "examples/add.wat"',
    "hint: To run a module: aegis run examples/add.wat",
    "",
  ]);
});

Deno.test("main() tells a failure to parse in the JSON that was asked for, too", async () => {
  for (
    const words of [["run", "m", "--memry-limit", "5", "-f", "json"], ["run", "--format=json-compact", "-z"]]
  ) {
    const { status, out, err } = await runCommand(words);
    assertEquals(status, 2);
    const document = JSON.parse(out);
    assertEquals(document.outcome.kind, "error");
    assertEquals(document.outcome.error.code, "InvalidOption");
    assertEquals(Object.keys(document), [
      "execution_id",
      "module",
      "outcome",
      "result",
      "metrics",
      "diagnostics",
    ]);
    assertStringIncludes(err, "error: Unknown flag");
  }
  assertEquals((await runCommand(["run", "m", "-z", "--", "--format", "json"])).out, "");
});

Deno.test("main() starts one host process for run, with the plan as its last argument", async () => {
  const { status, started, out } = await runCommand(
    ["run", "m.wasm", "-e", "f", "--timeout", "1", "--", "5"],
    {
      files: { "m.wasm": MODULE },
      end: { status: 42 },
    },
  );
  assertEquals([status, out, started.length], [42, "", 1]);
  const plan = decodePlan(started[0]?.args.at(-1) ?? "");
  assertEquals([plan.functionName, plan.args, plan.module.path], ["f", ["5"], "/folder/m.wasm"]);
  assertEquals(started[0]?.deadline, 7000);
  assertEquals(started[0]?.command, Deno.execPath());
});

Deno.test("main() reads the configuration before it starts a process", async () => {
  const files = { "m.wasm": MODULE, "aegis.toml": 'function = "g"\ntimeout = "3s"\n' };
  const { started } = await runCommand(["run", "m.wasm", "-c", "aegis.toml"], { files });
  const plan = decodePlan(started[0]?.args.at(-1) ?? "");
  assertEquals([plan.functionName, plan.limits.timeout], ["g", 3000]);

  const bad = await runCommand(["run", "m.wasm", "-c", "bad.toml"], {
    files: { ...files, "bad.toml": "x = 1" },
  });
  assertEquals([bad.status, bad.started], [2, []]);
  assertStringIncludes(bad.err, 'unknown key "x"');
});

Deno.test("main() starts no process for a module that is not there", async () => {
  const { status, err, started } = await runCommand(["run", "m.wasm"]);
  assertEquals([status, started], [2, []]);
  assertEquals(err, 'error: Cannot read "m.wasm": there is no such file\n');
});

Deno.test("main() tells that the host process was killed for outliving its deadline", async () => {
  const world = {
    files: { "m.wasm": MODULE },
    end: { status: 137, signal: "SIGKILL", overdue: true },
  };
  const human = await runCommand(["run", "m.wasm", "--timeout", "1"], world);
  assertEquals([human.status, human.out], [124, ""]);
  assertStringIncludes(human.err, "had not ended after 7000 ms and was killed");
  const { status, out } = await runCommand(["run", "m.wasm", "-f", "json"], world);
  assertEquals(status, 124);
  assertEquals(JSON.parse(out).outcome.error.code, "Timeout");
});

Deno.test("main() tells that a signal ended the host process, unless it passed the signal on itself", async () => {
  const files = { "m.wasm": MODULE };
  const crashed = await runCommand(["run", "m.wasm"], { files, end: { status: 134, signal: "SIGABRT" } });
  assertEquals(crashed.status, 1);
  assertStringIncludes(crashed.err, "was ended by SIGABRT");
  const interrupted = await runCommand(["run", "m.wasm"], {
    files,
    end: { status: 130, signal: "SIGINT", forwarded: ["SIGINT"] },
  });
  assertEquals([interrupted.status, interrupted.err], [130, ""]);
});
