;; A guest that never returns. The fuel limit or the timeout ends it, whichever comes first.
;;
;;   aegis run examples/endless_loop.wat --function spin --fuel-limit 1000000   out of fuel, exit status 152
;;   aegis run examples/endless_loop.wat --function spin --timeout 1            timeout, exit status 124
(module
  (func (export "spin")
    (loop $forever
      (br $forever)))

  ;; Counts up for as long as it is left alone: the counter shows that a paused guest goes on where it was.
  (global $turns (export "turns") (mut i64) (i64.const 0))
  (func (export "count")
    (loop $forever
      (global.set $turns (i64.add (global.get $turns) (i64.const 1)))
      (br $forever))))
