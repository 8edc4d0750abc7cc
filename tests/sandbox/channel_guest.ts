/** A guest that does with channels what a test says: every function of `aegis:channel`, and two loops. */
const FUNCTIONS = { open: 2, send: 3, try_send: 3, receive: 4, try_receive: 4, close: 1 } as const;

function imported(name: string, params: number): string {
  return `(import "aegis:channel" "${name}" (func $${name} (param ${"i32 ".repeat(params)}) (result i32)))`;
}

/** Hands its arguments on. */
function exported(name: string, params: number): string {
  const args = Array.from({ length: params }, (_, index) => `(local.get ${index})`).join(" ");
  return `(func (export "${name}") (param ${"i32 ".repeat(params)}) (result i32) (call $${name} ${args}))`;
}

/** Where the length of a message lies, and messages do; the name "words" is at 0. */
export const LENGTH_AT = 2048, MESSAGE_AT = 4096;

/**
 * `join` opens "words". `flood` sends 1,024 bytes until that fails, and `echo` sends back what it receives: both return
 * the error number. `sent` is how many messages `flood` has sent.
 */
export const CHANNEL_GUEST = `${
  Object.entries(FUNCTIONS).map(([name, params]) => imported(name, params)).join("\n")
}
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2) (data (i32.const 0) "words")
  (global $sent (mut i32) (i32.const 0))
  ${Object.entries(FUNCTIONS).map(([name, params]) => exported(name, params)).join("\n")}
  (func (export "join") (result i32) (call $open (i32.const 0) (i32.const 5)))
  (func (export "flood") (param $channel i32) (result i32) (local $error i32)
    (loop $more
      (local.set $error (call $send (local.get $channel) (i32.const 4096) (i32.const 1024)))
      (if (i32.eqz (local.get $error)) (then
        (global.set $sent (i32.add (global.get $sent) (i32.const 1))) (br $more))))
    (local.get $error))
  (func (export "sent") (result i32) (global.get $sent))
  (func $echo (export "echo") (param $channel i32) (result i32) (local $error i32)
    (loop $more
      (local.set $error (call $receive (local.get $channel) (i32.const 4096) (i32.const 65536) (i32.const 2048)))
      (br_if 1 (local.get $error) (local.get $error)) drop
      (local.set $error (call $send (local.get $channel) (i32.const 4096) (i32.load (i32.const 2048))))
      (br_if $more (i32.eqz (local.get $error))))
    (local.get $error))
  (func (export "_start") (drop (call $echo (call $open (i32.const 0) (i32.const 5)))))
  (func (export "exit") (param i32) (call $exit (local.get 0)))
  (func (export "trap") unreachable)`;
