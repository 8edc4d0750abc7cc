import { RIGHTS } from "../../src/wasi/rights.ts";
import { FILE_TYPES } from "../../src/protocol/operations.ts";
import { assertEquals } from "../assert.ts";
import { ALL_RIGHTS, FakeGuest, RESULT } from "./fake_guest.ts";

const PREOPENS = [
  { guestPath: "/data", read: true, write: true, create: true, delete: true },
  { guestPath: "/read only", read: true, write: false, create: false, delete: false },
];

Deno.test("fd_prestat_get() and fd_prestat_dir_name() show the grants in order, and a root behind them", () => {
  const guest = new FakeGuest({ settings: { preopens: PREOPENS }, trees: [{}, {}] });
  const names: string[] = [];
  for (let fd = 3; guest.call("fd_prestat_get", fd, RESULT) === "success"; fd++) {
    assertEquals(guest.u32(), 0);
    const length = guest.u32(RESULT + 4);
    assertEquals(guest.call("fd_prestat_dir_name", fd, 64, length - 1), "nametoolong");
    guest.ok("fd_prestat_dir_name", fd, 64, length + 1);
    names.push(guest.text(64, length));
  }
  assertEquals(names, ["/data", "/read only", "/"]);
  assertEquals([0, 1, 2, 6].map((fd) => guest.call("fd_prestat_get", fd, RESULT)), [
    "badf",
    "badf",
    "badf",
    "badf",
  ]);
  const rooted = new FakeGuest({ settings: { preopens: [{ ...PREOPENS[1], guestPath: "/" }] as never } });
  assertEquals(rooted.call("fd_prestat_get", 4, RESULT), "badf", "no second root");
});

Deno.test("fd_fdstat_get() tells terminals by type and by the lack of seeking", () => {
  const guest = new FakeGuest({ trees: [{ file: "" }] }), seeking = RIGHTS.fd_seek | RIGHTS.fd_tell;
  const stats = [0, 1, 2, 3, 4, guest.open("file")].map((fd) => guest.fdstat(fd));
  const { characterDevice, directory, regularFile, unknown } = FILE_TYPES;
  assertEquals(stats.map(({ type }) => type), [
    unknown,
    characterDevice,
    unknown,
    directory,
    directory,
    regularFile,
  ]);
  assertEquals(stats.map(({ rights }) => rights & seeking), [0, 0, 0, 0, 0, seeking]);
});

Deno.test("fd_fdstat_set_rights() gives rights up and never back", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }), fd = guest.open("file");
  const { rights } = guest.fdstat(fd), less = BigInt(rights & ~RIGHTS.fd_read);
  for (const more of [BigInt(rights) | 1n << 13n, ALL_RIGHTS, 1n << 40n, 2n ** 64n - 1n]) {
    assertEquals(guest.call("fd_fdstat_set_rights", fd, more, 0n), "notcapable");
  }
  assertEquals(guest.call("fd_fdstat_set_rights", fd, 0n, 1n), "notcapable");
  assertEquals(guest.fdstat(fd).rights, rights);
  guest.ok("fd_fdstat_set_rights", fd, less, 0n);
  assertEquals(guest.call("fd_read", fd, ...guest.iovecs([64, 1]), RESULT), "badf");
  assertEquals(guest.call("fd_fdstat_set_rights", fd, BigInt(rights), 0n), "notcapable");
});

Deno.test("what a directory no longer passes on is dropped from what is opened below it", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }), { rights, inheriting } = guest.fdstat(3);
  guest.ok("fd_fdstat_set_rights", 3, BigInt(rights), BigInt(inheriting & ~RIGHTS.fd_write));
  const fd = guest.open("file");
  assertEquals(guest.fdstat(fd).rights & (RIGHTS.fd_write | RIGHTS.fd_read), RIGHTS.fd_read);
  assertEquals(guest.call("fd_write", fd, ...guest.iovecs([64, 1]), RESULT), "badf");
  const directory = guest.open(".", { rights: ALL_RIGHTS & ~BigInt(RIGHTS.fd_write) });
  assertEquals(guest.fdstat(directory).inheriting & RIGHTS.fd_write, 0);
  assertEquals(guest.tryOpen("file", { fd: directory }), "success");
  assertEquals(guest.fdstat(guest.u32()).rights & RIGHTS.fd_write, 0, "nor further below");
});

Deno.test("every function asks for its right", () => {
  const guest = new FakeGuest({ trees: [{ file: "x", "sub/": "" }] }),
    file = guest.open("file"),
    path = guest.put("file");
  const other = guest.put("new");
  guest.ok("fd_fdstat_set_rights", file, 0n, 0n);
  guest.ok("fd_fdstat_set_rights", 3, 0n, 0n);
  const results = [
    guest.call("fd_advise", file, 0n, 0n, 0),
    guest.call("fd_allocate", file, 0n, 1n),
    guest.call("fd_datasync", file),
    guest.call("fd_fdstat_set_flags", file, 0),
    guest.call("fd_filestat_get", file, RESULT),
    guest.call("fd_filestat_set_size", file, 0n),
    guest.call("fd_filestat_set_times", file, 0n, 0n, 0),
    guest.call("fd_seek", file, 0n, 0, RESULT),
    guest.call("fd_sync", file),
    guest.call("fd_tell", file, RESULT),
    guest.call("fd_readdir", 3, 64, 64, 0n, RESULT),
    guest.call("path_create_directory", 3, ...other),
    guest.call("path_filestat_get", 3, 0, ...path, RESULT),
    guest.call("path_filestat_set_times", 3, 0, ...path, 0n, 0n, 0),
    guest.call("path_link", 3, 0, ...path, 3, ...other),
    guest.tryOpen("file"),
    guest.call("path_readlink", 3, ...path, 64, 64, RESULT),
    guest.call("path_remove_directory", 3, ...path),
    guest.call("path_rename", 3, ...path, 3, ...other),
    guest.call("path_symlink", ...path, 3, ...other),
    guest.call("path_unlink_file", 3, ...path),
  ];
  assertEquals(results, results.map(() => "notcapable"));
  assertEquals(guest.host.operations.log.length, 1, "only the opening reached the broker");
});

Deno.test("fd_filestat_get() and its kin lay out what the module's version says", () => {
  const stat = (module: string) => {
    const guest = new FakeGuest({ module, trees: [{ file: "four" }] });
    guest.ok("fd_filestat_get", guest.open("file"), 64);
    return { guest, at: (offset: number) => guest.u64(64 + offset) };
  };
  const { at } = stat("wasi_snapshot_preview1");
  assertEquals([at(0), at(8), at(16), at(24), at(32), at(40), at(48), at(56)], [
    7n,
    2n,
    4n,
    1n,
    4n,
    1000n,
    2000n,
    3000n,
  ]);
  const { guest, at: old } = stat("wasi_unstable");
  assertEquals([old(0), old(8), old(24), old(32), old(40), old(48)], [7n, 2n, 4n, 1000n, 2000n, 3000n]);
  assertEquals([guest.view.getUint8(80), guest.u32(84), old(56)], [4, 1, 0n]);
  guest.ok("path_filestat_get", 3, 0, ...guest.put("file"), 8192);
  assertEquals(guest.bytes.slice(8192, 8192 + 64), guest.bytes.slice(64, 128));
});

Deno.test("fd_filestat_get() of what no broker knows says what it is", () => {
  const guest = new FakeGuest();
  for (
    const [fd, type] of [[1, FILE_TYPES.characterDevice], [0, FILE_TYPES.unknown], [
      4,
      FILE_TYPES.directory,
    ]] as const
  ) {
    guest.ok("fd_filestat_get", fd, 64);
    assertEquals(guest.view.getUint8(80), type);
  }
  assertEquals(guest.host.operations.log, []);
});

Deno.test("fd_filestat_set_times() refuses what contradicts itself, and times past 2262", () => {
  const guest = new FakeGuest({ trees: [{ file: "" }] }), fd = guest.open("file");
  for (const flags of [3, 12, 15, 16, 2 ** 16, 2 ** 32 - 1]) {
    assertEquals(guest.call("fd_filestat_set_times", fd, 1n, 2n, flags), "inval", String(flags));
    assertEquals(guest.call("path_filestat_set_times", 3, 0, ...guest.put("file"), 1n, 2n, flags), "inval");
  }
  assertEquals(guest.call("fd_filestat_set_times", fd, 2n ** 63n, 2n, 1), "inval");
  guest.ok("fd_filestat_set_times", fd, 11n, 12n, 4);
  guest.ok("fd_filestat_get", fd, 64);
  assertEquals([guest.u64(104), guest.u64(112)], [1000n, 12n]);
  assertEquals(guest.call("fd_filestat_set_times", 4, 1n, 2n, 1), "notcapable");
});

Deno.test("fd_filestat_set_size() and fd_allocate() take sizes that can be", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }),
    fd = guest.open("file"),
    { operations } = guest.host;
  guest.ok("fd_allocate", fd, 5n, 5n);
  assertEquals(operations.text("file")?.length, 10);
  guest.ok("fd_filestat_set_size", fd, 3n);
  assertEquals(operations.text("file"), "x\0\0");
  const log = operations.log.length;
  assertEquals(guest.call("fd_filestat_set_size", fd, 2n ** 64n - 1n), "fbig");
  assertEquals(guest.call("fd_allocate", fd, 0n, 0n), "inval");
  assertEquals(guest.call("fd_allocate", fd, 2n ** 63n, 1n), "inval");
  assertEquals(guest.call("fd_allocate", fd, 2n ** 62n, 2n ** 62n), "fbig");
  assertEquals(guest.call("fd_pwrite", fd, ...guest.iovecs([64, 1]), 2n ** 63n, RESULT), "fbig");
  assertEquals(guest.call("fd_pread", fd, ...guest.iovecs([64, 1]), 2n ** 64n - 1n, RESULT), "inval");
  assertEquals(operations.log.length, log, "none of it reached the broker");
  assertEquals([guest.call("fd_allocate", 1, 0n, 1n), guest.call("fd_allocate", 3, 0n, 1n)], [
    "spipe",
    "isdir",
  ]);
});

Deno.test("fd_advise() checks the advice", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }), fd = guest.open("file");
  assertEquals([0, 5, 6, 2 ** 32 - 1].map((advice) => guest.call("fd_advise", fd, 0n, 0n, advice)), [
    "success",
    "success",
    "inval",
    "inval",
  ]);
  assertEquals(guest.call("fd_advise", fd, 2n ** 63n, 0n, 0), "inval");
});

Deno.test("fd_fdstat_set_flags() knows five flags", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }), fd = guest.open("file");
  guest.ok("fd_fdstat_set_flags", fd, 31);
  assertEquals(guest.fdstat(fd).flags, 31);
  assertEquals(guest.call("fd_fdstat_set_flags", fd, 32), "inval");
  assertEquals(guest.call("fd_fdstat_set_flags", fd, 2 ** 16 + 1), "inval");
});

Deno.test("fd_sync() and fd_datasync() reach the broker's files alone", () => {
  const guest = new FakeGuest({ trees: [{ file: "x" }] }), fd = guest.open("file");
  guest.ok("fd_sync", fd);
  guest.ok("fd_datasync", fd);
  assertEquals(guest.host.operations.log.slice(-2).map(({ request }) => request.metadata), [1, 0]);
  assertEquals([1, 4, 9].map((closed) => guest.call("fd_sync", closed)), ["inval", "inval", "badf"]);
});

Deno.test("a new descriptor gets the smallest free number", () => {
  const guest = new FakeGuest({ trees: [{ file: "" }] });
  assertEquals([guest.open("file"), guest.open("file"), guest.open("file")], [5, 6, 7]);
  for (const fd of [6, 0, 5]) guest.ok("fd_close", fd);
  assertEquals([guest.open("file"), guest.open("file"), guest.open("file"), guest.open("file")], [
    0,
    5,
    6,
    8,
  ]);
});

Deno.test("B19 descriptors closed, streams and preopens too, name nothing until they are given anew", () => {
  const guest = new FakeGuest({ trees: [{ file: "text" }] }), { operations } = guest.host;
  for (const fd of [0, 1, 2, 3, 4]) {
    guest.ok("fd_close", fd);
    assertEquals(guest.call("fd_close", fd), "badf");
    assertEquals(guest.call("fd_fdstat_get", fd, RESULT), "badf");
  }
  assertEquals(guest.call("fd_write", 1, ...guest.iovecs([64, 1]), RESULT), "badf");
  assertEquals(guest.tryOpen("file"), "badf");
  assertEquals([operations.count("close"), operations.count("open")], [0, 0], "preopens stay the broker's");
  guest.wasi.reset();
  assertEquals(guest.open("file"), 5, "all are back");
});

Deno.test("B19 descriptors run out with an error, and what was opened is closed", () => {
  const guest = new FakeGuest({ trees: [{ file: "" }] });
  const open = guest.bound("path_open"), path = guest.put("file");
  let count = 0;
  while (open(3, 0, ...path, 0, 2n, 0n, 0, RESULT) === 0) count++;
  assertEquals(count, 16_384 - 5);
  assertEquals(guest.tryOpen("file"), "mfile");
  assertEquals(guest.host.operations.opened, count);
  guest.ok("fd_close", 100);
  assertEquals(guest.open("file"), 100);
  guest.wasi.reset();
  assertEquals([guest.host.operations.opened, guest.host.operations.count("closeAll")], [0, 1]);
});

Deno.test("B19 fd_renumber() onto a preopen, a stream, itself, a closed number [CVE-2025-53901]", () => {
  const guest = new FakeGuest({ trees: [{ file: "text" }] }), { operations } = guest.host;
  const fd = guest.open("file");
  guest.ok("fd_renumber", fd, fd);
  for (const [from, to] of [[fd, 9], [9, fd], [9, 9], [2 ** 32 - 1, 3], [3, 2 ** 32 - 1]] as const) {
    assertEquals(guest.call("fd_renumber", from, to), "badf", `${from} to ${to}`);
  }
  guest.ok("fd_renumber", fd, 3);
  assertEquals([operations.count("close"), operations.opened], [0, 1], "the preopen stays the broker's");
  assertEquals([guest.read(3, 10), guest.call("fd_prestat_get", 3, RESULT)], ["text", "badf"]);
  assertEquals(guest.call("fd_read", fd, ...guest.iovecs([64, 1]), RESULT), "badf");
  guest.ok("fd_renumber", 1, 3);
  assertEquals([operations.count("close"), operations.opened], [1, 0], "the file is closed");
  guest.write(3, "out");
  assertEquals(guest.host.deeds, ["output 1 out"]);
  guest.ok("fd_renumber", 4, 0);
  assertEquals(guest.fdstat(0).type, FILE_TYPES.directory);
  assertEquals(guest.call("fd_fdstat_get", 4, RESULT), "badf");
  guest.wasi.reset();
  assertEquals(guest.fdstat(3).type, FILE_TYPES.directory);
});

Deno.test("a life begins without what the last one had, and closes nothing where nothing was opened", () => {
  const guest = new FakeGuest({ trees: [{ file: "text" }] });
  guest.wasi.reset();
  assertEquals(guest.host.operations.log, []);
  const fd = guest.open("file");
  guest.wasi.reset();
  assertEquals(guest.call("fd_tell", fd, RESULT), "badf");
});
