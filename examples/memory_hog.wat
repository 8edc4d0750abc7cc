;; Takes a page at a time until it is refused, then fails. The memory limit decides how far it comes: the run ends
;; with exit status 137 and tells what the guest held and what it was refused. `pages` shows that the refusal alone
;; is no failure: a guest that copes with -1 goes on.
;;
;;   aegis run examples/memory_hog.wat --function hog --memory-limit 1MiB     memory exceeded
;;   aegis run examples/memory_hog.wat --function pages --memory-limit 1MiB   Result: 16
(module
  (memory (export "memory") 1)

  (func $fill
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))))

  (func (export "hog")
    (call $fill)
    (unreachable))

  (func (export "pages") (result i32)
    (call $fill)
    (memory.size)))
