/** Manifests that are to keep whoever reads them waiting. */
import { readConfigLayers } from "../../src/cli/config_file.ts";
import { systemIo } from "../../src/cli/system_io.ts";
import { readManifest } from "../../src/manifest/manifest.ts";
import { MOST_MISTAKES, readLayers } from "../../src/manifest/read_layers.ts";
import { readRegularFile } from "../../src/manifest/regular_file.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { runCommand } from "../cli/fake_io.ts";

const COMMANDS = { commands: {}, skipsCommands: true } as const;

/** Reads a manifest of one file. */
const readText = (
  text: string,
  read = (): Promise<string> => Promise.reject(new Error("it includes nothing")),
) => readLayers("aegis.toml", text, { ...COMMANDS, read });

/** What comes of a promise, or of waiting for it for too long. */
async function soon<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it is waited for")), 3000);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test({
  name: "G60 a manifest is read of regular files alone: no pipe is waited for, no device read on and on",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aegis_manifest_" });
    try {
      const pipe = `${folder}/pipe.toml`, main = `${folder}/aegis.toml`;
      assert((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
      await Deno.symlink(pipe, `${folder}/link.toml`);
      for (const included of ["pipe.toml", "link.toml", "/dev/zero", "/dev/tty"]) {
        await Deno.writeTextFile(main, `include = ${JSON.stringify(included)}\n`);
        const error = await assertRejects(() => soon(readManifest(main)), Error);
        assertStringIncludes(error.message, "it is no regular file");
        const { mistakes } = await soon(readConfigLayers(main, systemIo()));
        assertStringIncludes(mistakes[0]?.message ?? "", "it is no regular file");
      }
      await assertRejects(() => soon(readManifest(pipe)), Error, "it is no regular file");
      await assertRejects(() => soon(readConfigLayers(pipe, systemIo())), Error, "it is no regular file");
      await assertRejects(() => readRegularFile(folder, 10), Deno.errors.IsADirectory);
      await Deno.writeFile(main, new Uint8Array(200_000).fill(7));
      assertEquals((await readRegularFile(main, 200_000)).length, 200_000);
      assertEquals((await readRegularFile(main, 100_000)).length, 100_001);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("G60 of very many mistakes the first are told, each with what may be meant, and how many more there are", async () => {
  let asked = 0;
  const most = MOST_MISTAKES, count = 20_000;
  const keys = Array.from({ length: count }, (_, index) => `memory_limt${index} = 1\n`).join("");
  const { mistakes, more } = await readText(keys);
  assertEquals([mistakes.length, more], [most, count - most]);
  for (const { suggestion } of mistakes) if (suggestion?.includes('"memory_limit"')) asked++;
  assertEquals(asked, most);
  const modules = Array.from({ length: 5000 }, (_, index) => `[modules.a${index}]\nsize = 1\n`).join("");
  assertEquals((await readText(modules)).more, 2 * 5000 - most);
  const { status, err } = await runCommand(["config", "check", "a.toml"], { files: { "a.toml": keys } });
  assertEquals([status, err.trimEnd().split("\n").at(-1)], [65, `error: and ${count - most} more`]);
});

Deno.test("G60 a manifest is made of a bounded number of bytes, however often a file is included", async () => {
  const large = `# ${"x".repeat(1024 * 1024 - 3)}\n`, names = Array.from({ length: 5 }, () => '"a.toml"');
  const { mistakes } = await readText(`include = [${names.join(", ")}]`, () => Promise.resolve(large));
  assertEquals(
    mistakes.map(({ message }) => message.split(": ").at(-1)),
    Array(2).fill("it is made of more than 4MiB"),
  );
});

Deno.test("a message about a manifest repeats nothing of it that a terminal would take for more than text", async () => {
  for (const text of ['{"a": \u001b[31m', "a = \u001b[31m\u0000", '{"\u202e": \u0000}']) {
    const { message } = await assertRejects(() => readManifest({ text }), Error);
    // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
    assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(message), JSON.stringify(message));
  }
});
