import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { prepared, UNLIMITED, wordsOf } from "./stopping.ts";
import { Aegis, MissingImportError, ModuleInvalidError } from "../../../mod.ts";
import {
  type Bytes,
  END,
  exportOf,
  FUNCREF,
  funcType,
  I32,
  I64,
  join,
  leb,
  type ModuleParts,
  wasmModule,
} from "../../wasm/module_builder.ts";

const GLOBAL: Bytes = [I64, 1, 0x42, 0x00, END], TABLE: Bytes = [FUNCREF, 0, 1];
const FUNCTION_TYPE = funcType([], []), DROP = 0x1a;

/**
 * Modules that name the first index past their own: the one that our counter, hook table, functions or types get.
 * `more` is the module with one item more, which shows that nothing else is wrong with it. Each fails when the
 * module is validated after it was rewritten instead of before.
 */
const PAST_THE_END: Readonly<Record<string, (more: boolean) => ModuleParts>> = {
  "reads the fuel counter": (more) => ({
    types: [FUNCTION_TYPE],
    globals: more ? [GLOBAL, GLOBAL] : [GLOBAL],
    functions: [{ type: 0, code: [0x23, 1, DROP] }],
  }),
  "writes the fuel counter": (more) => ({
    types: [FUNCTION_TYPE],
    globals: more ? [GLOBAL] : [],
    functions: [{ type: 0, code: [0x42, 0x7f, 0x24, 0] }],
  }),
  "writes the stack counter": (more) => ({
    types: [FUNCTION_TYPE],
    globals: more ? [GLOBAL, [I32, 1, 0x41, 0, END]] : [],
    functions: [{ type: 0, code: [0x41, 0, 0x24, 1] }],
  }),
  "exports the fuel counter": (more) => ({ globals: more ? [GLOBAL] : [], exports: [exportOf("g", 3, 0)] }),
  "calls through the hook table": (more) => ({
    types: [FUNCTION_TYPE],
    tables: more ? [TABLE] : [],
    functions: [{ type: 0, code: [0x41, 0, 0x11, 0, 0] }],
  }),
  "writes into the hook table": (more) => ({
    types: [FUNCTION_TYPE],
    tables: more ? [TABLE, TABLE] : [TABLE],
    functions: [{ type: 0, code: [0x41, 0, 0xd0, FUNCREF, 0x26, 1] }],
  }),
  "copies the hook table": (more) => ({
    types: [FUNCTION_TYPE],
    tables: more ? [TABLE, TABLE] : [TABLE],
    functions: [{ type: 0, code: [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0e, 0, 1] }],
  }),
  "exports the hook table": (more) => ({ tables: more ? [TABLE] : [], exports: [exportOf("t", 1, 0)] }),
  "fills the hook table by an active segment": (more) => ({
    types: [FUNCTION_TYPE],
    tables: more ? [TABLE, TABLE] : [TABLE],
    functions: [{ type: 0, code: [] }],
    elements: [join([[0x02, 1, 0x41, 0, END, 0x00], leb(1), [0]])],
  }),
  "calls an added function": (more) => ({
    types: [FUNCTION_TYPE],
    memories: [[0, 1]],
    functions: [
      { type: 0, code: [0x41, 0, 0x40, 0, DROP, 0x10, more ? 1 : 2] },
      { type: 0, code: [] },
    ],
  }),
  "takes a reference to an added function": (more) => ({
    types: [FUNCTION_TYPE],
    functions: [{ type: 0, code: [0xd2, more ? 0 : 1, DROP], name: "f" }],
  }),
  "exports an added function": (more) => ({
    types: [FUNCTION_TYPE],
    functions: [{ type: 0, code: [] }],
    exports: [exportOf("f", 0, more ? 0 : 1)],
  }),
  "starts with an added function": (more) => ({
    types: [FUNCTION_TYPE],
    functions: [{ type: 0, code: [] }],
    start: more ? 0 : 1,
  }),
  "has a function of an added type": (more) => ({
    types: more ? [FUNCTION_TYPE, FUNCTION_TYPE] : [FUNCTION_TYPE],
    functions: [{ type: 1, code: [] }],
  }),
  "calls through an added type": (more) => ({
    types: more ? [FUNCTION_TYPE, FUNCTION_TYPE] : [FUNCTION_TYPE],
    tables: [TABLE],
    functions: [{ type: 0, code: [0x41, 0, 0x11, 1, 0] }],
  }),
  "has a block of an added type": (more) => ({
    types: more ? [FUNCTION_TYPE, FUNCTION_TYPE] : [FUNCTION_TYPE],
    functions: [{ type: 0, code: [0x02, 1, END] }],
  }),
};

for (const [what, parts] of Object.entries(PAST_THE_END)) {
  Deno.test(`C26 a module that ${what} by index is invalid`, async () => {
    await using runtime = await Aegis.create();
    await runtime.loadBytes(wasmModule(parts(true)));
    const error = await assertRejects(() => runtime.loadBytes(wasmModule(parts(false))), ModuleInvalidError);
    assert(error.offset > 8, `offset ${error.offset}`);
  });
}

Deno.test("C26 a module that uses the local that instrumentation adds is invalid", async () => {
  await using runtime = await Aegis.create();
  // A handler makes instrumentation keep the stack counter in an added local, index 1 here.
  const code = (local: number) => [0x02, 0x40, 0x1f, 0x40, 1, 2, 0, END, END, 0x41, 0, 0x21, local];
  const module = (local: number) =>
    wasmModule({ types: [FUNCTION_TYPE], functions: [{ type: 0, locals: [[1, I32]], code: code(local) }] });
  await runtime.loadBytes(module(0));
  await assertRejects(() => runtime.loadBytes(module(1)), ModuleInvalidError);
});

/** Names that additions get when the guest has none of them. */
const RESERVED = [
  "aegis:fuel",
  "aegis:stack-used",
  "aegis:stack-cap",
  "aegis:hooks",
  "aegis:start",
  "aegis:memory-0",
];

const OWN_NAMES = `(module
  (global $fuel (export "aegis:fuel") (mut i64) (i64.const 42))
  (global (export "aegis:stack-used") (mut i32) (i32.const 43))
  (table (export "aegis:table-0") 3 funcref)
  (memory (export "aegis:memory-0") 1)
  (func (export "aegis:hooks") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "aegis:start") (result i32) (i32.const 5))
  (func (export "aegis:stack-cap") (result i32) (i32.const 6))
  (func (export "aegis:fuel'") (result i64) (global.get $fuel))
  (func (export "refill") (global.set $fuel (i64.const 0x3fffffffffffffff)))
  (func (export "run") (loop $l (br $l))))`;

// Fails when added exports do not make way for the guest's names, or shadow them.
Deno.test("C26 exports under our names are the guest's own: callable, readable, linkable, and no counter", async () => {
  await using guest = await prepared(OWN_NAMES, { fuelLimit: 1_000_000, timeout: 5000 });
  const { sandbox, runtime } = guest;
  assertEquals(await sandbox.call("aegis:hooks", [1]), 2);
  assertEquals(await sandbox.call("aegis:start"), 5);
  assertEquals(await sandbox.call("aegis:stack-cap"), 6);
  assertEquals(await sandbox.call("aegis:fuel'"), 42n);
  assertEquals(await sandbox.readMemory(0, 2, "aegis:memory-0"), new Uint8Array(2));
  await sandbox.call("refill");
  assertEquals(await sandbox.call("aegis:fuel'"), 0x3fffffffffffffffn);
  assertEquals(wordsOf(await sandbox.tryCall("run")), "limit fuel");

  await using other = await runtime.sandbox().build();
  await other.loadModule(await runtime.loadWat(OWN_NAMES), { name: "first" });
  await other.loadModule(
    await runtime.loadWat(`(module
      (import "first" "aegis:fuel" (global $fuel (mut i64)))
      (import "first" "aegis:stack-used" (global $stack (mut i32)))
      (import "first" "aegis:hooks" (func $hooks (param i32) (result i32)))
      (import "first" "aegis:memory-0" (memory 1))
      (import "first" "run" (func $run))
      (func (export "read") (result i64 i32 i32) (global.get $fuel) (global.get $stack) (call $hooks (i32.const 9)))
      (func (export "run") (global.set $fuel (i64.const 0x7fffffffffffffff)) (global.set $stack (i32.const -1))
        (call $run)))`),
  );
  assertEquals(await other.call("read"), [42n, 43, 10]);
  assertEquals(wordsOf(await other.tryCall("run")), "limit fuel");
});

/** What a second module could want of ours, under each name that an addition may have got. */
const WANTED: Readonly<Record<string, string>> = {
  "aegis:fuel": "(global (mut i64))",
  "aegis:fuel'": "(global (mut i64))",
  "aegis:stack-used": "(global (mut i32))",
  "aegis:stack-cap": "(global (mut i32))",
  "aegis:hooks": "(table 4 4 funcref)",
  "aegis:start": "(func)",
  "aegis:memory-0": "(memory 1)",
  "aegis:table-0": "(table 1 funcref)",
  dead: "(global (mut i32))",
  refuel: "(func)",
};

// Fails when linking looks at instance.exports instead of the original list.
Deno.test("C26 nothing of ours can be imported by a second module", async () => {
  await using runtime = await Aegis.create();
  const first = await runtime.loadWat(`(module (memory 1) (table 1 funcref) (func $s) (start $s)
    (func (export "f") (loop $l (br_if $l (i32.const 0)))))`);
  for (const [name, kind] of Object.entries(WANTED)) {
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(first, { name: "first" });
    const second = await runtime.loadWat(`(module (import "first" "${name}" ${kind}))`);
    const error = await assertRejects(() => sandbox.loadModule(second), MissingImportError);
    assertEquals([error.module, error.importName], ["first", name]);
    // The shim's own module name leads nowhere either.
    const shim = await runtime.loadWat(`(module (import "import" "${name}" ${kind}))`);
    await assertRejects(() => sandbox.loadModule(shim), MissingImportError);
  }
});

Deno.test("C26 a module lists no addition among its exports, and none can be called or read", async () => {
  await using guest = await prepared(`(module (memory 1) (func $s) (start $s) (func (export "f")))`);
  const { sandbox } = guest;
  for (const name of RESERVED) {
    assertEquals(
      (await assertRejects(() => sandbox.call(name), Error) as { code?: string }).code,
      "FunctionNotFound",
    );
    await assertRejects(() => sandbox.readMemory(0, 1, name), Error);
    assertEquals(sandbox.getFuncType(name), undefined);
  }
});

// Fails when a large charge is made without a bound: the counter would wrap and grant 2^63 units.
Deno.test("C26 charges of 2^32 in a loop cannot wrap the counter", async () => {
  const huge = `(module (memory 1) (table 1 externref)
    (func (export "run") (loop $l
      (drop (memory.grow (i32.const -1))) (drop (memory.grow (i32.const 0x7fffffff)))
      (drop (table.grow (ref.null extern) (i32.const -1))) (br $l))))`;
  await using guest = await prepared(huge, { fuelLimit: 1_000_000, timeout: 10_000 });
  const outcome = await guest.sandbox.tryCall("run");
  assertEquals(wordsOf(outcome), "limit fuel");
  assert(guest.sandbox.metrics().fuelConsumed < 1_100_000n);
  const wide = `(module (memory i64 1) (func (export "run") (loop $l
    (drop (memory.grow (i64.const -1))) (drop (memory.grow (i64.const 0x7fffffffffffffff)))
    (drop (memory.grow (i64.const 0x100000000))) (br $l))))`;
  await using second = await prepared(wide, { fuelLimit: 1_000_000, timeout: 10_000 });
  assertEquals(wordsOf(await second.sandbox.tryCall("run")), "limit fuel");
});

Deno.test("C26 fuel near 2^63 is never less than before, and a loop on it still ends by the timeout", async () => {
  const text =
    `(module (func (export "one") (result i32) (i32.const 1)) (func (export "run") (loop $l (br $l))))`;
  for (const fuelLimit of [UNLIMITED, 1000]) {
    await using guest = await prepared(text, { fuelLimit, timeout: 100 });
    const { sandbox } = guest;
    for (const more of [2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 80n]) {
      const before = sandbox.remainingFuel();
      sandbox.addFuel(more);
      assert(sandbox.remainingFuel() >= before, `after ${more}: ${sandbox.remainingFuel()}`);
      assertEquals(await sandbox.call("one"), 1);
    }
    for (const fuel of [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n + 1n, 2n ** 80n]) {
      assertEquals(wordsOf(await sandbox.tryCall("one", [], { fuel })), "value 1");
    }
    assertEquals(wordsOf(await sandbox.tryCall("run")), "limit time");
  }
});

Deno.test("C26 calls between two modules are charged to one budget, however often they change sides", async () => {
  await using runtime = await Aegis.create({ fuelLimit: 200_000, timeout: 10_000 });
  const ping = await runtime.loadWat(`(module (global $n (mut i32) (i32.const 0))
    (func (export "ping") (param i32) (global.set $n (i32.add (global.get $n) (local.get 0)))))`);
  const pong = await runtime.loadWat(`(module (import "ping" "ping" (func $ping (param i32)))
    (func (export "run") (loop $l (call $ping (i32.const 1)) (br $l)))
    (func (export "times") (param i32) (loop $l (call $ping (i32.const 1))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(ping, { name: "ping" });
  await sandbox.loadModule(pong);
  await sandbox.call("times", [1000]);
  const { fuelConsumed = 0n } = sandbox.metrics().lastCall ?? {};
  assert(fuelConsumed > 8000n && fuelConsumed < 15_000n, `${fuelConsumed}`);
  assertEquals(wordsOf(await sandbox.tryCall("run")), "limit fuel");
  assert(sandbox.metrics().fuelConsumed < 200_100n);
});
