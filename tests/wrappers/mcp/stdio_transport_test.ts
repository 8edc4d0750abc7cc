import { StdioTransport } from "../../../src/wrappers/mcp/stdio_transport.ts";
import { assertEquals } from "../../assert.ts";

/** What a transport passes on of some pieces of input, and what it writes. */
async function talk(pieces: readonly (string | Uint8Array)[]) {
  const taken: unknown[] = [], written: string[] = [], text = new TextEncoder();
  const closed = Promise.withResolvers<void>();
  const transport = new StdioTransport({
    input: ReadableStream.from(pieces.map((piece) => typeof piece === "string" ? text.encode(piece) : piece)),
    write: (bytes) => Promise.resolve(void written.push(new TextDecoder().decode(bytes))),
    grace: 1, // nobody answers
  });
  transport.onmessage = (message) => taken.push(message);
  transport.onclose = closed.resolve;
  await transport.start();
  await closed.promise;
  return { taken, answers: written.map((line) => JSON.parse(line)) };
}

/** A transport over one piece of input that ends, whose messages are answered as told; how long it stayed open. */
async function stayOpen(text: string, grace: number, answer: (id: unknown) => Promise<void> | undefined) {
  const closed = Promise.withResolvers<void>(), written: string[] = [];
  const transport = new StdioTransport({
    input: ReadableStream.from([new TextEncoder().encode(text)]),
    write: (bytes) => Promise.resolve(void written.push(new TextDecoder().decode(bytes))),
    grace,
  });
  transport.onmessage = (message) => {
    if (!("id" in message)) return;
    answer(message.id)?.then(() => transport.send({ jsonrpc: "2.0", id: message.id ?? 0, result: {} }));
  };
  transport.onclose = closed.resolve;
  await transport.start();
  await closed.promise;
  return written.map((line) => JSON.parse(line).id);
}

const PING = { jsonrpc: "2.0", id: 1, method: "ping" };

Deno.test("StdioTransport takes a message of each line, however they arrive", async () => {
  const line = JSON.stringify(PING);
  const { taken, answers } = await talk([line.slice(0, 5), `${line.slice(5)}\r\n\n${line}\n`, line]);
  assertEquals([taken, answers], [[PING, PING, PING], []]);
});

Deno.test("G59 StdioTransport answers what is no message, and goes on", async () => {
  const bad = [
    "{",
    "[]",
    "1",
    '{"id":1}',
    '{"jsonrpc":"2.0","method":1}',
    `{"jsonrpc":"2.0","method":"a","params":[]}`,
  ];
  const deep = `{"jsonrpc":"2.0","method":"a","params":{"x":${"[".repeat(200)}${"]".repeat(200)}}}`;
  const { taken, answers } = await talk(
    [...bad, deep].map((line) => `${line}\n`).concat(`${JSON.stringify(PING)}\n`),
  );
  assertEquals(taken, [PING]);
  assertEquals(answers.map(({ id, error }) => [id, error.code]), [
    [null, -32700],
    ...Array.from({ length: 6 }, () => [null, -32600]),
  ]);
});

Deno.test("G59 StdioTransport drops a line that is too long, up to its end", async () => {
  const part = new Uint8Array(1024 * 1024).fill(32);
  const { taken, answers } = await talk([
    ...Array.from({ length: 20 }, () => part),
    "\n",
    `${JSON.stringify(PING)}\n`,
  ]);
  assertEquals([taken, answers.length, answers[0].error.code], [[PING], 1, -32600]);
});

Deno.test("G59 StdioTransport refuses text that is no UTF-8", async () => {
  const [before = "", after = ""] = JSON.stringify({ ...PING, params: { text: "|" } }).split("|");
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f]]) {
    const { taken, answers } = await talk([before, new Uint8Array(bad), `${after}\n`]);
    assertEquals([taken, answers.map(({ error }) => error.code)], [[], [-32700]]);
  }
});

Deno.test("StdioTransport gives the answers that are owed when its input has ended", async () => {
  const lines = [1, 2, 3].map((id) => `${JSON.stringify({ ...PING, id })}\n`).join("");
  const later = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
  assertEquals(await stayOpen(lines, 60_000, later), [1, 2, 3]);
});

Deno.test("StdioTransport waits no longer than its grace for them, and not for what was called off", async () => {
  assertEquals(await stayOpen(`${JSON.stringify(PING)}\n`, 10, () => undefined), []);
  const off = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  assertEquals(
    await stayOpen(`${JSON.stringify(PING)}\n${JSON.stringify(off)}\n`, 60_000, () => undefined),
    [],
  );
});

Deno.test("StdioTransport owes two answers to two requests of one id", async () => {
  const line = `${JSON.stringify(PING)}\n`, later = Promise.withResolvers<void>();
  let asked = 0;
  const answers = await stayOpen(`${line}${line}`, 60_000, () => {
    setTimeout(later.resolve, 20);
    return asked++ === 0 ? later.promise : Promise.resolve();
  });
  assertEquals(answers, [1, 1]);
});

Deno.test("G59 StdioTransport reads no more while too much waits to be written", async () => {
  const stuck = Promise.withResolvers<void>(), closed = Promise.withResolvers<void>();
  let taken = 0, written = 0;
  const line = new TextEncoder().encode(`${JSON.stringify(PING)}\n`);
  const transport = new StdioTransport({
    input: ReadableStream.from(Array.from({ length: 100 }, () => line)),
    write: async () => {
      await stuck.promise;
      written++;
    },
    grace: 60_000,
  });
  const result = { text: "x".repeat(1024 * 1024) };
  transport.onmessage = () => {
    taken++;
    transport.send({ jsonrpc: "2.0", id: 1, result });
    transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
  };
  transport.onclose = closed.resolve;
  await transport.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(taken, 16); // each answer is a little over 1 MiB
  stuck.resolve();
  await closed.promise;
  assertEquals(taken, 100);
  assertEquals(written < 200, true); // what is only told is dropped where nobody listens
});
