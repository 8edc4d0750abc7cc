/** Who calls into a sandbox while its guest waits for them. */
import { Aegis, type AegisError, LoggingCapability, type Sandbox } from "../../mod.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

Deno.test("what takes output or logs cannot call into the sandbox that waits for it", async () => {
  const codes: string[] = [];
  const tell = (error: unknown) => void codes.push((error as AegisError).code);
  const attempt = (work: () => unknown) => {
    try {
      work();
      codes.push("done");
    } catch (error) {
      tell(error);
    }
  };
  await using runtime = await Aegis.create({ capabilities: [LoggingCapability.atLevel("info")] });
  const sandbox: Sandbox = await runtime.sandbox({
    stdout: async () => {
      attempt(() => sandbox.callSync("g"));
      await sandbox.call("g").catch(tell);
    },
    onLog: () => attempt(() => sandbox.callSync("g")),
  }).build();
  await sandbox.loadModule(
    await runtime.loadBytes(compileText(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "aegis:log" "log" (func $log (param i32 i32 i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\\08\\00\\00\\00\\02\\00\\00\\00hi")
    (func (export "prints") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))
    (func (export "logs") (call $log (i32.const 2) (i32.const 8) (i32.const 2)))
    (func (export "g") (result i32) i32.const 7))`)),
  );
  await sandbox.call("prints");
  assertEquals(codes.splice(0), ["Reentrant", "Reentrant"]);
  await sandbox.call("logs");
  sandbox.callSync("logs");
  assertEquals(codes, ["Reentrant", "Reentrant"]);
  assertEquals(await sandbox.call<number>("g"), 7);
});
