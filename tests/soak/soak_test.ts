/** A soak of some seconds: that it works, ends by itself and writes what it is to write; not what it says of growth. */
import { assert, assertEquals, assertMatch } from "../assert.ts";

Deno.test({
  name: "a soak ends by itself, with a document, a picture, and no result that is wrong",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir(), root = new URL("../../", import.meta.url);
    try {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--frozen", `--lock=${new URL("tests/deno.lock", root).pathname}`],
          ...[new URL("tests/soak/main.ts", root).pathname, "--minutes", "0.15"],
          ...["--out", `${folder}/soak.md`, "--picture", `${folder}/soak.svg`],
        ],
        cwd: root,
        stdin: "null",
        stdout: "null",
      }).output();
      const complaints = new TextDecoder().decode(stderr);
      assert(code === 0 || code === 1, complaints);
      const text = await Deno.readTextFile(`${folder}/soak.md`);
      assert(!/^- wrong|ended early|are left/m.test(text), text.slice(0, 2000));
      const [, honest = 0, hostile = 0] = /(\d+)\s+pieces of honest work and (\d+) of hostile/.exec(text) ??
        [];
      assert(Number(honest) > 5 && Number(hostile) > 5, `${honest} and ${hostile}`);
      for (const kind of ["call (v8, worker)", "server: sum", "server: events"]) {
        assert(text.includes(`| ${kind} `), kind);
      }
      assertMatch(await Deno.readTextFile(`${folder}/soak.svg`), /^<svg[^]*<\/svg>\n$/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a soak refuses a time that is none", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", new URL("main.ts", import.meta.url).pathname, "--minutes", "soon"],
    stdout: "null",
  }).output();
  assertEquals(code, 2);
  assert(new TextDecoder().decode(stderr).includes('"soon"'));
});
