import { AegisError, MissingImportError, StackOverflowError } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { offer, start, type Started } from "./started.ts";

/** Starts a sandbox and loads modules under their names, in order; the last one may have none. */
async function linked(
  modules: readonly (readonly [name: string, fields: string])[],
  options = {},
): Promise<Started> {
  const started = await start(options);
  try {
    for (const [name, fields] of modules) await started.load(fields, name);
    return started;
  } catch (error) {
    await started.runtime.close();
    throw error;
  }
}

Deno.test("modules share functions, memories, tables and globals", async () => {
  const started = await linked([
    [
      "lib",
      `(memory (export "m") 1 3) (table (export "t") 4 funcref) (global (export "g") (mut i32) (i32.const 3))
       (global (export "c") i32 (i32.const 50))
       (func $two (result i32) i32.const 2) (elem (i32.const 1) $two)
       (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
       (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))`,
    ],
    [
      "app",
      `(import "lib" "m" (memory 1 4)) (import "lib" "t" (table 4 funcref)) (import "lib" "g" (global $g (mut i32)))
       (import "lib" "c" (global $c i32)) (import "lib" "add" (func $add (param i32 i32) (result i32)))
       (import "lib" "peek" (func $peek (param i32) (result i32)))
       (func $nine (result i32) i32.const 9) (elem (i32.const 2) $nine) (data (i32.const 7) "z")
       (func (export "run") (result i32 i32 i32 i32 i32)
         (i32.store8 (i32.const 5) (i32.const 33)) (global.set $g (i32.const 4))
         (call $add (call $peek (i32.const 5)) (call $peek (i32.const 7)))
         (call_indirect (result i32) (i32.const 1)) (call_indirect (result i32) (i32.const 2))
         (i32.add (global.get $g) (global.get $c)) (memory.grow (i32.const 1)))
       (export "memory" (memory 0))`,
    ],
  ]);
  await using _ = started;
  assertEquals(await started.sandbox.call("run"), [33 + 122, 2, 9, 54, 1]);
  assertEquals(await started.sandbox.readMemory(5, 3), Uint8Array.of(33, 0, 122));
  assertEquals(started.sandbox.metrics().memory, 2 * 65536, "a shared memory counts once");
});

Deno.test("three modules link in a chain, each seeing only what it names", async () => {
  const started = await linked([
    ["a", '(func (export "f") (result i32) i32.const 1)'],
    [
      "b",
      '(import "a" "f" (func $f (result i32))) (func (export "f") (result i32) (i32.add (call $f) (i32.const 10)))',
    ],
    [
      "c",
      `(import "a" "f" (func $a (result i32))) (import "b" "f" (func $b (result i32)))
       (func (export "f") (result i32) (i32.add (call $a) (i32.mul (call $b) (i32.const 100))))`,
    ],
  ]);
  await using _ = started;
  assertEquals(await started.sandbox.call("f"), 1101);
});

Deno.test("calls go to the module loaded last; a later module of a name takes the earlier one's place", async () => {
  const started = await linked([
    ["lib", '(func (export "f") (result i32) i32.const 1)'],
    ["lib", '(func (export "f") (result i32) i32.const 2)'],
    ["app", '(import "lib" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f))'],
  ]);
  await using _ = started;
  assertEquals(await started.sandbox.call("g"), 2);
  assertEquals((await assertRejects(() => started.sandbox.call("f"), AegisError)).code, "FunctionNotFound");
});

Deno.test("exceptions pass between modules by a shared tag, and only by that", async () => {
  const started = await linked([
    ["lib", `(tag $t (export "t") (param i32)) (func (export "fail") (param i32) (throw $t (local.get 0)))`],
    [
      "middle",
      `(import "lib" "fail" (func $fail (param i32)))
       (func (export "fail") (param i32) (call $fail (i32.mul (local.get 0) (i32.const 2))) unreachable)`,
    ],
    [
      "app",
      `(import "lib" "t" (tag $t (param i32))) (import "middle" "fail" (func $fail (param i32))) (tag $own (param i32))
       (func (export "caught") (param i32) (result i32)
         (block $c (result i32) (try_table (catch $t $c) (call $fail (local.get 0))) (i32.const -1)))
       (func (export "missed") (param i32) (result i32)
         (block $c (result i32) (try_table (catch $own $c) (call $fail (local.get 0))) (i32.const -1)))`,
    ],
  ]);
  await using _ = started;
  assertEquals(await started.sandbox.call("caught", [21]), 42);
  const outcome = await started.sandbox.tryCall("missed", [21]);
  assert(outcome.kind === "trap");
  assertEquals(outcome.trap, "uncaughtException");
  assertEquals(await started.sandbox.call("caught", [1]), 2);
});

const PING_PONG: readonly (readonly [string, string])[] = [
  [
    "ping",
    `(table (export "t") 2 funcref) (type $f (func (param i32) (result i32)))
     (func $ping (export "ping") (type $f)
       (if (result i32) (local.get 0)
         (then (i32.add (i32.const 1)
           (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1))))
         (else (i32.const 0))))
     (elem (i32.const 0) $ping)`,
  ],
  [
    "pong",
    `(import "ping" "t" (table 2 funcref)) (import "ping" "ping" (func $ping (param i32) (result i32)))
     (func $pong (param i32) (result i32)
       (if (result i32) (local.get 0)
         (then (i32.add (i32.const 1) (call $ping (i32.sub (local.get 0) (i32.const 1)))))
         (else (i32.const 0))))
     (elem (i32.const 1) $pong)
     (func (export "run") (param i32) (result i32) (call $pong (local.get 0)))`,
  ],
];

Deno.test("linked modules burn one budget, the same run after run", async () => {
  const consumed = new Set<bigint>();
  for (let turn = 0; turn < 5; turn++) {
    await using started = await linked(PING_PONG);
    const { sandbox } = started;
    for (const depth of [0, 1, 10, 500]) assertEquals(await sandbox.call("run", [depth]), depth);
    consumed.add(sandbox.metrics().fuelConsumed);
  }
  assertEquals(consumed.size, 1);
  const [needed = 0n] = consumed;
  for (const [fuelLimit, code] of [[needed, undefined], [needed - 1n, "OutOfFuel"]] as const) {
    await using started = await linked(PING_PONG, { fuelLimit });
    let failed: unknown;
    for (const depth of [0, 1, 10, 500]) {
      failed ??= await started.sandbox.call("run", [depth]).then(() => undefined, (error) => error.code);
    }
    assertEquals(failed, code);
  }
});

/** How deep `run` gets before the stack ends. */
async function depthOf(modules: readonly (readonly [string, string])[], stackLimit: number): Promise<number> {
  await using started = await linked(modules, { stackLimit });
  let low = 0, high = 1_000_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const outcome = await started.sandbox.tryCall("run", [middle]);
    assert(outcome.kind === "value" || (outcome.kind === "limit" && outcome.limit === "stack"), outcome.kind);
    if (outcome.kind === "value") low = middle;
    else high = middle;
  }
  return low;
}

Deno.test("linked modules share one stack, deterministically", async () => {
  const alone: readonly (readonly [string, string])[] = [[
    "one",
    `(func $f (export "run") (param i32) (result i32) (if (result i32) (local.get 0)
       (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))`,
  ]];
  const depths = [await depthOf(PING_PONG, 65536), await depthOf(PING_PONG, 65536)];
  assertEquals(depths[0], depths[1]);
  const single = await depthOf(alone, 65536), double = await depthOf(PING_PONG, 2 * 65536);
  assert((depths[0] ?? 0) <= single, `${depths[0]} frames of two modules, ${single} of one`);
  assert(Math.abs(double - 2 * (depths[0] ?? 0)) < 10, "twice the stack, twice the depth");
});

Deno.test("a stack overflow between modules is one, and leaves them usable", async () => {
  await using started = await linked(PING_PONG);
  for (let turn = 0; turn < 3; turn++) {
    const error = await assertRejects(() => started.sandbox.call("run", [1_000_000]), StackOverflowError);
    assertEquals([error.code, error.limit], ["StackOverflow", 512 * 1024]);
    assertEquals(await started.sandbox.call("run", [100]), 100);
  }
});

const THROWER = `(tag $t (export "t")) (func $r (export "r") (param i32) (if (local.get 0)
  (then (call $r (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t))))`;

/** Ways to catch what another module throws from a hundred frames deep, over and over. */
const CATCHERS: Readonly<Record<string, string>> = {
  "in a block": `(func $once (block $c (try_table (catch_all $c) (call $r (i32.const 100)))))`,
  "at the function's label": `(func $once (try_table (catch_all 0) (call $r (i32.const 100))))`,
  "at a loop's header":
    `(func $once (local i32) (loop $c (if (i32.eqz (local.get 0)) (then (local.set 0 (i32.const 1))
    (try_table (catch_all $c) (call $r (i32.const 100)))))))`,
};

for (const [where, catcher] of Object.entries(CATCHERS)) {
  Deno.test(`frames of another module that an exception unwound are given back: caught ${where}`, async () => {
    const started = await linked([
      ["lib", THROWER],
      [
        "app",
        `(import "lib" "r" (func $r (param i32))) ${catcher}
         (func (export "run") (param i32) (result i32)
           (loop $l (call $once) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))`,
      ],
    ]);
    await using _ = started;
    assertEquals(await started.sandbox.tryCall("run", [2000]), { kind: "value", values: [7] });
  });
}

Deno.test("a trap in another module has frames of both, each in its own module's terms", async () => {
  const started = await linked([
    ["lib", '(func) (func (export "deep") nop nop nop unreachable)'],
    ["app", '(import "lib" "deep" (func $deep)) (func $other) (func (export "run") (call $deep))'],
  ]);
  await using _ = started;
  const outcome = await started.sandbox.tryCall("run");
  assert(outcome.kind === "trap");
  assertEquals(outcome.frames.map(({ functionIndex, functionName }) => [functionIndex, functionName]), [
    [1, "deep"],
    [2, "run"],
  ]);
});

Deno.test("growth by an importer counts for the sandbox, and is seen by the owner", async () => {
  const started = await linked([
    ["lib", '(memory (export "m") 1) (func (export "size") (result i32) (memory.size))'],
    [
      "app",
      `(import "lib" "m" (memory 1)) (import "lib" "size" (func $size (result i32)))
       (func (export "grow") (param i32) (result i32 i32) (memory.grow (local.get 0)) (call $size))`,
    ],
  ], { memoryLimit: 3 * 65536 });
  await using _ = started;
  assertEquals(await started.sandbox.call("grow", [2]), [1, 3]);
  assertEquals(await started.sandbox.call("grow", [1]), [-1, 3]);
  assertEquals(started.sandbox.metrics().memory, 3 * 65536);
});

Deno.test("modules whose memories exceed the limit only together are refused together", async () => {
  await using started = await start({ memoryLimit: 3 * 65536 });
  await started.load('(memory 2) (func (export "a"))');
  const error = await assertRejects(() => started.load("(memory 2)"), AegisError);
  assertEquals(error.code, "MemoryExceeded");
  await started.load('(memory 1) (func (export "b"))');
  await started.sandbox.call("b");
});

/** What the module before it exports, what is imported, and why that does not work. */
const MISMATCHES: readonly (readonly [exported: string, imported: string, reason: string])[] = [
  ['(func (export "x"))', "(func (param i32))", "function does not match"],
  ['(func (export "x") (result i32) i32.const 1)', "(func (result i64))", "function does not match"],
  ['(func (export "x"))', "(global i32)", "a global is wanted, a function is exported"],
  ['(memory (export "x") 1)', "(table 1 funcref)", "a table is wanted, a memory is exported"],
  ['(memory (export "x") 1)', "(memory 2)", "1 pages which is smaller than the declared initial of 2"],
  ['(memory (export "x") 1)', "(memory 1 5)", "maximum wanted is 5, the exported memory has none"],
  ['(memory (export "x") 1 9)', "(memory 1 5)", "maximum wanted is 5, the exported memory has 9"],
  ['(memory (export "x") i64 1)', "(memory 1)", "index types differ"],
  ['(table (export "x") 1 funcref)', "(table 5 funcref)", "is smaller than initial 5, got 1"],
  ['(table (export "x") 1 funcref)', "(table 1 2 funcref)", "maximum wanted is 2"],
  ['(table (export "x") 1 funcref)', "(table 1 externref)", "table does not match"],
  ['(global (export "x") i32 (i32.const 1))', "(global i64)", "global does not match the expected type"],
  ['(global (export "x") i32 (i32.const 1))', "(global (mut i32))", "mutability"],
  ['(global (export "x") (mut i32) (i32.const 1))', "(global i32)", "mutability"],
  ['(tag (export "x") (param i32))', "(tag (param i64))", "tag does not match"],
  ['(func (export "y"))', "(func)", "no such export"],
];

Deno.test("an import that the other module has with another type is refused, by name and with the reason", async () => {
  await using started = await start();
  const { runtime } = started;
  for (const [exported, imported, reason] of MISMATCHES) {
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await started.module(exported), { name: "lib" });
    const module = await started.module(`(import "lib" "x" ${imported})`);
    const error = await assertRejects(() => sandbox.loadModule(module), MissingImportError);
    assertEquals([error.code, error.module, error.importName], ["MissingImport", "lib", "x"]);
    assertStringIncludes(error.message, reason, `${exported} for ${imported}`);
  }
});

Deno.test("an import that nothing provides is refused, with what comes close to it", async () => {
  await using started = await start();
  offer(started.sandbox, { "env.read_sensor(i32)->i32": () => 1 });
  await started.load('(func (export "compute"))', "lib");
  const cases: readonly (readonly [string, string])[] = [
    ['(import "env" "read_sensors" (func (param i32) (result i32)))', "read_sensor"],
    ['(import "lib" "compote" (func))', "compute"],
    ['(import "nowhere" "nothing" (func (param i64)))', "(i64) -> ()"],
    [
      '(import "env" "read_sensor" (func (param i64)))',
      "(i64) -> () is wanted, (i32) -> (i32) is registered",
    ],
    ['(import "env" "read_sensor" (memory 1))', "a memory is wanted, a function is registered"],
    ['(import "lib" "aegis:fuel" (global (mut i64)))', "no such export"],
    ['(import "lib" "__proto__" (func))', "no such export"],
    ['(import "__proto__" "toString" (func))', "nothing provides this function"],
  ];
  for (const [fields, says] of cases) {
    const error = await assertRejects(() => started.load(fields), MissingImportError);
    assertEquals(error.code, "MissingImport");
    assertStringIncludes(error.message, says, fields);
  }
  await started.load(
    '(import "env" "read_sensor" (func $f (param i32) (result i32))) (export "f" (func $f))',
  );
  assertEquals(await started.sandbox.call("f", [0]), 1);
});

Deno.test("a module that could not be loaded leaves those before it as they were", async () => {
  await using started = await start();
  const { sandbox } = started;
  await started.load(
    '(global $g (export "g") (mut i32) (i32.const 5)) (func (export "f") (result i32) (global.get $g))',
    "lib",
  );
  const failures = [
    "(start $s) (func $s unreachable)",
    '(import "lib" "g" (global i32))',
    '(memory 1) (data (i32.const 65536) "x")',
    "(table 1 funcref) (func $f) (elem (i32.const 1) $f)",
  ];
  for (const fields of failures) {
    await assertRejects(() => started.load(fields), AegisError, undefined, fields);
    assertEquals(await sandbox.call("f"), 5, fields);
  }
  await started.load(`(import "lib" "g" (global $g (mut i32))) (func (export "h") (result i32)
    (global.set $g (i32.const 6)) (global.get $g))`);
  assertEquals(await sandbox.call("h"), 6);
});

Deno.test("functions that a failed module left in a shared table are still counted and stopped", async () => {
  await using started = await start({ fuelLimit: 50_000 });
  await started.load(
    '(table (export "t") 1 funcref) (func (export "f") (call_indirect (i32.const 0)))',
    "lib",
  );
  await assertRejects(
    () =>
      started.load(`(import "lib" "t" (table 1 funcref)) (func $spin (loop $l (br $l)))
        (elem (i32.const 0) $spin) (start $s) (func $s unreachable)`),
    AegisError,
  );
  const error = await assertRejects(() => started.sandbox.call("f"), AegisError);
  assertEquals(error.code, "OutOfFuel");
});
