/** docs/authors.md: what it shows in each language is built and run as it says, where the compiler is here. */
import { LANGUAGE_NAMES, type LanguageName, LANGUAGES } from "../../src/toolchain/languages.ts";
import { assert, assertEquals } from "../assert.ts";
import { matchesOutput, readCodeBlocks, readTranscript, splitWords } from "../markdown.ts";
import { missingCompiler } from "./missing_compiler.ts";

const ROOT = new URL("../../", import.meta.url);
const BLOCKS = readCodeBlocks(Deno.readTextFileSync(new URL("docs/authors.md", ROOT)));

/** What stands behind the fence of each language. */
const FENCES: Readonly<Record<LanguageName, string>> = {
  wat: "wat",
  assemblyscript: "typescript",
  c: "c",
  rust: "rust",
  go: "go",
  zig: "zig",
};

const textsOf = (language: string) =>
  BLOCKS.filter((block) => block.language === language).map(({ text }) => text);

/** A file of a name has the ending of a language; the document speaks of C. */
const inLanguage = (text: string, language: LanguageName) =>
  text.replaceAll(/\b(shout|lines)\.c\b/g, `$1.${LANGUAGES[language].extensions[0]}`);

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_authors_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a line of the document in a folder. @returns what it prints: first what is wrong, then the result */
async function run(command: string, folder: string): Promise<string> {
  const [program, ...words] = splitWords(command);
  assertEquals(program, "aegis");
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--frozen",
      `--lock=${ROOT.pathname}deno.lock`,
      `--config=${ROOT.pathname}deno.json`,
      `${ROOT.pathname}cli.ts`,
      ...words,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stderr) + decoder.decode(stdout);
}

/** Runs commands that print what stands below them. */
async function follow(transcript: string, folder: string): Promise<void> {
  for (const { command, output } of readTranscript(transcript)) {
    const printed = await run(command, folder);
    assert(matchesOutput(printed, output), `${command} printed\n${printed}`);
  }
}

const [manifest = ""] = textsOf("toml"), [shouting = "", counting = ""] = textsOf("console");
const [givenAway = ""] = textsOf("sh");

for (const language of LANGUAGE_NAMES) {
  const why = await missingCompiler(language, false), [library, program] = textsOf(FENCES[language]);
  if (why !== undefined) console.log(`what docs/authors.md has in ${language} is not built: ${why}`);
  const source = (name: string) => `${name}.${LANGUAGES[language].extensions[0]}`;
  Deno.test({
    name: `docs/authors.md: the function in ${language} is built, and shouts`,
    ignore: why !== undefined,
    fn: () =>
      withFolder(async (folder) => {
        assert(library !== undefined, "it has one");
        await Deno.writeTextFile(`${folder}/aegis.toml`, inLanguage(manifest, language));
        await Deno.writeTextFile(`${folder}/${source("shout")}`, `${library}\n`);
        await Deno.copyFile(new URL("examples/guest/aegis.h", ROOT), `${folder}/aegis.h`);
        await follow(shouting, folder);
        if (language !== "c") return;
        for (const command of givenAway.split("\n")) {
          const printed = await run(command, folder);
          assert(!/error|HIGH|MEDIUM/.test(printed), printed);
        }
      }),
  });
  if (program === undefined) continue;
  Deno.test({
    name: `docs/authors.md: the program in ${language} is built, and counts`,
    ignore: why !== undefined,
    fn: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/${source("lines")}`, `${program}\n`);
        await Deno.writeTextFile(`${folder}/notes.txt`, "one\ntwo\nthree\n");
        // What a program says of a file that it may not have is its own; the document shows that of C.
        const shown = language === "c" ? counting : counting.split("\n").slice(0, 3).join("\n");
        await follow(inLanguage(shown, language), folder);
      }),
  });
}
