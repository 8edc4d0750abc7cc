/** B13 to B18: integers, pointers, lists and texts that a guest gives to WASI. */
import { assert, assertEquals } from "../../assert.ts";
import {
  ALL_RIGHTS,
  type Argument,
  BUFFER,
  type Driver,
  errnoName,
  FIRST_DIRECTORY as ROOT,
  OFLAGS,
  RESULT,
  TEXT,
  withDriver,
} from "./driver.ts";
import { assertUnseen, withTree } from "../files/tree.ts";
import { wordsOf } from "../stopping.ts";
import { withTicks } from "../process_facts.ts";
import { FilesystemCapability } from "../../../mod.ts";
import { WASI_FUNCTIONS, type WasiFunctionName } from "../../../src/wasi/functions.ts";

/** Bytes of the driver's memory at first. */
const MEMORY = 2 * 65_536;

/** Integers around every bound that something could have. */
const ODD: readonly Argument[] = [
  0,
  1,
  3,
  4,
  5,
  255,
  1024,
  MEMORY - 1,
  MEMORY,
  MEMORY + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  -8,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const FUNCTIONS = (Object.keys(WASI_FUNCTIONS) as WasiFunctionName[]) // its own keys
  .filter((name) => name !== "proc_exit");

/** Runs work with a driver on a directory that holds a file and a folder, its memory filled with numbers that count up. */
async function withFiles(
  work: (driver: Driver, inside: string) => Promise<void>,
  { module = "wasi_snapshot_preview1" }: { readonly module?: string } = {},
): Promise<void> {
  await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "mine");
    await Deno.mkdir(`${inside}/folder`);
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    await withDriver({ capabilities, timeout: 20_000 }, (driver) => work(driver, inside), { module });
  });
}

/** Opens a file and a directory as 4 and 5. */
async function openBoth(driver: Driver): Promise<void> {
  assertEquals(await driver.opened(ROOT, "file", { rights: ALL_RIGHTS }), 4);
  assertEquals(await driver.opened(ROOT, "folder", { flags: OFLAGS.directory }), 5);
}

/** Calls a function and asserts that it came back to the guest with an error number. */
async function assertAnswered(
  driver: Driver,
  name: WasiFunctionName,
  args: readonly Argument[],
): Promise<void> {
  const outcome = await driver.try(name, ...args);
  assert(outcome.kind === "value", `${name}(${args.join(", ")}) ended with ${wordsOf(outcome)}`);
  errnoName(Number(outcome.values[0]));
}

for (const module of ["wasi_snapshot_preview1", "wasi_unstable"]) {
  Deno.test(`B13 every integer of every function of ${module} at every bound gets an error number`, async () => {
    await withFiles(async (driver, inside) => {
      for (const name of FUNCTIONS) {
        if (module === "wasi_unstable" && name === "sock_accept") continue;
        const { params } = WASI_FUNCTIONS[name];
        for (const fd of [3, 4, 5]) {
          if (await driver.call("fd_fdstat_get", 5, RESULT) !== "success") {
            await driver.sandbox.reset();
            await openBoth(driver);
          }
          const usual: Argument[] = params.map((_, index) => index === 0 ? fd : 0);
          for (const [index] of params.entries()) {
            for (const odd of ODD) await assertAnswered(driver, name, usual.with(index, odd));
          }
        }
        for (const odd of ODD) await assertAnswered(driver, name, params.map(() => odd));
      }
      await driver.sandbox.reset();
      assertEquals(
        await driver.read(await driver.opened(ROOT, "file"), 2),
        (await Deno.readTextFile(`${inside}/file`)).slice(0, 2),
      );
    }, { module });
  });
}

Deno.test("B13 random integers in every function get an error number (seeds count up from 1)", async () => {
  await withFiles(async (driver) => {
    let state = 1;
    const random = (below: number) => {
      state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 3000; round++) {
      const name = FUNCTIONS[random(FUNCTIONS.length)] ?? "sched_yield";
      // A sleep of centuries is allowed; that it can be stopped is tested with B20.
      if (name === "poll_oneoff") continue;
      await assertAnswered(
        driver,
        name,
        WASI_FUNCTIONS[name].params.map(() => random(2) === 0 ? random(8) : ODD[random(ODD.length)] ?? 0),
      );
    }
  });
});

/** Functions that write a result of so many bytes to the pointer at that index, and arguments with which they succeed. */
const RESULTS:
  readonly (readonly [WasiFunctionName, index: number, size: number, args: readonly Argument[]])[] = [
    ["args_sizes_get", 0, 4, [0, RESULT]],
    ["args_sizes_get", 1, 4, [RESULT, 0]],
    ["environ_sizes_get", 0, 4, [0, RESULT]],
    ["clock_res_get", 1, 8, [0, 0]],
    ["clock_time_get", 2, 8, [0, 0, 0]],
    ["fd_fdstat_get", 1, 24, [4, 0]],
    ["fd_filestat_get", 1, 64, [4, 0]],
    ["fd_prestat_get", 1, 8, [3, 0]],
    ["fd_seek", 3, 8, [4, 0, 0, 0]],
    ["fd_tell", 1, 8, [4, 0]],
    ["fd_read", 3, 4, [4, TEXT, 1, 0]],
    ["fd_pread", 4, 4, [4, TEXT, 1, 0, 0]],
    ["fd_write", 3, 4, [4, TEXT, 1, 0]],
    ["fd_pwrite", 4, 4, [4, TEXT, 1, 0, 0]],
    ["fd_readdir", 4, 4, [5, BUFFER, 100, 0, 0]],
    ["path_filestat_get", 4, 64, [3, 0, TEXT + 100, 4, 0]],
    ["path_open", 8, 4, [3, 0, TEXT + 100, 4, 0, 2, 0, 0, 0]],
    ["poll_oneoff", 3, 4, [TEXT + 200, BUFFER, 1, 0]],
  ];

Deno.test("B14 a result at the end of memory is written whole or not at all", async () => {
  await withFiles(async (driver) => {
    await openBoth(driver);
    const end = new Uint8Array(128).fill(0xaa);
    for (const [name, index, size, args] of RESULTS) {
      for (
        const [at, fits] of [[MEMORY - size, true], [MEMORY - size + 1, false], [MEMORY, false], [
          2 ** 32 - size,
          false,
        ], [2 ** 32 - 1, false]] as const
      ) {
        await driver.pieces([BUFFER, 2]);
        await driver.put("file", TEXT + 100);
        await driver.put(new Uint8Array(48), TEXT + 200);
        await driver.put(end, MEMORY - end.length);
        const errno = await driver.call(name, ...args.with(index, at));
        assertEquals(errno, fits ? "success" : "fault", `${name} at ${at}`);
        const left = await driver.sandbox.readMemory(MEMORY - end.length, end.length);
        const untouched = fits ? end.length - size : end.length;
        assert(left.subarray(0, untouched).every((byte) => byte === 0xaa), `${name} wrote before ${at}`);
      }
    }
  });
});

Deno.test("B14 pieces that wrap around, lie at the end of memory or upon the list itself are checked before anything moves", async () => {
  await withFiles(async (driver, inside) => {
    await openBoth(driver);
    const bad = [[MEMORY - 1, 2], [MEMORY, 1], [2 ** 32 - 1, 1], [0, 2 ** 32 - 1], [2 ** 31, 2 ** 31], [
      4,
      2 ** 32 - 4,
    ]] as const;
    for (const piece of bad) {
      for (const list of [[piece], [[BUFFER, 2], piece], [[BUFFER, 2], [BUFFER, 2], piece]] as const) {
        for (const name of ["fd_read", "fd_write"] as const) {
          assertEquals(await driver.call(name, 4, ...await driver.pieces(...list), RESULT), "fault");
        }
        assertEquals(await driver.call("fd_write", 1, ...await driver.pieces(...list), RESULT), "fault");
        assertEquals(await driver.call("fd_read", 0, ...await driver.pieces(...list), RESULT), "fault");
      }
    }
    assertEquals(await Deno.readTextFile(`${inside}/file`), "mine");
    // Reading into the list that says where to read to, and into the place of the count.
    assertEquals(
      await driver.call("fd_pread", 4, ...await driver.pieces([TEXT, 8], [TEXT, 8], [RESULT, 4]), 0, RESULT),
      "success",
    );
    assertEquals(await driver.u32(), 4);
    assertEquals(
      await driver.call(
        "fd_pread",
        4,
        ...await driver.pieces([MEMORY, 0], [2 ** 32 - 1, 0], [BUFFER, 4]),
        0,
        RESULT,
      ),
      "success",
    );
    assertEquals(await driver.u32(), 4, "empty pieces lie anywhere");
  });
});

Deno.test("B14 subscriptions and events that overlap are read before anything is written", async () => {
  await withFiles(async (driver) => {
    const subscriptions = new Uint8Array(48 * 8), view = new DataView(subscriptions.buffer);
    for (let i = 0; i < 8; i++) view.setBigUint64(48 * i, BigInt(1000 + i), true);
    for (const shift of [0, 8, 16, 47, -8]) {
      await driver.put(subscriptions, BUFFER);
      assertEquals(await driver.call("poll_oneoff", BUFFER, BUFFER + shift, 8, RESULT), "success");
      assertEquals(await driver.u32(), 8);
      const events = await driver.view(BUFFER + shift, 32 * 8);
      for (let i = 0; i < 8; i++) {
        assertEquals(events.getBigUint64(32 * i, true), BigInt(1000 + i), `shifted by ${shift}`);
      }
    }
  });
});

Deno.test("B15 a list of 1,024 pieces is taken, one over and a million are refused at once", async () => {
  await withFiles(async (driver) => {
    await openBoth(driver);
    await driver.sandbox.call("grow", [256]);
    const words = new Uint32Array(2 * 1_000_000).map((_, index) => index % 2 === 0 ? BUFFER : 1);
    await driver.put(new Uint8Array(words.buffer), 65_536);
    for (
      const [count, errno] of [[1024, "success"], [1025, "inval"], [10_000, "inval"], [
        1_000_000,
        "inval",
      ]] as const
    ) {
      for (const name of ["fd_write", "fd_read"] as const) {
        const began = performance.now();
        assertEquals(await driver.call(name, 4, 65_536, count, RESULT), errno, `${count} pieces`);
        assert(performance.now() - began < 200);
      }
    }
    for (const count of [2 ** 31, 2 ** 32 - 1, 2 ** 29]) {
      assertEquals(await driver.call("fd_write", 4, TEXT, count, RESULT), "inval");
    }
  });
});

Deno.test("B15 4,096 subscriptions are taken, one over and a million are refused at once", async () => {
  await withFiles(async (driver) => {
    await driver.sandbox.call("grow", [1000]);
    const base = 2 ** 20;
    for (
      const [count, errno] of [[4096, "success"], [4097, "inval"], [1_000_000, "inval"], [2 ** 31, "inval"], [
        2 ** 32 - 1,
        "inval",
      ], [0, "inval"]] as const
    ) {
      const { stall } = await withTicks(async () =>
        assertEquals(await driver.call("poll_oneoff", base, base, count, RESULT), errno)
      );
      assert(stall < 500);
    }
    assertEquals(await driver.many(50, "poll_oneoff", base, base, 4096, RESULT), 50);
  });
});

Deno.test("B16 random bytes, paths, writes and buffers of 4 GiB get an error number, and cost no memory", async () => {
  await withFiles(async (driver, inside) => {
    await openBoth(driver);
    for (const length of [2 ** 32 - 1, 2 ** 31, MEMORY + 1]) {
      assertEquals(await driver.call("random_get", 0, length), "fault");
      assertEquals(await driver.call("path_open", ROOT, 0, 0, length, 0, 0, 0, 0, RESULT), "fault");
      assertEquals(await driver.call("path_readlink", ROOT, TEXT, 4, 0, length, RESULT), "fault");
      assertEquals(await driver.call("fd_readdir", ROOT, 0, length, 0, RESULT), "fault");
      assertEquals(await driver.call("fd_prestat_dir_name", ROOT, 0, length), "fault");
    }
    assertEquals(await driver.call("random_get", 0, MEMORY), "success");
    assertEquals(await driver.call("path_open", ROOT, 0, 0, MEMORY, 0, 0, 0, 0, RESULT), "nametoolong");
    for (const size of [2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      assert(["fbig", "inval"].includes(await driver.call("fd_filestat_set_size", 4, size)), `${size}`);
      assert(["fbig", "inval"].includes(await driver.call("fd_allocate", 4, 0, size)), `${size}`);
      assert(["fbig", "inval"].includes(await driver.call("fd_allocate", 4, size, size)), `${size}`);
      assert(await driver.call("fd_seek", 4, size, 0, RESULT) !== "success", `${size}`);
      assert(
        await driver.call("fd_pwrite", 4, ...await driver.pieces([BUFFER, 1]), size, RESULT) !== "success",
      );
    }
    assertEquals(Deno.statSync(`${inside}/file`).size, 4);
  });
});

Deno.test("B16 a write of 64 GiB in 1,024 pieces ends within the call's time, and writes no more than may be written", async () => {
  await withTree(async ({ inside }) => {
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    const limits = { capabilities, timeout: 300, writeBytes: "8MiB" } as const;
    await withDriver(limits, async (driver) => {
      await driver.sandbox.call("grow", [1000]);
      const fd = await driver.opened(ROOT, "file", { flags: OFLAGS.create, rights: ALL_RIGHTS });
      const list = await driver.pieces(...new Array(1024).fill([65_536, 1000 * 65_536] as const));
      const began = performance.now();
      await driver.storm("fd_write", [fd, ...list, RESULT]);
      await driver.sandbox.reset();
      await driver.storm("random_get", [0, MEMORY]);
      await driver.sandbox.reset();
      await driver.sandbox.call("grow", [1000]);
      await driver.try(
        "fd_write",
        1,
        ...await driver.pieces(...new Array(1024).fill([65_536, 1000 * 65_536] as const)),
        RESULT,
      );
      assert(performance.now() - began < 1500, `${performance.now() - began} ms`);
      const { stdout, truncated } = driver.sandbox.output();
      assertEquals([stdout.length, truncated], [2 ** 20, true]);
    });
    assertEquals(Deno.statSync(`${inside}/file`).size, 8 * 2 ** 20);
  });
});

Deno.test("B17 after a growth every function works in the new memory, and none in the old", async () => {
  await withFiles(async (driver) => {
    await openBoth(driver);
    for (let pages = 2; pages < 6; pages++) {
      const at = pages * 65_536 + 100;
      assertEquals(await driver.call("random_get", at, 8), "fault");
      assertEquals(await driver.sandbox.call("grow", [1]), pages);
      assertEquals(await driver.call("random_get", at, 8), "success");
      assert((await driver.sandbox.readMemory(at, 8)).some((byte) => byte !== 0));
      assertEquals(await driver.call("fd_pread", 4, ...await driver.pieces([at, 4]), 0, at + 8), "success");
      assertEquals(new TextDecoder().decode(await driver.sandbox.readMemory(at, 4)), "mine");
      assertEquals(await driver.u32(at + 8), 4);
    }
  });
});

Deno.test("B18 a path that is no UTF-8 is refused, whatever is done with it", async () => {
  await withFiles(async (driver, inside) => {
    const before = [...Deno.readDirSync(inside)].length;
    for (
      const bytes of [
        [0xff],
        [0xc0, 0xaf],
        [0xe0, 0x80, 0xaf],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xc3],
        [0x2e, 0x2e, 0xc0, 0xaf, 0x78],
      ]
    ) {
      const path = new Uint8Array(bytes);
      assertEquals(await driver.open(ROOT, path, { flags: OFLAGS.create, rights: ALL_RIGHTS }), "ilseq");
      const given = await driver.put(path);
      for (const name of ["path_create_directory", "path_unlink_file", "path_remove_directory"] as const) {
        assertEquals(await driver.call(name, ROOT, ...given), "ilseq");
      }
      assertEquals(await driver.call("path_filestat_get", ROOT, 0, ...given, RESULT), "ilseq");
    }
    assertEquals([...Deno.readDirSync(inside)].length, before);
    const marked = await driver.opened(ROOT, "\ufefffile", { flags: OFLAGS.create, rights: ALL_RIGHTS });
    assertEquals(await driver.read(marked), "", "a byte order mark is a character of the name");
  });
});

Deno.test("B18 names of the host's that are no UTF-8 are not listed, and cannot be reached", async () => {
  await withFiles(async (driver, inside) => {
    const make = new Deno.Command("sh", { args: ["-c", `cd "${inside}" && : > "$(printf 'bad\\377name')"`] });
    assert((await make.output()).success);
    assertEquals(await driver.list(ROOT), [".", "..", "file", "folder"]);
    assertEquals(await driver.open(ROOT, "bad\ufffdname"), "noent");
    assertUnseen(await driver.list(ROOT));
  });
});
