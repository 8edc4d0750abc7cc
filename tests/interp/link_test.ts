/** What may be imported for what, and what an instance begins with, held against V8. */
import { coreFor } from "./rig.ts";
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { Store } from "../../src/interp/run/store.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** The message of what linking throws, without what V8 puts before it; "linked" if it throws nothing. */
function linking(link: () => unknown): string {
  try {
    link();
    return "linked";
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    return error.message.replace(/^.*?(?:Import #0 "a" "x": |(?=table import))/, "").replace(
      /^table import 0/,
      "table import",
    );
  }
}

/** How an import of the second module, from the first, ends on V8 and on the interpreter. */
function linkOnBoth(exporter: string, importer: string): [v8: string, interpreter: string] {
  const from = compileText(`(module ${exporter})`), to = compileText(`(module (import "a" "x" ${importer}))`);
  const store = new Store({ core: coreFor, stackBytes: 1 << 20 });
  const given = new WebAssembly.Instance(new WebAssembly.Module(from)).exports;
  const own = store.instantiate(compileModule(from), []);
  return [
    linking(() => new WebAssembly.Instance(new WebAssembly.Module(to), { a: given })),
    linking(() => store.instantiate(compileModule(to), [own["x"]])),
  ];
}

const GLOBAL_FUNC = '(global (export "x") (ref func) (ref.func $f)) (func $f)';

/** What is exported, what is imported, what comes of it. */
const LINKS: readonly (readonly [exporter: string, importer: string, ends: string])[] = [
  ['(memory (export "x") 2)', "(memory 2)", "linked"],
  [
    '(memory (export "x") 2)',
    "(memory 3)",
    "memory import has 2 pages which is smaller than the declared initial of 3",
  ],
  [
    '(memory (export "x") i64 1)',
    "(memory i64 2)",
    "memory import has 1 pages which is smaller than the declared initial of 2",
  ],
  [
    '(table (export "x") 10 funcref)',
    "(table 12 funcref)",
    "table import is smaller than initial 12, got 10",
  ],
  [
    '(table (export "x") 10 funcref)',
    "(table 10 externref)",
    "imported table does not match the expected type",
  ],
  ['(global (export "x") i32 (i32.const 1))', "(global i32)", "linked"],
  [
    '(global (export "x") i32 (i32.const 1))',
    "(global i64)",
    "imported global does not match the expected type",
  ],
  [
    '(global (export "x") i32 (i32.const 1))',
    "(global (mut i32))",
    "imported global does not match the expected mutability",
  ],
  [
    '(global (export "x") (mut f64) (f64.const 1))',
    "(global i32)",
    "imported global does not match the expected mutability",
  ],
  // What cannot be changed may be of a narrower type than what is asked for.
  [GLOBAL_FUNC, "(global funcref)", "linked"],
  [GLOBAL_FUNC, "(global (ref func))", "linked"],
  [GLOBAL_FUNC, "(global externref)", "imported global does not match the expected type"],
  [
    '(global (export "x") funcref (ref.null func))',
    "(global (ref func))",
    "imported global does not match the expected type",
  ],
  ['(type $t (func)) (global (export "x") (ref $t) (ref.func $f)) (func $f)', "(global funcref)", "linked"],
  [
    '(global (export "x") (mut (ref func)) (ref.func $f)) (func $f)',
    "(global (mut funcref))",
    "imported global does not match the expected type",
  ],
];

Deno.test("Store.instantiate() links what V8 links, and says of the rest what V8 says", () => {
  for (const [exporter, importer, ends] of LINKS) {
    assertEquals(linkOnBoth(exporter, importer), [ends, ends], `${importer} from ${exporter}`);
  }
});

Deno.test("Store.instantiate() drops segments that only declare", () => {
  const bytes = compileText(`(module (table 10 funcref) (func $f)
    (elem $declared declare func $f) (elem $typed declare funcref (ref.func $f))
    (func (export "init") (param i32) (table.init $declared (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "typed") (param i32) (table.init $typed (i32.const 0) (i32.const 0) (local.get 0))))`);
  const store = new Store({ core: coreFor, stackBytes: 1 << 20 });
  for (
    const exports of [
      new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports,
      store.instantiate(compileModule(bytes), []),
    ]
  ) {
    for (const name of ["init", "typed"]) {
      const call = exports[name] as (size: number) => void; // see the text
      assertEquals(call(0), undefined);
      assertEquals(trapOf(() => call(1)), "element segment out of bounds");
    }
  }
});

function trapOf(call: () => unknown): string {
  try {
    return `returned ${call()}`;
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError ? error.message : String(error);
  }
}
