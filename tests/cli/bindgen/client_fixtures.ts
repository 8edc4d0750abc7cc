/** Modules whose clients are kept in `clients/`, each for one side of the generator. */
import { compileText } from "../../testsuite/module_bytes.ts";

export const CLIENT_MODULES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  numbers: compileText(`(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "divmod") (param i64 i64) (result i64 i64)
      (i64.div_s (local.get 0) (local.get 1)) (i64.rem_s (local.get 0) (local.get 1)))
    (func (export "half") (param f32) (result f64)
      (f64.promote_f32 (f32.div (local.get 0) (f32.const 2))))
    (func (export "nothing"))
    (func (export "many") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
      ${Array.from({ length: 10 }, (_, index) => `(i32.const ${index})`).join(" ")}))`),
  content: compileText(`(module
    (memory (export "memory") 1)
    (func (export "aegis_alloc") (param i32) (result i32) (i32.const 16))
    (func (export "aegis_free") (param i32 i32))
    (func (export "_initialize"))
    (func (export "__internal") (param i32))
    (func (export "greet") (param i32 i32) (result i64) (i64.const 0))
    (func (export "digest") (param i32 i32 i32) (result i64) (i64.const 0))
    (func (export "parse") (param i32 i32) (result i64) (i64.const 0))
    (func (export "pack") (param i32 i32 f64) (result i64) (i64.const 0))
    (func (export "size") (param i32 i32) (result i32) (local.get 1))
    (func (export "untrue") (param i32) (result i64) (i64.const 0))
    (@custom "aegis:signatures" "greet(string) -> string\\nparse(string) -> json\\nsize(json) -> i32\\n")
    (@custom "aegis:signatures" "digest(bytes, i32) -> bytes\\npack(msgpack, f64) -> msgpack\\nuntrue(string) -> string"))`),
  imports: compileText(`(module
    (import "env" "now" (func (result i64)))
    (import "phrases" "lookup" (func (param i32 i32) (result i64)))
    (import "env" "show" (func (param i32 f32)))
    (import "env" "now" (func (result i64)))
    (import "env" "log" (func (param i32 i32)))
    (import "aegis:log" "log" (func (param i32 i32 i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (func (export "main") (result i64) (call 2 (i32.const 1) (f32.const 2)) (i64.add (call 0) (i64.const 1)))
    (@custom "aegis:signatures" "import phrases lookup(string) -> json\\nimport env show(string)\\nmain() -> i64"))`),
  partial: compileText(`(module
    (import "env" "table" (table 1 funcref))
    (import "env" "twice" (func (param i32)))
    (import "env" "twice" (func (param i64)))
    (import "env" "opaque" (func (param externref)))
    (memory (export "memory") 1)
    (func (export "vector") (param v128) (result i32) (i32.const 1))
    (func (export "reference") (result funcref) (ref.null func))
    (func (export "_start")))`),
  hostile: compileText(`(module
    (import "__proto__" "constructor" (func))
    (import "*/" "\\22);boom(\\22" (func (result i32)))
    ${
    [
      "__proto__",
      "constructor",
      "then",
      "then_",
      "sandbox",
      "toString",
      "new",
      "get",
      "",
      "0",
      "*/ /* //# sourceMappingURL=x",
      "\\22); boom(\\22",
      "'`${boom()}\\\\",
      "line\\0abreak \\e2\\80\\a8 \\e2\\80\\ae",
      "gr\\c3\\b6\\c3\\9fe",
      "@deprecated {@link x} </script>",
      "a name that is so long that nothing of what stands beside it has room on the same line",
    ].map((name) => `(func (export "${name}"))`).join("\n")
  }
    (@custom "aegis:signatures" "__proto__()"))`),
};
