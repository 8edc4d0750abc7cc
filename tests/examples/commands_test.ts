/** The examples with a program: each runs by the one command that its README names, and prints what stands there. */
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { matchesOutput, readCodeBlocks, readTranscript, splitWords } from "../markdown.ts";

const ROOT = new URL("../../", import.meta.url), EXAMPLES = new URL("examples/", ROOT);

/** What a newcomer looks for. */
const NAMES = [
  "checkpoint",
  "game-mod",
  "grader",
  "http",
  "image-filter",
  "mcp",
  "plugin-host",
  "replay",
  "sqlite",
  "task-server",
];

/** Lines of a README that is read at one look, a long line counted as those that it fills. */
const SCREEN = 60, COLUMNS = 120;

const readme = (name: string) => Deno.readTextFileSync(new URL(`${name}/README.md`, EXAMPLES));

Deno.test("there is an example of each kind, and the list of examples has it", () => {
  const folders = [...Deno.readDirSync(EXAMPLES)].filter(({ isDirectory }) => isDirectory);
  const found = folders.map(({ name }) => name).filter((name) =>
    [...Deno.readDirSync(new URL(`${name}/`, EXAMPLES))].some((file) => file.name === "main.ts")
  );
  assertEquals(found.sort(), NAMES);
  const list = Deno.readTextFileSync(new URL("README.md", EXAMPLES));
  for (const name of NAMES) assertStringIncludes(list, `| [${name}](${name}) `);
  const [withoutDeno] = readCodeBlocks(list).filter(({ language }) => language === "sh");
  const command = withoutDeno?.text.replace(/^npx -y deno@[\d.]+ /, "deno ") ?? "";
  assertStringIncludes(readme("grader"), `\n$ ${command}\n`);
});

for (const name of NAMES) {
  Deno.test(`examples/${name} prints what its README says`, async () => {
    const text = readme(name),
      [block] = readCodeBlocks(text).filter(({ language }) => language === "console");
    assert(
      text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / COLUMNS)), 0) <=
        SCREEN,
    );
    const [entry, ...more] = readTranscript(block?.text ?? "");
    assert(entry !== undefined && more.length === 0, "one command");
    const [program, ...args] = splitWords(entry.command);
    assertEquals(program, "deno");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder(), printed = decoder.decode(stdout);
    assertEquals(code, 0, decoder.decode(stderr));
    assert(matchesOutput(printed, entry.output), printed);
  });
}
