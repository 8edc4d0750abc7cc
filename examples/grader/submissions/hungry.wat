;; Wants 64 KiB for each number, and traps when it does not get them.
(module
  (memory 1)
  (func (export "count_primes") (param $n i32) (result i32)
    (if (i32.eq (memory.grow (local.get $n)) (i32.const -1)) (then (unreachable)))
    (i32.const 3)))
