import { assert, assertEquals } from "../assert.ts";
import { mountOf, Place } from "./files_rig.ts";

Deno.test("directories are made and removed as POSIX has it, slashes behind them included", () => {
  using place = new Place().file("f").directory("full/x").link("l", "full").link("dangling", "new");
  const guest = place.guest();
  const make = (path: string) => guest.errno("createDirectory", guest.at(path));
  assertEquals([make("d"), make("d"), make("e/"), make("e/"), make("d/e/f")], [
    "success",
    "exist",
    "success",
    "exist",
    "noent",
  ]);
  assertEquals([
    make("f"),
    make("f/"),
    make("f/x"),
    make("."),
    make("d/.."),
    make("l"),
    make("l/"),
    make("dangling"),
  ], [
    "exist",
    "exist",
    "notdir",
    "exist",
    "exist",
    "exist",
    "exist",
    "exist",
  ]);
  assertEquals([make("dangling/"), make("l/through"), make("../outside/x"), make("")], [
    "exist",
    "success",
    "perm",
    "noent",
  ]);
  const remove = (path: string) => guest.errno("removeDirectory", guest.at(path));
  assertEquals([remove("f"), remove("f/"), remove("full"), remove("missing"), remove("l"), remove("l/")], [
    "notdir",
    "notdir",
    "notempty",
    "noent",
    "notdir",
    "notdir",
  ]);
  assertEquals([
    remove("."),
    remove("d/."),
    remove("d/.."),
    remove(".."),
    remove("full/x"),
    remove("l/through/"),
  ], [
    "inval",
    "inval",
    "notempty",
    "perm",
    "success",
    "success",
  ]);
  assertEquals([remove("d"), remove("e/"), remove("full")], ["success", "success", "success"]);
  assertEquals(guest.names(), [".", "..", "dangling", "f", "l"]);
});

Deno.test("unlink removes files and links, and with a slash nothing", () => {
  using place = new Place().file("f").file("g").directory("d").link("l", "f").link("dir", "d");
  const guest = place.guest(), unlink = (path: string) => guest.errno("unlink", guest.at(path));
  assertEquals([unlink("f/"), unlink("l/"), unlink("dir/"), unlink("d"), unlink("d/"), unlink("missing/")], [
    "notdir",
    "notdir",
    "notdir",
    "isdir",
    "isdir",
    "noent",
  ]);
  assertEquals([unlink("."), unlink("d/.."), unlink(".."), unlink("../out"), unlink("")], [
    "isdir",
    "isdir",
    "perm",
    "perm",
    "noent",
  ]);
  const open = guest.open("f", "read");
  assertEquals([unlink("l"), unlink("dir"), unlink("f"), unlink("f")], [
    "success",
    "success",
    "success",
    "noent",
  ]);
  assertEquals(guest.read(open), "content", "a file that is open stays until it is closed");
  assertEquals(guest.names(), [".", "..", "d", "g"]);
});

Deno.test("link gives files another name, never directories, and never over a name that is there", () => {
  using place = new Place().file("f").file("g").directory("d").link("l", "f").link("out", "../out");
  const guest = place.guest();
  assertEquals([guest.link("f", "h"), guest.link("f", "g"), guest.link("f", "d"), guest.link("f", "l")], [
    "success",
    "exist",
    "exist",
    "exist",
  ]);
  assertEquals([
    guest.link("d", "e"),
    guest.link(".", "e"),
    guest.link("missing", "e"),
    guest.link("f/", "e"),
  ], [
    "perm",
    "perm",
    "noent",
    "notdir",
  ]);
  assertEquals([
    guest.link("f", "e/"),
    guest.link("f", "g/"),
    guest.link("f", "../outside/e"),
    guest.link("f", ""),
  ], [
    "noent",
    "exist",
    "perm",
    "noent",
  ]);
  assertEquals([guest.link("../out", "e"), guest.link("out", "e", 1), guest.link("l", "e", 1)], [
    "perm",
    "perm",
    "success",
  ]);
  assertEquals(Deno.lstatSync(`${place.path}/e`).isFile, true);
});

Deno.test("symbolic links cannot be made", () => {
  using place = new Place().file("f");
  const guest = place.guest(),
    make = (path: string, target = "f") => guest.errno("symlink", { target, ...guest.at(path) });
  for (const target of ["f", "../out", "/etc/passwd", ""]) assertEquals(make("l", target), "perm");
  assertEquals([make("f"), make("new/"), make("../outside/l")], ["exist", "noent", "perm"]);
  assertEquals(guest.names(), [".", "..", "f"]);
});

Deno.test("rename replaces what may be replaced, slashes behind names included", () => {
  using place = new Place().file("f", "f").file("g", "g").directory("d").directory("e").directory("full/x")
    .link("l", "f")
    .link("dir", "d");
  const guest = place.guest(), { rename } = guest, move = rename.bind(guest);
  assertEquals([
    move("f/", "x"),
    move("l/", "x"),
    move("dir/", "x"),
    move("missing", "x"),
    move("missing/", "x"),
  ], [
    "notdir",
    "notdir",
    "notdir",
    "noent",
    "noent",
  ]);
  assertEquals([
    move("f", "x/"),
    move("f", "d"),
    move("f", "d/"),
    move("d", "f"),
    move("d", "f/"),
    move("d", "full"),
  ], [
    "notdir",
    "isdir",
    "notdir",
    "notdir",
    "notdir",
    "notempty",
  ]);
  assertEquals([move("d", "d/x"), move("full", "full/x/y"), move("full/x", "full"), move("d", "l")], [
    "inval",
    "inval",
    "notempty",
    "notdir",
  ]);
  for (const dots of [".", "..", "d/.", "d/..", "./"]) {
    const expected = dots === ".." ? "perm" : "busy";
    assertEquals(move(dots, "x"), expected, `from ${dots}`);
    assertEquals(move("d", dots), expected, `to ${dots}`);
  }
  assertEquals([
    move("f", "../outside/x"),
    move("../out", "x"),
    move("f", "/x"),
    move("f", ""),
    move("", "f"),
  ], [
    "perm",
    "perm",
    "perm",
    "noent",
    "noent",
  ]);
  assertEquals([move("f", "f"), move("d", "d"), move("d/", "new/"), move("e", "new"), move("f", "g")], [
    "success",
    "success",
    "success",
    "success",
    "success",
  ]);
  assertEquals(guest.link("g", "h"), "success");
  assertEquals(move("g", "h"), "success");
  assertEquals([place.text("g"), place.text("h")], ["f", "f"], "two names of one file both stay");
  assertEquals(guest.names(), [".", "..", "dir", "full", "g", "h", "l", "new"]);
});

Deno.test("directories that are open follow a rename, those of other guests and below it included", () => {
  using place = new Place().directory("a/b/c").file("a/b/c/f", "found").directory("elsewhere").directory(
    "ab",
  );
  const rig = place.rig(), guest = rig.attach([place.mount()]);
  const other = rig.attach([mountOf(`${place.path}/a`), place.mount()]);
  const b = guest.open("a/b", "read"), c = guest.open("a/b/c", "read"), ab = guest.open("ab", "read");
  const theirs = other.open("b/c", "read");
  assertEquals(guest.rename("a/b", "elsewhere/moved"), "success");
  for (const directory of [b, c, ab]) assertEquals(guest.errno("stat", { descriptor: directory }), "success");
  assertEquals(guest.names(c), [".", "..", "f"]);
  assertEquals(guest.errno("open", guest.opening("../c/f", ["read"], c)), "success");
  assertEquals(
    other.errno("stat", { descriptor: theirs }),
    "noent",
    "it has left the mount by which it was opened",
  );
  assertEquals(guest.rename("elsewhere/moved", "a/b"), "success");
  assertEquals(guest.names(c), [".", "..", "f"]);
  assertEquals(other.errno("stat", { descriptor: theirs }), "noent");
});

Deno.test("no directory in which a mount lies can be removed or renamed, by whomever", () => {
  using place = new Place().directory("a/mount").directory("b");
  const rig = place.rig(),
    guest = rig.attach([place.mount()]),
    other = rig.attach([mountOf(`${place.path}/a/mount`)]);
  assertEquals(guest.rename("a", "c"), "busy");
  assertEquals(guest.rename("a/mount", "c"), "busy");
  assertEquals(guest.rename("b", "a/mount"), "busy");
  assertEquals(guest.errno("removeDirectory", guest.at("a/mount")), "busy");
  assertEquals(other.errno("stat", { descriptor: 0 }), "success");
  rig.service.message({ kind: "detach", slot: other.slot });
  assertEquals(guest.rename("a", "c"), "success");
  assert(place.has("c/mount"));
});
