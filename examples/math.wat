;; A task that computes: the greatest common divisor by Euclid's algorithm. `math.wasm` is this text compiled.
;;
;;   aegis run examples/math.wat                               Result: 21
;;   aegis run examples/math.wat --function gcd -- 1071 462    Result: 21
(module
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (local $rest i32)
    (loop $again (result i32)
      (if (result i32) (i32.eqz (local.get $b))
        (then (local.get $a))
        (else
          (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
          (local.set $a (local.get $b))
          (local.set $b (local.get $rest))
          (br $again)))))

  (func (export "main") (result i32)
    (call $gcd (i32.const 1071) (i32.const 462))))
