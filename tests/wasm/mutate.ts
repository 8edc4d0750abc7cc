import type { Random } from "./random.ts";

/** Bytes that mean something: types, opcodes, prefixes, small numbers. */
const TELLING = [
  ...[0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f],
  ...[0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x21, 0x22, 0x40, 0x41],
  ...[0x4e, 0x4f, 0x50, 0x5e, 0x5f, 0x60, 0x63, 0x64, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71],
  ...[0x72, 0x73, 0x74, 0x77, 0x78, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5],
  ...[0xd6, 0xfb, 0xfc, 0xfd, 0xfe, 0xff],
];

const HEADER = 8;

/** The payloads of the sections of a module that is well formed as far as that goes. */
function payloads(bytes: Uint8Array): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let at = HEADER;
  while (at < bytes.length) {
    at++;
    let size = 0;
    let byte = 0x80;
    for (let shift = 0; byte > 0x7f && shift < 35; shift += 7) {
      byte = bytes[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
    }
    const end = Math.min(bytes.length, at + size);
    if (end > at) found.push({ start: at, end });
    at = end;
  }
  return found;
}

function changed(byte: number, bytes: Uint8Array, random: Random): number {
  switch (random.below(6)) {
    case 0:
      return byte ^ (1 << random.below(8));
    case 1:
      return random.below(256);
    case 2:
      return byte + (random.below(2) === 0 ? 1 : -1);
    case 3:
      return bytes[random.below(bytes.length)] ?? 0;
    default:
      return random.pick(TELLING);
  }
}

/** A copy with one to three bytes changed, in a section as a rule, whatever its size. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const sections = payloads(bytes);
  for (let count = 1 + random.below(3); count > 0 && bytes.length > 0; count--) {
    const inSection = sections.length > 0 && random.below(8) > 0;
    const { start, end } = inSection ? random.pick(sections) : { start: 0, end: bytes.length };
    const at = start + random.below(end - start);
    copy[at] = changed(copy[at] ?? 0, bytes, random);
  }
  return copy;
}
