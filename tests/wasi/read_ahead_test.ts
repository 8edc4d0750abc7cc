import { assert, assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

const CONTENT = Array.from({ length: 40_000 }, (_, index) => String.fromCharCode(97 + index % 26)).join("");

/** A guest with one file, of which it reads `size` bytes at a time. */
function reading(files = ["file"]) {
  const guest = new FakeGuest({ trees: [Object.fromEntries(files.map((name) => [name, CONTENT]))] });
  guest.host.room = 65_536;
  return { guest, fd: guest.open(files[0] ?? ""), reads: () => guest.host.operations.count("read") };
}

Deno.test("fd_read() in small pieces asks the broker a few times, and gives every byte once", () => {
  const { guest, fd, reads } = reading();
  let text = "";
  for (let part = guest.read(fd, 100); part !== ""; part = guest.read(fd, 100)) {
    text += part;
    guest.bytes.fill(0);
  }
  assertEquals(text, CONTENT);
  assert(reads() <= 6, `${reads()} reads`);
});

Deno.test("fd_read() in large pieces, or here and there, reads nothing ahead", () => {
  const { guest, fd, reads } = reading();
  for (const offset of [0n, 5000n, 100n, 20_000n, 3000n, 400n]) {
    guest.ok("fd_pread", fd, ...guest.iovecs([64, 100]), offset, RESULT);
    assertEquals(guest.text(64, 26), CONTENT.slice(Number(offset), Number(offset) + 26));
  }
  assertEquals(reads(), 6);
  assertEquals(
    guest.host.operations.log.every(({ request }) => request.length === undefined || request.length === 100),
    true,
  );
});

Deno.test("what was read ahead is gone when a sandbox has changed the file", () => {
  const { guest, fd } = reading();
  for (let i = 0; i < 4; i++) guest.read(fd, 10);
  guest.host.operations.change("file", "A".repeat(200), true);
  assertEquals(guest.read(fd, 10), "A".repeat(10));
});

Deno.test("what was read ahead is gone after 20 milliseconds, since others may change the file", () => {
  const { guest, fd } = reading();
  for (let i = 0; i < 4; i++) guest.read(fd, 10);
  guest.host.operations.change("file", "A".repeat(200), false);
  guest.host.time += 19;
  assertEquals(guest.read(fd, 10), CONTENT.slice(40, 50), "still good");
  guest.host.time += 2;
  assertEquals(guest.read(fd, 10), "A".repeat(10));
});

Deno.test("a change during the read is seen: the word is taken before it", () => {
  const { guest, fd } = reading(), { operations } = guest.host;
  for (let i = 0; i < 2; i++) guest.read(fd, 10);
  operations.before = (name) => {
    operations.before = () => {};
    // As if the change came right behind the broker's read: the bytes are old, the word is new.
    if (name === "read") Atomics.add(operations.changes, 2 % operations.changes.length, 1);
  };
  const asked = operations.count("read");
  guest.read(fd, 10);
  guest.read(fd, 10);
  assertEquals(operations.count("read"), asked + 2, "nothing of the first was kept");
});

Deno.test("a guest sees what it writes itself, through whatever descriptor", () => {
  const { guest, fd } = reading(), other = guest.open("file");
  // Even where the words are not moved.
  guest.host.operations.changes.fill(0);
  const word = 2 % guest.host.operations.changes.length;
  for (let i = 0; i < 4; i++) guest.read(fd, 10);
  guest.ok("fd_pwrite", other, ...guest.iovecs(guest.put("B".repeat(10))), 40n, RESULT);
  Atomics.store(guest.host.operations.changes, word, 0);
  assertEquals(guest.read(fd, 10), "B".repeat(10));
  for (
    const change of [
      () => guest.ok("fd_filestat_set_size", other, 60n),
      () => guest.ok("fd_allocate", other, 0n, 70n),
      () => guest.open("file", { bits: 8 }),
    ]
  ) {
    guest.read(fd, 1);
    const asked = guest.host.operations.count("read");
    change();
    Atomics.store(guest.host.operations.changes, word, 0);
    guest.read(fd, 1);
    assertEquals(guest.host.operations.count("read"), asked + 1);
  }
});

Deno.test("an end of file is never remembered", () => {
  const { guest, fd } = reading(), other = guest.open("file");
  guest.ok("fd_filestat_set_size", other, 100n);
  for (let i = 0; i < 10; i++) guest.read(fd, 10);
  assertEquals(guest.read(fd, 10), "");
  guest.host.operations.change("file", `${CONTENT.slice(0, 100)}more`, false);
  assertEquals(guest.read(fd, 10), "more");
});

Deno.test("without words that count changes nothing is read ahead", () => {
  const guest = new FakeGuest({ trees: [{ file: CONTENT }] });
  guest.host.changes = new Int32Array(new SharedArrayBuffer(0));
  const fresh = new FakeGuest({ host: guest.host }), fd = fresh.open("file");
  for (let i = 0; i < 10; i++) fresh.read(fd, 10);
  assertEquals(guest.host.operations.count("read"), 10);
});

Deno.test("files beyond the bound of buffers are read without, and closing gives a buffer back", () => {
  const names = Array.from({ length: 40 }, (_, index) => `file${index}`), { guest, fd } = reading(names);
  const descriptors = [fd, ...names.slice(1).map((name) => guest.open(name))];
  const cost = (descriptor: number) => {
    const before = guest.host.operations.count("read");
    for (let i = 0; i < 10; i++) assertEquals(guest.read(descriptor, 10), CONTENT.slice(i * 10, i * 10 + 10));
    return guest.host.operations.count("read") - before;
  };
  const costs = descriptors.map(cost);
  assertEquals(costs, [...Array(32).fill(3), ...Array(8).fill(10)]);
  guest.ok("fd_close", fd);
  assertEquals(cost(guest.open("file0")), 3);
  guest.wasi.reset();
  assertEquals(cost(guest.open("file0")), 3);
});
