;; Right, and slower: divides each number by all up to its root.
(module
  (func $is_prime (param $n i32) (result i32)
    (local $by i32)
    (local.set $by (i32.const 2))
    (loop $next
      (if (i32.gt_u (i32.mul (local.get $by) (local.get $by)) (local.get $n)) (then (return (i32.const 1))))
      (if (i32.eqz (i32.rem_u (local.get $n) (local.get $by))) (then (return (i32.const 0))))
      (local.set $by (i32.add (local.get $by) (i32.const 1)))
      (br $next))
    (unreachable))
  (func (export "count_primes") (param $n i32) (result i32)
    (local $i i32) (local $count i32)
    (local.set $i (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $count (i32.add (local.get $count) (call $is_prime (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $count)))
