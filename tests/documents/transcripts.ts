/** Transcripts in documents: commands, and what they print. */
import { ROOT } from "./documents.ts";
import { assert, assertEquals } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import { matchesOutput, readTranscript, splitWords } from "../markdown.ts";

/** What `aegis` and the other commands of documents stand for; the tests cannot run the tests. */
export const COMMAND_WORDS: readonly (readonly [typed: string, run: readonly string[] | "skip"])[] = [
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

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runDeno(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
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

/** Runs the commands of a transcript, at the root, with a server of their own where they ask one. */
export async function runTranscript(text: string): Promise<void> {
  let last: Ended | undefined;
  await using server = text.includes("$ aegis task ") ? await ServerProcess.start() : undefined;
  const env = server?.environment ?? {};
  for (const { command, output } of readTranscript(text)) {
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
}
