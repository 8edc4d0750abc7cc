/** Programs of documents print what stands below them; those in the comments of sources, what stands beside. */
import { assert, assertEquals } from "./assert.ts";
import { readCodeBlocks, withLocalImports } from "./markdown.ts";

const ROOT = new URL("../", import.meta.url);
const SOURCES = [
  "pool.ts",
  "run.ts",
  "execute.ts",
  "call_stream.ts",
  "guest_channel.ts",
  "events.ts",
  "collecting_subscriber.ts",
  "logging_subscriber.ts",
  "usage_monitor.ts",
  "execution_report.ts",
  "debugger.ts",
].map((name) => `src/sandbox/${name}`).concat("src/manifest/manifest.ts");

const DOCUMENTS = [
  "docs/embedding.md",
  "docs/http.md",
  "docs/pool.md",
  "docs/channels.md",
  "docs/manifest.md",
  "docs/audit.md",
  "docs/observability.md",
  "docs/snapshots.md",
  "docs/tracing.md",
  "docs/tasks.md",
  "docs/mcp.md",
  "docs/plugins.md",
];

interface Program {
  readonly where: string;
  readonly text: string;
  /** What it prints. */
  readonly output: string | undefined;
}

function documentPrograms(name: string): Program[] {
  const blocks = readCodeBlocks(Deno.readTextFileSync(new URL(name, ROOT)));
  return blocks.filter(({ language }) => language === "ts").map((block) => {
    const below = blocks[blocks.indexOf(block) + 1];
    const output = below?.language === "text" ? below.text : undefined;
    return { where: `${name}, line ${block.line}`, text: block.text, output };
  });
}

function commentPrograms(source: string): Program[] {
  const comments = Deno.readTextFileSync(new URL(source, ROOT)).matchAll(
    /^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm,
  );
  return [...comments].map(([, lines = ""]) => {
    const text = lines.replace(/^ \* ?/gm, "");
    const said = [...text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);
    return { where: source, text, output: said.length === 0 ? undefined : said.join("\n") };
  });
}

const PROGRAMS = [...DOCUMENTS.flatMap(documentPrograms), ...SOURCES.flatMap(commentPrograms)];

async function deno(args: readonly string[]): Promise<string> {
  const config = `--config=${new URL("deno.json", ROOT).pathname}`, [command = "", ...rest] = args;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, "--frozen", config, ...rest],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout).trimEnd();
}

Deno.test("documented programs have right types and print what is said", async (t) => {
  assertEquals(PROGRAMS.length, 40);
  const folder = await Deno.makeTempDir({ prefix: "aegis_programs_" });
  try {
    const paths = PROGRAMS.map((_, index) => `${folder}/${index}.ts`);
    for (const [index, { text }] of PROGRAMS.entries()) {
      await Deno.writeTextFile(`${folder}/${index}.ts`, withLocalImports(text, ROOT));
    }
    await deno(["check", ...paths]);
    for (const [index, { where, output }] of PROGRAMS.entries()) {
      await t.step(where, async () => {
        assert(output !== undefined, "it says what it prints");
        assertEquals(await deno(["run", "-A", "--no-prompt", `${folder}/${index}.ts`]), output);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
