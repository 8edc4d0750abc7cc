import { Aegis, AegisError, ModuleInvalidError } from "../../mod.ts";
import { AegisModule, preparedOf } from "../../src/sandbox/module.ts";
import { ModuleCache } from "../../src/sandbox/module_cache.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "../assert.ts";
import type { Engine } from "../../src/core/engine.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const ONE = compileText('(module (func (export "f") (result i32) i32.const 1))');
const TWO = compileText('(module (func (export "f") (result i32) i32.const 2))');

const text = (letters: string) => new TextEncoder().encode(letters);

/** A cache of modules of which nothing is known but their size; `prepared` lists whose turn it was. */
function fakeCache(size = 1) {
  const prepared: string[] = [];
  const cache = new ModuleCache((bytes, { engine }) => {
    const letters = new TextDecoder().decode(bytes);
    prepared.push(engine === "v8" ? letters : `${letters} for the ${engine}`);
    if (letters === "bad") {
      return new Promise((_, reject) => setTimeout(() => reject(new Error("bad")), 20)); // two loads can meet
    }
    // `as`: nothing here looks at the rest of it.
    return Promise.resolve({ instrumentedSize: size } as unknown as ReturnType<typeof preparedOf>);
  });
  return { cache, prepared };
}

Deno.test("ModuleCache prepares the same bytes once, also when they are loaded at the same time", async () => {
  const { cache, prepared } = fakeCache();
  const loads = await Promise.all(
    Array.from({ length: 20 }, (_, index) => cache.load(text("a"), { name: `name ${index % 2}` })),
  );
  await cache.load(text("a"), {});
  assertEquals(prepared, ["a"]);
  assertEquals(new Set(loads).size, 2, "one for each name");
  assertStrictEquals(loads[0] && preparedOf(loads[0]), loads[1] && preparedOf(loads[1]));
  assertEquals([cache.size, cache.bytes], [1, 1]);
});

Deno.test("ModuleCache finds modules by hash and by name; the last load of a name counts", async () => {
  const { cache } = fakeCache();
  const first = await cache.load(text("a"), { name: "plugin" }),
    second = await cache.load(text("b"), { name: "plugin" });
  assertStrictEquals(cache.get("plugin"), second);
  assertStrictEquals(cache.get(first.hash), first);
  assertEquals([cache.has("plugin"), cache.has("other"), cache.get("other")], [true, false, undefined]);
  assertEquals(
    cache.list().map(({ hash }) => hash),
    [second.hash, first.hash],
    "the one used last at the end",
  );
  assertEquals([...cache], [...cache.list()]);
  const other = await cache.load(text("c"), { name: first.hash });
  assertStrictEquals(cache.get(first.hash), first, "a name does not stand before a hash");
  assertEquals([cache.remove("plugin"), cache.remove("plugin"), cache.size], [true, false, 2]);
  assertEquals(cache.get(second.hash), undefined);
  assertStrictEquals(cache.get(other.hash), other);
});

Deno.test("ModuleCache keeps what is for different engines apart, and takes a hash for the one used last", async () => {
  const { cache, prepared } = fakeCache();
  const load = (engine: Engine, name: string) => cache.load(text("a"), { name, engine });
  const first = await load("v8", "one"), second = await load("interpreter", "two");
  assertEquals(prepared, ["a", "a for the interpreter"]);
  assertEquals([cache.size, cache.bytes, first.hash === second.hash], [2, 2, true]);
  assertEquals([cache.get("one"), cache.get("two")], [first, second]);
  assertStrictEquals(cache.get(first.hash), second);
  cache.get("one");
  assertStrictEquals(cache.get(first.hash), first);
  await load("interpreter", "two");
  assertEquals(prepared.length, 2, "both are there");
  assertEquals([cache.remove("two"), cache.has("one"), cache.size], [true, true, 1]);
  await load("interpreter", "two");
  assertEquals([cache.remove(first.hash), cache.size, cache.has("one"), cache.has("two")], [
    true,
    0,
    false,
    false,
  ]);
});

Deno.test("ModuleCache forgets what was used longest ago, by number and by bytes", async () => {
  const { cache, prepared } = fakeCache();
  const kept = await cache.load(text("kept"), { name: "kept" });
  for (let number = 0; number < 300; number++) {
    await cache.load(text(`${number}`), { name: `module ${number}` });
    cache.get("kept");
  }
  assertEquals([cache.size, cache.bytes], [256, 256]);
  assertEquals([cache.get("kept"), cache.has("module 44"), cache.has("module 45")], [kept, false, true]);
  await cache.load(text("44"), {});
  assertEquals(prepared.filter((one) => one === "44").length, 2);

  const large = fakeCache(50 * 1024 * 1024).cache;
  for (const letter of "abcd") await large.load(text(letter), { name: letter });
  assertEquals([large.size, large.has("b"), large.has("c")], [2, false, true]);
  const huge = fakeCache(200 * 1024 * 1024).cache;
  await huge.load(text("a"), { name: "a" });
  assert(huge.has("a"), "the newest is kept in any case");
});

Deno.test("ModuleCache keeps 16 names of one module, and forgets the oldest", async () => {
  const { cache } = fakeCache();
  for (let number = 0; number < 20; number++) await cache.load(text("a"), { name: `name ${number}` });
  assertEquals([cache.has("name 3"), cache.has("name 4"), cache.size], [false, true, 1]);
  assertEquals(cache.get("name 7")?.name, "name 7");
});

Deno.test("ModuleCache keeps nothing of what could not be prepared, and tries it again", async () => {
  const { cache, prepared } = fakeCache();
  const loads = await Promise.allSettled([
    cache.load(text("bad"), { name: "bad" }),
    cache.load(text("bad"), { name: "bad" }),
  ]);
  assertEquals(loads.map((load) => load.status === "rejected" && load.reason.message), ["bad", "bad"]);
  assertEquals([cache.size, cache.has("bad"), cache.list().length], [0, false, 0]);
  await assertRejects(() => cache.load(text("bad"), { name: "bad" }), Error, "bad");
  assertEquals(prepared, ["bad", "bad"]);
});

Deno.test("Aegis.modules has what was loaded, shared by its bytes", async () => {
  await using runtime = await Aegis.create();
  const [one, again, two] = await Promise.all([
    runtime.loadBytes(ONE, { name: "one" }),
    runtime.loadBytes(ONE, { name: "one" }),
    runtime.loadBytes(TWO),
  ]);
  assertStrictEquals(one, again);
  assertEquals([runtime.modules.size, runtime.modules.get("one"), runtime.modules.get(two.hash)], [
    2,
    one,
    two,
  ]);
  assert(runtime.modules.bytes > 0);
  assertEquals(runtime.modules.remove("one"), true);
  assertEquals(runtime.modules.get(one.hash), undefined);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(one);
  assertEquals(await sandbox.call("f"), 1, "who holds it can use it");
  const anew = await runtime.loadBytes(ONE, { name: "one" });
  assert(anew instanceof AegisModule && anew !== one && anew.hash === one.hash);
  await assertRejects(() => runtime.loadBytes(Uint8Array.of(1, 2, 3), { name: "bad" }), ModuleInvalidError);
  assertEquals(runtime.modules.has("bad"), false);
  await runtime.close();
  assertEquals(runtime.modules.size, 0);
  assertEquals((await assertRejects(() => runtime.loadBytes(TWO), AegisError)).code, "Closed");
});

Deno.test("Aegis.sandboxes has those that are alive, by their ids", async () => {
  await using runtime = await Aegis.create();
  const first = await runtime.sandbox().build(), second = await runtime.sandbox().build();
  const { sandboxes } = runtime;
  assertEquals([sandboxes.size, [...sandboxes], [...sandboxes.list()]], [2, [first, second], [
    first,
    second,
  ]]);
  assertStrictEquals(sandboxes.get(second.id), second);
  await first.close();
  assertEquals([sandboxes.size, sandboxes.get(first.id), sandboxes.has(first.id)], [1, undefined, false]);
  await using pool = runtime.pool(await runtime.loadBytes(ONE));
  const id = await pool.use((sandbox) => sandbox.id);
  assert(sandboxes.has(id), "guests of pools are among them");
  await runtime.close();
  assertEquals(sandboxes.size, 0);
});
