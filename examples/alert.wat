;; A task that raises an alert through the guest ABI when sensor 0 reads above 80, and logs otherwise. It returns the
;; reading. `alert.wasm` is this text compiled.
;;
;;   aegis run examples/alert.wat --sensor 0=81 --allow-alert --allow-logging    Result: 81
;;   aegis run examples/alert.wat --sensor 0=@/run/temperature --allow-alert     the last number in that file
;;   aegis run examples/alert.wat --on-denial stop                               ends with status 77
(module
  (import "env" "read_sensor" (func $read_sensor (param i32) (result i32)))
  (import "env" "log" (func $log (param $pointer i32) (param $length i32)))
  (import "env" "send_alert" (func $send_alert (param $pointer i32) (param $length i32) (param $level i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "temperature is normal")
  (data (i32.const 32) "temperature is too high")

  (func (export "main") (result i32)
    (local $reading i32)
    (local.set $reading (call $read_sensor (i32.const 0)))
    (if (i32.gt_s (local.get $reading) (i32.const 80))
      (then (call $send_alert (i32.const 32) (i32.const 23) (i32.const 2)))
      (else (call $log (i32.const 0) (i32.const 21))))
    (local.get $reading)))
