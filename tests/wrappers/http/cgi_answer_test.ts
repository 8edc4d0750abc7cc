/** What CGI programs print, cut into pieces in every way, and what becomes of it. */
import { CgiAnswer } from "../../../src/wrappers/http/cgi_answer.ts";
import { HeldAnswer } from "../../../src/wrappers/http/held_answer.ts";
import { HttpFailure } from "../../../src/wrappers/http/http_failure.ts";
import { assert, assertEquals } from "../../assert.ts";

/** What a program prints, and what becomes of it. */
const ANSWERS: readonly (readonly [what: string, printed: string, status: number, body?: string])[] = [
  ["line feeds alone", "Content-Type: text/plain\n\nbody", 200, "body"],
  ["a status", "Status: 404 Not Found\r\n\r\nno", 404, "no"],
  ["a status without words", "Status: 418\n\n", 418, ""],
  ["a redirect of the client's", "Location: https://example.org/x\n\n", 302, ""],
  ["a redirect with a status", "Status: 307\nLocation: https://example.org/x\n\n", 307, ""],
  ["a body without lines", "X: 1\n\n\n\n", 200, "\n\n"],
  ["nothing", "", 502],
  ["no empty line", "Content-Type: text/plain\n", 502],
  ["no header", "\n\nbody", 502],
  ["words", "Segmentation fault\n\n", 502],
  ["a line that goes on", "A: 1\n  more\n\n", 502],
  ["status 100", "Status: 100\n\n", 502],
  ["status 101", "Status: 101 Switching Protocols\nUpgrade: x\n\n", 502],
  ["status 999", "Status: 999\n\n", 502],
  ["a status of letters", "Status: OK\n\n", 502],
  ["a status of four digits", "Status: 2000\n\n", 502],
  ["two statuses", "Status: 200\nStatus: 404\n\n", 502],
  ["two locations", "Location: http://a/\nLocation: http://b/\n\n", 502],
  ["a redirect to a word", "Location: here\n\n", 502],
  ["a NUL in a value", "X: a\0b\n\n", 502],
  ["a return in a value", "X: a\rSet-Cookie: b\n\n", 502],
  ["a space in a name", "X y: a\n\n", 502],
  ["no name", ": a\n\n", 502],
  ["a length that is too small", "Content-Length: 1\nA: 1\n\nbody", 502],
  ["a length that is too large", "Content-Length: 100\nA: 1\n\nbody", 502],
  ["two lengths", "Content-Length: 4\nContent-Length: 5\n\nbody", 502],
  ["a length of letters", "Content-Length: -4\n\nbody", 502],
  ["a head of many lines", "A: 1\n".repeat(200) + "\n", 502],
  ["a head without end", "A: " + "x".repeat(40_000), 502],
];

/** Status and body of what was printed in pieces of a size. */
async function answerTo(printed: string, size: number): Promise<readonly [status: number, body: string]> {
  const held = new HeldAnswer({ method: "GET", mostBytes: 1000, stop: () => {}, report: () => {} });
  const cgi = new CgiAnswer(held, 2048), bytes = new TextEncoder().encode(printed);
  for (let at = 0; at < bytes.length; at += size) void cgi.take(bytes.slice(at, at + size));
  held.end();
  try {
    const { status, body } = await held.answer;
    return [status, body instanceof Uint8Array ? new TextDecoder().decode(body) : ""];
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return [error.status, ""];
  }
}

for (const [what, printed, status, body = ""] of ANSWERS) {
  Deno.test(`CgiAnswer reads an answer with ${what} as ${status}`, async () => {
    for (const size of [1, 2, 7, printed.length + 1]) {
      assertEquals(await answerTo(printed, size), [status, body], `pieces of ${size}`);
    }
  });
}

Deno.test("CgiAnswer holds no more of a head than it may have", async () => {
  for (const length of [2048 - 6, 2048 - 5, 2048 - 4]) {
    const [status] = await answerTo(`A: ${"x".repeat(length)}\n\n`, 1000);
    assertEquals(status, length + 5 <= 2048 ? 200 : 502, String(length));
  }
});

Deno.test("CgiAnswer has a guest stopped whose head does not end", () => {
  let stopped = 0;
  const held = new HeldAnswer({
    method: "GET",
    mostBytes: 1000,
    stop: () => void stopped++,
    report: () => {},
  });
  const cgi = new CgiAnswer(held, 100);
  void cgi.take(new TextEncoder().encode("A".repeat(100)));
  assertEquals(stopped, 0);
  void cgi.take(new TextEncoder().encode("A"));
  assertEquals(stopped, 1);
});

Deno.test("HeldAnswer has the guest wait while nobody reads, and lets it go on when somebody does", async () => {
  const held = new HeldAnswer({ method: "GET", mostBytes: 2 ** 20, stop: () => {}, report: () => {} });
  held.begin({ status: 200, headers: new Headers(), length: undefined });
  assertEquals(held.push(new Uint8Array(1000)), undefined);
  const full = held.push(new Uint8Array(70_000));
  assert(full instanceof Promise, "there is room for 64 KiB");
  const { body } = await held.answer;
  assert(body instanceof ReadableStream);
  const reader = body.getReader();
  await reader.read();
  await reader.read();
  await full;
  held.end();
  assertEquals((await reader.read()).done, true);
});
