import type { Input } from "../target.ts";

const ENCODER = new TextEncoder();

/** Words that inputs are made of, as bytes: texts, bytes, and integers little-endian in as few bytes as they need. */
export function wordBytes(words: Iterable<string | number | Input>): Input[] {
  return [...words].map((word) => {
    if (typeof word === "string") return ENCODER.encode(word);
    return typeof word === "number" ? numberBytes(word) : word;
  });
}

function numberBytes(number: number): Input {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(number), true);
  const magnitude = Math.abs(number),
    width = magnitude < 2 ** 8 ? 1 : magnitude < 2 ** 16 ? 2 : magnitude < 2 ** 32 ? 4 : 8;
  return new Uint8Array(view.buffer, 0, width);
}
