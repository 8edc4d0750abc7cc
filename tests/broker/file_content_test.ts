import { MOST_MOVED } from "../../src/broker/amount.ts";
import { APPEND } from "../../src/protocol/operations.ts";
import { FRAME_START } from "../../src/protocol/layout.ts";
import { assert, assertEquals } from "../assert.ts";
import { Place } from "./files_rig.ts";

Deno.test("read and write take offsets, read ends at the end, and write tells where it ended", () => {
  using place = new Place().file("f", "0123456789");
  const guest = place.guest(), file = guest.open("f", "read", "write");
  assertEquals(guest.read(file, 3, 4), "3456");
  assertEquals(guest.read(file, 8, 100), "89");
  assertEquals(guest.read(file, 10, 100), "");
  assertEquals(guest.read(file, 1_000_000, 100), "");
  assertEquals(guest.read(file, 0, 0), "");
  assertEquals(guest.write(file, "ab", 4), { written: 2, end: 6 });
  assertEquals(guest.write(file, "end", APPEND), { written: 3, end: 13 });
  assertEquals(guest.write(file, "", APPEND), { written: 0, end: 13 });
  assertEquals(guest.write(file, "", 99), { written: 0, end: 99 });
  assertEquals(place.text("f"), "0123ab6789end");
  assertEquals(guest.write(file, "!", 15), { written: 1, end: 16 });
  assertEquals(place.text("f"), "0123ab6789end\0\0!");
});

Deno.test("read puts the bytes into the frame without a copy", () => {
  using place = new Place().file("f", "0123456789");
  const guest = place.guest(), file = guest.open("f", "read");
  const { bytes } = guest.perform("read", { descriptor: file, offset: 2, length: 5 });
  assert(bytes.buffer === guest.buffer);
  assertEquals(bytes.byteOffset, FRAME_START + 8);
  assertEquals(new TextDecoder().decode(bytes.slice()), "23456");
});

Deno.test("one read or write moves a mebibyte at most", () => {
  using place = new Place();
  const guest = place.guest(), file = guest.open("f", "read", "write", "create");
  const bytes = new Uint8Array(1.5 * 2 ** 20).fill(7);
  assertEquals(guest.perform("write", { descriptor: file, offset: 0, bytes }), {
    written: MOST_MOVED,
    end: MOST_MOVED,
  });
  guest.perform("setSize", { descriptor: file, size: 3 * 2 ** 20 });
  for (const length of [2 ** 20 + 1, 0x7fffffff, 0xffffffff]) {
    assertEquals(guest.perform("read", { descriptor: file, offset: 0, length }).bytes.length, MOST_MOVED);
  }
});

Deno.test("a read takes what fits into the frame", () => {
  using place = new Place().file("f", "x".repeat(10_000));
  const guest = place.guest({}, { frame: 4096 }), file = guest.open("f", "read");
  assertEquals(guest.read(file, 0, 10_000).length, 4096 - 8);
});

Deno.test("offsets and sizes that are none are refused", () => {
  using place = new Place().file("f", "text");
  const guest = place.guest(), descriptor = guest.open("f", "read", "write");
  const bytes = new Uint8Array(1);
  for (const wrong of [-2, -0.5, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, -(2 ** 31)]) {
    assertEquals(guest.errno("read", { descriptor, offset: wrong, length: 1 }), "inval");
    assertEquals(guest.errno("write", { descriptor, offset: wrong, bytes }), "inval");
    assertEquals(guest.errno("setSize", { descriptor, size: wrong }), "inval");
    assertEquals(guest.errno("allocate", { descriptor, offset: wrong, length: 1 }), "inval");
    assertEquals(guest.errno("allocate", { descriptor, offset: 1, length: wrong }), "inval");
    assertEquals(guest.errno("readDirectory", { descriptor: 0, cookie: wrong, most: 1 }), "inval");
  }
  assertEquals(guest.errno("read", { descriptor, offset: APPEND, length: 1 }), "inval");
  assertEquals(guest.errno("setSize", { descriptor, size: APPEND }), "inval");
  assertEquals(guest.errno("allocate", { descriptor, offset: 0, length: 0 }), "inval");
  assertEquals(guest.errno("allocate", { descriptor, offset: 2 ** 53 - 1, length: 2 ** 53 - 1 }), "inval");
  assertEquals(place.text("f"), "text");
  for (const offset of [2 ** 53 - 1, 2 ** 52]) {
    assertEquals(
      guest.errno("write", { descriptor, offset, bytes }) === "success",
      false,
      `write at ${offset}`,
    );
    assertEquals(guest.errno("setSize", { descriptor, size: offset }) === "success", false, `size ${offset}`);
  }
});

Deno.test("setSize cuts and lengthens, allocate only lengthens", () => {
  using place = new Place().file("f", "0123456789");
  const guest = place.guest(), descriptor = guest.open("f", "write");
  guest.perform("allocate", { descriptor, offset: 2, length: 3 });
  assertEquals(place.text("f"), "0123456789");
  guest.perform("setSize", { descriptor, size: 4 });
  assertEquals(place.text("f"), "0123");
  guest.perform("allocate", { descriptor, offset: 3, length: 3 });
  assertEquals(place.text("f"), "0123\0\0");
  guest.perform("setSize", { descriptor, size: 8 });
  assertEquals(guest.perform("stat", { descriptor }).size, 8);
});

Deno.test("sync takes files and directories", () => {
  using place = new Place().file("f").directory("d");
  const guest = place.guest();
  for (const descriptor of [guest.open("f", "write"), guest.open("f", "read"), guest.open("d", "read"), 0]) {
    for (const metadata of [0, 1]) assertEquals(guest.errno("sync", { descriptor, metadata }), "success");
  }
  assertEquals(guest.errno("sync", { descriptor: 99, metadata: 0 }), "badf");
});

Deno.test("every change of a file is counted under its number, and nothing else is", () => {
  using place = new Place().file("f", "text").file("g").file("h");
  const rig = place.rig(), guest = rig.attach([place.mount()]);
  const { descriptor, file } = guest.perform("open", guest.opening("f", ["read", "write"]));
  const count = () => rig.changes[file % rig.changes.length];
  const step = (what: string, change: () => void, by: number) => {
    const before = count() ?? 0;
    change();
    assertEquals(count(), before + by, what);
  };
  step("write", () => guest.write(descriptor, "x"), 1);
  step("read", () => guest.read(descriptor), 0);
  step("empty write", () => guest.write(descriptor, ""), 0);
  step("setSize", () => guest.perform("setSize", { descriptor, size: 2 }), 1);
  step("the same size", () => guest.perform("setSize", { descriptor, size: 2 }), 0);
  step("allocate", () => guest.perform("allocate", { descriptor, offset: 0, length: 9 }), 1);
  step("open with truncate", () => guest.open("f", "truncate"), 1);
  step("rename", () => guest.rename("f", "f2"), 0);
  step("rename over it", () => guest.rename("g", "f2"), 1);
  const other = guest.perform("open", guest.opening("h", ["read"])).file % rig.changes.length;
  guest.perform("unlink", guest.at("h"));
  assertEquals(rig.changes[other], 1, "unlink");
});
