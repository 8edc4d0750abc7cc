;; A game of dice on a board of 64 cells, some of which move who gets there. Its author has forgotten something.
(module
  (import "game" "roll" (func $roll (result i32)))
  (memory (export "memory") 1)
  ;; The board is the end of the memory: how far each cell moves, by its number.
  (data (i32.const 65484) "\14") ;; 12: 20 forward
  (data (i32.const 65512) "\e7") ;; 40: 25 back
  (data (i32.const 65530) "\f6") ;; 58: 10 back

  (func $move (param $cell i32) (result i32)
    (i32.add (local.get $cell) (i32.load8_s (i32.add (i32.const 65472) (local.get $cell)))))

  (func (export "play") (result i32)
    (local $cell i32) (local $rolls i32)
    (loop $next
      (local.set $rolls (i32.add (local.get $rolls) (i32.const 1)))
      (local.set $cell (call $move (i32.add (local.get $cell) (call $roll))))
      (br_if $next (i32.ne (local.get $cell) (i32.const 63))))
    (local.get $rolls)))
