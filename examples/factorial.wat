;; 64-bit integers cross the boundary exactly: 20! is the largest factorial that fits a signed i64, and has more
;; digits than a JavaScript number can hold.
;;
;;   aegis run examples/factorial.wat --function factorial -- 20   Result: 2432902008176640000
(module
  (func $factorial (export "factorial") (param $n i64) (result i64)
    (if (result i64) (i64.le_s (local.get $n) (i64.const 1))
      (then (i64.const 1))
      (else
        (i64.mul
          (local.get $n)
          (call $factorial (i64.sub (local.get $n) (i64.const 1))))))))
