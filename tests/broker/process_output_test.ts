import { CommandOutput } from "../../src/broker/process_output.ts";
import { assertEquals } from "../assert.ts";

const decoder = new TextDecoder();

function pieces(...sizes: readonly number[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(sizes.map((size, index) => new Uint8Array(size).fill(index + 65)));
}

Deno.test("CommandOutput keeps what is printed, in order", async () => {
  const output = new CommandOutput(pieces(1, 0, 5000, 3), 1 << 20);
  await output.ended;
  assertEquals(decoder.decode(output.take()), `A${"C".repeat(5000)}DDD`);
  assertEquals(output.truncated, false);
});

Deno.test("CommandOutput keeps as many bytes as it may and reads the rest", async () => {
  for (const [most, kept] of [[0, ""], [3, "AAA"], [4, "AAAA"], [5, "AAAAB"], [8, "AAAABBBB"]] as const) {
    let pulled = 0;
    const stream = pieces(4, 4, 0, 4).pipeThrough(
      new TransformStream({
        transform: (piece, controller) => {
          pulled++;
          controller.enqueue(piece);
        },
      }),
    );
    const output = new CommandOutput(stream, most);
    await output.ended;
    assertEquals([decoder.decode(output.take()), output.truncated, pulled], [kept, true, 4], `${most}`);
  }
  const output = new CommandOutput(pieces(4, 4), 8);
  await output.ended;
  assertEquals([output.take().length, output.truncated], [8, false]);
});

Deno.test("CommandOutput.take() ends a stream that goes on, and what comes then changes nothing", async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined, cancelled = false;
  const output = new CommandOutput(
    new ReadableStream({
      start: (own) => void (controller = own),
      cancel: () => void (cancelled = true),
    }),
    100,
  );
  controller?.enqueue(new Uint8Array(3));
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 1));
  // A piece that has arrived and is not kept yet.
  controller?.enqueue(new Uint8Array(90));
  const bytes = output.take();
  await output.ended;
  assertEquals([bytes.length, cancelled], [3, true]);
});

Deno.test("CommandOutput ends where the pipe breaks", async () => {
  const output = new CommandOutput(
    ReadableStream.from((async function* () {
      yield new Uint8Array(2);
      await Promise.reject(new Error("the pipe broke"));
    })()),
    100,
  );
  await output.ended;
  assertEquals(output.take().length, 2);
});
