/** Modules that answer over channels: bodies go both ways as they come. */
import { assert, assertEquals } from "../../assert.ts";
import { served } from "./rig.ts";

Deno.test("a streamed answer begins before the request has ended", async () => {
  await using site = await served("examples/http/shout.wasm");
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(), writer = writable.getWriter();
  const asking = site.handler.fetch(new Request("http://localhost/", { method: "POST", body: readable }));
  await writer.write(new TextEncoder().encode("one "));
  const response = await asking, reader = response.body?.getReader();
  assertEquals(response.status, 200);
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "ONE ");
  await writer.write(new TextEncoder().encode("two"));
  await writer.close();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "TWO");
  assert((await reader?.read())?.done);
});

Deno.test("a body larger than the queues goes through a streaming guest, held up by whoever is slower", async () => {
  await using site = await served("examples/http/shout.wasm", { requestSize: "8MiB" });
  const size = 3_000_000, body = new Uint8Array(size).fill(97);
  const response = await site.handler.fetch(new Request("http://localhost/", { method: "POST", body }));
  const got = await response.bytes();
  assertEquals([got.length, got.every((byte) => byte === 65)], [size, true]);
});

/** @param does what it does with its open channel */
function streaming(does: string, head = "{\\22status\\22:200}"): string {
  return `(module
    (import "aegis:channel" "open" (func $open (param i32 i32) (result i32)))
    (import "aegis:channel" "send" (func $send (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (global $out (mut i32) (i32.const 0))
    (data (i32.const 0) "request") (data (i32.const 16) "response") (data (i32.const 64) "${head}")
    (func $head (drop (call $send (global.get $out) (i32.const 64) (i32.const ${
    head.replaceAll("\\22", '"').length
  }))))
    (func (export "handle_stream")
      (drop (call $open (i32.const 0) (i32.const 7))) (global.set $out (call $open (i32.const 16) (i32.const 8)))
      ${does}))`;
}

Deno.test("a streaming guest that returns, traps or says nonsense ends its answer as such", async () => {
  const cases: readonly (readonly [does: string, head: string | undefined, status: number])[] = [
    ["(call $head)", undefined, 200],
    ["", undefined, 502],
    ["unreachable", undefined, 502],
    ["(call $head) unreachable", undefined, 502],
    ["(call $head) (loop $l (br $l))", "no json", 502],
    ["(call $head)", "{\\22status\\22:101}", 502],
    ["(loop $l (br $l))", undefined, 504],
  ];
  for (const [does, head, status] of cases) {
    await using site = await served(streaming(does, head), { timeout: "300ms" });
    assertEquals((await site.ask("/"))[0], status, `${does} ${head}`);
  }
});

Deno.test("a streaming guest that is reused and closes nothing does not run out of handles, nor keep what failed", async () => {
  await using site = await served(streaming("(call $head)"), { concurrency: 1, reuse: true });
  for (let count = 0; count < 40; count++) {
    assertEquals((await site.ask("/", { method: "POST", body: "unread" }))[0], 200, `request ${count}`);
  }
  assertEquals(site.handler.stats().pool.recycled, 0);
  await using silent = await served(streaming(""), { concurrency: 1, reuse: true });
  assertEquals([(await silent.ask("/"))[0], (await silent.ask("/"))[0]], [502, 502]);
  assertEquals(silent.handler.stats().pool.recycled, 1);
});

Deno.test("a streaming guest that reads nothing of a body holds nobody up", async () => {
  await using site = await served(streaming("(call $head)"), { concurrency: 1 });
  for (let count = 0; count < 3; count++) {
    assertEquals((await site.ask("/", { method: "POST", body: new Uint8Array(1_000_000) }))[0], 200);
  }
});
