;; Both float types. An f32 result is the nearest single-precision number, so it may print more digits than expected.
;;
;;   aegis run examples/floats.wat --function hypotenuse -- 3 4              Result: 5
;;   aegis run examples/floats.wat --function circle_area -- 2               Result: 12.566370614359172
;;   aegis run examples/floats.wat --function fahrenheit -- 36.6             Result: 97.87999725341797
(module
  (func (export "hypotenuse") (param $a f64) (param $b f64) (result f64)
    (f64.sqrt
      (f64.add
        (f64.mul (local.get $a) (local.get $a))
        (f64.mul (local.get $b) (local.get $b)))))

  (func (export "circle_area") (param $radius f64) (result f64)
    (f64.mul
      (f64.const 3.141592653589793)
      (f64.mul (local.get $radius) (local.get $radius))))

  (func (export "fahrenheit") (param $celsius f32) (result f32)
    (f32.add
      (f32.mul (local.get $celsius) (f32.const 1.8))
      (f32.const 32))))
