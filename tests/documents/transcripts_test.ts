/** Transcripts of documents print what they say; those of the README and its guides have a test of their own. */
import { BLOCKS, ROOT } from "./documents.ts";
import { runTranscript } from "./transcripts.ts";

/** Documents whose transcripts need more than examples: the tests that run them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "README.md": "tests/readme_test.ts",
  "docs/guide.md": "tests/readme_test.ts",
  "docs/authors.md": "tests/toolchain/authors_test.ts",
  "docs/tools.md": "tests/cli/tool/tools_document_test.ts",
  "docs/guest_http.md": "tests/documents/shell_transcripts_test.ts",
  "docs/manifest.md": "tests/documents/shell_transcripts_test.ts",
  "docs/observability.md": "tests/documents/shell_transcripts_test.ts",
  "docs/server.md": "tests/documents/shell_transcripts_test.ts",
};

/** Examples that are started by one command, which has a README: this one runs them. */
const OF_EXAMPLES = "tests/examples/commands_test.ts";

for (const file of [...Object.values(ELSEWHERE), OF_EXAMPLES]) Deno.statSync(new URL(file, ROOT));

for (const { language, document, where, text } of BLOCKS) {
  if (language !== "console" || document in ELSEWHERE || document.startsWith("examples/")) continue;
  Deno.test(`${where}: the commands print what they say`, () => runTranscript(text));
}
