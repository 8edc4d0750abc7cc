/**
 * README and the guides to the command and the library are true: programs print what stands below them, commands do, and
 * tables are those of the code.
 */
import { FLAGS } from "../src/cli/flags.ts";
import { readGuestArguments } from "../src/cli/guest_arguments.ts";
import { VALUE_KINDS } from "../src/core/value.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { blocksOf, type PlacedBlock } from "./documents/documents.ts";
import { COMMAND_WORDS, runDeno, runTranscript } from "./documents/transcripts.ts";
import { splitWords, withLocalImports } from "./markdown.ts";

const ROOT = new URL("../", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, ROOT));
const COMMAND = read("docs/guide.md");

const BLOCKS = ["README.md", "docs/guide.md", "docs/library.md"].flatMap(blocksOf);

const PROGRAMS = BLOCKS.filter(({ language }) => language === "ts");
const CONFIG = `--config=${new URL("deno.json", ROOT).pathname}`;

/** Writes programs into a folder of their own, as an embedder would have them, and removes it afterwards. */
async function withPrograms(blocks: readonly PlacedBlock[], use: (paths: string[]) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "aegis_readme_" });
  try {
    const paths: string[] = [];
    for (const [index, { text }] of blocks.entries()) {
      const path = `${folder}/${index}.ts`;
      await Deno.writeTextFile(path, withLocalImports(text, ROOT));
      paths.push(path);
    }
    await use(paths);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("programs of the README and its guides have right types", async () => {
  assert(PROGRAMS.length > 0);
  await withPrograms(PROGRAMS, async (paths) => {
    const { code, stderr } = await runDeno(["check", "--frozen", CONFIG, ...paths]);
    assertEquals(code, 0, stderr);
  });
});

for (const block of PROGRAMS) {
  Deno.test(`${block.where}: the program prints what it says`, async () => {
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
      assertEquals(block.next?.language, "text", "the program's output stands below it");
      assertEquals(stdout.trimEnd(), block.next?.text);
    });
  });
}

for (const block of BLOCKS.filter(({ language }) => language === "console")) {
  Deno.test(`${block.where}: the commands print what they say`, () => runTranscript(block.text));
}

Deno.test({
  name: "README's way to install the command gives one that runs from another folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aegis_install_" });
    try {
      const line = COMMAND_WORDS.map(([typed]) => typed).find((typed) => typed.startsWith("deno install "));
      assert(line !== undefined && COMMAND.includes(`\n${line}\n`));
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

Deno.test("other commands of the README and its guides are those that it may name", () => {
  for (const { text } of BLOCKS.filter(({ language }) => language === "sh")) {
    for (const line of text.split("\n")) {
      assert(COMMAND_WORDS.some(([typed, run]) => run === "skip" && typed === line), line);
    }
  }
});

/** The cells of a document's tables, row by row. */
function tableRows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

Deno.test("docs/guide.md's arguments can be given to functions of their types", () => {
  const rows = tableRows(COMMAND).filter(([type = ""]) => VALUE_KINDS.some((kind) => type === `\`${kind}\``));
  assertEquals(rows.map(([type]) => type), VALUE_KINDS.map((kind) => `\`${kind}\``));
  for (const [type = "", examples = ""] of rows) {
    const words = [...examples.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
    assert(words.length > 2);
    for (const word of words) readGuestArguments([word], "f", { params: [type.slice(1, -1)], results: [] });
  }
});

Deno.test("docs/guide.md names every option of the commands", () => {
  for (const command of Object.values(COMMANDS)) {
    for (const flag of command.flags) {
      if (flag === "help" || flag === "verbose") continue; // the second is told by its short form
      assertStringIncludes(COMMAND, `--${FLAGS[flag].long}`);
    }
  }
});
