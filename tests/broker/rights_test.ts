import { mayDo, type MountAction, MountState, refusalOf } from "../../src/broker/mount.ts";
import { DENO_FILE_SYSTEM } from "../../src/broker/file_system.ts";
import type { ErrnoName } from "../../src/protocol/errno.ts";
import { APPEND, TIME_FLAGS } from "../../src/protocol/operations.ts";
import { assertEquals } from "../assert.ts";
import { mountOf, Place, READ_ONLY, type RigGuest } from "./files_rig.ts";

const TIMES = { accessed: 1n, modified: 1n, flags: TIME_FLAGS.accessed | TIME_FLAGS.modified };
const NOW = { accessed: 0n, modified: 0n, flags: TIME_FLAGS.accessedNow };

/** Everything that changes something in a mount, or wants to be able to; `f` is a file there, `d` a directory. */
const CHANGES: Readonly<Record<string, (guest: RigGuest) => ErrnoName>> = {
  "open to write": (guest) => guest.openErrno("f", "write"),
  "open to read and write": (guest) => guest.openErrno("f", "read", "write"),
  "open to truncate": (guest) => guest.openErrno("f", "truncate"),
  "open to read and truncate": (guest) => guest.openErrno("f", "read", "truncate"),
  "open to create": (guest) => guest.openErrno("new", "read", "create"),
  "open to create what is there": (guest) => guest.openErrno("f", "read", "create"),
  "open to create anew": (guest) => guest.openErrno("new", "write", "create", "exclusive"),
  setTimes: (guest) => guest.errno("setTimes", { descriptor: guest.open("f", "read"), ...TIMES }),
  "setTimes of a directory": (guest) => guest.errno("setTimes", { descriptor: 0, ...TIMES }),
  "setTimes to now": (guest) => guest.errno("setTimes", { descriptor: guest.open("f", "read"), ...NOW }),
  setTimesAt: (guest) => guest.errno("setTimesAt", { ...guest.at("f"), follow: 1, ...TIMES }),
  "setTimesAt without following": (guest) =>
    guest.errno("setTimesAt", { ...guest.at("d"), follow: 0, ...NOW }),
  setSize: (guest) => guest.errno("setSize", { descriptor: guest.open("f", "read"), size: 1 }),
  allocate: (guest) =>
    guest.errno("allocate", { descriptor: guest.open("f", "read"), offset: 0, length: 100 }),
  write: (guest) => guest.writeErrno(guest.open("f", "read"), "x"),
  append: (guest) => guest.writeErrno(guest.open("f", "read"), "x", APPEND),
  createDirectory: (guest) => guest.errno("createDirectory", guest.at("new")),
  removeDirectory: (guest) => guest.errno("removeDirectory", guest.at("d")),
  unlink: (guest) => guest.errno("unlink", guest.at("f")),
  rename: (guest) => guest.rename("f", "new"),
  "rename to itself": (guest) => guest.rename("f", "f"),
  link: (guest) => guest.link("f", "new"),
  symlink: (guest) => guest.errno("symlink", { target: "f", ...guest.at("new") }),
};

function facts(place: Place): string {
  const names = [...Deno.readDirSync(place.path)].map(({ name }) => name).sort();
  const { mtime } = Deno.statSync(`${place.path}/f`);
  return JSON.stringify([names, place.text("f"), mtime, Deno.statSync(`${place.path}/d`).mtime]);
}

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`a read-only mount is read-only for ${name}`, () => {
    using place = new Place().file("f").directory("d");
    const before = facts(place);
    assertEquals(change(place.guest(READ_ONLY)), "rofs");
    assertEquals(facts(place), before);
  });
}

Deno.test("files cross no border between mounts, be it by link or by rename", () => {
  using place = new Place().directory("ro").directory("rw").file("ro/f", "fixed").file("rw/g");
  const guest = place.rig().attach([
    mountOf(`${place.path}/ro`, READ_ONLY),
    mountOf(`${place.path}/rw`),
    mountOf(place.path),
  ]);
  const cross = (
    name: "link" | "rename",
    [directory, path]: [number, string],
    [to, toPath]: [number, string],
  ) => {
    const paths = { directory, path, toDirectory: to, toPath };
    return name === "link" ? guest.errno(name, { ...paths, follow: 0 }) : guest.errno(name, paths);
  };
  for (const name of ["link", "rename"] as const) {
    assertEquals(cross(name, [0, "f"], [1, "f"]), "rofs", `${name} out of a read-only mount`);
    assertEquals(cross(name, [1, "g"], [0, "g"]), "rofs", `${name} into a read-only mount`);
    assertEquals(cross(name, [2, "rw/g"], [1, "h"]), "xdev", `${name} between writable mounts`);
    assertEquals(cross(name, [1, "g"], [2, "rw/h"]), "xdev", `${name} to what is the same directory`);
    assertEquals(cross(name, [1, "g"], [1, "../ro/g"]), "perm", `${name} over the border by path`);
  }
  assertEquals(place.text("ro/f"), "fixed");
  assertEquals(guest.names(1), [".", "..", "g"]);
});

Deno.test("narrow takes rights from descriptors that are open, and never gives any", () => {
  using place = new Place().file("f", "text").directory("d");
  const rig = place.rig(), mount = mountOf(place.path), guest = rig.attach([mount]);
  const file = guest.open("f", "read", "write"), directory = guest.open("d", "read", "directory");
  const made = guest.open("made", "create", "read", "write");
  rig.service.message({ kind: "narrow", slot: 0, mounts: [{ ...mount, ...READ_ONLY }] });
  assertEquals(guest.read(file), "text");
  for (const descriptor of [file, made]) {
    assertEquals(guest.writeErrno(descriptor, "x"), "rofs");
    assertEquals(guest.errno("setSize", { descriptor, size: 0 }), "rofs");
    assertEquals(guest.errno("allocate", { descriptor, offset: 0, length: 1 }), "rofs");
    assertEquals(guest.errno("setTimes", { descriptor, ...TIMES }), "rofs");
  }
  assertEquals(
    guest.errno("createDirectory", guest.at("new", directory)),
    "rofs",
    "what is below a mount, too",
  );
  rig.service.message({ kind: "narrow", slot: 0, mounts: [{ ...mount, read: false }] });
  assertEquals(guest.errno("read", { descriptor: file, offset: 0, length: 1 }), "acces");
  assertEquals(guest.errno("readDirectory", { descriptor: directory, cookie: 0, most: 1 }), "acces");
  assertEquals(guest.writeErrno(file, "x"), "rofs", "what was taken stays so");
  rig.service.message({ kind: "narrow", slot: 0, mounts: [mount] });
  assertEquals(guest.errno("read", { descriptor: file, offset: 0, length: 1 }), "acces");
  const other = rig.attach([mount]);
  rig.service.message({ kind: "narrow", slot: other.slot, mounts: [] });
  assertEquals(other.openErrno("f", "read"), "acces");
});

Deno.test("narrow lowers the sizes of a grant, and leaves its paths", () => {
  using place = new Place().file("f");
  const mount = mountOf(place.path, { maxFileSize: 10, totalBytes: 20, only: ["f", "g"] });
  const state = new MountState(mount, { index: 0, fs: DENO_FILE_SYSTEM });
  state.narrow({
    ...mount,
    hostPath: "/",
    guestPath: "/other",
    maxFileSize: 100,
    totalBytes: 5,
    only: ["g", "h"],
  });
  assertEquals(state.grant, { ...mount, maxFileSize: 10, totalBytes: 5, only: ["g"] });
});

Deno.test("what a mount does not allow is refused, and nothing else", () => {
  const rights = ["read", "write", "create", "delete"] as const satisfies readonly MountAction[];
  for (const right of rights) {
    const mount = mountOf("/x", { read: false, ...READ_ONLY, [right]: true });
    assertEquals(rights.filter((other) => mayDo(mount, other)), [right]);
    assertEquals(refusalOf(mount, right), undefined);
  }
  assertEquals(refusalOf(mountOf("/x", READ_ONLY), "write"), "readOnly");
  assertEquals(refusalOf(mountOf("/x", { write: false }), "write"), "notWrite");
  assertEquals(refusalOf(mountOf("/x", { delete: false }), "delete"), "notDelete");
});

Deno.test("a mount without reading shows neither contents nor names nor sizes", () => {
  using place = new Place().file("f").directory("d").link("l", "f");
  const guest = place.guest({ read: false });
  assertEquals(guest.openErrno("f", "read"), "acces");
  assertEquals(guest.openErrno("f", "read", "write"), "acces");
  assertEquals(guest.openErrno("f"), "acces");
  assertEquals(guest.errno("statAt", { ...guest.at("f"), follow: 1 }), "acces");
  assertEquals(guest.errno("stat", { descriptor: 0 }), "acces");
  assertEquals(guest.errno("readLink", guest.at("l")), "acces");
  assertEquals(guest.errno("readDirectory", { descriptor: 0, cookie: 0, most: 10 }), "acces");
  assertEquals(guest.openErrno("d", "read"), "acces");
  assertEquals(guest.openErrno("d"), "success", "a directory to make things in");
  const file = guest.open("f", "write");
  assertEquals(guest.errno("read", { descriptor: file, offset: 0, length: 1 }), "badf");
  guest.write(file, "new");
  assertEquals(place.text("f"), "newtent");
});

Deno.test("create alone lets a guest make and fill new files, write alone change what is there", () => {
  using place = new Place().file("f").directory("d");
  const maker = place.guest({ write: false, delete: false });
  const made = maker.open("new", "create", "write");
  maker.write(made, "filled");
  assertEquals(place.text("new"), "filled");
  assertEquals(maker.openErrno("new", "write"), "acces");
  assertEquals(maker.openErrno("new", "create", "write"), "acces");
  assertEquals(maker.openErrno("f", "truncate"), "acces");
  assertEquals(maker.rename("new", "other"), "acces");
  const writer = place.guest({ create: false, delete: false });
  writer.write(writer.open("f", "create", "write"), "changed");
  assertEquals(place.text("f"), "changed");
  assertEquals(writer.openErrno("newer", "create", "write"), "acces");
  assertEquals(writer.errno("createDirectory", writer.at("newer")), "acces");
  assertEquals(writer.link("f", "newer"), "acces");
  assertEquals(writer.errno("unlink", writer.at("f")), "acces");
  const keeper = place.guest({ delete: false });
  assertEquals(keeper.rename("f", "new"), "acces");
  const replacer = place.guest({ delete: true, write: false });
  assertEquals(replacer.rename("f", "new"), "success");
});

Deno.test("a descriptor does what it was opened for", () => {
  using place = new Place().file("f", "text");
  const guest = place.guest(), reader = guest.open("f", "read"), writer = guest.open("f", "write");
  assertEquals(guest.writeErrno(reader, "x"), "badf");
  assertEquals(guest.errno("setSize", { descriptor: reader, size: 0 }), "inval");
  assertEquals(guest.errno("allocate", { descriptor: reader, offset: 0, length: 9 }), "badf");
  assertEquals(guest.errno("read", { descriptor: writer, offset: 0, length: 1 }), "badf");
  assertEquals(guest.errno("write", { descriptor: 0, offset: 0, bytes: new Uint8Array(1) }), "isdir");
  assertEquals(guest.errno("read", { descriptor: 0, offset: 0, length: 1 }), "isdir");
  assertEquals(guest.errno("readDirectory", { descriptor: reader, cookie: 0, most: 1 }), "notdir");
  assertEquals(place.text("f"), "text");
});

/** Changes for which the broker needs Deno's leave to write; the others write to what is open, or do nothing. */
const NEED_LEAVE = [
  "open to write",
  "open to read and write",
  "open to truncate",
  "open to create",
  "open to create anew",
  "setTimes",
  "setTimes of a directory",
  "setTimesAt",
  "setTimesAt without following",
  "createDirectory",
  "removeDirectory",
  "unlink",
  "rename",
  "link",
] as const;

Deno.test("without Deno's permission the broker asks nobody: it refuses", () => {
  using place = new Place().file("f").directory("d");
  const without = (refused: "read" | "write") => {
    const fs = { ...DENO_FILE_SYSTEM, granted: (access: "read" | "write") => access !== refused };
    return place.rig({ fs }).attach([mountOf(place.path)]);
  };
  const before = facts(place);
  for (const name of NEED_LEAVE) assertEquals(CHANGES[name]?.(without("write")), "notcapable", name);
  const blind = without("read");
  assertEquals(blind.openErrno("f", "read"), "notcapable");
  assertEquals(blind.openErrno("f", "write"), "notcapable");
  assertEquals(blind.errno("statAt", { ...blind.at("f"), follow: 1 }), "notcapable");
  assertEquals(blind.errno("readDirectory", { descriptor: 0, cookie: 0, most: 1 }), "notcapable");
  assertEquals(blind.errno("unlink", blind.at("f")), "notcapable");
  assertEquals(facts(place), before);
});
