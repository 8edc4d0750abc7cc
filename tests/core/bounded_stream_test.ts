import { BoundedQueue } from "../../src/core/bounded_stream.ts";
import { assertEquals } from "../assert.ts";

Deno.test("BoundedQueue hands items to a reader that waits, and keeps the others in order", async () => {
  const queue = new BoundedQueue<number>(10);
  const first = queue.next(), second = queue.next();
  for (let item = 1; item <= 4; item++) queue.push(item);
  queue.end();
  const rest: number[] = [];
  for await (const item of queue) rest.push(item);
  assertEquals([(await first).value, (await second).value, rest], [1, 2, [3, 4]]);
});

Deno.test("BoundedQueue drops the oldest beyond its capacity, and counts them", async () => {
  const queue = new BoundedQueue<number>(3);
  for (let item = 1; item <= 1000; item++) queue.push(item);
  queue.end();
  const kept: number[] = [];
  for await (const item of queue) kept.push(item);
  assertEquals([kept, queue.dropped], [[998, 999, 1000], 997]);
});

Deno.test("BoundedQueue ends once: for readers that wait, when its reader leaves, and for what comes later", async () => {
  let ends = 0;
  const queue = new BoundedQueue<number>(3, () => ends++);
  const waiting = queue.next();
  queue.end();
  queue.end();
  assertEquals([await waiting, ends], [{ done: true, value: undefined }, 1]);

  const left = new BoundedQueue<number>(3, () => ends++);
  left.push(1);
  left.push(2);
  for await (const item of left) if (item === 1) break;
  left.push(3);
  assertEquals([await left.next(), ends], [{ done: true, value: undefined }, 2]);
});
