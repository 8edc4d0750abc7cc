/** B19 to B21: descriptors that are closed, moved and used up, waits without end, and calls after the end. */
import { assert, assertEquals } from "../../assert.ts";
import {
  ALL_RIGHTS,
  BUFFER,
  type Driver,
  driverText,
  FIRST_DIRECTORY as ROOT,
  OFLAGS,
  RESULT,
  withDriver,
} from "./driver.ts";
import { withTree } from "../files/tree.ts";
import { cpuTimeDuring } from "../process_facts.ts";
import { MOST_LATENCY, prepared, textModule, wordsOf } from "../cpu/stopping.ts";
import { Aegis, ClockCapability, FilesystemCapability, type InputSource } from "../../../mod.ts";

async function withFiles(
  work: (driver: Driver, inside: string) => Promise<void>,
  limits: { readonly openFiles?: number } = {},
): Promise<void> {
  await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "mine");
    await Deno.mkdir(`${inside}/folder`);
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    await withDriver({ capabilities, ...limits }, (driver) => work(driver, inside));
  });
}

Deno.test("B19 descriptors are used up at the limit, and one that is closed can be opened again", async () => {
  await withFiles(async (driver) => {
    for (let i = 0; i < 10; i++) await driver.opened(ROOT, i % 2 === 0 ? "file" : "folder");
    for (const path of ["file", "folder"]) assertEquals(await driver.open(ROOT, path), "mfile");
    assertEquals(await driver.open(ROOT, "new", { flags: OFLAGS.create, rights: ALL_RIGHTS }), "mfile");
    assertEquals(await driver.statAt(ROOT, "new"), "noent", "nothing was made either");
    for (let i = 0; i < 300; i++) {
      assertEquals(await driver.call("fd_close", 4), "success");
      assertEquals(await driver.opened(ROOT, "file"), 4);
    }
    assertEquals(await driver.open(ROOT, "file"), "mfile");
  }, { openFiles: 10 });
});

Deno.test("B19 renumbering ten thousand times leaks nothing, and frees what it replaces", async () => {
  await withFiles(async (driver) => {
    for (let i = 0; i < 100; i++) {
      const one = await driver.opened(ROOT, "file"), other = await driver.opened(ROOT, "file");
      assertEquals(await driver.call("fd_renumber", one, other), "success");
      assertEquals(await driver.call("fd_close", one), "badf");
      assertEquals(await driver.read(other), "mine");
      assertEquals(await driver.call("fd_close", other), "success");
    }
    for (
      const [from, to] of [[4, 2 ** 32 - 1], [2 ** 32 - 1, 4], [4, 10_000], [10_000, 4], [
        2 ** 31,
        2 ** 31,
      ]] as const
    ) {
      assertEquals(await driver.call("fd_renumber", from, to), "badf");
    }
    const fd = await driver.opened(ROOT, "file");
    assertEquals(await driver.many(10_000, "fd_renumber", fd, fd), 10_000);
    assertEquals(await driver.read(fd), "mine");
  }, { openFiles: 10 });
});

Deno.test("B19 a file renumbered onto a directory or a stream is that file, and reaches nothing through it", async () => {
  await withFiles(async (driver) => {
    const file = await driver.opened(ROOT, "file", { rights: ALL_RIGHTS });
    assertEquals(await driver.call("fd_renumber", file, ROOT), "success");
    assertEquals(await driver.open(ROOT, "file"), "notdir");
    assertEquals(await driver.call("fd_prestat_get", ROOT, RESULT), "badf");
    assertEquals(await driver.read(ROOT), "mine");
    assertEquals(await driver.call("fd_renumber", ROOT, 1), "success");
    assertEquals(await driver.write(1, "to the file"), 11);
    assertEquals(driver.sandbox.output().stdout.length, 0);
    await driver.sandbox.reset();
    assertEquals(await driver.read(await driver.opened(ROOT, "file")), "to the file");
  });
});

Deno.test("B19 a closed stream, directory and file are gone, their numbers go to what is opened next", async () => {
  await withFiles(async (driver) => {
    const folder = await driver.opened(ROOT, "folder");
    for (const fd of [0, 1, 2, ROOT, folder]) {
      assertEquals(await driver.call("fd_close", fd), "success");
      assertEquals(await driver.call("fd_close", fd), "badf");
      for (const name of ["fd_fdstat_get", "fd_filestat_get", "fd_tell", "fd_prestat_get"] as const) {
        assertEquals(await driver.call(name, fd, RESULT), "badf");
      }
    }
    assertEquals(await driver.open(ROOT, "file"), "badf");
    assertEquals(await driver.open(folder, "file"), "badf");
    await driver.sandbox.reset();
    for (const fd of [2, 0]) await driver.call("fd_close", fd);
    assertEquals(await driver.opened(ROOT, "file", { rights: ALL_RIGHTS }), 0);
    assertEquals(await driver.opened(ROOT, "file", { rights: ALL_RIGHTS }), 2);
    assertEquals(await driver.write(2, "into the file"), 13);
    assertEquals(driver.sandbox.output().stderr.length, 0);
  });
});

/** Subscriptions as `poll_oneoff` reads them. */
function clockSubscription(timeout: bigint, { clock = 1, flags = 0 } = {}): Uint8Array {
  const bytes = new Uint8Array(48), view = new DataView(bytes.buffer);
  view.setUint32(16, clock, true);
  view.setBigUint64(24, timeout, true);
  view.setUint16(40, flags, true);
  return bytes;
}

function inputSubscription(): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes[8] = 1;
  return bytes;
}

const CENTURIES = [2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 63n, 10n ** 18n] as const;

for (const flags of [0, 1]) {
  Deno.test(`B20 a wait of centuries ${flags === 1 ? "until" : "for"} any number can be stopped, and computes nothing`, async () => {
    for (const timeout of CENTURIES) {
      const capabilities = [ClockCapability.all()];
      await withDriver({ capabilities, timeout: 20_000 }, async (driver) => {
        await driver.put(clockSubscription(timeout, { flags }), BUFFER);
        const stop = new AbortController();
        const call = driver.storm("poll_oneoff", [BUFFER, BUFFER, 1, RESULT], {
          times: 1,
          signal: stop.signal,
        });
        const computed = await cpuTimeDuring(100);
        assert(computed < 70, `${computed} ms of 100`);
        const began = performance.now();
        stop.abort();
        assertEquals(wordsOf(await call), "aborted cancelled");
        assert(performance.now() - began < MOST_LATENCY, `${performance.now() - began} ms`);
      });
    }
  });
}

Deno.test("B20 a wait without a clock that passes ends at once, and fake time does not overflow", async () => {
  await withDriver({}, async (driver) => {
    for (const timeout of [...CENTURIES, ...CENTURIES, 0n, 1n]) {
      for (const clock of [0, 1, 2, 3]) {
        await driver.put(clockSubscription(timeout, { clock }), BUFFER);
        assertEquals(await driver.call("poll_oneoff", BUFFER, BUFFER + 1024, 1, RESULT), "success");
        assertEquals(await driver.call("clock_time_get", clock, 0, RESULT), "success");
        const time = (await driver.view(RESULT, 8)).getBigUint64(0, true);
        assert(time > 0n && time < 2n ** 63n, `${time}`);
      }
    }
    await driver.put(clockSubscription(1n, { clock: 4 }), BUFFER);
    assertEquals(await driver.call("poll_oneoff", BUFFER, BUFFER + 1024, 1, RESULT), "success");
    assertEquals(
      (await driver.view(BUFFER + 1024, 16)).getUint16(8, true),
      28,
      "a clock that is none is an event's error",
    );
  });
});

/** What is done by a guest that waits for input that never comes. */
const INPUT_WAITS = {
  "reading": async (driver: Driver) =>
    await driver.try("fd_read", 0, ...await driver.pieces([BUFFER, 100]), RESULT),
  "polling": async (driver: Driver) => {
    await driver.put(inputSubscription(), BUFFER);
    return await driver.try("poll_oneoff", BUFFER, BUFFER + 1024, 1, RESULT);
  },
  "polling with a clock of centuries": async (driver: Driver) => {
    await driver.put(inputSubscription(), BUFFER);
    await driver.put(clockSubscription(2n ** 64n - 1n), BUFFER + 48);
    return await driver.try("poll_oneoff", BUFFER, BUFFER + 1024, 2, RESULT);
  },
} as const;

for (const [what, wait] of Object.entries(INPUT_WAITS)) {
  Deno.test(`B20 ${what} for input that never comes ends with the call's time, and the sandbox can be closed`, async () => {
    const stdin: InputSource = new ReadableStream({});
    await withDriver({ stdin, timeout: 200, capabilities: [ClockCapability.all()] }, async (driver) => {
      const began = performance.now();
      assertEquals(wordsOf(await wait(driver)), "limit time");
      assert(performance.now() - began < 200 + MOST_LATENCY, `${performance.now() - began} ms`);
      await driver.sandbox.reset();
      assertEquals(await driver.call("sched_yield"), "success");
    });
  });
}

Deno.test("B21 after an exit nothing of the guest runs, and no function of WASI does anything", async () => {
  await withTree(async ({ inside }) => {
    const text = driverText().replace(
      '(func (export "grow")',
      `(data (i32.const 4096) "made")
      (func (export "run") (call $proc_exit (i32.const 7))
        (drop (call $path_create_directory (i32.const 3) (i32.const 4096) (i32.const 4))) (call $proc_exit (i32.const 8)))
      (func (export "grow")`,
    );
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    await using guest = await prepared(text, { capabilities });
    const { sandbox } = guest;
    assertEquals(wordsOf(await sandbox.tryCall("run")), "exit 7");
    assertEquals([...Deno.readDirSync(inside)], []);
    await sandbox.tryCall("sched_yield").then(
      () => assert(false),
      (error) => assertEquals(error.code, "InstanceEnded"),
    );
    await sandbox.reset();
    assertEquals(await sandbox.call("sched_yield"), 0);
  });
});

Deno.test("B21 a start function that opens, writes, exits or waits is bound by the same grants and limits", async () => {
  await withTree(async ({ inside }) => {
    const starting = (code: string) =>
      textModule(
        driverText().replace(
          '(func (export "grow")',
          `(data (i32.const 4096) "../outside/made") (func $start ${code}) (start $start) (func (export "grow")`,
        ),
      );
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    await using runtime = await Aegis.create({ isolation: "worker", capabilities, timeout: 300 });
    const ends = async (code: string) => {
      await using sandbox = await runtime.sandbox().build();
      const loading = sandbox.loadModule(await runtime.loadBytes(starting(code)));
      return await loading.then(() => "loaded", (error) => error.code);
    };
    assertEquals(await ends("(call $proc_exit (i32.const 3))"), "Exit");
    assertEquals(
      await ends(
        `(if (i32.ne (i32.const 63) (call $path_create_directory (i32.const 3) (i32.const 4096) (i32.const 15)))
        (then unreachable))`,
      ),
      "loaded",
    );
    assertEquals(
      await ends(
        `(loop $l (drop (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 4098) (i32.const 1) (i32.const 64)))
        (br $l))`,
      ),
      "Timeout",
    );
    assertEquals([...Deno.readDirSync(inside)], []);
  });
});

Deno.test("B21 a module without a memory gets an error number from every function that needs one", async () => {
  for (
    const [name, params, args] of [
      ["random_get", "i32 i32", "(i32.const 0) (i32.const 8)"],
      ["clock_time_get", "i32 i64 i32", "(i32.const 0) (i64.const 0) (i32.const 0)"],
      ["args_sizes_get", "i32 i32", "(i32.const 0) (i32.const 0)"],
      ["fd_write", "i32 i32 i32 i32", "(i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)"],
    ] as const
  ) {
    await using guest = await prepared(`(module
      (import "wasi_snapshot_preview1" "${name}" (func $it (param ${params}) (result i32)))
      (func (export "run") (result i32) (call $it ${args})))`);
    assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "value 21", name);
  }
});
