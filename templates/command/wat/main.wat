;; A program of WASI: greets the first of its arguments.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $arguments (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "Hello, ")
  (data (i32.const 32) "World\00")
  (data (i32.const 48) "!\n")
  ;; 64: their number, and the bytes of them all. 1024: their addresses. 65536: they.

  (func $name (result i32)
    (if (i32.ne (call $sizes (i32.const 64) (i32.const 68)) (i32.const 0)) (then (return (i32.const 32))))
    (if (i32.lt_u (i32.load (i32.const 64)) (i32.const 2)) (then (return (i32.const 32))))
    (if (i32.gt_u (i32.load (i32.const 64)) (i32.const 16000)) (then (return (i32.const 32))))
    (if (i32.gt_u (i32.load (i32.const 68)) (i32.const 65536)) (then (return (i32.const 32))))
    (if (i32.ne (call $arguments (i32.const 1024) (i32.const 65536)) (i32.const 0))
      (then (return (i32.const 32))))
    (i32.load (i32.const 1028)))

  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $more)))
    (i32.sub (local.get $end) (local.get $text)))

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 80) (local.get $text))
    (i32.store (i32.const 84) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 88))))

  (func (export "_start")
    (local $name i32)
    (local.set $name (call $name))
    (call $print (i32.const 16) (i32.const 7))
    (call $print (local.get $name) (call $length (local.get $name)))
    (call $print (i32.const 48) (i32.const 2))))
