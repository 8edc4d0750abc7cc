import {
  WASI_FUNCTIONS,
  WASI_MODULES,
  type WasiFunctionName,
  wasiFunctionNames,
} from "../../src/wasi/functions.ts";
import { assert, assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";
import { seed } from "../wasm/verdict.ts";

const HOSTILE = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1, 65_535, 65_536, 65_528];

const HOSTILE_LONG = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 32n];

/** A guest with a file at 5 and a directory at 6, and host calls that end. */
function guestWithFiles(module = "wasi_snapshot_preview1"): FakeGuest {
  const guest = new FakeGuest({ module, trees: [{ file: "0123456789", "sub/file": "x" }] });
  guest.open("file");
  guest.open("sub", { rights: 2n ** 64n - 1n & ~64n });
  return guest;
}

/** Names that may be called over and over: all but the one that ends the guest. */
const LASTING = Object.keys(WASI_FUNCTIONS).filter((name) => name !== "proc_exit") as WasiFunctionName[]; // its own keys

function checkErrno(errno: number | undefined, what: () => string): void {
  assert(
    errno !== undefined && Number.isInteger(errno) && errno >= 0 && errno <= 76,
    `${what()} gave ${errno}`,
  );
}

Deno.test("B13 every integer of every function at its extremes gives an error number", () => {
  for (const module of Object.keys(WASI_MODULES)) {
    const guest = guestWithFiles(module);
    guest.host.room = 2048;
    for (const name of LASTING.filter((name) => wasiFunctionNames(module).includes(name))) {
      const { params } = WASI_FUNCTIONS[name], run = guest.bound(name);
      for (const [index, kind] of params.entries()) {
        for (const value of kind === "i32" ? HOSTILE : HOSTILE_LONG) {
          guest.host.patience = 20;
          const args = params.map((other, at) => at === index ? value : other === "i32" ? 5 : 5n);
          checkErrno(run(...args), () => `${name}(${args})`);
        }
      }
    }
  }
});

Deno.test("B14 results at the end of memory, past it and around it are faults that write nothing", () => {
  const guest = guestWithFiles(),
    path = guest.put("file"),
    pieces = guest.iovecs([64, 4]),
    link = guest.put("link");
  const subscription = guest.allocate(48);
  guest.view.setUint8(subscription + 8, 2);
  guest.view.setUint32(subscription + 16, 1, true);
  /** A call with its result at a place, and how many bytes it writes there. */
  const calls: [size: number, call: (at: number) => string][] = [
    [8, (at) => guest.call("clock_res_get", 0, at)],
    [8, (at) => guest.call("clock_time_get", 0, 0n, at)],
    [4, (at) => guest.call("args_sizes_get", at, 64)],
    [4, (at) => guest.call("environ_sizes_get", 64, at)],
    [24, (at) => guest.call("fd_fdstat_get", 5, at)],
    [64, (at) => guest.call("fd_filestat_get", 5, at)],
    [4, (at) => guest.call("fd_pread", 5, ...pieces, 0n, at)],
    [8, (at) => guest.call("fd_prestat_get", 3, at)],
    [5, (at) => guest.call("fd_prestat_dir_name", 3, at, 5)],
    [4, (at) => guest.call("fd_read", 5, ...pieces, at)],
    [4, (at) => guest.call("fd_pwrite", 5, ...pieces, 0n, at)],
    [4, (at) => guest.call("fd_write", 5, ...pieces, at)],
    [4, (at) => guest.call("fd_readdir", 6, 64, 0, 0n, at)],
    [30, (at) => guest.call("fd_readdir", 6, at, 30, 0n, 64)],
    [8, (at) => guest.call("fd_seek", 5, 0n, 0, at)],
    [8, (at) => guest.call("fd_tell", 5, at)],
    [64, (at) => guest.call("path_filestat_get", 3, 0, ...path, at)],
    [4, (at) => guest.call("path_open", 3, 0, ...path, 0, 2n, 0n, 0, at)],
    [4, (at) => guest.call("path_readlink", 3, ...link, 64, 4, at)],
    [5, (at) => guest.call("path_readlink", 3, ...link, at, 5, 64)],
    [4, (at) => guest.call("poll_oneoff", subscription, 64, 1, at)],
    [32, (at) => guest.call("poll_oneoff", subscription, at, 1, 64)],
    [9, (at) => guest.call("random_get", at, 9)],
  ];
  const end = guest.buffer.byteLength;
  for (const [size, call] of calls) {
    const before = guest.bytes.slice(), opened = guest.host.operations.opened;
    for (const at of [end - size + 1, end - 1, end, 2 ** 31, 2 ** 32 - size, 2 ** 32 - 1]) {
      assertEquals(call(at), "fault", `${call} at ${at}`);
    }
    assertEquals([guest.bytes, guest.host.operations.opened], [before, opened], String(call));
    assertEquals(call(end - size), "success", `${call} right at the end`);
    guest.bytes.fill(0, 60, 100);
  }
});

Deno.test("B14 inputs past the end of memory and around it are faults that reach nobody", () => {
  const guest = guestWithFiles(), end = guest.buffer.byteLength, path = guest.put("file");
  const log = guest.host.operations.log.length;
  const ranges = [[end - 3, 4], [end, 1], [2 ** 32 - 4, 8], [2 ** 32 - 1, 2 ** 32 - 1], [
    end - 4,
    2 ** 32 - 1,
  ]] as const;
  for (const [at, length] of ranges) {
    const errors = [
      guest.call("fd_write", 5, ...guest.iovecs([at, length]), RESULT),
      guest.call("fd_read", 5, ...guest.iovecs([64, 1], [at, length]), RESULT),
      guest.call("fd_pwrite", 5, at, 1, 0n, RESULT),
      guest.call("fd_pread", 5, end - 8, 2, 0n, RESULT),
      guest.call("path_create_directory", 3, at, length),
      guest.call("path_rename", 3, ...path, 3, at, length),
      guest.call("path_symlink", at, length, 3, ...path),
      guest.call("poll_oneoff", end - 47, 64, 1, RESULT),
      guest.call("args_get", 64, end - 4),
    ];
    assertEquals(errors, errors.map(() => "fault"), `${at} ${length}`);
  }
  assertEquals([guest.host.operations.log.length, guest.host.deeds], [log, []]);
});

Deno.test("B15 pieces by the million are refused before they are looked at [CVE-2026-27204]", () => {
  const guest = guestWithFiles();
  guest.buffer = new ArrayBuffer(1 << 24);
  for (const count of [1025, 10 ** 4, 10 ** 6, 2 ** 31, 2 ** 32 - 1]) {
    for (const name of ["fd_read", "fd_write"] as const) {
      assertEquals(guest.call(name, 5, 64, count, RESULT), "inval");
    }
    for (const name of ["fd_pread", "fd_pwrite"] as const) {
      assertEquals(guest.call(name, 5, 64, count, 0n, RESULT), "inval");
    }
  }
  guest.ok("fd_write", 1, 64, 1024, RESULT);
  assertEquals(guest.u32(), 0);
});

Deno.test("B16 a call that names gigabytes by overlapping pieces moves what fits a count, and can be stopped", () => {
  const guest = guestWithFiles(), pieces = guest.iovecs(...Array(512).fill([0, 65_536]));
  guest.host.patience = 3;
  guest.ok("fd_write", 1, ...pieces, RESULT);
  assertEquals([guest.u32(), guest.host.deeds.length], [4 * 16_384, 4]);
  guest.buffer = new ArrayBuffer(1 << 24);
  guest.host.room = 1 << 24;
  guest.host.patience = Infinity;
  guest.host.deeds.length = 0;
  const list = guest.iovecs(...Array(1024).fill([0, 1 << 24]));
  guest.ok("fd_write", 1, ...list, RESULT);
  assertEquals([guest.u32(), guest.host.deeds.length], [0x7fff_f000, 128], "of 16 GiB");
});

Deno.test("B16 4 GiB of random bytes, paths and listings are faults", () => {
  const guest = guestWithFiles(), all = 2 ** 32 - 1;
  assertEquals(guest.call("random_get", 0, all), "fault");
  assertEquals(guest.call("random_get", 1, 65_536), "fault");
  assertEquals(guest.call("path_open", 3, 0, 0, all, 0, 0n, 0n, 0, RESULT), "fault");
  assertEquals(guest.call("fd_readdir", 6, 0, all, 0n, RESULT), "fault");
  assertEquals(guest.call("path_readlink", 3, ...guest.put("link"), 0, all, RESULT), "fault");
  assertEquals(guest.call("fd_prestat_dir_name", 3, 0, all), "fault");
});

Deno.test("B17 a memory that grows during an operation gets the results, not the buffer that is gone", () => {
  const guest = guestWithFiles(),
    { operations } = guest.host,
    path = guest.put("file"),
    link = guest.put("link");
  const subscription = guest.allocate(48);
  guest.view.setUint8(subscription + 8, 1);
  guest.view.setUint32(subscription + 16, 5, true);
  operations.before = () => {
    const larger = new Uint8Array(guest.buffer.byteLength + 65_536);
    larger.set(guest.bytes);
    structuredClone(guest.buffer, { transfer: [guest.buffer] });
    guest.buffer = larger.buffer;
  };
  assertEquals(guest.read(5, 4), "0123");
  guest.write(5, "ab");
  guest.ok("fd_filestat_get", 5, 256);
  assertEquals(guest.u64(288), 10n);
  guest.ok("fd_seek", 5, 0n, 2, RESULT);
  assertEquals(guest.u64(), 10n);
  guest.ok("path_filestat_get", 3, 0, ...path, 256);
  guest.ok("path_readlink", 3, ...link, 512, 5, RESULT);
  assertEquals(guest.text(512, 5), "where");
  guest.ok("fd_readdir", 6, 512, 100, 0n, RESULT);
  assertEquals(guest.text(536, 1), ".");
  guest.ok("poll_oneoff", subscription, 512, 1, RESULT);
  assertEquals(guest.u32(), 1);
  assertEquals(guest.open("file"), 7);
});

Deno.test("B17 a memory that grew between two calls is seen", () => {
  const guest = guestWithFiles(), random = guest.bound("random_get");
  assertEquals(random(65_536, 1), 21);
  guest.buffer = new ArrayBuffer(131_072);
  assertEquals(random(65_536, 1), 0);
});

Deno.test("B21 called from a start function, before there is a memory, functions fault", () => {
  const { wasi } = new FakeGuest();
  for (const name of ["random_get", "args_sizes_get", "fd_prestat_get"] as const) {
    assertEquals(wasi.bind("wasi_snapshot_preview1", name, () => undefined)(3, 5), 21, name);
  }
});

/** A small generator for the fuzz below: not the code under test. */
function generator(from: number): () => number {
  let state = from | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

Deno.test("every function survives random hostile arguments over a small memory", () => {
  const started = Date.now(),
    from = seed(),
    next = generator(from),
    pick = <T>(from: readonly T[]) => from[next() % from.length];
  let calls = 0;
  for (let round = 0; Date.now() - started < 1500; round++) {
    const guest = guestWithFiles(round % 4 === 3 ? "wasi_unstable" : undefined), { host } = guest;
    const names = LASTING.filter((name) => round % 4 !== 3 || name !== "sock_accept");
    const bound = new Map(names.map((name) => [name, guest.bound(name)]));
    host.room = pick([2048, 16_384]) ?? 2048;
    host.operations.input.push("input");
    for (let i = 0; i < 65_536 / 4; i++) {
      guest.view.setUint32(i * 4, next() % 4 === 0 ? next() : next() % 200, true);
    }
    for (let i = 0; i < 2000 && host.operations.log.length < 5000; i++, calls++) {
      const name = pick(names) ?? "fd_close", choice = next() % 4;
      const args = WASI_FUNCTIONS[name].params.map((kind) => {
        if (kind === "i64") return choice === 0 ? pick(HOSTILE_LONG) ?? 0n : BigInt(next() % 100);
        return choice === 0
          ? pick(HOSTILE) ?? 0
          : choice === 1
          ? next() | 0
          : next() % (next() % 2 === 0 ? 10 : 65_536);
      });
      host.patience = 5;
      host.operations.emptyPolls = next() % 3;
      checkErrno(bound.get(name)?.(...args), () => `${name}(${args}) with AEGIS_SEED=${from}`);
    }
    assert(host.operations.opened <= 200, "descriptors pile up");
    guest.wasi.reset();
    assertEquals(host.operations.opened, 0);
  }
  assert(calls > 1000, `${calls} calls`);
});
