;; The start function runs while the module is instantiated, before any call. It is metered like every other.
;;
;;   aegis run examples/start_loop.wat --function answer   out of fuel, exit status 152: answer is never reached
(module
  (func $start
    (loop $forever
      (br $forever)))
  (start $start)

  (func (export "answer") (result i32)
    (i32.const 42)))
