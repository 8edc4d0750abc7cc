import { StdioTransport } from "../../../src/wrappers/mcp/stdio_transport.ts";
import { assertEquals } from "../../assert.ts";

/** What a transport passes on of some pieces of input, and what it writes. */
async function talk(pieces: readonly (string | Uint8Array)[]) {
  const taken: unknown[] = [], written: string[] = [], text = new TextEncoder();
  const closed = Promise.withResolvers<void>();
  const transport = new StdioTransport({
    input: ReadableStream.from(pieces.map((piece) => typeof piece === "string" ? text.encode(piece) : piece)),
    write: (bytes) => Promise.resolve(void written.push(new TextDecoder().decode(bytes))),
  });
  transport.onmessage = (message) => taken.push(message);
  transport.onclose = closed.resolve;
  await transport.start();
  await closed.promise;
  return { taken, answers: written.map((line) => JSON.parse(line)) };
}

const PING = { jsonrpc: "2.0", id: 1, method: "ping" };

Deno.test("StdioTransport takes a message of each line, however they arrive", async () => {
  const line = JSON.stringify(PING);
  const { taken, answers } = await talk([line.slice(0, 5), `${line.slice(5)}\r\n\n${line}\n`, line]);
  assertEquals([taken, answers], [[PING, PING, PING], []]);
});

Deno.test("StdioTransport answers what is no message, and goes on", async () => {
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

Deno.test("StdioTransport drops a line that is too long, up to its end", async () => {
  const part = new Uint8Array(1024 * 1024).fill(32);
  const { taken, answers } = await talk([
    ...Array.from({ length: 20 }, () => part),
    "\n",
    `${JSON.stringify(PING)}\n`,
  ]);
  assertEquals([taken, answers.length, answers[0].error.code], [[PING], 1, -32600]);
});

Deno.test("StdioTransport refuses text that is no UTF-8", async () => {
  const { taken, answers } = await talk([new Uint8Array([0xff, 10])]);
  assertEquals([taken, answers[0].error.code], [[], -32700]);
});
