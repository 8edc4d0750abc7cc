import { Aegis, FilesystemCapability } from "../../mod.ts";
import { assertEquals } from "../assert.ts";

/** Wants to write to "f", below the directory that it was given. */
const WRITING = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "f")
  (func (export "write") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
      (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 32))))`;

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Sandbox.decisionsTold() ends when denials are complete, and none is told to the guest's next life (${isolation})`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/f`, "");
      await using runtime = await Aegis.create({
        isolation,
        capabilities: [FilesystemCapability.readOnly([folder])],
      });
      const module = await runtime.loadWat(WRITING);
      await using sandbox = await runtime.sandbox().build();
      for (let life = 0; life < 5; life++) {
        await sandbox.loadModule(module);
        await sandbox.call("write");
        assertEquals(await sandbox.decisionsTold(), true);
        assertEquals(sandbox.denials().map(({ action }) => action), ["write"], `life ${life}`);
        await sandbox.reset({ modules: "drop" });
        assertEquals([await sandbox.decisionsTold(), sandbox.denials()], [true, []]);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
