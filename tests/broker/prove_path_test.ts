import { DENO_FILE_SYSTEM, type FileSystem } from "../../src/broker/file_system.ts";
import { assert, assertEquals } from "../assert.ts";
import { mountOf, Place, type RigGuest, SECRET, TestClock } from "./files_rig.ts";

/** A file system in which somebody swaps `in/d` with a link to what is outside, at moments that a test chooses. */
class Swapping {
  readonly fs: FileSystem;
  readonly #place: Place;
  /** Called before each operation with its name and path. */
  before: (operation: string, path: string) => void = () => {};
  looks = 0;

  constructor(place: Place) {
    this.#place = place;
    this.fs = {
      ...DENO_FILE_SYSTEM,
      lstat: (path) => {
        this.looks++;
        this.before("lstat", path);
        return DENO_FILE_SYSTEM.lstat(path);
      },
      open: (path, options) => {
        this.before("open", path);
        return DENO_FILE_SYSTEM.open(path, options);
      },
      entries: (path) => {
        this.before("entries", path);
        return DENO_FILE_SYSTEM.entries(path);
      },
    };
  }

  swap(): void {
    Deno.renameSync(`${this.#place.path}/d`, `${this.#place.path}/away`);
    Deno.symlinkSync("../outside", `${this.#place.path}/d`);
  }

  swapBack(): void {
    Deno.removeSync(`${this.#place.path}/d`);
    Deno.renameSync(`${this.#place.path}/away`, `${this.#place.path}/d`);
  }
}

function swapping(place: Place): { swap: Swapping; guest: RigGuest } {
  place.directory("d").file("d/file", "inside");
  const swap = new Swapping(place);
  return { swap, guest: place.rig({ fs: swap.fs, clock: new TestClock() }).attach([mountOf(place.path)]) };
}

const OPENINGS: Readonly<Record<string, (guest: RigGuest) => string>> = {
  "open to read": (guest) => guest.openErrno("d/file", "read"),
  "open to truncate": (guest) => guest.openErrno("d/file", "write", "truncate"),
  "setTimesAt": (guest) =>
    guest.errno("setTimesAt", { ...guest.at("d/file"), follow: 1, accessed: 0n, modified: 0n, flags: 5 }),
};

for (const [name, open] of Object.entries(OPENINGS)) {
  Deno.test(`provePath() sees a link that was put in the way of ${name}, and was taken away again`, () => {
    using place = new Place();
    const { swap, guest } = swapping(place);
    swap.before = (operation) => {
      if (operation !== "open") return;
      swap.before = (later) => {
        if (later !== "lstat") return;
        swap.before = () => {};
        swap.swapBack();
      };
      swap.swap();
    };
    assertEquals(open(guest), "noent");
    assertEquals(guest.readFile("d/file"), "inside");
  });

  Deno.test(`provePath() sees a link that was put in the way of ${name}, and stays`, () => {
    using place = new Place();
    const { swap, guest } = swapping(place);
    swap.before = (operation) => {
      if (operation !== "open") return;
      swap.before = () => {};
      swap.swap();
    };
    assert(["noent", "perm"].includes(open(guest)));
  });

  Deno.test(`provePath() sees through one that swaps in time with a single walk, for ${name}`, () => {
    using place = new Place();
    const { swap, guest } = swapping(place);
    let swapped = false, walks = 0;
    const toggle = (to: boolean) => {
      if (swapped === to) return;
      swapped = to;
      if (to) swap.swap();
      else swap.swapBack();
    };
    // The link is there when the file is looked at in two walks, and opened between them, and never else.
    swap.before = (operation, path) => {
      if (operation === "open") toggle(true);
      if (operation !== "lstat") return;
      if (path === place.path) walks++;
      toggle(walks <= 2 && path.endsWith("/file"));
    };
    assertEquals(open(guest), "noent");
    toggle(false);
    assert(walks > 2, "the directory was changed lately, so it is walked again");
  });
}

Deno.test("a link that is put where a new file is to be made is not followed", () => {
  using place = new Place();
  const { swap, guest } = swapping(place);
  for (const target of ["../out", "../outside/new"]) {
    swap.before = (operation, path) => {
      if (operation === "open") Deno.symlinkSync(target, path);
    };
    assertEquals(guest.openErrno("new", "create", "write", "truncate"), "exist");
    Deno.removeSync(`${place.path}/new`);
  }
});

Deno.test("provePath() sees a link that was put in the way of a listing", () => {
  using place = new Place();
  const { swap, guest } = swapping(place);
  const descriptor = guest.open("d", "read");
  swap.before = (operation) => {
    if (operation !== "entries") return;
    swap.before = () => {};
    swap.swap();
  };
  assertEquals(guest.errno("readDirectory", { descriptor, cookie: 0, most: 10 }), "noent");
});

Deno.test("provePath() walks once more where nothing was changed lately, and oftener where it was", () => {
  using place = new Place().directory("d").file("d/file");
  const swap = new Swapping(place), clock = new TestClock();
  const guest = place.rig({ fs: swap.fs, clock }).attach([mountOf(place.path)]);
  const looks = () => {
    swap.looks = 0;
    guest.open("d/file", "read");
    return swap.looks;
  };
  const walk = 3;
  assertEquals(looks(), walk * 9);
  clock.time = 5000;
  assertEquals(looks(), walk * 2);
  clock.time = -60_000;
  assertEquals(looks(), walk * 9, "a clock that was set back proves nothing");
});

Deno.test("nothing outside is read while a thread of this process swaps a directory and a link", async () => {
  using place = new Place().directory("d").file("d/file", "inside");
  const guest = place.guest();
  const worker = new Worker(new URL("./swap_worker.ts", import.meta.url), { type: "module" });
  const stop = new Int32Array(new SharedArrayBuffer(8));
  const ended = new Promise<void>((resolve) => worker.onmessage = () => resolve());
  worker.postMessage({ path: place.path, stop });
  while (Atomics.load(stop, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const seen: Record<string, number> = {};
  for (const end = performance.now() + 1500; performance.now() < end;) {
    const opened = guest.ask("open", guest.opening("d/file", ["read", "follow"]));
    const what = typeof opened === "string" ? opened : guest.read(opened.descriptor);
    if (typeof opened !== "string") guest.perform("close", { descriptor: opened.descriptor });
    seen[what] = (seen[what] ?? 0) + 1;
  }
  Atomics.store(stop, 0, 1);
  await ended;
  worker.terminate();
  assertEquals(seen[SECRET], undefined, JSON.stringify(seen));
  assertEquals(
    Object.keys(seen).filter((what) => !["inside", "noent", "perm", "notdir", "inval"].includes(what)),
    [],
  );
  assert((seen.inside ?? 0) > 0 && (seen.perm ?? 0) + (seen.noent ?? 0) > 0, JSON.stringify(seen));
});
