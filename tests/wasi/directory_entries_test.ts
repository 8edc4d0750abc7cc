import { FILE_TYPES } from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

const NAMES = Array.from({ length: 600 }, (_, index) => `file ${index}`);

function guestWith(names: readonly string[]): FakeGuest {
  return new FakeGuest({ trees: [Object.fromEntries(names.map((name) => [name, ""]))] });
}

interface Entry {
  readonly next: bigint;
  readonly name: string;
  readonly type: number;
}

/** Whole entries of a buffer that `used` bytes were put into. */
function entriesOf(guest: FakeGuest, at: number, used: number): Entry[] {
  const entries: Entry[] = [];
  for (let offset = 0; offset + 24 <= used;) {
    const place = at + offset, length = guest.u32(place + 16);
    if (offset + 24 + length > used) break;
    entries.push({
      next: guest.u64(place),
      name: guest.text(place + 24, length),
      type: guest.u32(place + 20),
    });
    offset += 24 + length;
  }
  return entries;
}

/** Reads a directory to its end as libc does. */
function readAll(guest: FakeGuest, fd: number, size: number): string[] {
  const names: string[] = [];
  for (let cookie = 0n;;) {
    guest.ok("fd_readdir", fd, 8192, size, cookie, RESULT);
    const used = guest.u32(), entries = entriesOf(guest, 8192, used);
    names.push(...entries.map(({ name }) => name));
    if (used < size) return names;
    assert(entries.length > 0, "the buffer holds no entry");
    cookie = entries.at(-1)?.next ?? 0n;
  }
}

Deno.test("fd_readdir() gives each entry once, whatever the buffer, in few operations", () => {
  for (const size of [64, 100, 1000, 30_000]) {
    const guest = guestWith(NAMES);
    assertEquals(readAll(guest, 3, size), [".", "..", ...NAMES], String(size));
    assert(
      guest.host.operations.count("readDirectory") <= 20,
      `${size}: ${guest.host.operations.count("readDirectory")}`,
    );
  }
});

Deno.test("fd_readdir() cuts the last entry when the buffer is full", () => {
  const guest = guestWith(["a long name"]);
  for (
    const [size, used] of [[0, 0], [1, 1], [24, 24], [25, 25], [50, 50], [51, 51], [85, 85], [86, 86], [
      200,
      86,
    ]] as const
  ) {
    guest.bytes.fill(0xee, 8192, 8192 + 300);
    guest.ok("fd_readdir", 3, 8192, size, 0n, RESULT);
    assertEquals([guest.u32(), guest.bytes[8192 + size]], [used, 0xee], String(size));
  }
  assertEquals(entriesOf(guest, 8192, 86).map(({ next, name, type }) => [next, name, type]), [
    [1n, ".", FILE_TYPES.directory],
    [2n, "..", FILE_TYPES.directory],
    [3n, "a long name", FILE_TYPES.regularFile],
  ]);
});

Deno.test("fd_readdir() goes on from a cookie, and sees changes from cookie 0 on", () => {
  const guest = guestWith(["one", "two"]);
  assertEquals(readAll(guest, 3, 1000), [".", "..", "one", "two"]);
  guest.ok("path_unlink_file", 3, ...guest.put("one"));
  guest.ok("fd_readdir", 3, 8192, 1000, 2n, RESULT);
  assertEquals(
    entriesOf(guest, 8192, guest.u32()).map(({ name }) => name),
    ["one", "two"],
    "the listing stays",
  );
  assertEquals(readAll(guest, 3, 1000), [".", "..", "two"]);
  guest.ok("fd_readdir", 3, 8192, 78, 0n, RESULT);
  assertEquals(guest.u32(), 78, "full: nothing was fetched behind what it holds");
  guest.ok("path_unlink_file", 3, ...guest.put("two"));
  guest.ok("fd_readdir", 3, 8192, 1000, 0n, RESULT);
  assertEquals(entriesOf(guest, 8192, guest.u32()).length, 2);
  const asked = guest.host.operations.count("readDirectory");
  for (const cookie of [3n, 4n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    guest.ok("fd_readdir", 3, 8192, 1000, cookie, RESULT);
    assertEquals(guest.u32(), 0, String(cookie));
  }
  assertEquals(
    guest.host.operations.count("readDirectory"),
    asked + 2,
    "no number of the broker's is so large",
  );
});

Deno.test("fd_readdir() of the root that holds nothing", () => {
  const guest = new FakeGuest();
  assertEquals(readAll(guest, 4, 1000), [".", ".."]);
  assertEquals(readAll(guest, 4, 30), [".", ".."]);
  assertEquals(guest.host.operations.log, []);
});

Deno.test("fd_readdir() asks for no more entries than an operation carries", () => {
  const guest = guestWith(NAMES.slice(0, 20));
  guest.host.room = 2048;
  assertEquals(readAll(guest, 3, 1000).length, 22);
  assertEquals(guest.host.operations.log[0]?.request.most, 6);
});

Deno.test("fd_readdir() stops between operations, and is for directories alone", () => {
  const guest = guestWith(NAMES), file = guest.open("file 1");
  guest.host.patience = 0;
  guest.ok("fd_readdir", 3, 8192, 50_000, 0n, RESULT);
  assertEquals(guest.host.operations.count("readDirectory"), 1);
  assertEquals([file, 0, 9].map((fd) => guest.call("fd_readdir", fd, 8192, 100, 0n, RESULT)), [
    "notdir",
    "notdir",
    "badf",
  ]);
});
