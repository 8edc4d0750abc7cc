;; Keeps its right hand at the wall: tries right, ahead, left, back, and says so when it sees a coin.
(module
  (import "game" "look" (func $look (param i32) (result i32)))
  (import "game" "walk" (func $walk (param i32) (result i32)))
  (import "game" "say" (func $say (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "A coin!")
  (global $facing (mut i32) (i32.const 1)) ;; 0 north, 1 east, 2 south, 3 west

  (func (export "turn")
    (local $try i32) (local $tries i32)
    (local.set $try (i32.and (i32.add (global.get $facing) (i32.const 1)) (i32.const 3)))
    (block $open
      (loop $next
        (br_if $open (call $look (local.get $try)))
        (local.set $try (i32.and (i32.sub (local.get $try) (i32.const 1)) (i32.const 3)))
        (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $tries) (i32.const 4)))
        (return)))
    (global.set $facing (local.get $try))
    (if (i32.eq (call $look (local.get $try)) (i32.const 2))
      (then (call $say (i32.const 0) (i32.const 7))))
    (drop (call $walk (local.get $try)))))
