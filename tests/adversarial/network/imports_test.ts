/** F45: imports that nobody granted, and names that are more than names to JavaScript. */
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { withTicks } from "../process_facts.ts";
import { prepared, wordsOf } from "../cpu/stopping.ts";
import {
  Aegis,
  AegisError,
  FunctionNotFoundError,
  MissingImportError,
  ModuleInvalidError,
  type Sandbox,
} from "../../../mod.ts";
import {
  type Bytes,
  exportOf,
  funcType,
  I32,
  I64,
  importOf,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  wasmModule,
} from "../../wasm/module_builder.ts";

/** Names that a plain object has without anyone putting them there, and others that something could trip over. */
const ODD_NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "then",
  "toJSON",
  "Symbol.iterator",
  "default",
  "0",
  "-1",
  "length",
  "",
  " ",
  "\0",
  "a\0b",
  "\u202e",
  "\ufeff",
  "\u{10ffff}",
  "\n\u001b[31m",
  "memory",
  "refuel",
  "dead",
  "import",
] as const;

/** Imports a function and calls it in `run`. */
function importing(module: string, name: string, type: Bytes = funcType([], [I32])): Uint8Array<ArrayBuffer> {
  return wasmModule({
    types: [type, funcType([], [I32])],
    imports: [importOf(module, name, [0, 0])],
    importedFunctions: 1,
    functions: [{ type: 1, code: [0x10, 0], name: "run" }],
  });
}

// Fails when registered functions are looked up in a plain object.
Deno.test("F45 an odd name that nobody registered is a missing import, as module and as name", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("env", "known", { params: [], results: ["i32"] }, () => 1);
  for (const name of ODD_NAMES) {
    for (const [module, item] of [["env", name], [name, "known"], [name, name]] as const) {
      const loaded = await runtime.loadBytes(importing(module, item));
      const error = await assertRejects(() => sandbox.loadModule(loaded), MissingImportError);
      assertEquals([error.module, error.importName], [module, item]);
      assertEquals(error.code, "MissingImport");
      // deno-lint-ignore no-control-regex -- that is what must not be in it
      assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(error.message), JSON.stringify(error.message));
    }
  }
});

Deno.test("F45 an odd name that was registered is found, and is that function and no other", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  for (const [index, name] of ODD_NAMES.entries()) {
    sandbox.registerFunc(name, name, { params: [], results: ["i32"] }, () => 1000 + index);
  }
  for (const [index, name] of ODD_NAMES.entries()) {
    await sandbox.loadModule(await runtime.loadBytes(importing(name, name)));
    assertEquals(await sandbox.call("run"), 1000 + index, JSON.stringify(name));
  }
});

Deno.test("F45 exports with odd names are called by them, and shadow nothing", async () => {
  const bytes = wasmModule({
    types: [funcType([], [I32])],
    functions: ODD_NAMES.map((name, index) => ({ type: 0, code: [0x41, index], name })),
  });
  await using guest = await prepared(bytes);
  const { sandbox } = guest;
  for (const [index, name] of ODD_NAMES.entries()) {
    assertEquals(await sandbox.call(name), index);
    assertEquals(sandbox.getFuncType(name), { params: [], results: ["i32"] });
  }
  // Awaiting what the library hands out must not call the guest's `then`.
  assertEquals(wordsOf(await sandbox.tryCall("then")), `value ${ODD_NAMES.indexOf("then")}`);
});

Deno.test("F45 names that are not exported are not found, however JavaScript objects may have them", async () => {
  await using guest = await prepared(`(module (func (export "f")) (memory (export "m") 1))`);
  for (const name of [...ODD_NAMES, "m"]) {
    const error = await assertRejects(() => guest.sandbox.call(name), FunctionNotFoundError);
    assertEquals(error.functionName, name);
    assertEquals(guest.sandbox.getFuncType(name), undefined);
    await assertRejects(() => guest.sandbox.readMemory(0, 1, name === "m" ? "f" : name), AegisError);
  }
});

Deno.test("F45 modules loaded under odd names are linked by them and by nothing else", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  const provider = await runtime.loadBytes(
    wasmModule({
      types: [funcType([], [I32])],
      functions: [{ type: 0, code: [0x41, 5], name: "__proto__" }],
    }),
  );
  await sandbox.loadModule(provider, { name: "constructor" });
  await sandbox.loadModule(await runtime.loadBytes(importing("constructor", "__proto__")));
  assertEquals(await sandbox.call("run"), 5);
  for (
    const [module, name] of [["constructor", "toString"], ["__proto__", "__proto__"], ["toString", "call"]]
  ) {
    const loaded = await runtime.loadBytes(importing(module ?? "", name ?? ""));
    await assertRejects(() => sandbox.loadModule(loaded), MissingImportError);
  }
});

// V8 itself cannot tell two imports of one name apart; the instrumented module imports by number.
Deno.test("F45 two imports of one name and different types are each checked by their own", async () => {
  await using runtime = await Aegis.create();
  const twice = (second: number) =>
    wasmModule({
      types: [funcType([], [I32]), funcType([I64], [])],
      imports: [importOf("env", "f", [0, 0]), importOf("env", "f", [0, second])],
      importedFunctions: 2,
      functions: [{ type: 0, code: [0x10, 0, ...(second === 0 ? [0x10, 1, 0x6a] : [])], name: "run" }],
    });
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("env", "f", { params: [], results: ["i32"] }, () => 21);
  await sandbox.loadModule(await runtime.loadBytes(twice(0)));
  assertEquals(await sandbox.call("run"), 42);
  const different = await runtime.loadBytes(twice(1));
  const error = await assertRejects(() => sandbox.loadModule(different), MissingImportError);
  assertEquals(error.importName, "f");
});

/** Wrong kinds and signatures against `env.f: (i32) -> (i64)` and what module `a` exports. */
const MISMATCHES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "fewer parameters": wasmModule({ types: [funcType([], [I64])], imports: [importOf("env", "f", [0, 0])] }),
  "another parameter": wasmModule({
    types: [funcType([I64], [I64])],
    imports: [importOf("env", "f", [0, 0])],
  }),
  "another result": wasmModule({ types: [funcType([I32], [I32])], imports: [importOf("env", "f", [0, 0])] }),
  "no result": wasmModule({ types: [funcType([I32], [])], imports: [importOf("env", "f", [0, 0])] }),
  "a result more": wasmModule({
    types: [funcType([I32], [I64, I64])],
    imports: [importOf("env", "f", [0, 0])],
  }),
  "a memory": wasmModule({ imports: [importOf("env", "f", [2, 0, 1])] }),
  "a table": wasmModule({ imports: [importOf("env", "f", [1, 0x70, 0, 1])] }),
  "a global": wasmModule({ imports: [importOf("env", "f", [3, I32, 0])] }),
  "a tag": wasmModule({ types: [funcType([], [])], imports: [importOf("env", "f", [4, 0, 0])] }),
  "a function of the module, of another type": wasmModule({
    types: [funcType([I32], [])],
    imports: [importOf("a", "f", [0, 0])],
  }),
  "a larger memory": wasmModule({ imports: [importOf("a", "m", [2, 0, 2])] }),
  "a memory with a maximum": wasmModule({ imports: [importOf("a", "m", [2, 1, 1, 100])] }),
  "a 64-bit memory": wasmModule({ imports: [importOf("a", "m", [2, 4, 1])] }),
  "a larger table": wasmModule({ imports: [importOf("a", "t", [1, 0x70, 0, 3])] }),
  "a table of another kind": wasmModule({ imports: [importOf("a", "t", [1, 0x6f, 0, 1])] }),
  "a mutable global": wasmModule({ imports: [importOf("a", "g", [3, I32, 1])] }),
  "a global of another type": wasmModule({ imports: [importOf("a", "g", [3, I64, 0])] }),
  "a tag of another type": wasmModule({
    types: [funcType([I64], [])],
    imports: [importOf("a", "e", [4, 0, 0])],
  }),
  "a function that is a memory": wasmModule({
    types: [funcType([], [])],
    imports: [importOf("a", "m", [0, 0])],
  }),
};

for (const [what, bytes] of Object.entries(MISMATCHES)) {
  Deno.test(`F45 an import that wants ${what} is refused with its name`, async () => {
    await using runtime = await Aegis.create();
    await using sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("env", "f", { params: ["i32"], results: ["i64"] }, () => 0n);
    await sandbox.loadModule(
      await runtime.loadWat(
        `(module (func (export "f")) (memory (export "m") 1) (table (export "t") 2 funcref)
        (global (export "g") i32 (i32.const 0)) (tag (export "e")))`,
      ),
      { name: "a" },
    );
    const loaded = await runtime.loadBytes(bytes);
    const error = await assertRejects(() => sandbox.loadModule(loaded), MissingImportError);
    assertEquals(error.module, what.includes("function of") || error.module === "a" ? "a" : "env");
    assert(["f", "m", "t", "g", "e"].includes(error.importName), error.importName);
    // What is loaded still works.
    await sandbox.call("f");
  });
}

Deno.test("F45 a lone surrogate cannot be a name: its bytes are no UTF-8", async () => {
  await using runtime = await Aegis.create();
  for (const bad of [[0xed, 0xa0, 0x80], [0xff], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    const item = join([leb(bad.length), bad]);
    const types = section(SECTION.type, [1, ...funcType([], [])]);
    const asImport = rawModule(types, section(SECTION.import, [1, ...item, 1, 0x61, 0, 0]));
    const asExport = rawModule(
      section(SECTION.memory, [1, 0, 1]),
      section(SECTION.export, [1, ...item, 2, 0]),
    );
    for (const bytes of [asImport, asExport]) {
      const error = await assertRejects(() => runtime.loadBytes(bytes), ModuleInvalidError);
      assert(error.offset > 8);
    }
  }
});

Deno.test("F45 names of 99,999 bytes do not slow down linking, calling or the search for a suggestion", async () => {
  const long = (letter: string) => letter.repeat(99_999);
  const count = 60;
  const bytes = wasmModule({
    types: [funcType([], [I32])],
    functions: [{ type: 0, code: [0x41, 0] }],
    exports: Array.from(
      { length: count },
      (_, i) => exportOf(long("a") + String.fromCodePoint(97 + i), 0, 0),
    ),
  });
  await using guest = await prepared(bytes);
  const started = performance.now();
  const error = await assertRejects(() => guest.sandbox.call(long("b")), FunctionNotFoundError);
  assert(error.message.length < 5000, `a message of ${error.message.length} characters`);
  const sandbox: Sandbox = await guest.runtime.sandbox().build();
  await sandbox.loadModule(await guest.runtime.loadBytes(bytes), { name: "a" });
  const importer = await guest.runtime.loadBytes(importing("a", long("c")));
  const missing = await assertRejects(() => sandbox.loadModule(importer), MissingImportError);
  assert(missing.message.length < 5000, `a message of ${missing.message.length} characters`);
  assert(performance.now() - started < 1000, `it took ${(performance.now() - started).toFixed(0)} ms`);
});

Deno.test("F45 ten thousand imports from a module of fifty thousand exports link without standing still", async () => {
  const names = (i: number) => `some rather long name of a function ${i}`;
  const provider = wasmModule({
    types: [funcType([], [I32])],
    functions: [{ type: 0, code: [0x41, 0] }],
    exports: Array.from({ length: 50_000 }, (_, i) => exportOf(names(i), 0, 0)),
  });
  const importer = wasmModule({
    types: [funcType([], [I32])],
    imports: Array.from({ length: 10_000 }, (_, i) => importOf("a", names(49_999 - i % 10), [0, 0])),
  });
  await using guest = await prepared(`(module)`);
  const { sandbox, runtime } = guest;
  await sandbox.loadModule(await runtime.loadBytes(provider), { name: "a" });
  const loaded = await runtime.loadBytes(importer);
  const started = performance.now();
  await sandbox.loadModule(loaded);
  assert(performance.now() - started < 1000, `it took ${(performance.now() - started).toFixed(0)} ms`);
});

Deno.test("F45 ten thousand names like the one that is missing do not keep the host from its work", async () => {
  const like = "ab".repeat(24);
  const bytes = wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: [] }],
    exports: Array.from({ length: 20_000 }, (_, i) => exportOf(like + String(i).padStart(16, "z"), 0, 0)),
  });
  await using guest = await prepared(bytes);
  const { stall } = await withTicks(() =>
    assertRejects(() => guest.sandbox.call(like + "q".repeat(16)), FunctionNotFoundError)
  );
  assert(stall < 250, `the event loop stood still for ${stall.toFixed(0)} ms`);
});
