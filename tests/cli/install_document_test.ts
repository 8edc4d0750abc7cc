/** docs/install.md is true: its tables are those of the code, its commands run. */
import { COMMANDS } from "../../src/cli/commands.ts";
import { examine } from "../../src/cli/doctor.ts";
import { COMPILE_TARGETS } from "../../tools/compile.ts";
import { PACKAGE_CONFIGS, readPackageConfig } from "../../tools/packages.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { readCodeBlocks, readTranscript, splitWords } from "../markdown.ts";
import { runCommand } from "./fake_io.ts";

const ROOT = new URL("../../", import.meta.url);
const DOCUMENT = Deno.readTextFileSync(new URL("docs/install.md", ROOT));
const BLOCKS = readCodeBlocks(DOCUMENT);

/** Rows of all tables, cell by cell. */
const ROWS = DOCUMENT.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^`([^`]+)`$/, "$1"))
);

/** What its findings look like on a machine that has everything. */
const FINDINGS = await examine({
  deno: "2.9.6",
  v8: "15.0",
  compiled: false,
  cores: 2,
  granted: () => true,
  variable: () => undefined,
  runFlags: ["--no-prompt", "--unstable-worker-options"],
  trial: () => Promise.resolve({ time: 1 }),
  compiler: () => Promise.resolve(""),
  baseBinary: () => Promise.resolve(""),
});

Deno.test("docs/install.md's tables are those of targets, findings and exports", async () => {
  const configs = await Promise.all(PACKAGE_CONFIGS.map((name) => readPackageConfig(ROOT.pathname, name)));
  const exported = configs.flatMap(({ name, exports }) =>
    Object.keys(exports).map((one) => `jsr:${name}${one.slice(1)}`)
  );
  assertEquals(ROWS.map(([first = ""]) => first), [
    ...Object.keys(COMPILE_TARGETS),
    ...FINDINGS.map(({ name }) => name),
    ...exported,
  ]);
  for (const [target, file] of Object.entries(COMPILE_TARGETS)) {
    assert(ROWS.some(([first, second]) => first === target && second === file), target);
  }
});

Deno.test("docs/install.md shows findings as they are printed", () => {
  const [shown] = BLOCKS.filter(({ language }) => language === "text");
  const lines = (shown?.text ?? "").split("\n").filter((line) => !line.startsWith(" "));
  assert(lines.length > 8);
  const fixed = ["deno", "permissions", "flags", "variables", "cores"];
  for (const [index, line] of lines.entries()) {
    const [, state, name = "", found] = /^(ok|note) +(\w+) +(.*)$/.exec(line) ?? [];
    assertEquals(name, FINDINGS[index]?.name);
    assert(state !== undefined && found !== undefined, line);
    if (fixed.includes(name)) assertEquals(found, FINDINGS[index]?.found, name);
  }
});

Deno.test("docs/install.md's transcript is what aegis prints", async () => {
  const [block] = BLOCKS.filter(({ language }) => language === "console");
  const entries = readTranscript(block?.text ?? "");
  assertEquals(entries.length, 1);
  for (const { command, output } of entries) {
    const { out } = await runCommand(splitWords(command).slice(1));
    assertEquals(out.trimEnd(), output);
  }
});

Deno.test("docs/install.md's commands are those that tests run, and help tells", () => {
  const lines = BLOCKS.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
  const guide = Deno.readTextFileSync(new URL("docs/guide.md", ROOT)),
    { tasks } = JSON.parse(
      Deno.readTextFileSync(new URL("deno.json", ROOT)),
    ) as { tasks: Record<string, string> };
  const notes = COMMANDS.completions.notes.join("\n");
  for (const line of lines) {
    const [command = ""] = line.split(/ +# /);
    // tests/readme_test.ts installs from the clone, tests/tools/publish_test.ts from a registry.
    if (command.startsWith("deno install ") && command.endsWith(" cli.ts")) {
      assertStringIncludes(guide, `\n${command}\n`);
    } else if (command.startsWith("deno install ")) assert(command.endsWith(" jsr:@aegis/cli"), command);
    else if (command.startsWith("deno task ")) {
      assert(tasks[command.split(" ")[2] ?? ""] !== undefined, command);
    } else assertStringIncludes(notes, command); // tests/cli/completion_scripts_test.ts sources the scripts
  }
  assertEquals(lines.length, 8);
});
