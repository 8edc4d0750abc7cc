/** The folder that transcripts run in: the text modules of `examples/`, and some that no example should be. */
import { compileText } from "../testsuite/module_bytes.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);

const MODULES: Readonly<Record<string, string | Uint8Array>> = {
  "values.wat": `(module
    (func (export "i32") (param i32) (result i32) (local.get 0))
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
      (local.get 3) (local.get 2) (local.get 1) (local.get 0))
    (func (export "vector") (param v128))
    (func (export "nothing")))`,
  "greet.wasm": Deno.readFileSync(new URL("guest/greet_c.wasm", EXAMPLES)),
  "traps.wat": `(module
    (memory 1)
    (func $fail (unreachable))
    (func (export "unreachable") (call $fail))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`,
  "grow.wat": `(module
    (memory (export "memory") 1)
    (func (export "ask") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "insist") (param i32)
      (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then (unreachable)))))`,
  "start_trap.wat": '(module (func $start (unreachable)) (start $start) (func (export "main")))',
  "needs.wat": '(module (import "env" "log" (func (param i32))) (func (export "main")))',
  "loud.wat": `(module
    (import "env" "send_alert" (func $alert (param i32 i32 i32)))
    (memory 1)
    (data (i32.const 0) "\\1b]0;owned\\07\\nerror: none")
    (func (export "main") (call $alert (i32.const 0) (i32.const 22) (i32.const 3))))`,
  "stubborn.wat": `(module
    (import "env" "read_sensor" (func $read (param i32) (result i32)))
    (func (export "main") (result i32)
      (block $handler (try_table (catch_all $handler) (return (call $read (i32.const 7)))))
      (i32.const 42)))`,
  "hosted.wat": `(module
    (import "env" "read_dial" (func (param i32) (result i32)))
    (import "env" "ring" (func))
    (func (export "main")))`,
  "wasi.wat": `(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (func (export "_start")))`,
  "wasi_one.wat":
    '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start")))',
  "variables.wat": `(module
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "variables") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))`,
  "asks.wat": `(module
    (import "aegis:plugin" "call" (func $call (param i32 i32 i32 i32 i32 i32) (result i64)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "dep") (data (i32.const 200) "variables") (data (i32.const 400) "[]")
    (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "variables") (result i32)
      (drop (call $sizes (i32.const 800) (i32.const 804))) (i32.load (i32.const 800)))
    (func (export "ask") (result i64)
      (call $call (i32.const 0) (i32.const 3) (i32.const 200) (i32.const 9) (i32.const 400) (i32.const 2))))`,
  "large.wat": '(module (memory 2000) (func (export "main")))',
  "shared.wat": '(module (memory 1 1 shared) (func (export "main")))',
  "tables.wat": `(module ${"(table 1 funcref)".repeat(101)} (func (export "main")))`,
  "things.wat": '(module (global (export "g") i32 (i32.const 1)) (func (export "f")))',
  "nameless.wat": '(module (func (export "helper")) (memory (export "memory") 1))',
  "hostile.wat": '(module (func (export "a\\1b]0;owned\\07")) (func (export "main") (unreachable)))',
  "silent.wat": "(module (func))",
  "syntax.wat": "(module (func",
  "add.wasm": compileText(
    '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
  ),
  "cut.wasm": compileText('(module (func (export "f")))').slice(0, 20),
  "mistyped.wasm": compileText('(module (func (export "main") (result i32) (i64.const 1)))'),
  "empty.wasm": "",
  "page.wasm": "<!DOCTYPE html>\n<html></html>\n",
  "pointer.wasm": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
  "notes.md": "# Notes\n",
  "component.wasm": new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]),
  "component.wat": ";; text\n(component)\n",
  "preview2.wat":
    '(module (import "wasi:cli/stdout@0.2.0" "get-stdout" (func (result i32))) (func (export "main")))',
  "limits.toml": 'function = "add"\nfuel_limit = "1K"\ntimeout = "2s"\nmetrics = true\n',
  "low.toml": 'timeout = "0s"\n',
  "list.json": "[1]\n",
  "unknown.toml": 'memory-limit = "1MiB"\n',
};

/** Fills a new folder; the caller removes it. */
export async function makeFixtures(): Promise<string> {
  const folder = await Deno.makeTempDir();
  for await (const entry of Deno.readDir(EXAMPLES)) {
    if (entry.name.endsWith(".wat")) {
      await Deno.copyFile(new URL(entry.name, EXAMPLES), `${folder}/${entry.name}`);
    }
  }
  for (const [name, content] of Object.entries(MODULES)) {
    await Deno.writeFile(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  return folder;
}
