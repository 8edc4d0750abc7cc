/** A guest of the guest ABI for tests: `read`, `alert` and `log` hand on what they are given. */
export const TASK_GUEST = `
  (import "env" "read_sensor" (func $read (param i32) (result i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (import "env" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "too hot")
  (global $caught (mut i32) (i32.const 0))
  (func (export "read") (param i32) (result i32) (call $read (local.get 0)))
  (func (export "alert") (param i32 i32 i32) (call $alert (local.get 0) (local.get 1) (local.get 2)))
  (func (export "log") (call $log (i32.const 0) (i32.const 7)))
  (func (export "flood") (param $times i32)
    (loop $again
      (call $alert (i32.const 0) (i32.const 7) (i32.const 2))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
  (func (export "sum") (param $id i32) (param $times i32) (result i64) (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_s (call $read (local.get $id)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func (export "stubborn") (param i32) (result i32)
    (block $handler (try_table (catch_all $handler) (return (call $read (local.get 0)))))
    (global.set $caught (i32.add (global.get $caught) (i32.const 1)))
    (i32.const -1))
  (func (export "caught") (result i32) (global.get $caught))`;
