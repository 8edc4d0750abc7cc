import { RateExceeded } from "../../src/broker/quotas.ts";
import { TokenBucket } from "../../src/broker/token_bucket.ts";
import { APPEND } from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";
import { mountOf, Place, TestClock } from "./files_rig.ts";

Deno.test("openFiles bounds what is open at once", () => {
  using place = new Place().file("f").directory("d");
  const guest = place.guest({}, { openFiles: 2 });
  const first = guest.open("f", "read");
  guest.open("d", "read");
  for (const path of ["f", "d", "."]) assertEquals(guest.openErrno(path, "read"), "mfile");
  assertEquals(guest.openErrno("new", "create", "write"), "mfile");
  assertEquals(place.has("new"), false, "refused before it is made");
  guest.perform("close", { descriptor: first });
  guest.open("f", "read");
  assertEquals(guest.openErrno("f", "read"), "mfile");
  guest.perform("close", { descriptor: 0 });
  assertEquals(guest.errno("open", guest.opening(".", ["read"], 2)), "mfile", "a mount does not count");
  guest.perform("closeAll", {});
  guest.open("f", "read");
  guest.open("f", "read");
});

Deno.test("createdFiles bounds what is made in all, empty as it may be, and what is removed does not count back", () => {
  using place = new Place().file("f");
  const guest = place.guest({}, { createdFiles: 3 });
  const descriptor = guest.open("new", "write", "create");
  guest.perform("close", { descriptor });
  assertEquals(guest.errno("createDirectory", guest.at("d")), "success");
  assertEquals(guest.link("f", "linked"), "success");
  assertEquals(guest.errno("unlink", guest.at("new")), "success");
  assertEquals(guest.openErrno("new", "write", "create"), "dquot");
  assertEquals(guest.errno("createDirectory", guest.at("e")), "dquot");
  assertEquals(guest.link("f", "again"), "dquot");
  assertEquals([place.has("new"), place.has("e"), place.has("again")], [false, false, false]);
  assertEquals(guest.openErrno("f", "write", "create"), "success", "nothing is made");
});

Deno.test("what a sandbox has used counts on for its next guest, until it is renewed or forgotten", () => {
  using place = new Place();
  const sandbox = "s", rig = place.rig();
  const next = () => rig.attach([place.mount({ totalBytes: 3 })], { sandbox, createdFiles: 2 });
  const writeAll = (guest: ReturnType<typeof next>, name: string) =>
    guest.write(guest.open(name, "write", "create"), "12345").written;
  const first = next();
  assertEquals(writeAll(first, "a"), 3);
  rig.service.message({ kind: "detach", slot: first.slot });
  const second = next(), descriptor = second.open("b", "write", "create");
  assertEquals(second.writeErrno(descriptor, "x"), "dquot");
  assertEquals(second.openErrno("c", "write", "create"), "dquot");
  rig.service.message({ kind: "renew", slot: second.slot });
  assertEquals(writeAll(second, "c"), 3);
  assertEquals(second.writeErrno(descriptor, "x"), "dquot");
  rig.service.message({ kind: "detach", slot: second.slot });
  rig.service.message({ kind: "forget", sandbox });
  assertEquals(writeAll(next(), "d"), 3);
});

for (const by of ["sandbox", "grant"] as const) {
  Deno.test(`the size of a file is bounded in every way of growing, by the ${by}`, () => {
    using place = new Place().file("f", "12345");
    const guest = by === "sandbox" ? place.guest({}, { fileSize: 10 }) : place.guest({ maxFileSize: 10 });
    const descriptor = guest.open("f", "read", "write");
    assertEquals(guest.writeErrno(descriptor, "x", 10), "fbig");
    assertEquals(guest.writeErrno(descriptor, "x", 2 ** 40), "fbig");
    assertEquals(guest.errno("setSize", { descriptor, size: 11 }), "fbig");
    assertEquals(guest.errno("allocate", { descriptor, offset: 5, length: 6 }), "fbig");
    assertEquals(place.text("f"), "12345");
    assertEquals(guest.write(descriptor, "abcdefgh", 5), { written: 5, end: 10 }, "what fits");
    assertEquals(guest.writeErrno(descriptor, "x", APPEND), "fbig");
    assertEquals(guest.errno("setSize", { descriptor, size: 10 }), "success");
    assertEquals(guest.write(descriptor, "AB", 0), { written: 2, end: 2 });
  });

  Deno.test(`the bytes that are written are bounded in all, by the ${by}`, () => {
    using place = new Place().file("f");
    const guest = by === "sandbox" ? place.guest({}, { writeBytes: 10 }) : place.guest({ totalBytes: 10 });
    const file = guest.open("new", "create", "write");
    assertEquals(guest.write(file, "1234"), { written: 4, end: 4 });
    assertEquals(guest.write(file, "1234"), { written: 4, end: 4 }, "the same place counts again");
    assertEquals(guest.write(file, "1234"), { written: 2, end: 2 }, "what is left");
    assertEquals(guest.writeErrno(file, "1"), "dquot");
    assertEquals(guest.writeErrno(guest.open("f", "write"), "1"), "dquot");
    assertEquals(guest.errno("setSize", { descriptor: file, size: 5 }), "dquot");
    assertEquals(guest.errno("setSize", { descriptor: file, size: 1 }), "success", "less is always allowed");
    guest.perform("closeAll", {});
    assertEquals(guest.writeErrno(guest.open("f", "write"), "1"), "dquot", "over all lives");
  });

  Deno.test(`a hole counts as written, however it is made, by the ${by}`, () => {
    const ways: Record<string, (place: Place) => string> = {};
    const guestOf = (place: Place) =>
      by === "sandbox" ? place.guest({}, { writeBytes: 100 }) : place.guest({ totalBytes: 100 });
    ways.setSize = (place) => {
      const guest = guestOf(place), descriptor = guest.open("f", "write");
      guest.perform("setSize", { descriptor, size: 90 });
      return guest.errno("setSize", { descriptor, size: 150 });
    };
    ways.again = (place) => {
      const guest = guestOf(place), descriptor = guest.open("f", "write");
      guest.perform("setSize", { descriptor, size: 60 });
      guest.perform("setSize", { descriptor, size: 0 });
      return guest.errno("setSize", { descriptor, size: 60 });
    };
    ways.allocate = (place) => {
      const guest = guestOf(place), descriptor = guest.open("f", "write");
      return guest.errno("allocate", { descriptor, offset: 0, length: 150 });
    };
    ways.write = (place) => {
      const guest = guestOf(place), descriptor = guest.open("f", "write");
      return guest.writeErrno(descriptor, "x", 150);
    };
    ways["two writes"] = (place) => {
      const guest = guestOf(place), descriptor = guest.open("f", "write");
      guest.write(descriptor, "x", 80);
      return guest.writeErrno(descriptor, "x", 120);
    };
    for (const [name, way] of Object.entries(ways)) {
      using place = new Place().file("f", "");
      assertEquals(way(place), "dquot", name);
      assert(Deno.statSync(`${place.path}/f`).size <= 100, name);
    }
  });
}

Deno.test("totals belong to their grant, and those of the sandbox to all grants", () => {
  using place = new Place().directory("a").directory("b");
  const guest = place.rig().attach(
    [mountOf(`${place.path}/a`, { totalBytes: 5 }), mountOf(`${place.path}/b`)],
    { writeBytes: 8 },
  );
  const file = (directory: number) =>
    guest.perform("open", guest.opening("f", ["create", "write"], directory)).descriptor;
  const first = file(0), second = file(1);
  assertEquals(guest.write(first, "1234567").written, 5);
  assertEquals(guest.writeErrno(first, "1"), "dquot");
  assertEquals(guest.write(second, "1234567").written, 3);
  assertEquals(guest.writeErrno(second, "1"), "dquot");
});

Deno.test("the bytes that are read are bounded in all", () => {
  using place = new Place().file("f", "0123456789");
  const guest = place.guest({}, { readBytes: 12 }), file = guest.open("f", "read");
  assertEquals([
    guest.read(file),
    guest.read(file),
    guest.errno("read", { descriptor: file, offset: 0, length: 1 }),
  ], [
    "0123456789",
    "01",
    "dquot",
  ]);
});

Deno.test("rates hold: what is too fast is told to come again, and is never waited for", () => {
  using place = new Place().file("f", "x".repeat(10_000));
  const clock = new TestClock();
  const guest = place.rig({ clock }).attach([place.mount()], { readRate: 1000, writeRate: 2000 });
  const file = guest.open("f", "read", "write");
  const moved = { read: 0, write: 0 };
  for (; clock.time < 60_000; clock.time += 100) {
    for (let i = 0; i < 5; i++) {
      const read = guest.ask("read", { descriptor: file, offset: 0, length: 5000 });
      if (typeof read !== "string") moved.read += read.bytes.length;
      else assertEquals(read, "again");
      const written = guest.ask("write", { descriptor: file, offset: 0, bytes: new Uint8Array(700) });
      if (typeof written !== "string") moved.write += written.written;
      else assertEquals(written, "again");
    }
  }
  assert(moved.read >= 60_000 && moved.read <= 62_000, `read ${moved.read}`);
  assert(moved.write >= 120_000 && moved.write <= 124_000, `written ${moved.write}`);
});

Deno.test("TokenBucket tells when to come again", () => {
  let now = 0;
  const bucket = new TokenBucket(1000, () => now);
  assertEquals([bucket.delay, bucket.most], [0, 1000]);
  bucket.spend(1000);
  assertEquals(bucket.delay, 1);
  bucket.spend(1000);
  const { delay } = bucket;
  assertEquals(delay, 1001);
  now += delay - 2;
  assert(bucket.delay > 0);
  now += 2;
  assertEquals(bucket.delay, 0);
  now += 1e9;
  assertEquals(bucket.delay, 0);
  bucket.spend(1000);
  assert(bucket.delay > 0, "what was not used in time is gone");
  const unbounded = new TokenBucket(Infinity, () => now);
  unbounded.spend(2 ** 50);
  assertEquals([unbounded.delay, unbounded.most], [0, Infinity]);
  assertEquals(new RateExceeded(5).retryAfter, 5);
});
