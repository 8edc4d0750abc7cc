/**
 * A guest that keeps the files broker busy: its neighbours, in the same runtime and in others, are served between two of its
 * operations, so none of them may take long, and none may leave much behind.
 */
import { assert, assertEquals } from "../../assert.ts";
import { startForgedFiles } from "./forged_files_guest.ts";
import { withTree } from "./tree.ts";
import { residentMemory, sleep } from "../process_facts.ts";
import {
  type Argument,
  type Driver,
  FIRST_DIRECTORY as ROOT,
  OFLAGS,
  READING,
  RESULT,
  startDriver,
} from "../wasi/driver.ts";
import { Aegis, FilesystemCapability, type Outcome } from "../../../mod.ts";
import type { WasiFunctionName } from "../../../src/wasi/functions.ts";

/** Milliseconds that an operation of a neighbour may take at most, in the middle of all measured. */
const MOST_WAIT = 40;

/** Milliseconds that operations of a neighbour take, sorted, while others are busy; it comes and goes. */
async function waits(neighbour: Driver, times: number): Promise<number[]> {
  const waited: number[] = [];
  for (let i = 0; i < times; i++) {
    await sleep(3 * i);
    const path = await neighbour.put("file"), began = performance.now();
    assertEquals(await neighbour.call("path_filestat_get", ROOT, 1, ...path, RESULT), "success");
    waited.push(performance.now() - began);
  }
  return waited.toSorted((a, b) => a - b);
}

/** Begins what a guest does until it is told to stop. */
type Begin = (signal: AbortSignal) => Promise<Outcome>;

/** Lets a guest that was started be busy, and asserts that its neighbours do not wait for it. */
async function assertFair(
  prepare: (inside: string) => Promise<void>,
  startGuest: (runtime: Aegis) => Promise<Begin>,
): Promise<void> {
  await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "mine");
    await prepare(inside);
    const options = {
      isolation: "worker",
      fuelLimit: "unlimited",
      capabilities: [FilesystemCapability.full([{ host: inside, guest: "/" }])],
    } as const;
    await using one = await Aegis.create(options);
    await using two = await Aegis.create(options);
    await using same = await startDriver(one);
    await using other = await startDriver(two);
    await waits(same, 3);
    await waits(other, 3);
    const begin = await startGuest(one), stop = new AbortController(), busy = begin(stop.signal);
    await sleep(150);
    for (const [who, neighbour] of [["of the same runtime", same], ["of another runtime", other]] as const) {
      const waited = await waits(neighbour, 7), middle = waited[3] ?? Infinity;
      const list = waited.map((time) => time.toFixed(0)).join(" ");
      assert(middle < MOST_WAIT, `a neighbour ${who} waited ${list} ms`);
    }
    stop.abort();
    const { kind } = await busy;
    assertEquals(kind, "aborted", "it was not busy all the time");
  });
}

/** A guest that does one thing again and again. */
async function storm(
  runtime: Aegis,
  prepare: (driver: Driver) => Promise<readonly [name: WasiFunctionName, args: readonly Argument[]]>,
): Promise<Begin> {
  const driver = await startDriver(runtime), [name, args] = await prepare(driver);
  return (signal) => driver.storm(name, args, { signal });
}

/** Makes many files with long names. */
function fill(directory: string, count: number): void {
  Deno.mkdirSync(directory);
  for (let i = 0; i < count; i++) {
    Deno.writeFileSync(`${directory}/${String(i).padStart(100, "x")}`, new Uint8Array());
  }
}

const NOTHING = () => Promise.resolve();

Deno.test("A11 a guest that looks at a path again and again lets its neighbours in", async () => {
  await assertFair(NOTHING, (runtime) =>
    storm(runtime, async (driver) => {
      return ["path_filestat_get", [ROOT, 1, ...await driver.put("file"), RESULT]];
    }));
});

// Fails when the names that are looked at for one path are not bounded.
for (const depth of [240, 1900]) {
  Deno.test(`A1 a guest that looks at a path of ${depth} directories again and again lets its neighbours in`, async () => {
    const path = `${"d/".repeat(depth)}file`;
    await assertFair(async (inside) => {
      await Deno.mkdir(`${inside}/${path}`, { recursive: true });
    }, (runtime) =>
      storm(runtime, async (driver) => {
        return ["path_filestat_get", [ROOT, 1, ...await driver.put(path), RESULT]];
      }));
  });
}

Deno.test("A4 a guest that follows forty links again and again lets its neighbours in", async () => {
  await assertFair(async (inside) => {
    await Deno.symlink("file", `${inside}/link1`);
    for (let i = 2; i <= 40; i++) await Deno.symlink(`./././link${i - 1}`, `${inside}/link${i}`);
  }, (runtime) =>
    storm(runtime, async (driver) => {
      return ["path_filestat_get", [ROOT, 1, ...await driver.put("link40"), RESULT]];
    }));
});

// Fails while a directory is read in one go, whatever its length, and while that is done with the lock of all brokers held.
Deno.test("A11 a guest that lists a directory of 50,000 names again and again lets its neighbours in", async () => {
  await assertFair(
    (inside) => Promise.resolve(fill(`${inside}/many`, 50_000)),
    (runtime) =>
      storm(runtime, async (driver) => {
        const fd = await driver.opened(ROOT, "many", { flags: OFLAGS.directory });
        return ["fd_readdir", [fd, 32_768, 4096, 0, RESULT]];
      }),
  );
});

Deno.test("A11 a guest that reads and writes megabytes again and again lets its neighbours in", async () => {
  await assertFair(NOTHING, (runtime) =>
    storm(runtime, async (driver) => {
      await driver.sandbox.call("grow", [100]);
      const fd = await driver.opened(ROOT, "big", { flags: OFLAGS.create, rights: READING | 64n });
      return ["fd_pwrite", [fd, ...await driver.pieces([65_536, 4 * 2 ** 20]), 0, RESULT]];
    }));
});

Deno.test("G53 a forged guest that asks without a pause, and rings for everyone, lets its neighbours in", async () => {
  await assertFair(NOTHING, async (runtime) => {
    const { sandbox } = await startForgedFiles(
      runtime,
      `turn();
      while (Atomics.load(words, 1) === 0) {
        Atomics.or(shared, link.readyWord, -1);
        begin("statAt"); u32(0); text("file"); u8(1);
        ask();
      }
      told(0);`,
      20_000,
    );
    return async (signal) => {
      const outcome = await sandbox.tryCall("run", [], { signal });
      return outcome.kind === "value" ? { kind: "aborted", reason: "cancelled" } : outcome;
    };
  });
});

// Fails when the listings of one sandbox are not bounded together.
Deno.test("A11 listings that many descriptors hold open fill no memory", async () => {
  await withTree(async ({ inside }) => {
    fill(`${inside}/many`, 15_000);
    const capabilities = [FilesystemCapability.readOnly([{ host: inside, guest: "/" }])];
    await using runtime = await Aegis.create({ isolation: "worker", capabilities, fuelLimit: "unlimited" });
    const before = residentMemory(), driver = await startDriver(runtime), ends: string[] = [];
    for (let i = 0; i < 16; i++) {
      const fd = await driver.opened(ROOT, "many", { flags: OFLAGS.directory });
      ends.push(await driver.call("fd_readdir", fd, 32_768, 4096, 0, RESULT));
    }
    assert(ends.includes("nomem"), "a sandbox may hold any number of names");
    const more = residentMemory() - before;
    assert(more < 400, `${more} MiB more than before`);
  });
});
