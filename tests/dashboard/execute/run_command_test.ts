import { LIMIT_FLAGS, runCommand } from "../../../src/dashboard/execute/run_command.ts";
import { ShellWords } from "../../../src/dashboard/execute/shell_words.ts";
import { localName } from "../../../src/dashboard/execute/local_run.ts";
import { LIMIT_FLAGS as FLAGS_OF_LIMITS } from "../../../src/cli/limit_flags.ts";
import { FLAGS } from "../../../src/cli/flags.ts";
import { parseCommand, type ParsedCommand } from "../../../src/cli/parse.ts";
import { readGuestArguments } from "../../../src/cli/guest_arguments.ts";
import { type PlannedRun, planRun } from "../../../src/cli/run.ts";
import {
  AlertCapability,
  ClockCapability,
  EnvCapability,
  LoggingCapability,
  SensorCapability,
} from "../../../mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import fc from "../../fast_check.ts";
import { HOSTILE, policyOf, runOf } from "./local_run_rig.ts";

/** What commands pass on, by a shell that runs them: a function stands for the program. */
async function wordsOf(script: string): Promise<string[]> {
  const { stdout, success, stderr } = await new Deno.Command("sh", {
    args: ["-c", `aegis() { for word in "$@"; do printf '%s\\0' "$word"; done; cat >&2; }\n${script}`],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

/** A command as the command line understands it. */
async function understood(
  script: string,
): Promise<{ readonly parsed: ParsedCommand; readonly planned: PlannedRun }> {
  const [command, ...words] = await wordsOf(script);
  assertEquals(command, "run");
  const parsed = parseCommand("run", words);
  return { parsed, planned: planRun(parsed, {}, { locate: (path) => path, colour: false, pid: 1 }) };
}

function textOf(run: ReturnType<typeof runOf>): string {
  const { text } = runCommand(run);
  assert(text !== undefined);
  return text;
}

/** Nothing that a terminal acts upon, whoever pastes it. */
function assertHarmless(text: string): void {
  assertEquals(text.match(/[^\P{C}\n]|\p{Zl}|\p{Zp}/gu), null);
}

const shell = { ignore: Deno.build.os === "windows" };

Deno.test(
  "ShellWords.word() is one argument of a shell, whatever stands in it, and drives no terminal",
  shell,
  async () => {
    const characters = fc.array(fc.integer({ min: 1, max: 0x10_ffff }), { maxLength: 12 });
    const texts = [...HOSTILE, ...fc.sample(characters, 200).map((codes) => String.fromCodePoint(...codes))];
    const words = new ShellWords(), lines: string[] = [], parts: string[] = [];
    for (const text of texts) {
      const { text: word, before } = words.word(text);
      lines.push(...before);
      parts.push(word);
    }
    const script = [...lines, `aegis ${parts.join(" ")}`].join("\n");
    assertHarmless(script);
    assertEquals(await wordsOf(script), texts.map((text) => text.toWellFormed()));
  },
);

Deno.test(
  "runCommand() names function, arguments and file of any text, as the command line reads them",
  shell,
  async () => {
    const policy = await policyOf();
    for (const name of HOSTILE) {
      const called = { name, type: { params: ["string", "string"], results: [] } };
      const run = runOf({ policy, called, fileName: name, task: { args: [name, "--function=other"] } });
      if (name === "") {
        assertEquals(runCommand(run).text, undefined);
        continue;
      }
      const text = textOf(run), { parsed } = await understood(text);
      assertHarmless(text);
      assertEquals(parsed.flags.function, name);
      assertEquals(parsed.args, [name, "--function=other"]);
      assertEquals(parsed.operand?.replace(/^\.\//, ""), localName(name));
    }
  },
);

Deno.test("runCommand() has the values that the server is given", shell, async () => {
  const policy = await policyOf(), params = ["i32", "i64", "f32", "f64", "f64", "f64", "json", "string"];
  const args = [
    -5,
    "-9223372036854775808",
    Math.fround(0.1),
    "nan",
    "-inf",
    "-0",
    { a: [null, "'"] },
    "it's",
  ];
  const { parsed } = await understood(
    textOf(runOf({ policy, called: { name: "f", type: { params, results: [] } }, task: { args } })),
  );
  assertEquals(readGuestArguments(parsed.args, "f", { params, results: [] }), [
    -5,
    -(2n ** 63n),
    Math.fround(0.1),
    NaN,
    -Infinity,
    -0,
    { a: [null, "'"] },
    "it's",
  ]);
});

Deno.test(
  "runCommand() has the limits of the run, whatever the presets are, and tells of those without a flag",
  shell,
  async () => {
    const policy = await policyOf({ fuelLimit: "unlimited", timeout: "10m", fileSize: "2GiB" });
    for (const preset of ["os", "minimal", "standard"] as const) {
      const { planned } = await understood(textOf(runOf({ policy, task: { preset } })));
      const { fuelLimit, timeout, memoryLimit, fileSize } = planned.plan.limits;
      const expected = policy.presets[preset];
      assertEquals([fuelLimit === 2n ** 62n ? null : String(fuelLimit), timeout, memoryLimit, fileSize], [
        expected?.["fuelLimit"],
        expected?.["timeout"],
        expected?.["memoryLimit"],
        expected?.["fileSize"],
      ]);
    }
    const typed = {
      fuelLimit: "5M",
      timeout: "1500ms",
      memoryLimit: "1MiB",
      stackLimit: "100KiB",
      cpuTime: "2s",
      writeBytes: "10",
    };
    const { planned } = await understood(textOf(runOf({ policy, task: { limits: typed } })));
    const { fuelLimit, timeout, memoryLimit, stackLimit, cpuTime, writeBytes } = planned.plan.limits;
    assertEquals([fuelLimit, timeout, memoryLimit, stackLimit, cpuTime, writeBytes], [
      5_000_000n,
      1500,
      2 ** 20,
      102_400,
      2000,
      10,
    ]);
    const { notes } = runCommand(
      runOf({ policy, task: { limits: { hostCallLimit: "7", writeBytes: "unlimited" } } }),
    );
    assertEquals(notes.map((note) => note.split(" ")[0]), ["hostCallLimit", "writeBytes"]);
  },
);

Deno.test("runCommand() knows all flags of limits that there are", () => {
  assertEquals(
    LIMIT_FLAGS,
    Object.fromEntries(FLAGS_OF_LIMITS.map((name) => [name, `--${FLAGS[name].long}`])),
  );
});

Deno.test(
  "runCommand() grants what was chosen, and of what the server grants all that the module needs",
  shell,
  async () => {
    const policy = await policyOf({
      capabilities: [
        LoggingCapability.all(),
        AlertCapability.atLevel("warning"),
        SensorCapability.constant(0, -21),
        SensorCapability.series(1, [1, 2]),
        ClockCapability.all(),
        EnvCapability.inherit(["LANG"]),
        EnvCapability.set({ SECRET: "x" }),
      ],
    });
    const needs = ["logging", "alert", "sensor", "env"] as const;
    const run = runOf({ policy, needs });
    const { planned: { plan: { grants } } } = await understood(textOf(run));
    assertEquals(grants.sensors, [{ id: 0, values: [-21] }]);
    assertEquals([grants.logging, grants.alert, grants.clock], [true, "warning", false]);
    assertEquals(grants.env.map(({ name }) => name), ["LANG"]);
    assertStringIncludes(run.notes.join("\n"), "1 reads 2 values");
    assertStringIncludes(run.notes.join("\n"), '"SECRET"');

    const task = {
      policy: "strict",
      grants: {
        sensors: { 0: "runtime", 1: [5, 6] },
        read: ["in dir", "a::/b"],
        write: ["out::/out"],
        net: ["a.example:80"],
        random: true,
      },
    } as const;
    const strict = await understood(textOf(runOf({ policy, needs, task })));
    const { plan } = strict.planned;
    assertEquals(plan.onDenial, "stop");
    assertEquals(plan.grants.sensors, [{ id: 0, values: [-21] }, { id: 1, values: [5, 6] }]);
    assertEquals(plan.grants.directories, [
      { host: "in dir", guest: "in dir", rights: "read" },
      { host: "a", guest: "/b", rights: "read" },
      { host: "out", guest: "/out", rights: "full" },
    ]);
    assertEquals([plan.grants.logging, plan.grants.alert, plan.grants.random, plan.grants.net], [
      false,
      null,
      true,
      ["a.example:80"],
    ]);
  },
);

Deno.test(
  "runCommand() gives a program its words and its input, also where they drive terminals",
  shell,
  async () => {
    const policy = await policyOf(), called = { name: "_start", type: { params: [], results: [] } };
    for (const stdin of ["", "hello\n", "\x1b[31m$(id)\n\n"]) {
      const text = textOf(runOf({ policy, called, needsWasi: true, task: { argv: ["-x", "a b"], stdin } }));
      assertHarmless(text);
      assertEquals((await understood(text)).parsed.args, ["-x", "a b"]);
      const { stderr } = await new Deno.Command("sh", {
        args: ["-c", `aegis() { cat >&2; }\n${text}`],
        stdin: "null",
      }).output();
      assertEquals(new TextDecoder().decode(stderr), stdin);
    }
    const long = runCommand(runOf({ policy, called, needsWasi: true, task: { stdin: "x".repeat(10_000) } }));
    assertStringIncludes(long.text ?? "", "< input.txt");
    assertEquals(
      runCommand(runOf({ policy, called, needsWasi: true, task: { argv: ["\0"] } })).text,
      undefined,
    );
  },
);

Deno.test("localName() is one file of the current directory", () => {
  assertEquals(
    ["add.wat", "../../../etc/passwd", "a\\b.WASM", "", "..", "x\0y.wasm", "-"].map(localName),
    ["add.wasm", "passwd.wasm", "b.WASM", "module.wasm", "module.wasm", "xy.wasm", "-.wasm"],
  );
});
