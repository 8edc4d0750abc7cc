import { CONTENT_GUEST } from "./content_guest.ts";
import { running } from "./started.ts";
import { AegisError, type CallOptions, type CallValue, type Kind, TypeMismatchError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

function as(params: readonly Kind[], results: readonly Kind[] = []): CallOptions {
  return { type: { params, results } };
}

Deno.test("call() takes and returns text, bytes and structured values, by what it is given", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  assertEquals(await sandbox.call("greet", ["World"]), "Hello, World!");
  assertEquals(await sandbox.call("greet", [""]), "Hello, !");
  for (const text of ["é", "\u0000", "\u{1F600}", "\uFEFFbom", "x".repeat(70_000)]) {
    assertEquals(await sandbox.call("copy", [text]), text);
    assertEquals(await sandbox.call("echo", [text]), text);
  }
  assertEquals(await sandbox.call("copy", [Uint8Array.of(0, 255, 1)]), Uint8Array.of(0, 255, 1));
  for (const value of [{ a: [1, null, "é"] }, [1, 2], true, null, {}]) {
    assertEquals(await sandbox.call<CallValue>("copy", [value]), value);
  }
  assertEquals(await sandbox.call("length", [0.5, "four", 2n]), 6.5);
  assertEquals(await sandbox.call("first", [Uint8Array.of(7), "text"]), Uint8Array.of(7));
  assertEquals(await sandbox.call("hash", [3, 4]), 4n, "numbers are numbers");
});

Deno.test("call() takes the type that it is given, with MessagePack too", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  assertEquals(await sandbox.call("hash", ["text"], as(["string"], ["i64"])), 4n);
  assertEquals(await sandbox.call<CallValue>("copy", ["text"], as(["json"], ["json"])), "text");
  assertEquals(await sandbox.call("copy", ["text"], as(["json"], ["string"])), '"text"');
  assertEquals(await sandbox.call<CallValue>("copy", [5], as(["json"], ["json"])), 5);
  const value = { list: [1, "é", null, Uint8Array.of(1, 2)], big: 2 ** 40 };
  assertEquals<unknown>(await sandbox.call("copy", [value], as(["msgpack"], ["msgpack"])), value);
  assertEquals(
    await sandbox.call("copy", [[1, 2]], as(["msgpack"], ["bytes"])),
    Uint8Array.of(0x92, 1, 2),
  );
  for (
    const [name, args, options, message] of [
      ["greet", ["a"], as(["string"], ["f64"]), "expected (i32, i32) -> (f64) in the module"],
      ["greet", ["a"], as(["string", "i32"], ["string"]), "got (i32, i32) -> (i64)"],
      ["greet", [], as(["string"], ["string"]), "expected 1 argument, got 0"],
      ["greet", [5], as(["string"], ["string"]), "expected a string, got 5"],
      ["greet", [undefined], as(["json"], ["string"]), "expected a value that JSON can say, got undefined"],
      ["greet", ["a"], as(["bytes"], ["string"]), 'expected a Uint8Array, got "a"'],
      ["greet", ["a", 5], {}, "expected a whole number"],
      ["length", [0.5, "a", 2], {}, "expected a bigint"],
      ["freed", ["a"], {}, "0 arguments"],
    ] as const
  ) {
    const call = () => sandbox.call(name, args as readonly CallValue[], options);
    const error = await assertRejects(call, TypeMismatchError);
    assert(error.message.includes(message), `${name}: ${error.message}`);
  }
});

Deno.test("call() gives back the room of arguments and results, each once", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  await sandbox.call("copy", ["12345"]);
  assertEquals(await sandbox.call("freed"), 10);
  await sandbox.call("echo", ["12345"]);
  assertEquals(await sandbox.call("freed"), 15, "the result lay where the argument did");
  await sandbox.call("length", [0, "abc", 0n]);
  assertEquals(await sandbox.call("freed"), 18);
});

Deno.test("a module's own signatures say what its functions mean; those that do not fit say nothing", async () => {
  const lines = "hash(string) -> i64\\0a" + "copy(json) -> json\\0a" + "freed() -> string\\0a" +
    "length(f64, bytes, i64)";
  await using started = await running(`${CONTENT_GUEST} (@custom "aegis:signatures" "${lines}")`);
  const { sandbox } = started;
  assertEquals(await sandbox.call("hash", ["text"]), 4n);
  assertEquals<unknown>(await sandbox.call("copy", ["text"]), "text");
  assertEquals<unknown>(await sandbox.call("copy", [12]), 12);
  assertEquals(await sandbox.call("freed"), 4 + 2 * 6 + 2 * 2, "type i32, whatever the section says");
  assertEquals(await sandbox.call("hash", [8, 9], as(["i32", "i32"], ["i64"])), 9n);
});

Deno.test("a guest that does not keep to the ABI is stopped, and the outcome says why", async () => {
  const broken = {
    "no allocator": [
      `(memory (export "memory") 1) (func (export "f") (param i32 i32))`,
      "exports no function aegis_alloc",
    ],
    "no memory": [
      `(func (export "aegis_alloc") (param i32) (result i32) i32.const 8) (func (export "f") (param i32 i32))`,
      "no memory of its own",
    ],
    "no room": [
      `(memory (export "memory") 1) (func (export "aegis_alloc") (param i32) (result i32) i32.const 0)
       (func (export "f") (param i32 i32))`,
      "no room for 4 bytes",
    ],
    "room outside": [
      `(memory (export "memory") 1) (func (export "aegis_alloc") (param i32) (result i32) i32.const 65533)
       (func (export "f") (param i32 i32))`,
      "4 bytes at 65533 lie outside",
    ],
    "far outside": [
      `(memory (export "memory") 1) (func (export "aegis_alloc") (param i32) (result i32) i32.const -1)
       (func (export "f") (param i32 i32))`,
      "4 bytes at 4294967295 lie outside",
    ],
    "an allocator of another type": [
      `(memory (export "memory") 1) (func (export "aegis_alloc") (param i64) (result i64) i64.const 8)
       (func (export "f") (param i32 i32))`,
      "aegis_alloc has type (i64) -> (i64) instead of (i32) -> (i32)",
    ],
    "calls the host": [
      `(import "env" "log" (func $log)) (memory (export "memory") 1)
       (func (export "aegis_alloc") (param i32) (result i32) call $log i32.const 8) (func (export "f") (param i32 i32))`,
      "calls an import",
    ],
  } as const;
  for (const [name, [fields, reason]] of Object.entries(broken)) {
    let logged = 0;
    await using started = await running(fields, { offers: { "env.log()->": () => void logged++ } });
    const outcome = await started.sandbox.tryCall("f", ["four"]);
    assert(outcome.kind === "abi", `${name}: ${outcome.kind}`);
    assert(outcome.message.includes(reason), `${name}: ${outcome.message}`);
    assertEquals(logged, 0, name);
  }
  for (
    const [name, reason] of [
      ["outside", "16 bytes at 2147483647 lie outside"],
      ["huge", "4294967295 bytes at 16 lie outside"],
      ["latin", "got 1 bytes that are none"],
    ] as const
  ) {
    await using started = await running(CONTENT_GUEST);
    const error = await assertRejects(() => started.sandbox.call(name, [], as([], ["string"])), AegisError);
    assertEquals(error.code, "AbiViolation");
    assert(error.message.includes(reason), error.message);
  }
});

Deno.test("D37 giving room costs fuel and time like anything else", async () => {
  const guest = (alloc: string) =>
    `(memory (export "memory") 1) (func (export "f") (param i32 i32))
     (func (export "aegis_alloc") (param i32) (result i32) ${alloc})`;
  await using endless = await running(guest("(loop (br 0)) unreachable"), { fuelLimit: 10_000 });
  const outcome = await endless.sandbox.tryCall("f", ["four"]);
  assert(outcome.kind === "limit" && outcome.limit === "fuel", outcome.kind);
  await using trapping = await running(guest("unreachable"));
  assertEquals((await trapping.sandbox.tryCall("f", ["four"])).kind, "trap");
  await using free = await running(
    `${guest("i32.const 8")} (func (export "aegis_free") (param i32 i32) (loop (br 0)))`,
    { fuelLimit: 10_000 },
  );
  const freeing = await free.sandbox.tryCall("f", ["four"]);
  assert(freeing.kind === "limit" && freeing.limit === "fuel", freeing.kind);
});

Deno.test("what the arguments of one call say is not taken for what those of the next say", async () => {
  await using started = await running(
    `(memory (export "memory") 1)
     (func (export "aegis_alloc") (param i32) (result i32) i32.const 1024)
     (func (export "f") (param i32 i32 i32 i32) (result i32) local.get 3)`,
  );
  const { sandbox } = started;
  assertEquals<unknown>(
    [
      await sandbox.call("f", ["text", 1, 2]),
      await sandbox.call("f", ["text", 3, 4]),
      await sandbox.call("f", ["text", null]),
      await sandbox.call("f", [5, "four", 6]),
      await sandbox.call("f", [{ a: 1 }, 7, 8]),
      await sandbox.call("f", [1, 2, 3, 9]),
    ],
    [2, 4, 4, 6, 8, 9],
  );
});

Deno.test("D37 call() says of what is too long for a frame which limit it is, and what to do", async () => {
  await using started = await running(CONTENT_GUEST, { frameSize: "64KiB" });
  const { sandbox } = started;
  const error = await assertRejects(() => sandbox.call("copy", ["x".repeat(70_000)]), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "frameSize"]);
  assert(error.message.endsWith("the limit is 64KiB; raise frameSize, or send less at once"), error.message);
});
