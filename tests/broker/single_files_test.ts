import type { Mount } from "../../src/broker/messages.ts";
import { DENO_FILE_SYSTEM } from "../../src/broker/file_system.ts";
import { FILE_TYPES } from "../../src/protocol/operations.ts";
import { assertEquals } from "../assert.ts";
import { Place, type RigGuest } from "./files_rig.ts";

/** A broker that may touch the named files alone, as Deno's permissions have it. */
function only(place: Place, names: readonly string[], less: Partial<Mount> = {}): RigGuest {
  const paths = names.map((name) => `${place.path}/${name}`);
  const fs = {
    granted: (_: "read" | "write", path: string) => paths.includes(path),
    lstat: (path: string) => {
      if (!paths.includes(path)) throw new Deno.errors.NotCapable(path);
      return DENO_FILE_SYSTEM.lstat(path);
    },
    entries: () => {
      throw new Deno.errors.NotCapable("entries");
    },
  };
  return place.rigWith(fs).attach([place.mount({ only: names, ...less })], { auditAll: true });
}

Deno.test("where single files were granted, there is nothing else", () => {
  using place = new Place().file("a", "A").file("b", "B").file("c").directory("d").link("e", "c");
  const guest = only(place, ["b", "a", "missing", "d", "e"]);
  assertEquals(guest.readFile("a"), "A");
  assertEquals(guest.readFile("./b"), "B");
  for (const path of ["c", "missing", "c/x", "x/../a"]) {
    assertEquals(guest.openErrno(path, "read"), "noent", path);
  }
  assertEquals(guest.openErrno("..", "read"), "perm");
  assertEquals(guest.openErrno("../out", "read"), "perm");
  assertEquals(guest.openErrno("d", "read"), "acces", "a directory is no single file");
  assertEquals(guest.openErrno("e", "read", "follow"), "noent", "a link to a name that was not granted");
  assertEquals(guest.names(), [".", "..", "a", "b", "d", "e"]);
  const root = guest.perform("stat", { descriptor: 0 });
  assertEquals([root.type, root.size], [FILE_TYPES.directory, 0]);
  const { entries } = guest.perform("readDirectory", { descriptor: 0, cookie: 0, most: 2 });
  assertEquals(entries.map(({ inode }) => inode), [root.inode, root.inode]);
});

Deno.test("where single files were granted, other names are neither made nor taken", () => {
  using place = new Place().file("a", "A").file("b", "B").file("c");
  const guest = only(place, ["a", "b", "new"]);
  assertEquals(guest.openErrno("other", "create", "write"), "acces");
  assertEquals(guest.errno("createDirectory", guest.at("other")), "acces");
  assertEquals(guest.errno("createDirectory", guest.at("new")), "acces");
  assertEquals(guest.rename("a", "other"), "acces");
  assertEquals(guest.rename("c", "a"), "noent");
  assertEquals(guest.link("a", "other"), "acces");
  assertEquals(guest.errno("unlink", guest.at("c")), "noent");
  guest.write(guest.open("new", "create", "write"), "made");
  assertEquals(guest.rename("a", "b"), "success");
  assertEquals(guest.errno("unlink", guest.at("new")), "success");
  assertEquals([place.has("a"), place.text("b"), place.has("c")], [false, "A", true]);
});

Deno.test("a single file is what the path of a dot stands for", () => {
  using place = new Place().file("f", "text").file("g");
  const guest = only(place, ["f"], { guestPath: "/data/f" });
  assertEquals(guest.readFile("."), "text");
  assertEquals(guest.readFile("f"), "text");
  assertEquals(guest.openErrno("./", "read"), "notdir");
  assertEquals(guest.openErrno(".", "read", "directory"), "notdir");
  assertEquals(guest.openErrno("..", "read"), "perm");
  assertEquals(guest.openErrno("g", "read"), "noent");
  assertEquals(guest.perform("statAt", { ...guest.at("."), follow: 0 }).size, 4);
  assertEquals(guest.perform("stat", { descriptor: 0 }).type, FILE_TYPES.directory);
  assertEquals(guest.names(), [".", "..", "f"]);
  guest.write(guest.open(".", "write", "truncate"), "new");
  assertEquals(place.text("f"), "new");
  assertEquals(guest.errno("unlink", guest.at(".")), "success");
  guest.write(guest.open(".", "create", "write"), "again");
  assertEquals(place.text("f"), "again");
});

Deno.test("events name a single file by its guest path", () => {
  using place = new Place().file("f", "text");
  const rig = place.rig(),
    guest = rig.attach([place.mount({ only: ["f"], guestPath: "/data/f" })], { auditAll: true });
  guest.readFile(".");
  assertEquals(rig.events().map(({ action, target }) => [action, target]), [["read", "/data/f"]]);
});

Deno.test("a single file is the one that was granted, and nothing that took its place", () => {
  using place = new Place().file("f", "granted").file("g", "other");
  const { dev, ino } = Deno.statSync(`${place.path}/f`), identity = { device: dev, inode: ino ?? -1 };
  const guest = only(place, ["f"], { guestPath: "/data/f", identity });
  assertEquals(guest.readFile("."), "granted");
  Deno.renameSync(`${place.path}/g`, `${place.path}/f`);
  assertEquals(guest.openErrno(".", "read"), "noent");
  assertEquals(guest.openErrno(".", "write", "truncate"), "noent");
  assertEquals(guest.errno("unlink", guest.at(".")), "noent");
  Deno.removeSync(`${place.path}/f`);
  assertEquals(guest.openErrno(".", "create", "write"), "acces");
  assertEquals(place.has("f"), false);
});

Deno.test("a directory is the one that was granted, and no link that has got its number", () => {
  using place = new Place().directory("d").file("d/f", "granted").directory("e").file("e/f", "other");
  const { dev, ino } = Deno.statSync(`${place.path}/d`), identity = { device: dev, inode: ino ?? -1 };
  const guest = place.rig().attach([place.mount({ hostPath: `${place.path}/d`, identity })]);
  assertEquals(guest.readFile("f"), "granted");
  Deno.renameSync(`${place.path}/d`, `${place.path}/aside`);
  Deno.renameSync(`${place.path}/e`, `${place.path}/d`);
  assertEquals(guest.openErrno("f", "read"), "noent");
  // Another directory was there before the sandbox came: it is not taken for what was granted.
  const late = place.rig().attach([place.mount({ hostPath: `${place.path}/d`, identity })]);
  assertEquals(late.openErrno("f", "read"), "noent");
});
