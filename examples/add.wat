;; The smallest useful guest: two functions and a memory, no imports. It needs no permission.
;;
;;   aegis run examples/add.wat --function add -- 5 10        Result: 15
;;   aegis run examples/add.wat --function multiply -- 6 7    Result: 42
;;   aegis inspect examples/add.wat --exports                 lists add, multiply and memory
(module
  (memory (export "memory") 1)

  (func (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))

  (func (export "multiply") (param $a i32) (param $b i32) (result i32)
    (i32.mul (local.get $a) (local.get $b))))
