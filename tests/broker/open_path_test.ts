import { FILE_TYPES } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertNotEquals } from "../assert.ts";
import { mountOf, Place, SECRET } from "./files_rig.ts";

Deno.test("open makes, truncates and refuses by its flags, as POSIX has it", () => {
  using place = new Place().file("f", "text").directory("d").link("dangling", "new").link("dir", "d");
  const guest = place.guest();
  assertEquals(guest.openErrno("missing", "read"), "noent");
  assertEquals(guest.openErrno("f", "create", "exclusive", "write"), "exist");
  assertEquals(guest.openErrno("d", "create", "exclusive", "write"), "exist");
  assertEquals(guest.openErrno("dangling", "create", "exclusive", "write", "follow"), "exist");
  assertEquals(guest.openErrno("dangling", "create", "write"), "loop");
  assertEquals(guest.openErrno("d", "write"), "isdir");
  assertEquals(guest.openErrno("dir", "write", "follow"), "isdir");
  assertEquals(guest.openErrno("d", "truncate"), "isdir");
  assertEquals(guest.openErrno("d", "create", "read"), "isdir");
  assertEquals(guest.openErrno("d", "create", "directory"), "inval");
  assertEquals(guest.openErrno("f", "read", "directory"), "notdir");
  assertEquals(guest.openErrno("f/", "read"), "notdir");
  assertEquals(guest.openErrno("f/", "create", "write"), "notdir");
  assertEquals(guest.openErrno("new/", "create", "write"), "isdir");
  assertEquals(guest.openErrno("d/", "create", "write"), "isdir");
  assertEquals(guest.openErrno("missing/new", "create", "write"), "noent");
  assertEquals(guest.errno("open", { directory: 0, path: "f", flags: 1 << 7 }), "inval");
  assertEquals(guest.errno("open", { directory: 0, path: "f", flags: 0xffffffff }), "inval");
  assertEquals(place.text("f"), "text", "nothing was truncated by a refusal");
  guest.open("f", "write", "truncate");
  assertEquals(place.text("f"), "");
  const made = guest.open("dangling", "create", "write", "follow");
  guest.write(made, "through the link");
  assertEquals(place.text("new"), "through the link");
});

Deno.test("open makes nothing through a dangling link that leads out", () => {
  using place = new Place().link("dangling", "../outside/new").link("absolute", "/tmp/aegis-new");
  const guest = place.guest();
  assertEquals(guest.openErrno("dangling", "create", "write", "follow"), "perm");
  assertEquals(guest.openErrno("absolute", "create", "write", "follow"), "perm");
});

Deno.test("open gives one file number for one file, and another for another", () => {
  using place = new Place().file("f").file("g");
  const guest = place.guest(), other = place.guest();
  const first = guest.perform("open", guest.opening("f", ["read"]));
  assertEquals(first.type, FILE_TYPES.regularFile);
  assertEquals(guest.link("f", "h"), "success");
  assertEquals(guest.perform("open", guest.opening("h", ["read"])).file, first.file);
  assertEquals(other.perform("open", other.opening("f", ["write"])).file, first.file);
  assertNotEquals(guest.perform("open", guest.opening("g", ["read"])).file, first.file);
  const directory = guest.perform("open", guest.opening(".", ["read"]));
  assertEquals(directory.type, FILE_TYPES.directory);
  assertNotEquals(directory.file, first.file);
});

Deno.test("descriptors count from the mounts on, are reused, and end with close", () => {
  using place = new Place().file("f", "a").file("g", "b");
  const guest = place.rig().attach([mountOf(place.path), mountOf(place.path)]);
  const first = guest.open("f", "read"), second = guest.open("g", "read");
  assertEquals([first, second], [2, 3]);
  assertEquals(guest.errno("close", { descriptor: first }), "success");
  assertEquals(guest.errno("close", { descriptor: first }), "badf");
  assertEquals(guest.errno("read", { descriptor: first, offset: 0, length: 1 }), "badf");
  assertEquals(guest.open("g", "read"), first);
  assertEquals(guest.errno("close", { descriptor: 0xffffffff }), "badf");
});

Deno.test("close takes mounts, and closeAll brings them back and closes the rest", () => {
  using place = new Place().file("f");
  const guest = place.guest();
  const file = guest.open("f", "read");
  assertEquals(guest.errno("close", { descriptor: 0 }), "success");
  assertEquals(guest.openErrno("f", "read"), "badf");
  assertEquals(guest.errno("close", { descriptor: 0 }), "badf");
  assertEquals(guest.errno("closeAll", {}), "success");
  assertEquals(guest.errno("read", { descriptor: file, offset: 0, length: 1 }), "badf");
  assertEquals(guest.open("f", "read"), 1);
});

Deno.test("one guest's descriptors are nothing to another", () => {
  using place = new Place().file("f");
  const rig = place.rig(),
    guest = rig.attach([mountOf(place.path)]),
    other = rig.attach([mountOf(place.path)]);
  const descriptor = guest.open("f", "read");
  assertEquals(other.errno("read", { descriptor, offset: 0, length: 1 }), "badf");
  assertEquals(other.errno("closeAll", {}), "success");
  assertEquals(guest.read(descriptor), "content");
});

Deno.test("open refuses FIFOs, sockets and devices before it opens them, so that nothing waits", async () => {
  using place = new Place().link("null", "/dev/null").link("fifoLink", "fifo");
  await new Deno.Command("mkfifo", { args: [`${place.path}/fifo`] }).output();
  const listener = Deno.listen({ transport: "unix", path: `${place.path}/socket` });
  try {
    const guest = place.guest(), began = performance.now();
    for (const path of ["fifo", "socket", "fifoLink"]) {
      for (const flags of [["read"], ["write"], ["read", "write", "create"], ["truncate"]] as const) {
        assertEquals(guest.openErrno(path, ...flags, "follow"), "acces", `${path} ${flags}`);
      }
      assertEquals(
        guest.errno("setTimesAt", { ...guest.at(path), follow: 1, accessed: 0n, modified: 0n, flags: 1 }),
        "acces",
      );
    }
    assertEquals(guest.openErrno("null", "read", "follow"), "perm");
    assertEquals(guest.link("fifo", "other"), "acces");
    assert(performance.now() - began < 1000, "nothing has waited");
    assertEquals(guest.perform("statAt", { ...guest.at("socket"), follow: 0 }).type, FILE_TYPES.socketStream);
    assertEquals(guest.perform("statAt", { ...guest.at("fifo"), follow: 0 }).type, FILE_TYPES.unknown);
    assertEquals(guest.errno("unlink", guest.at("fifo")), "success");
  } finally {
    listener.close();
  }
});

Deno.test("open does not stop at devices of a mount of /dev", { ignore: Deno.build.os !== "linux" }, () => {
  using place = new Place();
  const guest = place.rig().attach([mountOf("/dev", { guestPath: "/dev" })]);
  for (const path of ["null", "zero", "tty", "full"]) {
    assertEquals(guest.openErrno(path, "read", "follow"), "acces", path);
  }
});

Deno.test("a hard link to a file outside cannot be told from a file inside: the host has put it there", () => {
  using place = new Place();
  Deno.linkSync(`${place.root}/out`, `${place.path}/linked`);
  assertEquals(place.guest().readFile("linked"), SECRET);
  Deno.removeSync(`${place.path}/linked`);
});
