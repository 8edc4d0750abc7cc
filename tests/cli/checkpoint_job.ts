/** A text module whose `job` takes time, memory and state. */
export const JOB = `(module
  (memory (export "memory") 4)
  (func (export "job") (param $n i32) (result i64) (local $x i64)
    (loop $again
      (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (i64.store (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 40))) (i32.const 0x3fff8)) (local.get $x))
      (local.set $x (i64.xor (local.get $x)
        (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 20))) (i32.const 0x3fff8)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))`;
