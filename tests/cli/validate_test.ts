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
      "Module is invalid: Cannot read magic number: a module begins with 00 61 73 6d at offset 0x0\n",
    ],
    ["empty.wasm", "Module is invalid: "],
    ["mistyped.wasm", "Module is invalid: "],
  ] as const;
  for (const [file, said] of cases) {
    const { status, out, err } = await runCommand(["validate", file], { files: FILES });
    assertEquals([status, err], [65, ""], file);
    assertStringIncludes(out, said);
    assertStringIncludes(out, " at offset 0x");
  }
});

Deno.test("validate fails on warnings when it is strict, one for each import module", async () => {
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
    'warning: The module needs WASI: it imports "proc_exit" from "wasi_snapshot_preview1"\n' +
      'warning: The module imports "a", "b" from "odd\\u001b", which is unknown\n',
  );
  const lax = await runCommand(["validate", "wasi.wasm"], { files: FILES });
  assertEquals([lax.status, lax.err], [0, ""]);
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
