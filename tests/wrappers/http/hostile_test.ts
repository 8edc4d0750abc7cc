/** Guests and clients that try to get past each bound of a handler. */
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { HttpFailure } from "../../../wrappers.ts";
import { printing, served } from "./rig.ts";

/** Loops on /loop, by its first byte of PATH_INFO's second letter; answers everything else. */
const LOOPING = `(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $es (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $eg (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2) (data (i32.const 64) "A: 1\\0a\\0aok")
  (func (export "_start") (local $at i32)
    (drop (call $es (i32.const 0) (i32.const 4)))
    (drop (call $eg (i32.const 1024) (i32.const 8192)))
    ;; "/loop" anywhere in the variables
    (local.set $at (i32.const 8192))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $at) (i32.add (i32.const 8192) (i32.load (i32.const 4)))))
      (if (i32.eq (i32.load (local.get $at)) (i32.const 0x6f6f6c2f)) (then (loop $spin (br $spin))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 8))
    (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))`;

Deno.test("G59 a request that loops ends as 504, and the others never notice", async () => {
  await using site = await served(LOOPING, { timeout: "1s", concurrency: 2, warm: 2 });
  await site.handler.ready();
  const looping = site.ask("/loop");
  let answered = 0, ended = false;
  void looping.then(() => ended = true);
  while (!ended) {
    assertEquals(await site.ask(`/${answered}`), [200, "ok"]);
    answered++;
  }
  assertEquals(await looping, [504, "504 Gateway Timeout\n"]);
  assert(answered > 5, `${answered} were answered meanwhile`);
  assertEquals(await site.ask("/after"), [200, "ok"]);
});

Deno.test("G59 fuel, traps, memory and denials have their statuses, and no text of the guest reaches the client", async () => {
  const spin = '(module (func (export "_start") (loop $l (br $l))))';
  await using fuel = await served(spin, { fuel: "1M" });
  assertEquals(await fuel.ask("/"), [504, "504 Gateway Timeout\n"]);
  await using trap = await served(printing("A: 1\n\nsecret", "unreachable"));
  assertEquals(await trap.ask("/"), [502, "502 Bad Gateway\n"]);
  await using memory = await served(
    '(module (memory 1) (func (export "_start") (if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))))',
  );
  assertEquals((await memory.ask("/"))[0], 502);
  await using denied = await served(
    `(module (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
      (func (export "_start") (call $log (i32.const 0) (i32.const 1))))`,
    {},
    { onDenial: "stop" },
  );
  assertEquals((await denied.ask("/"))[0], 502);
  assertMatch(denied.log.at(-1)?.text ?? "", /logging/);
});

Deno.test("G59 who finds all guests busy and the queue full gets 503, and when to come back", async () => {
  await using site = await served(LOOPING, { timeout: "1s", concurrency: 1, waiting: 1, waitTimeout: "5s" });
  await site.handler.ready();
  const under = [site.ask("/loop"), site.ask("/waits")];
  const third = await site.handler.fetch(new Request("http://localhost/third"));
  assertEquals([third.status, third.headers.get("retry-after")], [503, "1"]);
  assertEquals((await Promise.all(under)).map(([status]) => status), [504, 200]);
});

Deno.test("G59 a body that is too large is refused before a guest runs, declared or not", async () => {
  await using site = await served("examples/http/hello.wasm", { requestSize: 1000 });
  assertEquals((await site.ask("/", { method: "POST", body: "x".repeat(1000) }))[0], 200);
  const uses = site.handler.stats().pool.uses;
  const tooMuch = () =>
    new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(600)) });
  for (
    const init of [
      { body: "x", headers: { "content-length": "1001" } },
      { body: tooMuch() },
    ]
  ) assertEquals((await site.ask("/", { method: "POST", ...init }))[0], 413);
  assertEquals(
    (await site.ask("/", { method: "POST", body: "x", headers: { "content-length": "1e3" } }))[0],
    400,
  );
  assertEquals(site.handler.stats().pool.uses, uses);
  await using json = await served("examples/http/handle.wasm", { requestSize: 1000 });
  assertEquals((await json.ask("/", { method: "POST", body: tooMuch() }))[0], 413);
  await using stream = await served("examples/http/shout.wasm", { requestSize: 1000 });
  assertEquals((await stream.ask("/", { method: "POST", body: tooMuch() }))[0], 413);
});

Deno.test("G59 a body with more than it said reaches no guest beyond that", async () => {
  await using site = await served("examples/http/hello.wasm");
  assertEquals(
    (await site.ask("/", { method: "POST", body: "12345", headers: { "content-length": "3" } }))[0],
    413,
  );
});

Deno.test("G59 headers that are too large are refused with 431", async () => {
  await using site = await served("examples/http/hello.wasm", { headerSize: 1000 });
  assertEquals((await site.ask("/", { headers: { "x-a": "x".repeat(900) } }))[0], 200);
  assertEquals((await site.ask("/", { headers: { "x-a": "x".repeat(1000) } }))[0], 431);
  assertEquals((await site.ask(`/?${"x".repeat(1000)}`))[0], 431);
});

Deno.test("G59 a body that does not come is waited for as long as a request may take", async () => {
  await using site = await served("examples/http/handle.wasm", { timeout: "200ms" });
  const never = new ReadableStream<Uint8Array>({});
  assertEquals((await site.ask("/", { method: "POST", body: never }))[0], 408);
  await using cgi = await served("examples/http/hello.wasm", { timeout: "200ms" });
  const late = new ReadableStream<Uint8Array>({});
  assertEquals(
    (await cgi.ask("/", { method: "POST", body: late, headers: { "content-length": "5" } }))[0],
    504,
  );
});

/** Prints its piece for ever. @param first what it does before each, with `env` `made` to call */
function endless(first = ""): string {
  const text = printing(
    "A: 1\n\n",
    `(loop $l ${first} (call $print (i32.const 1024) (i32.const 60000)) (br $l))`,
  )
    .replace('(memory (export "memory") 1)', '(memory (export "memory") 2)');
  return first === "" ? text : text.replace("(module", '(module (import "env" "made" (func $made))');
}

Deno.test("G59 an answer without end is cut at its bound, and the guest stopped", async () => {
  await using site = await served(endless(), { responseSize: "1MiB" });
  const response = await site.handler.fetch(new Request("http://localhost/"));
  await assertRejects(() => response.bytes(), HttpFailure);
  while (site.handler.stats().underWay > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assertMatch(site.log[0]?.text ?? "", /more than 1048576 bytes/);
});

Deno.test("G59 a client that reads slowly holds its guest up, and one that leaves has it stopped", async () => {
  let made = 0;
  await using site = await served(endless("(call $made)"), {
    responseSize: "1GiB",
    concurrency: 1,
    setup: (sandbox) =>
      void sandbox.registerFunc("env", "made", { params: [], results: [] }, () => void made++),
  });
  const response = await site.handler.fetch(new Request("http://localhost/")),
    reader = response.body?.getReader();
  for (let pieces = 0; pieces < 3; pieces++) {
    assert(((await reader?.read())?.value?.length ?? 0) > 0);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = made;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assertEquals(made, before, "what nobody reads is not made");
  assert(made < 10, `${made} pieces were made of which 3 were read`);
  await reader?.cancel();
  while (site.handler.stats().underWay > 0) await new Promise((resolve) => setTimeout(resolve, 10));

  const left = new AbortController();
  await using spinning = await served(LOOPING, { concurrency: 1 });
  const asking = spinning.handler.fetch(new Request("http://localhost/loop", { signal: left.signal }));
  setTimeout(() => left.abort(), 50);
  assertEquals((await asking).status, 499);
  assertEquals(await spinning.ask("/next"), [200, "ok"]);
});

Deno.test("G59 what guests print beside their answers is bounded, in lines, and marked as theirs", async () => {
  const noisy = printing("A: 1\n\nok").replace(
    '(func (export "_start")',
    '(func (export "_start") (call $noise)',
  ).replace(
    "(func $print",
    `(func $noise (local $n i32) (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 8))
      (loop $l (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 8)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000))))) (func $print`,
  );
  await using site = await served(noisy);
  assertEquals(await site.ask("/"), [200, "ok"]);
  const bytes = site.log.reduce((sum, { text }) => sum + text.length, 0);
  assert(site.log.length > 1000 && bytes < 70_000, `${site.log.length} lines, ${bytes} characters`);
  assertMatch(site.log.at(-1)?.text ?? "", /the rest is not shown/);
  assertEquals(new Set(site.log.map(({ kind }) => kind)), new Set(["guest"]));
});
