import { IdentityMask } from "../../src/broker/identity.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";

Deno.test("IdentityMask gives equal numbers for equal files under one key, and others under another", () => {
  const mask = new IdentityMask(new Uint32Array([1, 2])), same = new IdentityMask(new Uint32Array([1, 2]));
  const file = { device: 65024, inode: 2 ** 40 + 5 };
  assertEquals(mask.inode(file), same.inode({ ...file }));
  for (const key of [[1, 3], [2, 2], [1, 2, 0], [1, 2, 3, 4]]) {
    assertNotEquals(new IdentityMask(new Uint32Array(key)).inode(file), mask.inode(file));
  }
  assertEquals(mask.token(file), Number(mask.inode(file) & 0xffffffffn));
  assertThrows(() => new IdentityMask(new Uint32Array(1)), RangeError, "too short");
});

Deno.test("IdentityMask tells files apart by every bit of their numbers", () => {
  const mask = new IdentityMask(new Uint32Array([7, 8, 9, 10])), seen = new Set<bigint>();
  let count = 0;
  for (let bit = 0; bit < 53; bit++) {
    for (const [device, inode] of [[2 ** bit, 1], [1, 2 ** bit + 1], [2 ** bit, 2 ** bit + 3]] as const) {
      seen.add(mask.inode({ device, inode }));
      count++;
    }
  }
  assertEquals(seen.size, count);
});

Deno.test("numbers of following inodes look like chance", () => {
  const mask = new IdentityMask(new Uint32Array([7, 8, 9, 10]));
  let ones = 0;
  for (let inode = 0; inode < 1000; inode++) {
    const changed = mask.inode({ device: 1, inode }) ^ mask.inode({ device: 1, inode: inode + 1 });
    ones += changed.toString(2).replaceAll("0", "").length;
    assert(mask.inode({ device: 1, inode }) > 0n && mask.inode({ device: 1, inode }) < 2n ** 64n);
  }
  assert(Math.abs(ones / 1000 - 32) < 1, `${ones / 1000} of 64 bits change`);
  assertNotEquals(mask.device({ device: 1, inode: 0 }), mask.inode({ device: 1, inode: 0 }));
  assertNotEquals(mask.place(1, 0), mask.inode({ device: 1, inode: 0 }));
});
