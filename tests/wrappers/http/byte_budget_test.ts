/** What bodies hold at once: of requests that nobody has a guest for yet, and of answers that nobody takes. */
import { ByteBudget } from "../../../src/wrappers/http/byte_budget.ts";
import { wholeBody } from "../../../src/wrappers/http/request_body.ts";
import { HttpFailure } from "../../../wrappers.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { returning, type Served, served } from "./rig.ts";

/** A request whose body is sent piece by piece. */
function posting(site: Served): {
  readonly asking: Promise<readonly [number, string]>;
  readonly body: WritableStreamDefaultWriter<Uint8Array>;
} {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { asking: site.ask("/", { method: "POST", body: readable }), body: writable.getWriter() };
}

const BOUNDS = { requestSize: 1000, responseSize: 1000, heldSize: 1000 } as const;

for (const guest of ["handle", "hello"]) {
  Deno.test(`bodies that come slowly hold no more together than they may: ${guest}`, async () => {
    await using site = await served(`examples/http/${guest}.wasm`, BOUNDS);
    const first = posting(site), second = posting(site);
    await first.body.write(new Uint8Array(600));
    while (site.handler.stats().held < 600) await new Promise((resolve) => setTimeout(resolve, 1));
    await second.body.write(new Uint8Array(600));
    assertEquals(await second.asking, [503, "503 Service Unavailable\n"]);
    assertEquals(site.handler.stats().pool.uses, 0);
    const third = await site.handler.fetch(
      new Request("http://localhost/", { method: "POST", body: new Uint8Array(401) }),
    );
    assertEquals([third.status, third.headers.get("retry-after")], [503, "1"]);
    await first.body.close();
    assertEquals((await first.asking)[0], 200);
    while (site.handler.stats().held > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals((await site.ask("/", { method: "POST", body: new Uint8Array(1000) }))[0], 200);
  });
}

Deno.test("answers that nobody takes hold no more together than they may, and give it back when they go", async () => {
  const most = 150_000, text = "x".repeat(100_000);
  await using site = await served(returning(JSON.stringify({ body: text })), {
    requestSize: 1000,
    responseSize: most,
    heldSize: most,
  });
  const ask = () => site.handler.fetch(new Request("http://localhost/"));
  const taken = await ask();
  assertEquals([taken.status, taken.headers.get("content-length")], [200, "100000"]);
  assertEquals((await site.ask("/"))[0], 503);
  assertEquals(await taken.text(), text);
  assertEquals(site.handler.stats().held, 0);
  const left = await ask();
  assertEquals(site.handler.stats().held, 100_000);
  await left.body?.cancel();
  assertEquals(await site.ask("/"), [200, text]);
  assertEquals(site.handler.stats().held, 0);
});

Deno.test("a body that could never be held is refused for good, not until later", async () => {
  await using site = await served(returning(JSON.stringify({ body: "x".repeat(2000) })), { heldSize: 1000 });
  assertEquals((await site.ask("/", { method: "POST", body: "x".repeat(1001) }))[0], 413);
  assertEquals((await site.ask("/"))[0], 502);
});

Deno.test("wholeBody() takes back its timer, however the body ends, and counts what it holds", async () => {
  const running = new Set<() => void>(), delays: number[] = [], budget = new ByteBudget(100);
  const timers = {
    now: () => 0,
    after: (milliseconds: number, run: () => void) => {
      delays.push(milliseconds);
      running.add(run);
      return () => void running.delete(run);
    },
  };
  const read = (body: BodyInit, signal = new AbortController().signal, share = budget.share()) =>
    wholeBody(new Request("http://h/", { method: "POST", body }), {
      most: 50,
      declared: undefined,
      timeout: 2 ** 40,
      signal,
      share,
      timers,
    }).finally(() => share.giveBack());
  const never = () => new ReadableStream<Uint8Array>({});
  const status = async (reading: Promise<unknown>) =>
    (await assertRejects(() => reading, HttpFailure)).status;
  assertEquals((await read("12345")).length, 5);
  assertEquals(await status(read("x".repeat(51))), 413);
  assertEquals(await status(read(never(), AbortSignal.abort())), 499);
  const late = read(never());
  for (const run of running) run();
  assertEquals(await status(late), 408);
  assertEquals([running.size, budget.held, new Set(delays)], [0, 0, new Set([2 ** 40])]);

  const share = budget.share();
  share.take(60);
  assertEquals(await status(read("x".repeat(41))), 503);
  share.giveBack();
  share.giveBack();
  assertEquals(budget.held, 0);
});

Deno.test("a body of many small pieces is held as the bytes that it has, and comes as it was sent", async () => {
  const share = new ByteBudget(4096).share();
  const sent = Uint8Array.from({ length: 3000 }, (_, index) => index % 251);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at === sent.length) return controller.close();
      // One byte of a large buffer each, as a server's pieces may be.
      const large = new Uint8Array(65_536);
      large[7] = sent[at++] ?? 0;
      controller.enqueue(large.subarray(7, 8));
    },
  });
  const got = await wholeBody(new Request("http://h/", { method: "POST", body }), {
    most: 3000,
    declared: undefined,
    timeout: 10_000,
    signal: new AbortController().signal,
    share,
  });
  assertEquals(got, sent);
  assert(got.buffer.byteLength <= 3000, `${got.buffer.byteLength} bytes are kept alive`);
});
