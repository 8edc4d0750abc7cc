/** What would reach a guest as something else is refused, as arguments and as results of host functions. */
import { CONTENT_GUEST } from "./content_guest.ts";
import { running } from "./started.ts";
import { Aegis, AegisError, TypeMismatchError } from "../../mod.ts";
import { unsayableInJson, unsayableInMessagePack } from "../../src/sandbox/unsayable.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";

const AS_JSON = { type: { params: ["json"], results: ["json"] } } as const;
const AS_MSGPACK = { type: { params: ["msgpack"], results: ["msgpack"] } } as const;

/** What JSON makes `{}` or nonsense of, and how messages name it. */
const MANGLED: readonly (readonly [value: object, name: string])[] = [
  [new Map([[1, 2]]), "a Map"],
  [new Set([1]), "a Set"],
  [new WeakMap(), "a WeakMap"],
  [Promise.resolve(1), "a Promise"],
  [new ArrayBuffer(3), "an ArrayBuffer"],
  [new SharedArrayBuffer(3), "a SharedArrayBuffer"],
  [new Float32Array(2), "a Float32Array"],
  [new DataView(new ArrayBuffer(1)), "a DataView"],
  [new (class Named extends Map {})(), "a Map"],
];

Deno.test("B18 call() refuses text with lone surrogates, which UTF-8 cannot say", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  for (const text of ["a\ud800b", "\udc00", "\ud83d", "\ude00\ud83d"]) {
    const error = await assertRejects(() => sandbox.call("copy", [text]), TypeMismatchError);
    assertEquals([error.expected, error.actual], [
      "text without lone surrogates",
      "text with lone surrogates",
    ]);
    assertThrows(() => sandbox.callSync("copy", [text]), TypeMismatchError, "text without lone surrogates");
  }
  assertEquals(await sandbox.call("copy", ["\ud83d\ude00"]), "\u{1F600}");
  // JSON writes them as escapes.
  const value = { "\ud800": ["\udc00"] };
  assertEquals<unknown>(await sandbox.call("copy", [value], AS_JSON), value);
  for (const one of ["\ud800", ["\ud800"], { "\ud800": 1 }, { a: [{ b: "x".repeat(100) + "\udfff" }] }]) {
    const error = await assertRejects(() => sandbox.call("copy", [one], AS_MSGPACK), TypeMismatchError);
    assertEquals(error.actual, "text with lone surrogates");
  }
});

Deno.test("call() refuses what JSON and MessagePack would mangle, wherever it stands", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  for (const [value, name] of MANGLED) {
    for (const one of [value, [value], { a: [{ b: value }] }]) {
      for (const options of [AS_JSON, AS_MSGPACK]) {
        const error = await assertRejects(() => sandbox.call("copy", [one], options), TypeMismatchError);
        assertEquals(error.actual, name);
        assertThrows(() => sandbox.callSync("copy", [one], options), TypeMismatchError, name);
      }
    }
  }
  const bytes = Uint8Array.of(1, 2);
  assertEquals(
    (await assertRejects(() => sandbox.call("copy", [[bytes]]), TypeMismatchError)).actual,
    "a Uint8Array",
  );
  assertEquals<unknown>(await sandbox.call("copy", [[bytes]], AS_MSGPACK), [bytes]);
  const asBytes = { type: { params: ["bytes"], results: ["bytes"] } } as const;
  const error = await assertRejects(
    () => sandbox.call("copy", [new ArrayBuffer(1)], asBytes),
    TypeMismatchError,
  );
  assertStringIncludes(error.message, "expected a Uint8Array, got an ArrayBuffer");
});

Deno.test("call() takes what speaks for itself, and objects of classes", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started;
  const said = Object.assign(new Map(), { toJSON: () => "a map" });
  class Point {
    constructor(readonly x: number) {}
  }
  const value = [new Date(0), said, new Point(1), Object.create(null), new URL("https://example.org/")];
  const got = ["1970-01-01T00:00:00.000Z", "a map", { x: 1 }, {}, "https://example.org/"];
  assertEquals<unknown>(await sandbox.call("copy", [value]), got);
  assertEquals<unknown>(sandbox.callSync("copy", [value]), got);
  assertEquals<unknown>(await sandbox.call("copy", [[new Date(0)]], AS_MSGPACK), [new Date(0)]);
});

Deno.test("a host function that returns what would be mangled fails", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  let returned: unknown;
  for (const kind of ["json", "string"] as const) {
    sandbox.registerFunc("h", kind, { params: [], results: [kind] }, () => returned as string);
  }
  await sandbox.loadModule(
    await runtime.loadBytes(compileText(`(module
      (import "h" "json" (func $json (result i64))) (import "h" "string" (func $string (result i64)))
      (memory (export "memory") 1) (func (export "aegis_alloc") (param i32) (result i32) (i32.const 64))
      (func (export "json") (result i64) (call $json)) (func (export "string") (result i64) (call $string)))`)),
  );
  returned = { at: new Map() };
  assertEquals((await assertRejects(() => sandbox.call("json"), AegisError)).code, "HostFunctionFailed");
  returned = "\ud800";
  assertEquals((await assertRejects(() => sandbox.call("string"), AegisError)).code, "HostFunctionFailed");
});

Deno.test("unsayableInJson() needs no recursion", () => {
  let deep: unknown = new Set();
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assertEquals([unsayableInJson(deep), unsayableInMessagePack(deep)], ["a Set", "a Set"]);
});
