import { OutputBuffer } from "../../src/guest/output.ts";
import { assert, assertEquals } from "../assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** What was handed over: pieces of stream and text. */
function readPieces(bytes: Uint8Array): [number, string][] {
  const pieces: [number, string][] = [],
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + 1, true);
    pieces.push([bytes[at] ?? 0, decoder.decode(bytes.subarray(at + 5, at + 5 + length))]);
    at += 5 + length;
  }
  return pieces;
}

function collecting(room: number): { buffer: OutputBuffer; sent: [number, string][][] } {
  const sent: [number, string][][] = [];
  return { buffer: new OutputBuffer(room, (pieces) => sent.push(readPieces(pieces))), sent };
}

Deno.test("OutputBuffer keeps the order of both streams, and joins what goes to the same one", () => {
  const { buffer, sent } = collecting(1000);
  for (const [stream, text] of [[1, "a"], [1, "b"], [2, "c"], [1, "d"]] as const) {
    buffer.append(stream, encoder.encode(text), 0);
  }
  assertEquals(sent, []);
  buffer.flush();
  assertEquals(sent, [[[1, "ab"], [2, "c"], [1, "d"]]]);
  buffer.flush();
  assertEquals(sent.length, 1);
});

Deno.test("OutputBuffer never hands over more than there is room for, and loses nothing", () => {
  for (const room of [6, 7, 16, 100]) {
    const sizes: number[] = [];
    let text = "";
    const buffer = new OutputBuffer(room, (pieces) => {
      sizes.push(pieces.length);
      text += readPieces(pieces).map(([, piece]) => piece).join("");
    });
    const whole = Array.from({ length: 40 }, (_, index) => "x".repeat(index) + index).join("");
    for (let at = 0; at < whole.length; at += 13) {
      buffer.append(at % 2 === 0 ? 1 : 2, encoder.encode(whole.slice(at, at + 13)), 0);
    }
    buffer.flush();
    assertEquals(text, whole, `room ${room}`);
    assert(Math.max(...sizes) <= room, `room ${room}: ${Math.max(...sizes)}`);
  }
});

Deno.test("OutputBuffer hands over what has been kept for long, counted from its first byte", () => {
  const { buffer, sent } = collecting(1000);
  buffer.append(1, encoder.encode("a"), 100);
  buffer.append(1, encoder.encode("b"), 115);
  buffer.flushIfOld(119);
  assertEquals(sent.length, 0);
  buffer.flushIfOld(120);
  assertEquals(sent, [[[1, "ab"]]]);
  buffer.flushIfOld(500);
  assertEquals(sent.length, 1);
});
