/** A program that reads one file and writes another. */
import { compileText } from "../testsuite/module_bytes.ts";

/** Copies up to 100 bytes of `in` to `out`, through WASI; returns how many, or an error number below zero. */
export const COPY = compileText(`(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "in") (data (i32.const 16) "out")
  (func (export "copy") (result i32) (local $errno i32)
    (block $failed
      (br_if $failed (local.tee $errno (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 2) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32))))
      (br_if $failed (local.tee $errno (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 9)
        (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 36))))
      (i32.store (i32.const 48) (i32.const 64)) (i32.store (i32.const 52) (i32.const 100))
      (br_if $failed (local.tee $errno
        (call $read (i32.load (i32.const 32)) (i32.const 48) (i32.const 1) (i32.const 56))))
      (i32.store (i32.const 52) (i32.load (i32.const 56)))
      (br_if $failed (local.tee $errno
        (call $write (i32.load (i32.const 36)) (i32.const 48) (i32.const 1) (i32.const 60))))
      (br_if $failed (local.tee $errno (call $close (i32.load (i32.const 32)))))
      (br_if $failed (local.tee $errno (call $close (i32.load (i32.const 36)))))
      (return (i32.load (i32.const 60))))
    (i32.sub (i32.const 0) (local.get $errno))))`);
