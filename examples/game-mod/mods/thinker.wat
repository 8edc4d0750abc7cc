;; Walks north twice, and then thinks about the game for ever.
(module
  (import "game" "walk" (func $walk (param i32) (result i32)))
  (import "game" "say" (func $say (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "Let me think.")
  (global $turns (mut i32) (i32.const 0))

  (func (export "turn")
    (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
    (if (i32.eq (global.get $turns) (i32.const 3))
      (then
        (call $say (i32.const 0) (i32.const 13))
        (loop $think (br $think))))
    (drop (call $walk (i32.const 0)))))
