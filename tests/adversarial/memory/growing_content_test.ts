/** B17: content is put into memory that grows, and so moves, between the moment a place is given and the one it is used. */
import { assert, assertEquals } from "../../assert.ts";
import { running, start, type Started } from "../../sandbox/started.ts";

/** Gives each content a page of its own, which it makes that moment; `slots` are where content came to lie. */
const GROWING = `(import "env" "ask" (func $ask (param i32 i32 i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "aegis_alloc") (param i32) (result i32) (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))
  (func (export "aegis_free") (param i32 i32) (drop (memory.grow (i32.const 1))))
  (func $pack (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
  (func (export "first") (param i32 i32 i32 i32 i32 i32) (result i64)
    (drop (memory.grow (i32.const 1))) (call $pack (local.get 0) (local.get 1)))
  (func (export "last") (param i32 i32 i32 i32 i32 i32) (result i64) (call $pack (local.get 4) (local.get 5)))
  (func (export "asked") (param i32 i32 i32 i32) (result i64)
    (call $ask (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "pages") (result i32) (memory.size))`;

async function growing(inline: boolean, memoryLimit: string): Promise<Started> {
  const started = await start({ memoryLimit });
  started.sandbox.registerFunc(
    "env",
    "ask",
    { params: ["string", "string"], results: ["string"], inline },
    (a, b) => `${b}${a}`,
  );
  await started.load(GROWING);
  return started;
}

for (const inline of [false, true]) {
  Deno.test(`B17 memory that grows whenever content comes has it where the guest finds it (${inline ? "its own thread" : "the host"})`, async () => {
    await using started = await growing(inline, "64MiB");
    const { sandbox } = started,
      three = { params: ["string", "string", "string"], results: ["string"] } as const;
    for (let round = 0; round < 5; round++) {
      const texts = ["one", "é".repeat(20_000), `three ${round}`];
      assertEquals(await sandbox.call("first", texts, { type: three }), texts[0]);
      assertEquals(await sandbox.call("last", texts, { type: three }), texts[2]);
      const two = { params: ["string", "string"], results: ["string"] } as const;
      assertEquals(await sandbox.call("asked", ["a", "b"], { type: two }), "ba");
    }
    assert(await sandbox.call<number>("pages") > 50);
  });
}

Deno.test("B17 memory that cannot grow any more when content comes is a violation, and writes nowhere", async () => {
  for (const inline of [false, true]) {
    await using started = await growing(inline, "640KiB");
    const type = { params: ["string", "string"], results: ["string"] } as const;
    let kind = "value";
    for (let round = 0; round < 10 && kind === "value"; round++) {
      ({ kind } = await started.sandbox.tryCall("asked", ["a", "b"], { type }));
    }
    assert(kind === "abi" || kind === "limit" || kind === "hostError", kind);
  }
});

Deno.test("B18 log messages that are no UTF-8 are told as text all the same, and harm nobody", async () => {
  const { LoggingCapability } = await import("../../../mod.ts");
  await using started = await running(
    `(import "aegis:log" "log" (func $log (param i32 i32 i32))) (memory (export "memory") 1)
    (data (i32.const 0) "a\\ff\\c0\\af\\ed\\a0\\80\\f4\\90\\80\\80\\c3")
    (func (export "run") (call $log (i32.const 2) (i32.const 0) (i32.const 12)))`,
    { capabilities: [LoggingCapability.all()] },
  );
  assertEquals((await started.sandbox.tryCall("run")).kind, "value");
  const [{ message } = { message: "" }] = started.sandbox.logs();
  assert(message.startsWith("a\ufffd") && message.isWellFormed(), JSON.stringify(message));
});
