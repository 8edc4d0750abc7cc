/** A guest that tries what a manifest may let it, and tells how it went. */
import { Aegis, AegisError, type AegisOptions, type CallValue } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const WASI = "wasi_snapshot_preview1";

/** Offsets of texts and results in the probe's memory. */
const URL_AT = 2048, TEXT_AT = 4096;

/** @param url what `ask` asks for */
function probeText(url: string): string {
  return `(module
  (import "${WASI}" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "${WASI}" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "${WASI}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "${WASI}" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "${WASI}" "random_get" (func $random (param i32 i32) (result i32)))
  (import "${WASI}" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "env" "read_sensor" (func $sensor (param i32) (result i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (import "aegis:log" "log" (func $log (param i32 i32 i32)))
  (import "aegis:http" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file.txt") (data (i32.const 16) "new.txt") (data (i32.const 32) "GET")
  (data (i32.const ${URL_AT}) "${url}")
  (data (i32.const ${TEXT_AT}) "0123456789abcdef")
  (func $at (param $flags i32) (param $name i32) (param $length i32) (param $rights i64) (result i32)
    (call $open (i32.const 3) (i32.const 0) (local.get $name) (local.get $length) (local.get $flags)
      (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 64)))
  (func (export "open") (result i32) (call $at (i32.const 0) (i32.const 0) (i32.const 8) (i64.const 2)))
  (func (export "make") (result i32) (call $at (i32.const 1) (i32.const 16) (i32.const 7) (i64.const 64)))
  (func $vector (param $pointer i32)
    (i32.store (i32.const 72) (local.get $pointer)) (i32.store (i32.const 76) (i32.const 16)))
  (func (export "read") (result i32)
    (if (result i32) (call $at (i32.const 0) (i32.const 0) (i32.const 8) (i64.const 2)) (then (i32.const 1000))
      (else (call $vector (i32.const 8192))
        (call $read (i32.load (i32.const 64)) (i32.const 72) (i32.const 1) (i32.const 80)))))
  (func (export "write") (result i32)
    (if (result i32) (call $at (i32.const 1) (i32.const 16) (i32.const 7) (i64.const 64)) (then (i32.const 1000))
      (else (call $vector (i32.const ${TEXT_AT}))
        (call $write (i32.load (i32.const 64)) (i32.const 72) (i32.const 1) (i32.const 80)))))
  (func (export "written") (result i32) (i32.load (i32.const 80)))
  (func (export "print") (result i32)
    (call $vector (i32.const ${TEXT_AT}))
    (call $write (i32.const 1) (i32.const 72) (i32.const 1) (i32.const 80)))
  (func (export "variables") (result i32)
    (drop (call $sizes (i32.const 64) (i32.const 68))) (i32.load (i32.const 64)))
  (func (export "random") (result i64)
    (drop (call $random (i32.const 64) (i32.const 8))) (i64.load (i32.const 64)))
  (func (export "clock") (result i64)
    (drop (call $time (i32.const 0) (i64.const 1) (i32.const 64))) (i64.load (i32.const 64)))
  (func (export "sensor") (param i32) (result i32) (call $sensor (local.get 0)))
  (func (export "alert") (param i32) (call $alert (i32.const ${TEXT_AT}) (i32.const 4) (local.get 0)))
  (func (export "log") (param i32) (call $log (local.get 0) (i32.const ${TEXT_AT}) (i32.const 4)))
  (func (export "ask") (result i32)
    (call $request (i32.const 32) (i32.const 3) (i32.const ${URL_AT}) (i32.const ${url.length})
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)))
  (func (export "spin") (loop $again (br $again)))
  (func (export "count") (param i32)
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "nan") (result i32)
    (i32.reinterpret_f32 (f32.add (f32.reinterpret_i32 (i32.const 0x7fa00000)) (f32.const 1)))))`;
}

/** What a guest did. */
export interface Tried {
  /** What its last call gave: a value, or the code and the field of an error. */
  readonly value: CallValue | string;
  /** Lines of log, alerts and output. */
  readonly logs: number;
  readonly alerts: number;
  readonly printed: string;
}

/** The code of an error, with what it concerns. */
export function codeOf(error: unknown): string {
  if (!(error instanceof AegisError)) throw error;
  return error.field === undefined ? error.code : `${error.code} ${error.field}`;
}

/** Calls functions of the probe, one after the other, with the options of a manifest. */
export async function tryCalls(
  options: AegisOptions,
  calls: readonly (readonly [name: string, ...args: number[]])[],
  { url = "http://localhost/" }: { readonly url?: string } = {},
): Promise<Tried> {
  await using runtime = await Aegis.create({ isolation: "worker", ...options });
  await using sandbox = await runtime.sandbox().build();
  let value: Tried["value"] = "";
  try {
    await sandbox.loadModule(await runtime.loadBytes(compileText(probeText(url))));
    for (const [name, ...args] of calls) value = await sandbox.call(name, args) as CallValue ?? "nothing";
  } catch (error) {
    value = codeOf(error);
  }
  return {
    value,
    logs: sandbox.logs().length,
    alerts: sandbox.alerts().length,
    printed: new TextDecoder().decode(sandbox.output().stdout),
  };
}

/** Loads a module of its own; "ok", or why it is refused. */
export async function tryModule(options: AegisOptions, fields: string): Promise<string> {
  try {
    await using runtime = await Aegis.create({ isolation: "worker", ...options });
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadBytes(compileText(`(module ${fields})`)));
    return "ok";
  } catch (error) {
    return codeOf(error);
  }
}
