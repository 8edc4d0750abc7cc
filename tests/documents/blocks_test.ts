/**
 * Every block of code in a document is true. Programs and transcripts are run by tests of their own; here commands have to
 * be such that can be typed, data such that is read, and C such that compiles. A language that nothing looks at fails.
 */
import { type CommandName, isCommandName, isGroupName } from "../../src/cli/commands.ts";
import { parseCommand } from "../../src/cli/parse.ts";
import { assert } from "../assert.ts";
import { runCommand } from "../cli/fake_io.ts";
import { splitWords } from "../markdown.ts";
import { BLOCKS, type PlacedBlock, ROOT } from "./documents.ts";

const root = ROOT.pathname;

/** What looks at the blocks of a language: a test of this file, or files with tests. */
const LOOKED_AT: Readonly<Record<string, readonly string[]>> = {
  ts: ["tests/readme_test.ts", "tests/documented_programs_test.ts"],
  console: ["tests/readme_test.ts", "tests/documents/transcripts_test.ts"],
  sh: [],
  bash: [],
  toml: [],
  json: [],
  c: [],
  rust: [],
  go: ["tests/toolchain/authors_test.ts"],
  zig: ["tests/toolchain/authors_test.ts"],
  typescript: ["tests/toolchain/authors_test.ts"], // AssemblyScript
  wat: ["tests/toolchain/authors_test.ts"],
  js: ["tests/cli/bindgen/clients_test.ts"], // which write the client that it imports
  text: [], // what is printed, and pictures
};

/** Commands of others, as far as documents name them. */
const OF_OTHERS = [
  "cat",
  "clang",
  "rustc",
  "npx",
  "curl",
  "cd",
  "dot",
  "sh",
  "git",
  "Out-String",
  "Invoke-Expression",
];

Deno.test("blocks are of languages that a test looks at", () => {
  for (const { language, where } of BLOCKS) assert(language in LOOKED_AT, `${where}: ${language}`);
  for (const file of Object.values(LOOKED_AT).flat()) Deno.statSync(new URL(file, ROOT));
});

/** The commands of a block, each in one line, without comments and where output goes. */
function commandsOf({ language, text }: PlacedBlock): string[] {
  const lines = text.replaceAll(/ *\\\n */g, " ").split("\n");
  const typed = language === "console"
    ? lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2))
    : lines;
  return typed.flatMap((line) => line.replace(/^source <\((.*)\)/, "$1").split(" | ")).map((line) =>
    line.replace(/(^|\s)#.*$/, "").trim().replace(/\s>\s*\S+$/, "")
  ).filter(Boolean);
}

/** @throws what the command's own reader throws */
function checkAegis([first = "", second = "", ...more]: readonly string[]): void {
  const name = isGroupName(first) ? `${first} ${second}` : first;
  assert(isCommandName(name), `aegis ${name}`);
  if (name === "help") return;
  parseCommand(
    name as CommandName,
    isGroupName(first) ? more : [second, ...more].filter((word) => word !== ""),
  );
}

const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as {
  readonly tasks: Readonly<Record<string, string>>;
};

/** A command of Deno: the task that it names is there, or the file, unless that is a program of the same document. */
function checkDeno(words: readonly string[], document: string): void {
  const [command, ...rest] = words, named = rest.filter((word) => !word.startsWith("-"));
  if (command === "task") {
    const [task = "", ...more] = named;
    assert(task in tasks, `deno task ${task}`);
    if (task === "aegis") checkAegis(rest.slice(rest.indexOf("aegis") + 1));
    else assert(more.length === 0 || task !== "ok", more.join(" "));
  } else if (command === "run") {
    const own = BLOCKS.some((block) => block.document === document && block.language === "ts");
    if (!(own && named[0] === "main.ts")) Deno.statSync(new URL(named[0] ?? "", ROOT));
  } else assert(["install", "serve", "compile"].includes(command ?? ""), `deno ${command}`);
}

for (const block of BLOCKS.filter(({ language }) => ["sh", "bash", "console"].includes(language))) {
  Deno.test(`${block.where}: its commands are such that there are`, () => {
    for (const command of commandsOf(block)) {
      // Variables that stand before a command are for its environment.
      const words = splitWords(command), at = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const [first = "", ...rest] = words.slice(at);
      if (first === "aegis") checkAegis(rest);
      else if (first === "deno") checkDeno(rest, block.document);
      else if (first === "npx" && rest.some((word) => word.startsWith("deno@"))) {
        checkDeno(rest.slice(rest.findIndex((word) => word.startsWith("deno@")) + 1), block.document);
      } else {
        const isHere = block.language === "console" &&
          (first === "echo" || first === "printf" || first.includes("/"));
        assert(isHere || OF_OTHERS.includes(first), command);
      }
    }
  });
}

for (const block of BLOCKS.filter(({ language }) => language === "toml")) {
  Deno.test(`${block.where}: the file is one`, async () => {
    const isPolicy = block.document === "docs/scanning.md",
      add = Deno.readFileSync(new URL("examples/add.wat", ROOT));
    const files = { "aegis.toml": block.text, "base.toml": "", "add.wat": add };
    const words = isPolicy
      ? ["scan", "add.wat", "--policy", "aegis.toml"]
      : ["config", "check", "aegis.toml"];
    const { status, err, out } = await runCommand(words, { files });
    // A module may fail a policy; what is no policy ends with another status.
    assert(status === 0 || isPolicy && status === 1, err + out);
  });
}

Deno.test("blocks of JSON are JSON", () => {
  for (const { text } of BLOCKS.filter(({ language }) => language === "json")) JSON.parse(text);
});

async function isThere(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** What a part of a program in C needs around it: its own header, and a function for statements. */
function wholeC(text: string): string {
  const cut = text.replaceAll("…", "");
  if (/^\s*#include|^\/\*/.test(cut)) return cut;
  return `#include <stdint.h>\n#include "aegis_channel.h"\nvoid part(void) {\n${cut}\n}\n`;
}

/** A compiler that looks at blocks of its language, without making a program of them. */
interface Checker {
  readonly program: string;
  /** As it is called. */
  readonly title: string;
  /** Of its sources. */
  readonly ending: string;
  /** What a block needs around it. */
  readonly whole: (text: string) => string;
  /** @param folder takes what it writes */
  readonly args: (folder: string) => readonly string[];
}

const CHECKERS: Readonly<Record<"c" | "rust", Checker>> = {
  c: {
    program: "clang",
    title: "C",
    ending: "c",
    whole: wholeC,
    args: () => ["--target=wasm32-wasi", "-fsyntax-only", "-I", `${root}examples/guest`],
  },
  rust: {
    program: "rustc",
    title: "Rust",
    ending: "rs",
    whole: (text) => text,
    args: (folder) => ["--crate-type=lib", "--emit=metadata", "--out-dir", folder],
  },
};

for (const [language, { program, title, ending, whole, args }] of Object.entries(CHECKERS)) {
  const ignore = !await isThere(program);
  for (const { where, text } of BLOCKS.filter((block) => block.language === language)) {
    Deno.test({
      name: `${where}: the ${title} is right`,
      ignore,
      async fn() {
        const folder = await Deno.makeTempDir(), file = `${folder}/block.${ending}`;
        try {
          await Deno.writeTextFile(file, whole(text));
          const { success, stderr } = await new Deno.Command(program, {
            args: [...args(folder), file],
            env: { RUSTFLAGS: "" },
          }).output();
          assert(success, new TextDecoder().decode(stderr));
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
}
