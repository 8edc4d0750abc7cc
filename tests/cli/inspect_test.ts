import { INSPECT_PARTS } from "../../src/cli/flags/module_flags.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { runCommand } from "./fake_io.ts";

const PLUGIN = compileText(`
  (module
    (import "env" "log" (func (param i32)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "multiply") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
    (memory (export "memory") 1))
`);

const RICH = compileText(`
  (module
    (import "wasi_snapshot_preview1" "path_open"
      (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "env" "counter" (global (mut i32)))
    (memory 1 4) (table 2 8 funcref) (tag (export "oops") (param i64))
    (global (export "limit") i64 (i64.const 5))
    (data (i32.const 0) "abc") (data "passive") (elem (i32.const 0) $start)
    (func $start) (start $start))
`);

const HOSTILE = compileText(
  '(module (func (export "a\\1b[2J\\e2\\80\\ae")) (func (export "")) (func (export "b c")))',
);

const FILES = {
  "plugin.wasm": PLUGIN,
  "rich.wasm": RICH,
  "hostile.wasm": HOSTILE,
  "large.wasm": compileText('(module (memory 2000) (func (export "f")))'),
  "mistyped.wasm": compileText('(module (func (export "f") (result i32) i64.const 1))'),
};

async function inspected(...words: string[]): Promise<string> {
  const { status, out, err } = await runCommand(["inspect", ...words], { files: FILES });
  assertEquals([status, err], [0, ""]);
  return out;
}

Deno.test("inspect lists exports and imports with their types", async () => {
  assertStringIncludes(
    await inspected("plugin.wasm"),
    "Module: plugin.wasm\n\n" +
      "Exports (3):\n" +
      "  add [function]: (i32, i32) -> (i32)\n" +
      "  multiply [function]: (i32, i32) -> (i32)\n" +
      "  memory [memory]: 1 pages\n\n" +
      "Imports (1):\n" +
      "  env.log [function]: (i32) -> ()\n",
  );
});

Deno.test("inspect shows the parts that were asked for and no others", async () => {
  assertEquals(
    await inspected("plugin.wasm", "--memory", "--imports"),
    "Module: plugin.wasm\n\n" +
      "Imports (1):\n" +
      "  env.log [function]: (i32) -> ()\n\n" +
      "Memories (1):\n" +
      "  #0 memory [memory]: 1 pages\n",
  );
  for (const part of INSPECT_PARTS) {
    assertEquals(
      (await inspected("plugin.wasm", `--${part}`)).match(/^[A-Z]\w+ \(\d+\):$/gm)?.length,
      1,
      part,
    );
  }
});

Deno.test("inspect --all shows every part of a module", async () => {
  const text = await inspected("rich.wasm", "--all");
  for (
    const line of [
      "  env.counter [global]: mut i32\n",
      "  oops [tag]: (i64)\n",
      "  #0 [memory]: 1 pages (max 4)\n",
      "  #0 [table]: 2 funcref (max 8)\n",
      "  #1 limit [global]: i64\n",
      "  #0 [data]: 3 bytes, active into memory 0\n",
      "  #1 [data]: 7 bytes, passive\n",
      "  filesystem: files and directories (path_open), granted by --allow-read, --allow-write, --dir\n",
      "  streams: standard input and output (fd_write)\n",
      "  host functions: functions that the embedder registers (env.counter)\n",
      "Start function: 3\n",
      "Needs: filesystem (--allow-read, --allow-write, --dir); streams; " +
      'host functions, which "aegis run" does not offer\n',
      "Functions: 4, 3 of them imported\n",
      "  mutable-globals\n",
      "  bulk-memory\n",
    ]
  ) assertStringIncludes(text, line);
});

Deno.test("inspect --all leaves out what the module has none of", async () => {
  const text = await inspected("hostile.wasm", "--all");
  assertEquals(/\(0\):/.test(text), false, text);
  assertStringIncludes(await inspected("hostile.wasm", "--imports"), "Imports (0):\n");
});

Deno.test("inspect says what keeps a module from being run", async () => {
  const text = await inspected("large.wasm");
  assertStringIncludes(text, "Refused: Cannot run the module: it has 125MiB of memory, the limit is 64MiB\n");
  const document = JSON.parse(await inspected("large.wasm", "-f", "json"));
  assertEquals([document.needs_wasi, document.refusals[0].field], [false, "memoryLimit"]);
});

Deno.test("inspect keeps a module's names from the terminal", async () => {
  const text = await inspected("hostile.wasm", "--exports", "--names");
  assertStringIncludes(text, '  "a\\u001b[2J\\u202e" [function]: () -> ()\n');
  assertStringIncludes(text, '  "" [function]: () -> ()\n');
  assertStringIncludes(text, '  "b c" [function]: () -> ()\n');
});

Deno.test("inspect prints everything as JSON, whatever parts were asked for", async () => {
  const document = JSON.parse(await inspected("rich.wasm", "--exports", "--format", "json"));
  assertEquals(document.valid, true);
  assertEquals(document.size, RICH.length);
  assertEquals(document.exports, [
    { name: "oops", kind: "tag", params: ["i64"] },
    { name: "limit", kind: "global", type: "i64", mutable: false },
  ]);
  assertEquals(document.imports[3], {
    module: "env",
    name: "counter",
    kind: "global",
    type: "i32",
    mutable: true,
  });
  assertEquals(document.memories, [
    { index: 0, imported: false, kind: "memory", index64: false, shared: false, min: 1, max: 4 },
  ]);
  assertEquals(document.start, 3);
  assertEquals(document.segments.length, 3);
  const covered = document.sections.reduce((sum: number, { size }: { size: number }) => sum + size, 0);
  assertEquals(covered > RICH.length / 2 && covered < RICH.length, true);
  assertEquals(document.needs.map((need: { capability: string }) => need.capability), [
    "filesystem",
    "streams",
    "host functions",
  ]);
});

Deno.test("inspect shows a module that can be read although it is invalid, and fails", async () => {
  const { status, out, err } = await runCommand(["inspect", "mistyped.wasm"], { files: FILES });
  assertEquals(status, 65);
  assertStringIncludes(out, "  f [function]: () -> (i32)\n");
  assertStringIncludes(err, "error: Module is invalid: ");
});

Deno.test("inspect says why a module cannot be read, with status 65", async () => {
  const cut = PLUGIN.slice(0, 20);
  const { status, out, err } = await runCommand(["inspect", "cut.wasm"], { files: { "cut.wasm": cut } });
  assertEquals([status, out], [65, ""]);
  assertStringIncludes(err, "error: Module is invalid: Cannot read section");
});
