import { OPEN_FLAGS } from "../../src/protocol/operations.ts";
import { absolutePath } from "../../src/wasi/place.ts";
import { RIGHTS } from "../../src/wasi/rights.ts";
import { assertEquals } from "../assert.ts";
import { ALL_RIGHTS, FakeGuest, READING, RESULT } from "./fake_guest.ts";

const guestWith = (tree: Record<string, string>) => new FakeGuest({ trees: [tree] });

/** The flags of the last `open`. */
function flagsOf(guest: FakeGuest): unknown {
  return guest.host.operations.log.findLast(({ name }) => name === "open")?.request.flags;
}

Deno.test("path_open() asks for what rights and bits say", () => {
  const { read, write, create, exclusive, truncate, directory, follow } = OPEN_FLAGS;
  const reads = BigInt(RIGHTS.fd_read), writes = BigInt(RIGHTS.fd_write);
  const cases: [bits: number, rights: bigint, lookup: number, flags: number][] = [
    [0, 0n, 0, read],
    [0, reads, 0, read],
    [0, writes, 0, write],
    [0, reads | writes, 1, read | write | follow],
    [1, writes, 0, write | create],
    [1, 0n, 0, read | create],
    [4, 0n, 0, read],
    [8, 0n, 0, write | truncate],
    [9, reads, 0, read | write | create | truncate],
    [0, ALL_RIGHTS, 0, read | write],
  ];
  for (const [bits, rights, lookup, flags] of cases) {
    const guest = guestWith({ file: "" });
    guest.open("file", { bits, rights, lookup });
    assertEquals(flagsOf(guest), flags, `${bits} ${rights}`);
  }
  const guest = guestWith({ "sub/": "" });
  guest.open("sub", { bits: 2, rights: READING });
  assertEquals(flagsOf(guest), read | directory);
  guest.open("new", { bits: 5, rights: writes });
  assertEquals(flagsOf(guest), write | create | exclusive);
  assertEquals(guest.tryOpen("new", { bits: 5 }), "exist");
});

Deno.test("path_open() refuses bits that mean nothing or contradict each other", () => {
  const guest = guestWith({ file: "" });
  for (const bits of [3, 6, 7, 10, 15, 16, 2 ** 31, 2 ** 32 - 1]) {
    assertEquals(guest.tryOpen("file", { bits }), "inval", `${bits}`);
  }
  for (const lookup of [2, 2 ** 32 - 1]) assertEquals(guest.tryOpen("file", { lookup }), "inval");
  for (const flags of [32, 2 ** 32 - 1]) assertEquals(guest.tryOpen("file", { flags }), "inval");
  assertEquals(guest.host.operations.log, []);
});

Deno.test("path_open() of a directory to write, and of a file as a directory, fails and leaves nothing open", () => {
  const guest = guestWith({ file: "", "sub/": "" }), { operations } = guest.host;
  assertEquals(guest.tryOpen("sub"), "isdir");
  assertEquals(guest.tryOpen("file", { bits: 2 }), "notdir");
  // A broker that does not look itself.
  const { perform } = operations;
  operations.perform = (name, request) =>
    perform.call(operations, name, { ...request, flags: OPEN_FLAGS.read } as never) as never;
  assertEquals([guest.tryOpen("sub"), guest.tryOpen("file", { bits: 2 })], ["isdir", "notdir"]);
  assertEquals([operations.opened, operations.count("close")], [0, 2]);
});

Deno.test("path_open() on what is no directory", () => {
  const guest = guestWith({ file: "" }), file = guest.open("file");
  assertEquals([file, 0, 9].map((fd) => guest.tryOpen("x", { fd })), ["notdir", "notdir", "badf"]);
});

Deno.test("path_open() below a directory that was opened stays below it", () => {
  const guest = guestWith({ "sub/file": "below", "sub/deep/": "", file: "above" }),
    { operations } = guest.host;
  const sub = guest.open("sub", { rights: READING });
  assertEquals(guest.read(guest.open("deep/..//./file", { fd: sub }), 10), "below");
  const opens = operations.count("open");
  for (const path of ["..", "../file", "deep/../../file", "./..//sub/file"]) {
    assertEquals(guest.tryOpen(path, { fd: sub, rights: READING }), "perm", path);
    assertEquals(guest.call("path_unlink_file", sub, ...guest.put(path)), "perm", path);
  }
  assertEquals([operations.count("open"), operations.count("unlink")], [opens, 0]);
  assertEquals(guest.tryOpen("../file"), "perm");
  assertEquals(
    operations.count("open"),
    opens + 1,
    "what leaves a grant is for the broker to refuse and record",
  );
});

Deno.test("B18 paths that are not UTF-8, empty, too long, or with a NUL", () => {
  const guest = guestWith({ "\ufefffile": "mark" });
  const stat = (path: Uint8Array | string) =>
    guest.call("path_filestat_get", 3, 0, ...guest.put(path), RESULT);
  for (const bytes of [[0x80], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x66, 0xff]]) {
    assertEquals(stat(Uint8Array.from(bytes)), "ilseq", String(bytes));
  }
  assertEquals([stat("file\0"), stat("\0"), stat("")], ["inval", "inval", "noent"]);
  assertEquals(guest.host.operations.log, []);
  assertEquals(stat("\ufefffile"), "success", "a byte order mark is a character of the name");
  guest.host.room = 65_536;
  assertEquals([stat("x".repeat(4096)), stat("x".repeat(4097))], ["noent", "nametoolong"]);
  guest.host.room = 2048;
  assertEquals([stat("x".repeat(1024)), stat("x".repeat(1025))], ["noent", "nametoolong"]);
});

Deno.test("an absolute path is refused, and the host hears of it", () => {
  const guest = guestWith({ file: "" }), { operations } = guest.host;
  assertEquals(guest.tryOpen("/file", { rights: READING }), "notcapable");
  assertEquals(operations.log, [{ name: "refusedFile", request: { write: 0, path: "/file" } }]);
});

Deno.test("the root that holds nothing refuses every path, and the host hears which", () => {
  const guest = guestWith({}), path = guest.put("etc/.././/tmp/../../etc/x/"), { operations } = guest.host;
  const calls = [
    [guest.tryOpen("etc/passwd", { fd: 4, rights: READING }), 0, "/etc/passwd"],
    [guest.tryOpen("etc/passwd", { fd: 4, bits: 1, rights: READING }), 1, "/etc/passwd"],
    [guest.tryOpen("etc/passwd", { fd: 4 }), 1, "/etc/passwd"],
    [guest.call("path_filestat_get", 4, 0, ...path, RESULT), 0, "/etc/../tmp/../../etc/x"],
    [guest.call("path_create_directory", 4, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_unlink_file", 4, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_readlink", 4, ...path, 64, 64, RESULT), 0, "/etc/../tmp/../../etc/x"],
    [guest.call("path_rename", 4, ...path, 3, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_rename", 3, ...path, 4, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_link", 3, 0, ...path, 4, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_symlink", ...path, 4, ...path), 1, "/etc/../tmp/../../etc/x"],
    [guest.call("path_filestat_set_times", 4, 0, ...path, 0n, 0n, 0), 1, "/etc/../tmp/../../etc/x"],
    [guest.tryOpen(".", { fd: 4, rights: READING }), 0, "/"],
  ] as const;
  assertEquals(calls.map(([errno]) => errno), calls.map(() => "notcapable"));
  assertEquals(
    operations.log,
    calls.map(([, write, at]) => ({ name: "refusedFile", request: { write, path: at } })) as never,
  );
  assertEquals(guest.call("fd_read", 4, ...guest.iovecs([64, 1]), RESULT), "isdir");
});

Deno.test("absolutePath() cleans a path, and does not guess where one leads upwards", () => {
  assertEquals(["", ".", "a", "/a//b/", "../a", "a/../../b/./c"].map(absolutePath), [
    "/",
    "/",
    "/a",
    "/a/b",
    "/../a",
    "/a/../../b/c",
  ]);
});

Deno.test("paths make, remove, rename and link", () => {
  const guest = guestWith({ file: "text" }), { operations } = guest.host;
  guest.ok("path_create_directory", 3, ...guest.put("sub"));
  guest.ok("path_rename", 3, ...guest.put("file"), 3, ...guest.put("sub/moved"));
  guest.ok("path_link", 3, 1, ...guest.put("sub/moved"), 3, ...guest.put("linked"));
  assertEquals(operations.log.at(-1)?.request.follow, 1);
  assertEquals(operations.text("linked"), "text");
  assertEquals(guest.call("path_remove_directory", 3, ...guest.put("sub")), "notempty");
  guest.ok("path_unlink_file", 3, ...guest.put("sub/moved"));
  guest.ok("path_remove_directory", 3, ...guest.put("sub"));
  assertEquals(guest.call("path_filestat_get", 3, 1, ...guest.put("sub"), RESULT), "noent");
  assertEquals(guest.call("path_symlink", ...guest.put("/anywhere"), 3, ...guest.put("link")), "perm");
  assertEquals(operations.log.at(-1)?.request, { target: "/anywhere", directory: 0, path: "link" });
  assertEquals(guest.call("path_link", 3, 2, ...guest.put("a"), 3, ...guest.put("b")), "inval");
});

Deno.test("path_readlink() gives as much of the text as fits", () => {
  const guest = guestWith({}), at = guest.allocate(16);
  guest.ok("path_readlink", 3, ...guest.put("link"), at, 5, RESULT);
  assertEquals([guest.text(at, 6), guest.u32()], ["where\0", 5]);
  guest.ok("path_readlink", 3, ...guest.put("link"), at, 0, RESULT);
  assertEquals(guest.u32(), 0);
});
