import { packet, type PacketKind, PacketParser, PACKETS, WireError } from "../../src/relay/wire.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

interface Got {
  readonly kind: PacketKind;
  readonly content: Uint8Array;
}

function parser(): { parser: PacketParser; got: Got[] } {
  const got: Got[] = [];
  const limits = { [PACKETS.turned]: 10, [PACKETS.readings]: 0, [PACKETS.failed]: 4096 };
  return { parser: new PacketParser(limits, (kind, content) => got.push({ kind, content })), got };
}

const STREAM = Uint8Array.from([
  ...packet(PACKETS.turned, Uint8Array.of(1, 2), Uint8Array.of(3)),
  ...packet(PACKETS.readings),
  ...packet(PACKETS.turned, new Uint8Array(10).fill(7)),
  ...packet(PACKETS.readings),
]);

const EXPECTED: readonly Got[] = [
  { kind: PACKETS.turned, content: Uint8Array.of(1, 2, 3) },
  { kind: PACKETS.readings, content: new Uint8Array() },
  { kind: PACKETS.turned, content: new Uint8Array(10).fill(7) },
  { kind: PACKETS.readings, content: new Uint8Array() },
];

Deno.test("PacketParser cuts a stream into packets, however it comes in", () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const { parser: cutter, got } = parser();
    for (let at = 0; at < STREAM.length; at += size) cutter.push(STREAM.subarray(at, at + size));
    assertEquals<readonly Got[]>(got, EXPECTED, `in pieces of ${size}`);
  }
});

Deno.test("PacketParser gives content of its own", () => {
  const { parser: cutter, got } = parser(), chunk = packet(PACKETS.turned, Uint8Array.of(5));
  cutter.push(chunk);
  chunk.fill(9);
  assertEquals(got[0]?.content, Uint8Array.of(5));
});

Deno.test("PacketParser refuses a packet that is too long before a byte of it has come", () => {
  for (const length of [11, 2 ** 31, 2 ** 32 - 1]) {
    const { parser: cutter } = parser(), header = packet(PACKETS.turned);
    new DataView(header.buffer).setUint32(4, length, true);
    const before = performance.now();
    assertThrows(() => cutter.push(header), WireError, String(length));
    assert(performance.now() - before < 50);
  }
});

Deno.test("PacketParser refuses kinds that may not come, and that there are not", () => {
  for (const kind of [PACKETS.begin, PACKETS.report, 99, 2 ** 32 - 1]) {
    const { parser: cutter } = parser(), header = packet(PACKETS.turned);
    new DataView(header.buffer).setUint32(0, kind, true);
    assertThrows(() => cutter.push(header), WireError);
  }
});
