import { DENO_FILE_SYSTEM } from "../../src/broker/file_system.ts";
import { PathLock } from "../../src/broker/path_lock.ts";
import { OperationError } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { mountOf, Place, Rig } from "./files_rig.ts";

Deno.test("PathLock.hold() frees the lock however the work ends", () => {
  const word = new SharedArrayBuffer(4), view = new Int32Array(word), lock = new PathLock(word);
  assertEquals(lock.hold(() => view[0]), 1);
  assertEquals(view[0], 0);
  assertThrows(
    () =>
      lock.hold(() => {
        throw new Error("of the work");
      }),
    Error,
    "of the work",
  );
  assertEquals(view[0], 0);
});

Deno.test("PathLock.hold() gives up a lock that does not become free, and works once it is", () => {
  const word = new SharedArrayBuffer(4), view = new Int32Array(word), lock = new PathLock(word, 20);
  view[0] = 1;
  let worked = false;
  const error = assertThrows(() => lock.hold(() => worked = true), OperationError);
  assertEquals([error.errno, worked], ["busy", false]);
  assert(view[0] !== 0, "whoever holds it holds it still");
  view[0] = 0;
  assertEquals(lock.hold(() => 5), 5);
});

Deno.test("PathLock lets one thread in at a time", async () => {
  const word = new SharedArrayBuffer(4), shared = new SharedArrayBuffer(12);
  const run = () => {
    const worker = new Worker(new URL("./path_lock_worker.ts", import.meta.url), { type: "module" });
    return new Promise<void>((resolve, reject) => {
      worker.onmessage = () => {
        worker.terminate();
        resolve();
      };
      worker.onerror = reject;
      worker.postMessage({ word, shared });
    });
  };
  await Promise.all([run(), run(), run()]);
  const [inside, most, rounds] = new Int32Array(shared);
  assertEquals([inside, most, rounds], [0, 1, 3 * 20_000]);
  assertEquals(new Int32Array(word)[0], 0);
});

Deno.test("the path lock is held whenever a path is looked at or changed", () => {
  using place = new Place().file("f").directory("d").link("l", "f");
  const held: number[] = [], state = { word: new Int32Array(1) as Int32Array };
  const note = <Args extends unknown[], Result>(method: (...args: Args) => Result) => (...args: Args) => {
    held.push(state.word[0] ?? 0);
    return method(...args);
  };
  const { granted, lstat, readLink, open, entries, createDirectory, remove, rename, link } = DENO_FILE_SYSTEM;
  const rig = new Rig({
    fs: {
      granted,
      lstat: note(lstat),
      readLink: note(readLink),
      open: note(open),
      entries: note(entries),
      createDirectory: note(createDirectory),
      remove: note(remove),
      rename: note(rename),
      link: note(link),
    },
  });
  const guest = rig.attach([mountOf(place.path)]);
  held.length = 0;
  state.word = new Int32Array(rig.lock);
  const times = { accessed: 0n, modified: 0n, flags: 2 };
  const directory = guest.open("d", "read");
  const steps: Record<string, () => unknown> = {
    open: () => guest.open("l", "read", "write", "follow"),
    create: () => guest.open("new", "create", "write"),
    stat: () => guest.perform("stat", { descriptor: directory }),
    statAt: () => guest.perform("statAt", { ...guest.at("l"), follow: 1 }),
    readLink: () => guest.perform("readLink", guest.at("l")),
    setTimes: () => guest.perform("setTimes", { descriptor: directory, ...times }),
    setTimesAt: () => guest.perform("setTimesAt", { ...guest.at("f"), follow: 0, ...times }),
    sync: () => guest.perform("sync", { descriptor: directory, metadata: 1 }),
    readDirectory: () => guest.perform("readDirectory", { descriptor: directory, cookie: 0, most: 10 }),
    createDirectory: () => guest.perform("createDirectory", guest.at("e")),
    removeDirectory: () => guest.perform("removeDirectory", guest.at("e")),
    link: () => guest.link("f", "f2"),
    rename: () => guest.rename("f2", "f3"),
    unlink: () => guest.perform("unlink", guest.at("f3")),
  };
  for (const [name, step] of Object.entries(steps)) {
    held.length = 0;
    step();
    assert(held.length > 0 && held.every((word) => word === 1), name);
  }
  rig.close();
});

/** Waiting for a lock alone keeps no process alive. */
async function awake(work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1000);
  await work().finally(() => clearInterval(timer));
}

Deno.test("PathLock.acquire() waits for the lock without blocking, and gives it to the next", () =>
  awake(async () => {
    const word = new SharedArrayBuffer(4), view = new Int32Array(word), lock = new PathLock(word);
    const first = await lock.acquire(), second = lock.acquire(), order: string[] = [];
    const waiting = second.then(() => order.push("second"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    order.push("first gives it back");
    first?.();
    await waiting;
    assertEquals(order, ["first gives it back", "second"]);
    assert(view[0] !== 0);
    (await second)?.();
    assertEquals(view[0], 0);
  }));

Deno.test("PathLock.acquire() gives up a lock that does not become free", () =>
  awake(async () => {
    const word = new SharedArrayBuffer(4), lock = new PathLock(word, 20);
    new Int32Array(word)[0] = 1;
    assertEquals(await lock.acquire(), undefined);
  }));
