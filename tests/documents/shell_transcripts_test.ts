/** Transcripts that need a shell, files, a server or a compiler: they print what they say. */
import { blocksOf, type PlacedBlock, ROOT } from "./documents.ts";
import { assert, assertEquals } from "../assert.ts";
import { AEGIS } from "../cli/listening_process.ts";
import { matchesOutput, readTranscript, withLocalImports } from "../markdown.ts";

const root = ROOT.pathname, unix = Deno.build.os !== "windows";

/** Runs a command in a shell that knows `aegis` and `deno`. @returns what it prints, on stdout and stderr */
async function inShell(command: string, cwd: string): Promise<string> {
  const aegis = AEGIS.map((word) => `'${word}'`).join(" ");
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `deno() { "$AEGIS_DENO" "$@"; }; aegis() { deno ${aegis} "$@"; }\n{ ${command}\n} 2>&1`],
    cwd,
    env: { NO_COLOR: "1", AEGIS_DENO: Deno.execPath() },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

function blockOf(document: string, language: string, piece = ""): PlacedBlock {
  const found = blocksOf(document).find((block) => block.language === language && block.text.includes(piece));
  assert(found !== undefined, `${document} has a block of ${language}`);
  return found;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a transcript's commands one after the other. @param settle what differs from run to run */
async function check(text: string, folder: string, settle = (printed: string) => printed): Promise<void> {
  for (const { command, output } of readTranscript(text)) {
    const printed = await inShell(command, folder);
    assert(matchesOutput(settle(printed), settle(output)), `${command} printed\n${printed}`);
  }
}

Deno.test({
  name: "docs/manifest.md: the commands print what they say",
  ignore: !unix,
  fn: () => withFolder((folder) => check(blockOf("docs/manifest.md", "console").text, folder)),
});

Deno.test({
  name: "docs/observability.md: the program's spans are those that it says",
  ignore: !unix,
  fn: () =>
    withFolder(async (folder) => {
      const program = blockOf("docs/observability.md", "ts", "openTelemetry("),
        [entry] = readTranscript(
          blockOf("docs/observability.md", "console").text,
        );
      await Deno.writeTextFile(`${folder}/main.ts`, withLocalImports(program.text, ROOT));
      await Deno.copyFile(`${root}deno.json`, `${folder}/deno.json`);
      const printed = (await inShell(entry?.command ?? "", folder)).split("\n");
      let at = 0;
      for (const line of (entry?.output ?? "").split("\n").filter((line) => line.trim() !== "…")) {
        const pattern = line.replace(/ [0-9.]+ms$/, " …");
        const found = printed.findIndex((one, index) => index >= at && matchesOutput(one, pattern));
        assert(found >= 0, `${line} is not in\n${printed.join("\n")}`);
        at = found + 1;
      }
    }),
});

Deno.test({
  name: "docs/server.md: the server says what stands there",
  ignore: !unix,
  fn: () =>
    withFolder(async (folder) => {
      const [{ command = "", output = "" } = {}] = readTranscript(blockOf("docs/server.md", "console").text);
      assertEquals(command, "aegis server --port 8080");
      const child = new Deno.Command(Deno.execPath(), {
        args: [...AEGIS, "server", "--port", "0", "--data", folder],
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const expected = output.split("\n"),
        reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let printed = "";
      while (printed.split("\n").length <= expected.length) {
        const { value, done } = await reader.read();
        if (done) break;
        printed += value;
      }
      child.kill("SIGTERM");
      await reader.cancel();
      await child.stderr.cancel();
      await child.status;
      const settled = printed.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8080").replaceAll(folder, "…");
      assert(matchesOutput(settled, output.replace(/(Data +)\S+/, "$1…")), printed);
    }),
});

/** Whether clang can make programs for WASI. */
async function makesPrograms(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/empty.c`, "int main(void) { return 0; }\n");
    const args = ["--target=wasm32-wasi", "-o", `${folder}/empty.wasm`, `${folder}/empty.c`];
    return (await new Deno.Command("clang", { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const compiles = unix && await makesPrograms();

Deno.test({
  name: "docs/guest_http.md: the program in C prints what it says",
  ignore: !compiles,
  fn: () =>
    withFolder(async (folder) => {
      const document = "docs/guest_http.md";
      await Deno.writeTextFile(`${folder}/fetch.c`, blockOf(document, "c").text);
      assertEquals(await inShell(blockOf(document, "sh", "clang").text, folder), "");
      const { default: hello } = await import(
        `data:application/typescript,${encodeURIComponent(blockOf(document, "ts", "// hello.ts").text)}`
      );
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, hello.fetch);
      const settle = (text: string) =>
        text.replaceAll("localhost:8123", `localhost:${server.addr.port}`).replace(/^date: .*$/m, "date: …");
      const text = blockOf(document, "console").text.replaceAll(
        "localhost:8123",
        `localhost:${server.addr.port}`,
      );
      await check(text, folder, settle);
    }),
});
