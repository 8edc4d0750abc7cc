/** G52 to G57: what a guest, or code that got out of WebAssembly into the guest's realm, can reach or leave behind. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../assert.ts";
import { prepared, UNLIMITED, wordsOf } from "../cpu/stopping.ts";
import { Aegis, AegisError, MissingImportError } from "../../../mod.ts";
import { GUEST_WORKER_TEXT } from "../../../src/sandbox/guest_worker.gen.ts";
import { PREPARE_WORKER_TEXT } from "../../../src/sandbox/prepare_worker.gen.ts";
import { startWorker } from "../../../src/sandbox/worker.ts";

const ODD = `(module (memory (export "__proto__") 1) (global (export "constructor") (mut i32) (i32.const 5))
  (func (export "run") (result i32) (i32.const 1)) (func (export "then") (param i32 i32) unreachable)
  (func (export "toString") (result i32) (i32.const 2)) (func (export "valueOf") unreachable))`;

function pollution(): unknown[] {
  return [
    Object.keys(Object.prototype),
    Object.keys(Array.prototype),
    Object.keys(Function.prototype),
    ({} as Record<string, unknown>).polluted,
    Object.getOwnPropertyNames(Object.prototype).length,
  ];
}

/** Every object that can be reached from a value by its own properties and through the getters of its class. */
function* reachable(value: unknown, depth = 6): Generator<object> {
  if (typeof value !== "object" || value === null || depth === 0) return;
  yield value;
  for (const key of Reflect.ownKeys(value)) {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && "value" in property) yield* reachable(property.value, depth - 1);
  }
}

Deno.test("G52 names that a guest chooses end up in plain data, and pollute nothing", async () => {
  const before = pollution();
  await using guest = await prepared(ODD);
  const { sandbox, runtime } = guest;
  const outcome = await sandbox.tryCall("toString");
  const module = await runtime.loadWat(ODD);
  for (const handed of [outcome, sandbox.metrics(), module.exports, module.imports, sandbox.limits]) {
    for (const object of reachable(handed)) {
      const prototype = Object.getPrototypeOf(object);
      assert([Object.prototype, Array.prototype, null].includes(prototype), "an object of a guest's making");
      assert(!Object.hasOwn(object, "__proto__"));
    }
  }
  assertEquals(module.functionNames(), ["run", "then", "toString", "valueOf"]);
  assertEquals(pollution(), before);
});

Deno.test("G52 what is handed out is the embedder's own: changing it changes no other call", async () => {
  await using guest = await prepared(
    `(module (func (export "run") (result i32 i32) (i32.const 1) (i32.const 2)))`,
  );
  const { sandbox } = guest;
  const first = await sandbox.call("run") as number[];
  first[0] = 99;
  (sandbox.metrics() as unknown as { fuelConsumed: bigint }).fuelConsumed = -1n;
  assertEquals(await sandbox.call("run"), [1, 2]);
  assert(sandbox.metrics().fuelConsumed > 0n);
  const { limits } = sandbox;
  assert(Object.isFrozen(limits) && Object.isFrozen(guest.runtime.limits));
});

Deno.test("G52 a prototype that the host's code polluted reaches no limit and no import", async () => {
  await using before = await Aegis.create({}); // the text's parser is not of our making, and does not survive this
  const loaded = await before.loadWat(`(module (import "env" "env" (func)))`);
  const target = Object.prototype as Record<string, unknown>;
  target.hostCallLimit = 1_000_000;
  target.memoryLimit = "1GiB";
  target.env = () => 1;
  try {
    await using runtime = await Aegis.create({});
    assertEquals(runtime.limits.memoryLimit, 64 * 2 ** 20);
    await using sandbox = await runtime.sandbox().build();
    await assertRejects(() => sandbox.loadModule(loaded), AegisError);
  } finally {
    delete target.hostCallLimit;
    delete target.memoryLimit;
    delete target.env;
  }
});

const RESIDUE =
  `(module (memory (export "memory") 2) (global $g (mut i64) (i64.const 7)) (table $t 10 funcref)
  (data $d "secret") (elem $e func $f) (func $f)
  (func (export "write") (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 131072)) (global.set $g (i64.const -1))
    (table.fill $t (i32.const 0) (ref.func $f) (i32.const 10)) (drop (memory.grow (i32.const 3)))
    (drop (table.grow $t (ref.func $f) (i32.const 5))) (data.drop $d) (elem.drop $e))
  (func (export "read") (result i64 i32 i32 i32) (local i32 i32 i32)
    (loop $l (local.set 1 (i32.or (local.get 1) (i32.load (local.get 0))))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 131072))))
    (local.set 0 (i32.const 0))
    (loop $m (local.set 2 (i32.add (local.get 2) (i32.eqz (ref.is_null (table.get $t (local.get 0))))))
      (br_if $m (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))
    (global.get $g) (local.get 1) (local.get 2) (i32.add (memory.size) (table.size $t)))
  (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 6)))
  (func (export "loop") (call 0) (loop $l (br $l))))`;

Deno.test("G54 after a reset nothing of the life before is there: memory, globals, tables, segments, sizes, meters", async () => {
  await using guest = await prepared(RESIDUE, { timeout: 1000 });
  const { sandbox } = guest;
  const fresh = await sandbox.call("read");
  assertEquals(fresh, [7n, 0, 0, 12]);
  await sandbox.call("write");
  assertEquals(await sandbox.call("read"), [-1n, 0xaaaaaaaa | 0, 10, 20]);
  await sandbox.reset();
  assertEquals(sandbox.metrics().hostCalls, 0);
  assert(sandbox.metrics().fuelConsumed < 1000n);
  assertEquals(sandbox.metrics().memory, 2 * 65536);
  assertEquals(await sandbox.call("read"), fresh);
  await sandbox.call("init");
});

Deno.test("G54 a sandbox that takes another module after a reset shows it nothing of the first", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(RESIDUE), { name: "first" });
  await sandbox.call("write");
  await sandbox.reset();
  const heir = await runtime.loadWat(`(module (import "first" "memory" (memory 1)))`);
  await assertRejects(() => sandbox.loadModule(heir), MissingImportError);
  await sandbox.loadModule(
    await runtime.loadWat(`(module (memory (export "memory") 5) (table $t 15 funcref)
      (func (export "read") (result i32) (local i32 i32)
        (loop $l (local.set 1 (i32.or (local.get 1) (i32.load (local.get 0))))
          (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 327680))))
        (local.get 1)))`),
  );
  assertEquals(await sandbox.call("read"), 0);
  await assertRejects(() => sandbox.call("write"), AegisError);
});

Deno.test("G54 new pages are zero, also those that another sandbox has just given back", async () => {
  await using runtime = await Aegis.create({ timeout: 5000, fuelLimit: UNLIMITED });
  const loaded = await runtime.loadWat(`(module (memory 1) (func (export "run") (result i32) (local i32 i32)
    (drop (memory.grow (i32.const 200)))
    (loop $l (local.set 1 (i32.or (local.get 1) (i32.load (local.get 0)))) (i32.store (local.get 0) (i32.const -1))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 64))) (i32.const 13172736))))
    (local.get 1)))`);
  for (let i = 0; i < 10; i++) {
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(loaded);
    assertEquals(await sandbox.call("run"), 0);
  }
});

Deno.test("G55 two sandboxes of one module share no memory, global or table", async () => {
  await using runtime = await Aegis.create();
  const loaded = await runtime.loadWat(RESIDUE);
  await using first = await runtime.sandbox().build();
  await using second = await runtime.sandbox().build();
  await first.loadModule(loaded);
  await second.loadModule(loaded);
  await first.call("write");
  assertEquals(await second.call("read"), [7n, 0, 0, 12]);
  assertEquals((await second.readMemory(0, 16)).join(), new Uint8Array(16).join());
  await second.writeMemory(0, new Uint8Array([1, 2, 3, 4]));
  assertEquals((await first.readMemory(0, 1))[0], 0xaa);
  assertNotEquals(first.id, second.id);
});

Deno.test("G55 reading and writing memory stays within it, whatever the numbers", async () => {
  await using guest = await prepared(RESIDUE);
  const { sandbox } = guest, size = 2 * 65536;
  for (
    const [offset, length] of [
      [-1, 1],
      [size, 1],
      [size - 1, 2],
      [0, size + 1],
      [0, -1],
      [2 ** 32, 1],
      [NaN, 1],
      [0, NaN],
      [0.5, 1],
      [Infinity, 1],
      [0, Infinity],
      [-Infinity, 0],
      [2 ** 53, 2 ** 53],
    ] as const // deno-fmt-ignore
  ) {
    const error = await assertRejects(() => sandbox.readMemory(offset, length), Error);
    assert(error instanceof AegisError || error instanceof RangeError, `${offset} ${length}: ${error}`);
    if (offset !== 0) {
      await assertRejects(() => sandbox.writeMemory(offset, new Uint8Array(2)), Error);
    }
  }
  assertEquals(await sandbox.call("read"), [7n, 0, 0, 12]);
});

Deno.test("G54 after a stop that does not end the instance its memory can still be read", async () => {
  await using guest = await prepared(
    `(module (memory (export "memory") 1) (data (i32.const 0) "kept") (func $f (export "run") (call $f) (call $f)))`,
  );
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit stack");
  assertEquals(new TextDecoder().decode(await guest.sandbox.readMemory(0, 4)), "kept");
});

/** Evaluates an expression behind a Worker's program, where an escaped guest would be; what comes back is text. */
function insideWorker(program: string, expression: string): Promise<string> {
  const probe = `;(async () => {
    let text;
    try { const value = await (async () => (${expression}))(); text = "got " + typeof value + " " + String(value); }
    catch (error) { text = "failed " + error; }
    postMessage({ probe: text });
  })();`;
  const worker = startWorker({ name: "probe", source: program + probe });
  return new Promise((resolve) => {
    const end = (text: string) => {
      worker.terminate();
      resolve(text);
    };
    worker.onmessage = ({ data }) => end(data.probe);
    worker.onerror = (event) => {
      event.preventDefault();
      end(`failed ${event.message}`);
    };
  });
}

const PROGRAMS = { guest: GUEST_WORKER_TEXT, prepare: PREPARE_WORKER_TEXT } as const;

/** Everything through which JavaScript reaches out of its realm, or makes code of text. */
const POWERS = [
  "Deno",
  "process",
  "Buffer",
  "global",
  "fetch",
  "Worker",
  "SharedWorker",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "XMLHttpRequest",
  "BroadcastChannel",
  "MessageChannel",
  "importScripts",
  "localStorage",
  "sessionStorage",
  "indexedDB",
  "caches",
  "navigator",
  "location",
  "crypto",
  "console",
  "alert",
  "confirm",
  "prompt",
  "open",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "eval",
  "Function",
  "require",
  "module",
  "__dirname",
  "Request",
  "Response",
  "CompressionStream",
  "ShadowRealm",
  "__bootstrap",
  "bootstrap",
  "Symbol.for('Deno.internal') in globalThis || undefined",
] as const; // deno-fmt-ignore

for (const [name, program] of Object.entries(PROGRAMS)) {
  Deno.test(`G57 the ${name} Worker's realm has none of the names through which one reaches out`, async () => {
    const list = POWERS.map((power) => /^\w+$/.test(power) ? `["${power}", typeof ${power}]` : `["${power}", typeof (${power})]`);
    const text = await insideWorker(program, `JSON.stringify([${list.join()}].filter(([, type]) => type !== "undefined"))`);
    assertEquals(text, "got string []");
    const own = await insideWorker(program, `Reflect.ownKeys(globalThis).map(String).join()`);
    for (const power of POWERS) assert(!own.split(",").includes(power), power);
  });
}

/** Ways to make code of text, or to get at another realm, without a name in the global scope. */
const DETOURS: Readonly<Record<string, string>> = {
  "a function's constructor": `(() => {}).constructor("return 1")()`,
  "an async function's constructor": `(async () => {}).constructor("return 1")()`,
  "a generator's constructor": `(function* () {}).constructor("return 1")()`,
  "an async generator's constructor": `(async function* () {}).constructor("return 1")()`,
  "a class's constructor": `(class {}).constructor("return 1")()`,
  "a built-in's constructor": `Array.constructor("return 1")()`,
  "WebAssembly's constructors": `WebAssembly.Module.constructor("return 1")()`,
  "a bound function's constructor": `(() => {}).bind().constructor("return 1")()`,
  "a proxy's constructor": `new Proxy(() => {}, {}).constructor("return 1")()`,
  "Reflect.construct": `Reflect.construct(Object.getPrototypeOf(() => {}).constructor, ["return 1"])`,
  "putting the constructor back": `Object.defineProperty(Function.prototype, "constructor", { value: 1 })`,
  "a timer with text": `setTimeout("1", 0)`,
  "frames of the stack":
    `(() => { let seen; Error.prepareStackTrace = (_, frames) => { seen = frames.map((f) => f.getFunction() ?? f.getThis()).find((x) => x !== undefined); return ""; }; new Error().stack; if (seen === undefined) throw new Error("nothing"); return seen; })()`,
  "the caller": `(function f() { return f.caller.caller; })()`,
  "performance.memory": `performance.memory.usedJSHeapSize`,
  "a Worker behind the prototype chain":
    `new (Object.getPrototypeOf(globalThis).Worker)("data:text/javascript,")`,
  "the network through streaming compilation": `WebAssembly.compileStreaming(fetch("http://127.0.0.1:9/"))`,
};

Deno.test("G57 no detour in the guest's realm makes code of text or leads out", async () => {
  for (const [what, expression] of Object.entries(DETOURS)) {
    const text = await insideWorker(GUEST_WORKER_TEXT, expression);
    assert(text.startsWith("failed"), `${what}: ${text}`);
  }
});

/**
 * `import()` is syntax and cannot be taken away. What it may still do holds no power of its own: evaluate other code in
 * the same emptied realm, and load modules of Deno's that hold no permission.
 */
const IMPORTS: Readonly<Record<string, string>> = {
  "a file": `import("file:///etc/passwd")`,
  "a file as text": `import("file:///etc/passwd", { with: { type: "text" } })`,
  "a file beside it": `import("./guest_worker.gen.ts")`,
  "a remote module": `import("https://127.0.0.1:9/x.js")`,
  "Deno's internals": `import("ext:core/mod.js")`,
  "node:fs": `import("node:fs").then((fs) => fs.readFileSync("/etc/hostname"))`,
  "node:fs/promises": `import("node:fs/promises").then((fs) => fs.readFile("/etc/hostname"))`,
  "node:process": `import("node:process").then((process) => process.env.HOME.length)`,
  "node:child_process": `import("node:child_process").then((child) => child.execSync("id"))`,
  "node:os": `import("node:os").then((os) => os.hostname() + os.homedir())`,
  "node:net": `import("node:net").then((net) => net.connect(9, "127.0.0.1").remotePort.length)`,
  "node:worker_threads":
    `import("node:worker_threads").then((threads) => new threads.Worker("1", { eval: true }))`,
  "node:vm": `import("node:vm").then((vm) => vm.runInThisContext("1"))`,
  "node:module": `import("node:module").then((module) => module.createRequire("file:///x.js")("node:fs"))`,
  "node:sqlite": `import("node:sqlite").then((sqlite) => new sqlite.DatabaseSync("aegis-probe.db"))`,
  "node:inspector": `import("node:inspector").then((inspector) => inspector.open())`,
};

Deno.test("G57 import() in the guest's realm reaches no file, host, process or thread", async () => {
  for (const [what, expression] of Object.entries(IMPORTS)) {
    const text = await insideWorker(GUEST_WORKER_TEXT, expression);
    assert(text.startsWith("failed"), `${what}: ${text}`);
  }
});

Deno.test("G57 import() of data: evaluates in the same emptied realm", async () => {
  const code =
    "data:text/javascript,export default typeof Deno%2Btypeof fetch%2Btypeof Function%2Btypeof setTimeout";
  const text = await insideWorker(
    GUEST_WORKER_TEXT,
    `import(${JSON.stringify(code)}).then((module) => module.default)`,
  );
  assertEquals(text, "got string undefinedundefinedundefinedundefined");
});
