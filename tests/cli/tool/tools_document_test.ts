/** docs/tools.md is true: its commands print what stands below them. */
import { assert, assertEquals } from "../../assert.ts";
import { matchesOutput, readCodeBlocks, readTranscript } from "../../markdown.ts";
import { AEGIS } from "../server_process.ts";
import { TOOL_OPTIONS } from "../../../src/cli/tool/tool_words.ts";
import { ToolFolder } from "./tool_folder.ts";

const DOCUMENT = Deno.readTextFileSync(new URL("../../../docs/tools.md", import.meta.url));

Deno.test({
  name: "docs/tools.md prints what it says",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using tools = new ToolFolder();
    const [block] = readCodeBlocks(DOCUMENT).filter(({ language }) => language === "console");
    const entries = readTranscript(block?.text ?? "");
    assertEquals(entries.length, 4);
    for (const { command, output } of entries) {
      const { stdout } = await new Deno.Command("sh", {
        args: [
          "-c",
          `aegis() { "$AEGIS_DENO" ${AEGIS.map((word) => `'${word}'`).join(" ")} "$@"; }\n${command} 2>&1`,
        ],
        cwd: tools.path,
        env: { NO_COLOR: "1", AEGIS_DENO: Deno.execPath() },
        stdin: "null",
      }).output();
      const printed = new TextDecoder().decode(stdout);
      assert(matchesOutput(printed, output), `${command}\n${printed}`);
    }
  },
});

Deno.test("docs/tools.md names every word of a tool", () => {
  const limits = (word: string) =>
    TOOL_OPTIONS.find((option) => option.word === word)?.doc.startsWith("Less") ?? false;
  for (const { word } of TOOL_OPTIONS) assert(DOCUMENT.includes(word) || limits(word), word);
});
