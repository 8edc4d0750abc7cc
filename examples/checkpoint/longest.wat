;; Which number below n takes longest to come to 1, when an even one is halved and an odd one is tripled and increased?
(module
  (func (export "longest") (param $n i32) (result i32)
    (local $start i32) (local $value i64) (local $steps i32) (local $most i32) (local $best i32)
    (loop $next
      (local.set $start (i32.add (local.get $start) (i32.const 1)))
      (local.set $value (i64.extend_i32_u (local.get $start)))
      (local.set $steps (i32.const 0))
      (block $one
        (loop $step
          (br_if $one (i64.eq (local.get $value) (i64.const 1)))
          (local.set $value
            (if (result i64) (i64.eqz (i64.and (local.get $value) (i64.const 1)))
              (then (i64.shr_u (local.get $value) (i64.const 1)))
              (else (i64.add (i64.mul (local.get $value) (i64.const 3)) (i64.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $step)))
      (if (i32.gt_u (local.get $steps) (local.get $most))
        (then
          (local.set $most (local.get $steps))
          (local.set $best (local.get $start))))
      (br_if $next (i32.lt_u (local.get $start) (local.get $n))))
    (local.get $best)))
