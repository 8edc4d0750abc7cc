;; Without --function the command runs `_start`, or `main` where there is no `_start`. This module has both.
;;
;;   aegis run examples/main.wat                    runs _start, which has no result
;;   aegis run examples/main.wat --function main    Result: 42
(module
  (global (export "starts") (mut i32) (i32.const 0))

  (func (export "_start")
    (global.set 0 (i32.add (global.get 0) (i32.const 1))))

  (func (export "main") (result i32)
    (i32.const 42)))
