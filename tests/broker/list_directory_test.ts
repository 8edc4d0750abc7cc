import { FILE_TYPES } from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";
import { Place } from "./files_rig.ts";

Deno.test("readDirectory lists dots first, then names in order, with numbers and types", () => {
  using place = new Place().file("b").directory("a/x").link("c", "b");
  const guest = place.guest();
  const { entries } = guest.perform("readDirectory", { descriptor: 0, cookie: 0, most: 100 });
  assertEquals(entries.map(({ name, type }) => [name, type]), [
    [".", FILE_TYPES.directory],
    ["..", FILE_TYPES.directory],
    ["a", FILE_TYPES.directory],
    ["b", FILE_TYPES.regularFile],
    ["c", FILE_TYPES.symbolicLink],
  ]);
  for (const { name, inode } of entries.filter(({ name }) => name !== "..")) {
    assertEquals(inode, guest.perform("statAt", { ...guest.at(name), follow: 0 }).inode, name);
  }
  assertEquals(entries[1]?.inode, entries[0]?.inode, "above the root there is the root");
  const inner = guest.open("a", "read", "directory");
  const below = guest.perform("readDirectory", { descriptor: inner, cookie: 0, most: 100 }).entries;
  assertEquals(below.map(({ name }) => name), [".", "..", "x"]);
  assertEquals(below[1]?.inode, entries[0]?.inode);
});

Deno.test("cookies stay what they are while names come and go, until the start is asked for", () => {
  using place = new Place();
  for (const name of ["a", "b", "c", "d", "e"]) place.file(name);
  const guest = place.guest();
  const names = (cookie: number, most = 100) =>
    guest.perform("readDirectory", { descriptor: 0, cookie, most }).entries.map(({ name }) => name);
  assertEquals(names(0, 4), [".", "..", "a", "b"]);
  guest.perform("unlink", guest.at("a"));
  Deno.removeSync(`${place.path}/d`);
  place.file("0").file("z");
  assertEquals(names(4), ["c", "d", "e"], "as when the listing was taken");
  assertEquals(guest.perform("readDirectory", { descriptor: 0, cookie: 5, most: 1 }).entries[0]?.inode, 0n);
  assertEquals(names(2, 1), ["a"]);
  assertEquals(names(0), [".", "..", "0", "b", "c", "e", "z"]);
  assertEquals(names(7), []);
  assertEquals(names(2 ** 53 - 1), []);
  assertEquals(names(3, 0), []);
});

Deno.test("every directory can be emptied while it is listed", () => {
  using place = new Place();
  for (let i = 0; i < 1500; i++) place.file(`file ${i}`);
  const guest = place.guest();
  for (let cookie = 0;;) {
    const { entries } = guest.perform("readDirectory", { descriptor: 0, cookie, most: 0xffffffff });
    if (entries.length === 0) break;
    cookie += entries.length;
    for (const { name, type } of entries) {
      if (type === FILE_TYPES.regularFile) guest.perform("unlink", guest.at(name));
    }
  }
  assertEquals([...Deno.readDirSync(place.path)], []);
});

Deno.test("pages of long names fit into the frame", () => {
  using place = new Place();
  const name = (i: number) => `${"長".repeat(80)}${i}`;
  for (let i = 0; i < 700; i++) place.file(name(i));
  for (const frame of [4096, 2 ** 21]) {
    const names = place.guest({}, { frame }).names();
    assertEquals([names.length, new Set(names).size], [702, 702]);
  }
});

Deno.test("names that are no UTF-8 are not shown, others are, whatever is in them", async () => {
  using place = new Place().file("line\nbreak").file("é").file("back\\slash").file(" ").file("-rf");
  const made = await new Deno.Command("bash", {
    args: ["-c", "touch $'bad\\xff' $'\\xed\\xa0\\x80'"],
    cwd: place.path,
  })
    .output();
  assert(made.success);
  assertEquals(place.guest().names(), [".", "..", " ", "-rf", "back\\slash", "line\nbreak", "é"]);
});

Deno.test("the listings that one sandbox holds are bounded together", () => {
  using place = new Place().directory("d").directory("e");
  const many = Array.from(
    { length: 90_000 },
    (_, i) => ({ name: `f${i}`, isFile: true, isDirectory: false, isSymlink: false }),
  );
  const rig = place.rigWith({ entries: () => many }),
    guest = rig.attach([place.mount()]),
    other = rig.attach([place.mount()]);
  const list = (descriptor: number, cookie = 0) =>
    guest.errno("readDirectory", { descriptor, cookie, most: 10 });
  const first = guest.open("d", "read"), second = guest.open("e", "read");
  assertEquals([list(0), list(first), list(second)], ["success", "success", "nomem"]);
  assertEquals(list(first), "success", "one listing takes the place of the last");
  guest.perform("close", { descriptor: first });
  assertEquals(list(second), "success");
  assertEquals(
    other.errno("readDirectory", { descriptor: 0, cookie: 0, most: 10 }),
    "success",
    "others have their own",
  );
});
