/**
 * README is true: its programs print what stands below them, its commands do, and its tables are those of the code.
 */
import { FLAGS } from "../src/cli/flags.ts";
import { groupDigits } from "../src/core/group_digits.ts";
import { readGuestArguments } from "../src/cli/guest_arguments.ts";
import { isLimitName, limitText } from "../src/core/limit_bounds.ts";
import { LIMITS } from "../src/core/limits.ts";
import { VALUE_KINDS } from "../src/core/value.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { ServerProcess } from "./cli/server_process.ts";
import {
  type CodeBlock,
  matchesOutput,
  readCodeBlocks,
  readTranscript,
  splitWords,
  withLocalImports,
} from "./markdown.ts";

const ROOT = new URL("../", import.meta.url);
const README = Deno.readTextFileSync(new URL("README.md", ROOT));
const BLOCKS = readCodeBlocks(README);

/** What `aegis` and the other commands of README stand for; the tests cannot run the tests. */
const COMMAND_WORDS: readonly (readonly [typed: string, run: readonly string[] | "skip"])[] = [
  ["npx -y deno@2.9.6 task test", "skip"],
  ["deno install -gA --unstable-worker-options --config deno.json -n aegis cli.ts", "skip"], // has a test of its own
  ["aegis bindgen examples/add.wat --out clients --name adder", "skip"], // writes files: a transcript runs it
  ["aegis new plugin greeter --lang c", "skip"], // these two need a compiler: the tests of templates run them
  ["aegis build greeter", "skip"],
  // These two write files: their tests run both.
  ["aegis install grep.wasm --allow-cwd --timeout 10s   # then: grep TODO notes.md", "skip"],
  ["aegis compile add.wasm -e add -o add                # then: ./add 5 10", "skip"],
  ["aegis mcp examples/mcp/notes.wasm", "skip"], // waits for a client: its tests have one
  ["aegis serve examples/http/hello.wasm --port 8080", "skip"], // tests/cli/serve_command_test.ts starts it
  ["aegis server --port 8080", "skip"], // the commands below it have one of their own
  ["npx -y deno@2.9.6 task aegis", ["task", "aegis"]],
  ["aegis", ["task", "-q", "aegis"]],
];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runDeno(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Durations differ from run to run, and so do ids and times of tasks, and how wide their columns are. */
function settle(text: string): string {
  return text.replace(/\b[0-9.]+(?:µs|ms|s)$/gm, "…")
    .replace(/^[0-9a-f]{8} {2}/gm, "…  ")
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/g, "…")
    .replace(/ [0-9.]+(?:µs|ms|s) +(?=succeeded)/g, " … ")
    .replace(/ TOOK +/g, " TOOK ");
}

/** The block that stands after another one, when it is of that language. */
function following(block: CodeBlock, language: string): CodeBlock | undefined {
  const next = BLOCKS[BLOCKS.indexOf(block) + 1];
  return next?.language === language ? next : undefined;
}

const PROGRAMS = BLOCKS.filter(({ language }) => language === "ts");
const CONFIG = `--config=${new URL("deno.json", ROOT).pathname}`;

/** Writes programs into a folder of their own, as an embedder would have them, and removes it afterwards. */
async function withPrograms(blocks: readonly CodeBlock[], use: (paths: string[]) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "aegis_readme_" });
  try {
    const paths: string[] = [];
    for (const { text, line } of blocks) {
      const path = `${folder}/line_${line}.ts`;
      await Deno.writeTextFile(path, withLocalImports(text, ROOT));
      paths.push(path);
    }
    await use(paths);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("README's programs have right types", async () => {
  assert(PROGRAMS.length > 0);
  await withPrograms(PROGRAMS, async (paths) => {
    const { code, stderr } = await runDeno(["check", "--frozen", CONFIG, ...paths]);
    assertEquals(code, 0, stderr);
  });
});

for (const block of PROGRAMS) {
  Deno.test(`README's program at line ${block.line} prints what it says`, async () => {
    await withPrograms([block], async (paths) => {
      const { code, stdout, stderr } = await runDeno([
        "run",
        "-A",
        "--no-prompt",
        "--frozen",
        CONFIG,
        ...paths,
      ]);
      assertEquals(code, 0, stderr);
      const documented = following(block, "text");
      assert(documented, "the program's output stands below it");
      assertEquals(stdout.trimEnd(), documented.text);
    });
  });
}

for (const block of BLOCKS.filter(({ language }) => language === "console")) {
  Deno.test(`README's commands at line ${block.line} print what they say`, async () => {
    let last: Ended | undefined;
    await using server = block.text.includes("$ aegis task ") ? await ServerProcess.start() : undefined;
    const env = server?.environment ?? {};
    for (const { command, output } of readTranscript(block.text)) {
      if (command === "echo $?") {
        assertEquals(String(last?.code), output);
        continue;
      }
      const row = COMMAND_WORDS.find(([typed]) => command.startsWith(`${typed} `));
      assert(row !== undefined && row[1] !== "skip", `a known command: ${command}`);
      for (const end = performance.now() + 10_000;;) {
        last = await runDeno([...row[1], ...splitWords(command.slice(row[0].length))], env);
        const printed = last.stderr.replace(/^Task aegis .*\n/, "") + last.stdout;
        if (matchesOutput(settle(printed), settle(output))) break;
        // What a task has done comes when it has done it.
        const mayCome = command.startsWith("aegis task history ") && performance.now() < end;
        assert(mayCome, `${command} printed\n${printed}`);
      }
    }
  });
}

Deno.test({
  name: "README's way to install the command gives one that runs from another folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aegis_install_" });
    try {
      const line = COMMAND_WORDS.map(([typed]) => typed).find((typed) => typed.startsWith("deno install "));
      assert(line !== undefined && README.includes(`\n${line}\n`));
      const installed = await runDeno(splitWords(line).slice(1), { DENO_INSTALL_ROOT: folder });
      assertEquals(installed.code, 0, installed.stderr);
      const module = new URL("examples/add.wat", ROOT).pathname;
      const { code, stdout } = await new Deno.Command(`${folder}/bin/aegis`, {
        args: ["run", module, "--function", "add", "--quiet", "--", "5", "10"],
        cwd: folder,
        env: { PATH: `${new URL(".", `file://${Deno.execPath()}`).pathname}:${Deno.env.get("PATH") ?? ""}` },
      }).output();
      assertEquals([code, new TextDecoder().decode(stdout)], [0, "15\n"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("README's other commands are those that it may name", () => {
  for (const { text } of BLOCKS.filter(({ language }) => language === "sh")) {
    for (const line of text.split("\n")) {
      assert(COMMAND_WORDS.some(([typed, run]) => run === "skip" && typed === line), line);
    }
  }
});

/** The cells of README's tables, row by row. */
function tableRows(): string[][] {
  return README.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

Deno.test("README's table of limits is the one of the code", () => {
  const documented = tableRows().filter(([name]) => /^`[a-z]+[a-zA-Z]*`$/.test(name ?? ""));
  const expected = Object.entries(LIMITS).map(([name, { standard, least, most }]) => {
    assert(isLimitName(name));
    return [
      `\`${name}\``,
      typeof standard === "bigint" ? groupDigits(standard) : standard,
      limitText(name, least),
      limitText(name, most),
    ];
  });
  assertEquals(documented.map(([name = "", , ...amounts]) => [name, ...amounts]), expected);
});

Deno.test("README's arguments can be given to functions of their types", () => {
  const rows = tableRows().filter(([type = ""]) => VALUE_KINDS.some((kind) => type === `\`${kind}\``));
  assertEquals(rows.map(([type]) => type), VALUE_KINDS.map((kind) => `\`${kind}\``));
  for (const [type = "", examples = ""] of rows) {
    const words = [...examples.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
    assert(words.length > 2);
    for (const word of words) readGuestArguments([word], "f", { params: [type.slice(1, -1)], results: [] });
  }
});

Deno.test("README names every option of the commands", () => {
  for (const command of Object.values(COMMANDS)) {
    for (const flag of command.flags) {
      if (flag === "help" || flag === "verbose") continue; // the second is told by its short form
      assertStringIncludes(README, `--${FLAGS[flag].long}`);
    }
  }
});
