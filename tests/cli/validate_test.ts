import { assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { runCommand } from "./fake_io.ts";

const FILES = {
  "good.wasm": compileText('(module (func (export "f")))'),
  "silent.wasm": compileText("(module (func))"),
  "wasi.wasm": compileText(
    '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (import "env" "log" (func))' +
      ' (import "odd\\1b" "a" (func)) (import "odd\\1b" "b" (func)) (func (export "f")))',
  ),
  "cut.wasm": compileText('(module (func (export "f")))').slice(0, 12),
  "mistyped.wasm": compileText("(module (func (result i32) i64.const 1))"),
  "text.wat": '(module (func (export "f")))',
  "other.bin": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1),
  "shared.wasm": compileText('(module (memory 1 1 shared) (func (export "f")))'),
  "gc.wasm": compileText('(module (type (struct (field i32))) (func (export "f")))'),
  "large.wasm": compileText('(module (memory 2000) (func (export "f")))'),
  "costly.wasm": compileText(
    `(module (func (export "f") (local ${"i32 ".repeat(5000)}) ${
      "(block (br_if 0 (i32.const 0)))".repeat(5000)
    }))`,
  ),
  "empty.wasm": new Uint8Array(),
};

Deno.test("validate says that a module is valid", async () => {
  assertEquals(await runCommand(["validate", "good.wasm"], { files: FILES }), {
    status: 0,
    out: "Module is valid\n",
    err: "",
    started: [],
  });
  assertEquals((await runCommand(["validate", "good.wasm", "-q"], { files: FILES })).out, "");
});

Deno.test("validate says why and where a module is invalid, with status 65", async () => {
  const cases = [
    [
      "cut.wasm",
      'Module is invalid: Cannot read section "type": length 4 exceeds the 2 bytes left at offset 0xa\n',
    ],
    [
      "other.bin",
      'Module is invalid: "other.bin" is no WebAssembly module: it does not begin as one\n',
    ],
    ["empty.wasm", 'Module is invalid: "empty.wasm" is empty\n'],
    [
      "mistyped.wasm",
      "Module is invalid: Cannot validate function 0: end expects i32, found i64 at offset 0x",
    ],
  ] as const;
  for (const [file, said] of cases) {
    const { status, out, err } = await runCommand(["validate", file], { files: FILES });
    assertEquals([status, err], [65, ""], file);
    assertStringIncludes(out, said);
  }
});

Deno.test("validate fails on warnings when it is strict, one for each import", async () => {
  const strict = (file: string) => runCommand(["validate", "--strict", file], { files: FILES });
  assertEquals((await strict("good.wasm")).status, 0);
  assertEquals(await strict("silent.wasm"), {
    status: 1,
    out: "Module is valid\n",
    err: "warning: The module exports nothing, so nothing of it can be called\n",
    started: [],
  });
  assertEquals(
    (await strict("wasi.wasm")).err,
    'warning: The module imports "env" "log", which "aegis run" does not offer\n' +
      'warning: The module imports "odd\\u001b" "a", which "aegis run" does not offer\n' +
      'warning: The module imports "odd\\u001b" "b", which "aegis run" does not offer\n',
  );
  const lax = await runCommand(["validate", "wasi.wasm"], { files: FILES });
  assertEquals([lax.status, lax.err], [0, ""]);
});

Deno.test("validate warns of what a run would refuse, with its reason, when it is strict", async () => {
  const reasons = {
    "shared.wasm": "Cannot run the module: memory 0 is shared between threads",
    "gc.wasm":
      "Cannot run the module: type 0 is a struct of the GC proposal, whose heap a Worker cannot bound",
    "large.wasm": "Cannot run the module: it has 125MiB of memory, the limit is 64MiB",
  };
  for (const [file, reason] of Object.entries(reasons)) {
    const { status, out, err } = await runCommand(["validate", "--strict", file], { files: FILES });
    assertEquals([status, out, err], [1, "Module is valid\n", `warning: ${reason}\n`]);
    assertEquals((await runCommand(["validate", file], { files: FILES })).status, 0);
  }
  const costly = await runCommand(["validate", "--strict", "costly.wasm"], { files: FILES });
  assertEquals(costly.status, 1);
  assertStringIncludes(costly.err, "warning: Cannot run function 0: compiling it costs ");
});

Deno.test("validate prints JSON with the offset, or the warnings", async () => {
  const json = async (file: string, ...flags: string[]) => {
    const { out, err } = await runCommand(["validate", file, "-f", "json", ...flags], { files: FILES });
    assertEquals(err, "");
    return JSON.parse(out);
  };
  assertEquals(await json("good.wasm"), { module: "good.wasm", valid: true, status: 0, warnings: [] });
  const invalid = await json("cut.wasm");
  assertEquals([invalid.valid, invalid.status, invalid.error.offset], [false, 65, 10]);
  const warned = await json("silent.wasm", "--strict");
  assertEquals([warned.valid, warned.status, warned.warnings[0].code], [true, 1, "no-exports"]);
});
