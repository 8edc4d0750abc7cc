import { APPEND } from "../../src/protocol/operations.ts";
import { RIGHTS } from "../../src/wasi/rights.ts";
import { assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

const guestWith = (content: string) => new FakeGuest({ trees: [{ file: content }] });

Deno.test("fd_write() and fd_read() go on where the last one ended", () => {
  const guest = new FakeGuest(), fd = guest.open("file", { bits: 1 });
  guest.write(fd, "one ");
  guest.write(fd, "two");
  guest.ok("fd_tell", fd, RESULT);
  assertEquals(guest.u64(), 7n);
  assertEquals(guest.read(fd, 10), "");
  guest.ok("fd_seek", fd, 0n, 0, RESULT);
  assertEquals([guest.read(fd, 4), guest.read(fd, 10), guest.read(fd, 10)], ["one ", "two", ""]);
});

Deno.test("fd_pread() and fd_pwrite() leave the position where it is", () => {
  const guest = guestWith("0123456789"), fd = guest.open("file"), at = guest.allocate(8);
  guest.ok("fd_pread", fd, ...guest.iovecs([at, 3]), 5n, RESULT);
  assertEquals([guest.text(at, 3), guest.u32()], ["567", 3]);
  guest.ok("fd_pwrite", fd, ...guest.iovecs(guest.put("ab")), 1n, RESULT);
  guest.ok("fd_pread", fd, ...guest.iovecs([at, 8]), 100n, RESULT);
  assertEquals(guest.u32(), 0, "past the end");
  assertEquals(guest.read(fd, 5), "0ab34");
});

Deno.test("fd_read() fills pieces in order, overlapping and empty ones too", () => {
  const guest = guestWith("abcdefgh"), fd = guest.open("file"), at = guest.allocate(16);
  guest.ok("fd_read", fd, ...guest.iovecs([at, 4], [0xffff_ffff, 0], [at + 2, 4]), RESULT);
  assertEquals([guest.text(at, 6), guest.u32()], ["abefgh", 8]);
});

Deno.test("fd_write() puts small pieces together into one operation", () => {
  const guest = new FakeGuest(), fd = guest.open("file", { bits: 1 });
  const [one, two, three] = [guest.put("one "), guest.put("two "), guest.put("three")];
  guest.ok("fd_write", fd, ...guest.iovecs(one, two, three), RESULT);
  assertEquals([guest.u32(), guest.host.operations.count("write")], [13, 1]);
  assertEquals(guest.host.operations.text("file"), "one two three");
});

Deno.test("fd_write() of more than an operation carries takes several, asking between them", () => {
  const guest = new FakeGuest(), fd = guest.open("file", { bits: 1 });
  guest.ok("fd_write", fd, ...guest.iovecs([0, 40_000]), RESULT);
  assertEquals([guest.u32(), guest.host.operations.count("write")], [40_000, 3]);
  guest.host.patience = 1;
  guest.ok("fd_write", fd, ...guest.iovecs([0, 65_536]), RESULT);
  assertEquals(guest.u32(), 32_768);
});

Deno.test("fd_write() ends at the first write that was cut short", () => {
  const guest = new FakeGuest(), fd = guest.open("file", { bits: 1 });
  guest.host.operations.cap = 100;
  guest.ok("fd_write", fd, ...guest.iovecs([0, 40_000]), RESULT);
  assertEquals(guest.u32(), 100);
  guest.ok("fd_tell", fd, RESULT);
  assertEquals(guest.u64(), 100n);
});

Deno.test("fd_read() of more than an operation carries takes several, asking between them", () => {
  const guest = guestWith("x".repeat(60_000)), fd = guest.open("file");
  guest.host.room = 16_384;
  guest.host.patience = 1;
  guest.ok("fd_read", fd, ...guest.iovecs([5000, 60_000]), RESULT);
  assertEquals(guest.u32(), 32_768);
  guest.host.patience = Infinity;
  guest.host.operations.cap = 65_536;
  guest.host.room = 65_536;
  guest.ok("fd_read", fd, ...guest.iovecs([5000, 60_000]), RESULT);
  assertEquals(guest.u32(), 60_000 - 32_768);
});

Deno.test("fd_write() with the append flag writes at the end, and the position follows", () => {
  const guest = guestWith("12345"), fd = guest.open("file", { flags: 1 });
  guest.write(fd, "67");
  assertEquals(guest.host.operations.log.at(-1)?.request.offset, APPEND);
  guest.ok("fd_tell", fd, RESULT);
  assertEquals(guest.u64(), 7n);
  guest.ok("fd_pwrite", fd, ...guest.iovecs(guest.put("8")), 0n, RESULT);
  assertEquals(guest.host.operations.text("file"), "12345678", "as on Linux");
  guest.ok("fd_fdstat_set_flags", fd, 0);
  guest.ok("fd_seek", fd, 0n, 0, RESULT);
  guest.write(fd, "x");
  assertEquals(guest.host.operations.text("file"), "x2345678");
});

Deno.test("fd_write() with a flag of synchrony has each write reach the disk", () => {
  for (const [flags, metadata] of [[2, 0], [8, 1], [16, 1]] as const) {
    const guest = guestWith(""), fd = guest.open("file", { flags });
    guest.write(fd, "x");
    assertEquals(guest.host.operations.log.at(-1), { name: "sync", request: { descriptor: 1, metadata } });
    assertEquals(guest.fdstat(fd).flags, flags);
  }
});

Deno.test("fd_read() gives what it has when a later piece fails", () => {
  const guest = guestWith("x".repeat(20_000)), fd = guest.open("file"), { operations } = guest.host;
  operations.cap = 16_384;
  operations.before = (name) => {
    if (name === "read" && operations.count("read") === 2) {
      guest.host.operations.perform("close", { descriptor: 1 });
    }
  };
  guest.ok("fd_read", fd, ...guest.iovecs([20_000, 20_000]), RESULT);
  assertEquals(guest.u32(), 16_384);
  assertEquals(guest.call("fd_read", fd, ...guest.iovecs([20_000, 10]), RESULT), "badf");
});

Deno.test("fd_read() of standard input hands over the output first, and takes what is there", () => {
  const guest = new FakeGuest(), { operations, deeds } = guest.host;
  operations.input.push("a line\n", "");
  assertEquals([guest.read(0, 3), guest.read(0, 100), guest.read(0, 100)], ["a l", "ine\n", ""]);
  assertEquals(deeds, ["flush", "flush", "flush"]);
  assertEquals(guest.read(0, 0), "");
  assertEquals(operations.count("readInput"), 3);
});

Deno.test("fd_read() of standard input that shall not wait says again", () => {
  const guest = new FakeGuest(), { operations } = guest.host;
  operations.input.push("x");
  operations.emptyPolls = 1;
  guest.ok("fd_fdstat_set_flags", 0, 4);
  assertEquals(guest.call("fd_read", 0, ...guest.iovecs([64, 4]), RESULT), "again");
  assertEquals(guest.read(0, 4), "x");
});

Deno.test("fd_write() hands output over piece by piece", () => {
  const guest = new FakeGuest();
  guest.ok("fd_write", 1, ...guest.iovecs(guest.put("out"), guest.put("put")), RESULT);
  assertEquals(guest.u32(), 6);
  guest.ok("fd_write", 2, ...guest.iovecs(guest.put("error")), RESULT);
  assertEquals(guest.host.deeds, ["output 1 out", "output 1 put", "output 2 error"]);
});

Deno.test("fd_read() and fd_write() the wrong way, on directories and on nothing", () => {
  const guest = guestWith("x"), pieces = guest.iovecs([64, 4]);
  for (
    const [fd, reading, writing] of [[0, "success", "badf"], [1, "badf", "success"], [3, "isdir", "isdir"], [
      4,
      "isdir",
      "isdir",
    ], [9, "badf", "badf"]] as const
  ) {
    assertEquals(guest.call("fd_read", fd, ...pieces, RESULT), reading, `read ${fd}`);
    assertEquals(guest.call("fd_write", fd, ...pieces, RESULT), writing, `write ${fd}`);
  }
  assertEquals(guest.call("fd_pread", 0, ...pieces, 0n, RESULT), "spipe");
  assertEquals(guest.call("fd_pwrite", 1, ...pieces, 0n, RESULT), "spipe");
  const reader = guest.open("file", { rights: BigInt(RIGHTS.fd_read) });
  assertEquals(guest.call("fd_write", reader, ...pieces, RESULT), "badf");
  assertEquals(
    guest.call("fd_pread", reader, ...pieces, 0n, RESULT),
    "notcapable",
    "without the right to seek",
  );
});

Deno.test("fd_seek() knows its three origins, in both modules", () => {
  for (
    const [module, origins] of [["wasi_snapshot_preview1", [0, 1, 2]], ["wasi_unstable", [2, 0, 1]]] as const
  ) {
    const guest = new FakeGuest({ module, trees: [{ file: "0123456789" }] }), fd = guest.open("file");
    const seek = (offset: bigint, whence: number) => {
      guest.ok("fd_seek", fd, offset, whence, RESULT);
      return guest.u64();
    };
    const [start, current, end] = origins;
    assertEquals(
      [seek(4n, start), seek(3n, current), seek(-2n, current), seek(-1n, end)],
      [4n, 7n, 5n, 9n],
      module,
    );
    assertEquals(seek(1000n, end), 1010n);
    assertEquals(guest.call("fd_seek", fd, -1011n, current, RESULT), "inval");
    assertEquals(guest.call("fd_seek", fd, 0n, 3, RESULT), "inval");
    assertEquals(guest.call("fd_seek", fd, 2n ** 63n - 1n, start, RESULT), "overflow");
    assertEquals(seek(0n, current), 1010n, "unchanged");
  }
});

Deno.test("fd_seek() and fd_tell() of streams and directories fail", () => {
  const guest = new FakeGuest();
  for (const [fd, errno] of [[0, "spipe"], [1, "spipe"], [3, "isdir"], [4, "isdir"], [5, "badf"]] as const) {
    assertEquals(guest.call("fd_seek", fd, 0n, 1, RESULT), errno);
    assertEquals(guest.call("fd_tell", fd, RESULT), errno);
  }
});
