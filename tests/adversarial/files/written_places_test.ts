/** Files that `aegis run` writes beside a guest, where the guest may rename. */
import { assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { withFolder } from "../../programs/temporary_folder.ts";

/**
 * Renames `inner`, a link that the host has made and that leads out, to the name under which the next checkpoint is written,
 * and computes until there was one. Whoever then writes by that name writes to what the link leads to.
 */
const PLANTER = `(module
  (import "wasi_snapshot_preview1" "path_rename"
    (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "innerjob.snap.unfinished")
  (func (export "_start") (local $n i64)
    (drop (call $rename (i32.const 3) (i32.const 0) (i32.const 5) (i32.const 3) (i32.const 5) (i32.const 19)))
    (local.set $n (i64.const 3000000))
    (loop $on (br_if $on (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0))))))`;

const SPIN = ["--engine", "interpreter", "--allow-write", "data", "--fuel-limit", "unlimited"];

async function aegis(folder: string, ...words: string[]): Promise<{ status: number; complaint: string }> {
  const entry = new URL("../../../cli.ts", import.meta.url).pathname;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", entry, ...words],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  return { status: code, complaint: new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "A4 a checkpoint is not written where the guest can lay a link of the host's in its way",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/data`);
      await Deno.writeTextFile(`${folder}/job.wat`, PLANTER);
      await Deno.writeTextFile(`${folder}/outside`, "as it was");
      await Deno.symlink("../outside", `${folder}/data/inner`);
      const saved = ["--checkpoint", "data/job.snap", "--checkpoint-every", "10ms"];
      const { status, complaint } = await aegis(folder, "run", "job.wat", ...SPIN, ...saved);
      assertEquals(await Deno.readTextFile(`${folder}/outside`), "as it was");
      assertEquals(status, 2, complaint);
      assertStringIncludes(complaint, "the guest may change what is in");
    }),
});

Deno.test("A4 a trace and a profile are not written where the guest can change them", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/job.wat`, PLANTER);
    for (
      const [what, flags] of [
        ["trace", ["--trace=functions", "--trace-file", "data/out"]],
        ["profile", ["--profile", "data/out"]],
      ] as const
    ) {
      const { status, complaint } = await aegis(folder, "run", "job.wat", ...SPIN, ...flags);
      assertEquals(status, 2, complaint);
      assertMatch(complaint, new RegExp(`Cannot write the ${what} ".*": the guest may change what is in`));
    }
    assertEquals([...Deno.readDirSync(`${folder}/data`)], []);
  }));
