;; A task that needs nothing: no import, one number back. `simple.wasm` is this text compiled.
;;
;;   aegis run examples/simple.wat    Result: 42
(module
  (func (export "main") (result i32)
    (i32.const 42)))
