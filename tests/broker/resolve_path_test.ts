import type { ErrnoName } from "../../src/protocol/errno.ts";
import { assertEquals } from "../assert.ts";
import { mountOf, Place } from "./files_rig.ts";

Deno.test("resolvePath() takes dots, double slashes and backslashes for what they are, and lets nothing out", () => {
  using place = new Place().directory("d/e").file("d/f").file("back\\slash");
  const guest = place.guest();
  const cases: Record<string, ErrnoName> = {
    "": "noent",
    ".": "isdir",
    "./d/./f": "success",
    "d//f": "success",
    "d///.//e/../f": "success",
    "d/../d/f": "success",
    "back\\slash": "success",
    "..\\out": "noent",
    "d\\f": "noent",
    "..": "perm",
    "../out": "perm",
    "../in/d/f": "perm",
    "d/../../out": "perm",
    "d/e/../../../out": "perm",
    "./../out": "perm",
    "/": "perm",
    "//": "perm",
    "/etc/passwd": "perm",
    "//etc/passwd": "perm",
    "d/f/.": "notdir",
    "d/f/..": "notdir",
    "d/f/x": "notdir",
    "d/f/../f": "notdir",
    "missing/..": "noent",
    "missing/../d/f": "noent",
    "d/f\0": "inval",
    "\0": "inval",
    "../\0": "inval",
  };
  for (const [path, errno] of Object.entries(cases)) {
    const descriptor = guest.errno("open", guest.opening(path, ["read", "write", "follow"]));
    assertEquals(descriptor, errno, JSON.stringify(path));
  }
});

Deno.test("resolvePath() refuses names and paths that are too long", () => {
  using place = new Place().directory("d");
  const guest = place.guest();
  assertEquals(guest.openErrno("x".repeat(255), "read"), "noent");
  assertEquals(guest.openErrno("x".repeat(256), "read"), "nametoolong");
  assertEquals(guest.openErrno("é".repeat(128), "read"), "nametoolong", "bytes count, not characters");
  assertEquals(guest.openErrno("d/".repeat(2048), "read"), "noent");
  assertEquals(guest.openErrno(`${"./".repeat(2047)}d`, "read"), "success");
  assertEquals(guest.openErrno(`${"./".repeat(2048)}d`, "read"), "nametoolong");
  assertEquals(guest.openErrno("x".repeat(1_000_000), "read"), "nametoolong");
  assertEquals(guest.openErrno(`${"./".repeat(1000)}${"é/../".repeat(500)}d`, "read"), "nametoolong");
});

Deno.test("resolvePath() looks at so many names and no more", () => {
  using place = new Place().directory("d");
  const guest = place.guest();
  assertEquals(guest.openErrno("d/../".repeat(200) + "d", "read"), "success");
  assertEquals(guest.openErrno("d/../".repeat(300) + "d", "read"), "nametoolong");
});

Deno.test("resolvePath() follows links that stay inside, and no others", () => {
  using place = new Place().directory("d/e").file("d/f", "inside")
    .link("same", "d/f")
    .link("up", "d/e/../f")
    .link("directory", "d")
    .link("d/back", "../d/f")
    .link("chain", "same")
    .link("slash", "d/")
    .link("fileSlash", "d/f/")
    .link("absolute", "/etc/hostname")
    .link("root", "/")
    .link("out", "../out")
    .link("outside", "../outside")
    .link("roundabout", "../in/d/f")
    .link("d/e/far", "../../../out")
    .link("loop", "loop")
    .link("ping", "pong")
    .link("pong", "ping")
    .link("dangling", "nowhere");
  place.link("absoluteInside", `${place.path}/d/f`);
  const guest = place.guest();
  for (const path of ["same", "up", "d/back", "directory/f", "chain", "slash/f", "directory/../same"]) {
    assertEquals(guest.readFile(path), "inside", path);
  }
  const refused: Record<string, ErrnoName> = {
    absolute: "perm",
    absoluteInside: "perm",
    root: "perm",
    "root/etc/passwd": "perm",
    out: "perm",
    "outside/file": "perm",
    roundabout: "perm",
    "d/e/far": "perm",
    loop: "loop",
    ping: "loop",
    dangling: "noent",
    fileSlash: "notdir",
    "same/": "notdir",
    "same/x": "notdir",
  };
  for (const [path, errno] of Object.entries(refused)) {
    assertEquals(guest.openErrno(path, "read", "follow"), errno, `open ${path}`);
    assertEquals(guest.errno("statAt", { ...guest.at(path), follow: 1 }), errno, `stat ${path}`);
  }
  assertEquals(guest.openErrno("same", "read"), "loop", "a link that is not to be followed");
  assertEquals(guest.openErrno("directory", "read", "directory"), "notdir");
  assertEquals(guest.openErrno("directory/", "read", "directory"), "success", "the slash follows it");
});

Deno.test("resolvePath() follows 40 links and no more", () => {
  using place = new Place().file("l0");
  for (let i = 1; i <= 41; i++) place.link(`l${i}`, `l${i - 1}`);
  const guest = place.guest();
  assertEquals(guest.openErrno("l40", "read", "follow"), "success");
  assertEquals(guest.openErrno("l41", "read", "follow"), "loop");
});

Deno.test("a link that the host made is removed, renamed and linked as itself, wherever it leads", () => {
  using place = new Place().link("out", "../out").link("away", "../outside").link("dangling", "nowhere");
  const guest = place.guest();
  for (const path of ["out", "away", "dangling"]) {
    assertEquals(guest.rename(path, "moved"), "success");
    assertEquals(guest.link("moved", path), "success", "the link itself gets another name");
    assertEquals(
      guest.link("moved", "other", 1),
      path === "dangling" ? "noent" : "perm",
      "not what it leads to",
    );
    assertEquals(guest.errno("removeDirectory", guest.at("moved")), "notdir");
    assertEquals(guest.errno("unlink", guest.at("moved/")), "notdir");
    assertEquals(guest.errno("createDirectory", guest.at("moved")), "exist");
    assertEquals(guest.errno("unlink", guest.at("moved")), "success");
    assertEquals(guest.errno("unlink", guest.at(path)), "success");
  }
  assertEquals(guest.names(), [".", ".."]);
});

Deno.test("a path begins in the directory of its descriptor, and ends inside the mount", () => {
  using place = new Place().directory("d/e").file("f", "inside");
  const guest = place.guest();
  const directory = guest.open("d/e", "read", "directory");
  assertEquals(guest.errno("open", guest.opening("../../f", ["read"], directory)), "success");
  assertEquals(guest.errno("open", guest.opening("../../../out", ["read"], directory)), "perm");
  const file = guest.open("f", "read");
  assertEquals(guest.errno("open", guest.opening("x", ["read"], file)), "notdir");
  assertEquals(guest.errno("open", guest.opening("x", ["read"], 99)), "badf");
});

Deno.test("a directory that became a link, or another one, is no longer what a descriptor stands for", () => {
  using place = new Place().directory("d/e").file("d/e/f");
  const guest = place.guest();
  const inner = guest.open("d/e", "read", "directory"), outer = guest.open("d", "read", "directory");
  Deno.renameSync(`${place.path}/d`, `${place.path}/old`);
  Deno.mkdirSync(`${place.path}/d`);
  for (const directory of [inner, outer]) {
    assertEquals(guest.errno("open", guest.opening("f", ["read", "create", "write"], directory)), "noent");
    assertEquals(guest.errno("readDirectory", { descriptor: directory, cookie: 0, most: 10 }), "noent");
    assertEquals(guest.errno("stat", { descriptor: directory }), "noent");
  }
  Deno.removeSync(`${place.path}/d`);
  place.link("d", "old");
  assertEquals(guest.errno("stat", { descriptor: inner }), "noent", "the same directory, by a link");
});

Deno.test("a mount whose directory is gone, or was replaced, shows nothing", () => {
  using place = new Place().file("f");
  place.directory("d").file("d/g");
  const guest = place.guest(), directory = guest.open("d", "read");
  Deno.renameSync(place.path, `${place.root}/moved`);
  assertEquals(guest.openErrno("f", "read"), "noent");
  Deno.symlinkSync("moved", place.path);
  assertEquals(guest.openErrno("f", "read"), "noent", "the same directory, by a link");
  assertEquals(guest.errno("open", guest.opening("g", ["read"], directory)), "noent", "nor what is below it");
  Deno.removeSync(place.path);
  Deno.symlinkSync("outside", place.path);
  assertEquals(guest.openErrno("file", "read"), "noent");
  const late = place.rig().attach([mountOf(place.path)]);
  assertEquals(late.openErrno("file", "read"), "noent", "a mount that is a link is not followed");
});
