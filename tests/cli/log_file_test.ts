import { AegisError } from "../../src/core/errors.ts";
import { locateLog, openLog } from "../../src/cli/log_file.ts";
import { assertEquals, assertThrows } from "../assert.ts";

/** A folder for a test, with one in it that guests may write. */
async function inFolder(work: (folder: string) => void): Promise<void> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_log_" }));
  try {
    Deno.mkdirSync(`${folder}/guest`);
    work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const unix = Deno.build.os !== "windows";

Deno.test("a log is made for its owner, and appended to", async () => {
  await inFolder((folder) => {
    for (const line of ["one\n", "two\n"]) {
      using file = openLog(locateLog(`${folder}/../${folder.split("/").at(-1)}/a.log`));
      file.writeSync(new TextEncoder().encode(line));
    }
    assertEquals(Deno.readTextFileSync(`${folder}/a.log`), "one\ntwo\n");
    if (unix) assertEquals((Deno.statSync(`${folder}/a.log`).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test({
  name: "a log is told by its real path, and is no file that has another name",
  ignore: !unix,
  fn: () =>
    inFolder((folder) => {
      Deno.writeTextFileSync(`${folder}/guest/real.log`, "");
      Deno.symlinkSync(`${folder}/guest/real.log`, `${folder}/link.log`);
      assertEquals(locateLog(`${folder}/link.log`).path, `${folder}/guest/real.log`);
      Deno.symlinkSync(`${folder}/guest/none.log`, `${folder}/dangling.log`);
      assertThrows(() => locateLog(`${folder}/dangling.log`), AegisError, "leads nowhere");
      Deno.linkSync(`${folder}/guest/real.log`, `${folder}/hard.log`);
      assertThrows(() => locateLog(`${folder}/hard.log`), AegisError, "another name");
      assertThrows(() => locateLog("/dev/null"), AegisError, "it is no file");
      assertThrows(() => locateLog(`${folder}/guest`), AegisError, "it is no file");
      assertThrows(() => locateLog(`${folder}/none/a.log`), AegisError, "Cannot log to");
    }),
});

Deno.test({
  name: "what has come to the place of a log since is not opened",
  ignore: !unix,
  fn: () =>
    inFolder((folder) => {
      const path = `${folder}/a.log`, other = `${folder}/guest/other`;
      Deno.writeTextFileSync(path, "");
      Deno.writeTextFileSync(other, "");
      const located = locateLog(path);
      Deno.linkSync(path, `${folder}/guest/hard`);
      assertThrows(() => openLog(located), AegisError, "another name");
      Deno.removeSync(`${folder}/guest/hard`);
      Deno.removeSync(path);
      assertThrows(() => openLog(located), AegisError, "no such file");
      Deno.symlinkSync(other, path);
      assertThrows(() => openLog(located), AegisError, "another file");
      const dangling = { path: `${folder}/b.log`, identity: null };
      Deno.symlinkSync(`${folder}/guest/made`, dangling.path);
      assertThrows(() => openLog(dangling), AegisError, "Cannot log");
      assertEquals([...Deno.readDirSync(`${folder}/guest`)].map(({ name }) => name), ["other"]);
    }),
});
