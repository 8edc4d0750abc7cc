;; A guest that catches every exception and starts again. Being stopped is no exception: neither the fuel limit nor
;; the timeout nor a refused call can be caught.
;;
;;   aegis run examples/catch_all_loop.wat --function survive --timeout 1   timeout, exit status 124
;;   aegis run examples/catch_all_loop.wat --function recover               Result: 7
(module
  (tag $oops (param i32))

  (func $spin
    (loop $forever
      (br $forever)))

  (func (export "survive")
    (loop $again
      (block $caught
        (try_table (catch_all $caught)
          (call $spin)))
      (br $again)))

  ;; What catching is for: an exception of its own, with a payload.
  (func (export "recover") (result i32)
    (block $caught (result i32)
      (try_table (catch $oops $caught)
        (throw $oops (i32.const 7)))
      (i32.const 0))))
