;; A task that watches three sensors through the guest ABI: temperature (0), humidity (1) and pressure (2). It logs
;; that it ran, and returns the sum of the readings. A sensor that was not granted reads 0. `sensor.wasm` is this text
;; compiled.
;;
;;   aegis run examples/sensor.wat --sensor 0=21 --sensor 1=48 --sensor 2=1013 --allow-logging    Result: 1082
(module
  (import "env" "read_sensor" (func $read_sensor (param i32) (result i32)))
  (import "env" "log" (func $log (param $pointer i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "three sensors read")

  (func (export "main") (result i32)
    (local $sensor i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $read_sensor (local.get $sensor))))
      (local.set $sensor (i32.add (local.get $sensor) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $sensor) (i32.const 3))))
    (call $log (i32.const 0) (i32.const 18))
    (local.get $sum)))
