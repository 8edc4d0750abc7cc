import { RingBuffer } from "../../src/core/ring_buffer.ts";
import { assertEquals } from "../assert.ts";

Deno.test("RingBuffer keeps the last items in order, and counts the others", () => {
  const ring = new RingBuffer<number>(3);
  assertEquals([[...ring], ring.last, ring.take()], [[], undefined, undefined]);
  for (let item = 1; item <= 5; item++) ring.add(item);
  assertEquals([[...ring], ring.last, ring.size, ring.dropped], [[3, 4, 5], 5, 3, 2]);
  assertEquals([ring.take(), ring.take()], [3, 4]);
  ring.add(6);
  assertEquals([[...ring], ring.last, ring.size, ring.dropped], [[5, 6], 6, 2, 2]);
});

Deno.test("RingBuffer begins anew when it is cleared", () => {
  const ring = new RingBuffer<number>(2);
  for (let item = 1; item <= 3; item++) ring.add(item);
  ring.clear();
  assertEquals([[...ring], ring.size, ring.dropped], [[], 0, 0]);
  ring.add(7);
  assertEquals([...ring], [7]);
});
