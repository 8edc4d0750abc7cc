;; Calls without end: the stack limit stops them with exit status 139, before the host's own stack is in danger.
;;
;;   aegis run examples/endless_recursion.wat --function descend    stack overflow
;;   aegis run examples/endless_recursion.wat --function ping -- 0   the same through two functions
(module
  (func $descend (export "descend") (result i32)
    (i32.add (call $descend) (i32.const 1)))

  (func $ping (export "ping") (param $depth i64) (result i64)
    (i64.add (call $pong (i64.add (local.get $depth) (i64.const 1))) (i64.const 1)))
  (func $pong (param $depth i64) (result i64)
    (i64.sub (call $ping (i64.add (local.get $depth) (i64.const 1))) (i64.const 1))))
