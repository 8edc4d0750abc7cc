;; The same number in two ways: the recursive one burns fuel exponentially, the iterative one linearly.
;; Compare the fuel of both with --metrics.
;;
;;   aegis run examples/fibonacci.wat --function fib -- 20             Result: 6765
;;   aegis run examples/fibonacci.wat --function fib_iterative -- 90   Result: 2880067194370816120
(module
  (func $fib (export "fib") (param $n i32) (result i64)
    (if (result i64) (i32.lt_s (local.get $n) (i32.const 2))
      (then (i64.extend_i32_s (local.get $n)))
      (else
        (i64.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))

  (func (export "fib_iterative") (param $n i32) (result i64)
    (local $current i64)
    (local $next i64)
    (local.set $next (i64.const 1))
    (block $done
      (loop $step
        (br_if $done (i32.le_s (local.get $n) (i32.const 0)))
        (i64.add (local.get $current) (local.get $next))
        (local.set $current (local.get $next))
        (local.set $next)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $step)))
    (local.get $current)))
