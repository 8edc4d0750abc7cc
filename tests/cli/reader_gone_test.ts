/** What a command does whose reader goes away, as `head` does. */
import { READER_GONE, writeOut } from "../../src/cli/write_out.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { largeModule } from "../inspection/large_module.ts";
import { AEGIS } from "./listening_process.ts";

Deno.test("writeOut() tells when nobody reads any more, and of nothing else", () => {
  const failing = (error: Error) => ({
    writeSync: () => {
      throw error;
    },
  });
  let gone = 0;
  writeOut(failing(new Deno.errors.BrokenPipe("gone")), "text\n", () => gone++);
  assertEquals(gone, 1);
  writeOut(failing(new Deno.errors.BrokenPipe("gone")), "text\n");
  const full = new Error("no space left");
  assertThrows(() => writeOut(failing(full), "text\n", () => gone++), Error, "no space left");
  assertEquals(gone, 1);
});

Deno.test({
  name: "a command whose reader has gone ends at once, with the status of SIGPIPE, and says nothing",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".wasm" });
    try {
      // More than a pipe holds, in each of the forms.
      await Deno.writeFile(file, largeModule({ functions: 1000, drops: 500 }));
      const lines = [["disasm"], ["disasm", "--json"], ["wat"], ["hex"]];
      const ended = await Promise.all(lines.map(async ([command = "", ...flags]) => {
        const child = new Deno.Command(Deno.execPath(), {
          args: [...AEGIS, command, file, ...flags],
          env: { NO_COLOR: "1" },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        const reader = child.stdout.getReader(), err = new Response(child.stderr).text();
        const { value } = await reader.read();
        await reader.cancel();
        assert((value?.length ?? 0) > 0, await err);
        const { code, signal } = await child.status;
        return [command, code, signal, await err];
      }));
      assertEquals(ended, lines.map(([command]) => [command, READER_GONE, null, ""]));
    } finally {
      await Deno.remove(file);
    }
  },
});
