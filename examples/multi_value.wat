;; A function may have several results; they come back in order. Dividing by zero is a trap: the run ends with
;; exit status 134 and says why.
;;
;;   aegis run examples/multi_value.wat --function divmod -- 17 5   results 3 and 2
;;   aegis run examples/multi_value.wat --function divmod -- 1 0    trap: integer divide by zero
(module
  (func (export "divmod") (param $dividend i32) (param $divisor i32) (result i32 i32)
    (i32.div_s (local.get $dividend) (local.get $divisor))
    (i32.rem_s (local.get $dividend) (local.get $divisor)))

  (func (export "swap") (param $a i32) (param $b i64) (result i64 i32)
    (local.get $b)
    (local.get $a)))
