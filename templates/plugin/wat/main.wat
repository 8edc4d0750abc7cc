;; greet(string) -> string: text lies in the memory, as UTF-8, and is told by address and length.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "Hello, ")
  ;; Blocks lie one behind the other, from 1024 on.
  (global $top (mut i32) (i32.const 1024))

  (func $alloc (export "aegis_alloc") (param $size i32) (result i32)
    (local $at i32) (local $pages i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.set $pages (i32.add (i32.shr_u (global.get $top) (i32.const 16)) (i32.const 1)))
    (if (i32.gt_u (local.get $pages) (memory.size))
      (then
        (if (i32.eq (memory.grow (i32.sub (local.get $pages) (memory.size))) (i32.const -1))
          (then (return (i32.const 0))))))
    (local.get $at))

  ;; What lies on the top is given back at once; the rest stays until the module ends.
  (func (export "aegis_free") (param $at i32) (param $size i32)
    (if (i32.eq (i32.add (local.get $at) (local.get $size)) (global.get $top))
      (then (global.set $top (local.get $at)))))

  (func (export "greet") (param $name i32) (param $length i32) (result i64)
    (local $text i32) (local $size i32)
    (local.set $size (i32.add (local.get $length) (i32.const 8)))
    (local.set $text (call $alloc (local.get $size)))
    (if (i32.eqz (local.get $text)) (then (unreachable)))
    (memory.copy (local.get $text) (i32.const 16) (i32.const 7))
    (memory.copy (i32.add (local.get $text) (i32.const 7)) (local.get $name) (local.get $length))
    (i32.store8 offset=7 (i32.add (local.get $text) (local.get $length)) (i32.const 33))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $text)) (i64.const 32))
      (i64.extend_i32_u (local.get $size)))))
