/** B13 and B14: integers and pointers that a guest gives to WASI. */
import { assert, assertEquals } from "../../assert.ts";
import {
  type Argument,
  BUFFER,
  type Driver,
  errnoName,
  FIRST_DIRECTORY as ROOT,
  RESULT,
  TEXT,
} from "./driver.ts";
import { MEMORY, openBoth, withFiles } from "./driver_on_files.ts";
import { wordsOf } from "../cpu/stopping.ts";
import { WASI_FUNCTIONS, type WasiFunctionName } from "../../../src/wasi/functions.ts";

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
