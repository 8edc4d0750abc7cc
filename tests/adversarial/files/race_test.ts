/**
 * A5: somebody swaps a directory and a link while others walk through them. The ones who walk are guests, the one who swaps is
 * a guest of the same runtime, of another one, or no guest at all. `AEGIS_RACE_SECONDS` makes the races longer.
 */
import { assert, assertEquals } from "../../assert.ts";
import { OWN_CONTENT, race, startRacer, type Step } from "./race_guest.ts";
import { assertUnseen, type Tree, withTree } from "./tree.ts";
import { ALL_RIGHTS, FIRST_DIRECTORY as ROOT, OFLAGS, startDriver } from "../wasi/driver.ts";
import { Aegis, FilesystemCapability } from "../../../mod.ts";

const RACE_TIME = 1000 * Number(Deno.env.get("AEGIS_RACE_SECONDS") ?? 2);

/** Puts the link in the directory's place, and both back. */
const SWAP: readonly Step[] = [
  { do: "rename", from: "folder", to: "aside" },
  { do: "rename", from: "link", to: "folder" },
  { do: "rename", from: "folder", to: "link" },
  { do: "rename", from: "aside", to: "folder" },
];

/** Everything that reads. */
const READ: readonly Step[] = [
  { do: "read", path: "folder/canary" },
  { do: "stat", path: "folder/canary" },
  { do: "list", path: "folder" },
  { do: "read", path: "folder/folder/canary" },
  { do: "stat", path: "folder/folder/canary" },
];

/** Everything that changes. Inside there are other names than outside, so that nothing is changed there by accident. */
const CHANGE: readonly Step[] = [
  { do: "create", path: "folder/made" },
  { do: "link", from: "folder/made", to: "folder/linked" },
  { do: "rename", from: "folder/linked", to: "folder/renamed" },
  { do: "setTimes", path: "folder/canary" },
  { do: "unlink", path: "folder/canary" },
  { do: "makeDirectory", path: "folder/directory" },
  { do: "removeDirectory", path: "folder/directory" },
  { do: "unlink", path: "folder/renamed" },
  { do: "unlink", path: "folder/made" },
  { do: "create", path: "folder/canary" },
];

/** A directory with the guests' own files, and a link of the host's that leads out. */
async function furnish({ inside }: Tree): Promise<void> {
  await Deno.mkdir(`${inside}/folder/folder`, { recursive: true });
  await Deno.writeTextFile(`${inside}/folder/canary`, OWN_CONTENT);
  await Deno.writeTextFile(`${inside}/folder/folder/canary`, OWN_CONTENT);
  await Deno.symlink("../outside", `${inside}/link`);
}

function runtimeFor(host: string): Promise<Aegis> {
  return Aegis.create({
    isolation: "worker",
    fuelLimit: "unlimited",
    writeBytes: "unlimited",
    capabilities: [FilesystemCapability.full([{ host, guest: "/" }])],
  });
}

// Fails when a broker does not hold the path lock while it works on a path.
Deno.test("A5 two sandboxes of two runtimes race on one directory: one swaps it for a link, the other reaches nothing outside", async () => {
  await withTree(async (tree) => {
    await furnish(tree);
    await using one = await runtimeFor(tree.inside);
    await using two = await runtimeFor(tree.inside);
    await using swapper = await startRacer(one, SWAP);
    await using walker = await startRacer(two, [...READ, ...CHANGE]);
    const [swapped, walked] = await race([swapper, walker], RACE_TIME);
    assert((swapped?.done ?? 0) > 200, `swapped ${swapped?.done} times`);
    assert((walked?.done ?? 0) > 200, `${walked?.done} operations succeeded`);
    assertEquals(walked?.leaks, 0, "something outside was seen");
  });
});

Deno.test("A5 two sandboxes of one runtime race on one directory, and reach nothing outside", async () => {
  await withTree(async (tree) => {
    await furnish(tree);
    await using runtime = await runtimeFor(tree.inside);
    await using swapper = await startRacer(runtime, SWAP);
    await using walker = await startRacer(runtime, [...READ, ...CHANGE]);
    const [swapped, walked] = await race([swapper, walker], RACE_TIME / 4);
    assert((swapped?.done ?? 0) > 100 && (walked?.done ?? 0) > 100);
    assertEquals(walked?.leaks, 0);
  });
});

/** A thread of the host's that swaps directory and link until it is told to stop. */
const OUTSIDE_SWAPPER = `onmessage = ({ data: { root, stop } }) => {
  const word = new Int32Array(stop), move = (from, to) => Deno.renameSync(root + "/" + from, root + "/" + to);
  while (Atomics.load(word, 0) === 0) {
    move("folder", "aside"); move("link", "folder"); move("folder", "link"); move("aside", "folder");
  }
  postMessage("stopped");
}`;

// Fails when what was opened, looked at or listed is not proven afterwards.
Deno.test("A5 somebody outside of all runtimes swaps directory and link: what guests read is never from outside", async () => {
  await withTree(async (tree) => {
    await furnish(tree);
    await using runtime = await runtimeFor(tree.inside);
    await using reader = await startRacer(runtime, READ);
    const source = `data:text/javascript,${encodeURIComponent(OUTSIDE_SWAPPER)}`;
    const stop = new SharedArrayBuffer(4), swapper = new Worker(source, { type: "module" });
    const stopped = new Promise((resolve) => swapper.onmessage = resolve);
    swapper.postMessage({ root: tree.inside, stop });
    const [result] = await race([reader], RACE_TIME / 2);
    Atomics.store(new Int32Array(stop), 0, 1);
    await stopped;
    swapper.terminate();
    assert((result?.done ?? 0) > 20, `${result?.done} reads succeeded`);
    assertEquals(result?.leaks, 0, "something outside was seen");
  });
});

/** What is done through a mount that lies below what is swapped: the directory, or the file that is its `.`. */
const BELOW: Readonly<Record<string, readonly Step[]>> = {
  "folder/folder": [
    { do: "read", path: "canary" },
    { do: "stat", path: "canary" },
    { do: "list", path: "." },
    { do: "create", path: "made" },
    { do: "link", from: "made", to: "linked" },
    { do: "unlink", path: "made" },
    { do: "unlink", path: "linked" },
    { do: "setTimes", path: "canary" },
    { do: "makeDirectory", path: "directory" },
    { do: "removeDirectory", path: "directory" },
  ],
  "folder/canary": [
    { do: "read", path: "." },
    { do: "stat", path: "." },
    { do: "setTimes", path: "." },
  ],
};

for (const [granted, steps] of Object.entries(BELOW)) {
  Deno.test(`A5 a sandbox swaps what lies above ${granted}, which a sandbox of another runtime was granted: it reaches nothing outside`, async () => {
    await withTree(async (tree) => {
      await furnish(tree);
      await using one = await runtimeFor(tree.inside);
      await using two = await runtimeFor(`${tree.inside}/${granted}`);
      await using swapper = await startRacer(one, SWAP);
      await using walker = await startRacer(two, steps);
      const [swapped, walked] = await race([swapper, walker], RACE_TIME / 4);
      assert((swapped?.done ?? 0) > 100 && (walked?.done ?? 0) > 10, JSON.stringify([swapped, walked]));
      assertEquals(walked?.leaks, 0);
    });
  });
}

/** Puts the link to `outside` where a granted directory or file has its parent. */
async function redirect(runtime: Aegis, { inside }: Tree): Promise<void> {
  const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
  await using driver = await startDriver(runtime, { capabilities });
  await driver.rename(ROOT, "folder", ROOT, "aside");
  await driver.rename(ROOT, "link", ROOT, "folder");
}

/** Tries to reach what is outside through a mount, and returns all that was seen. */
async function reach(runtime: Aegis, mount: number): Promise<unknown[]> {
  await using driver = await startDriver(runtime);
  const seen: unknown[] = [await driver.statAt(mount, "."), await driver.list(mount)];
  for (const path of [".", "canary", "made"]) {
    for (const flags of [0, OFLAGS.create]) {
      const fd = await driver.open(mount, path, { flags, rights: ALL_RIGHTS });
      seen.push(fd, typeof fd === "number" ? await driver.read(fd) : "");
    }
    seen.push(await driver.at("path_create_directory", mount, `${path} made`));
    seen.push(
      await driver.link(mount, path, mount, "linked"),
      await driver.at("path_unlink_file", mount, path),
    );
  }
  return seen;
}

for (const granted of ["folder/folder", "folder/canary", "folder/folder/canary"]) {
  Deno.test(`A5 a sandbox redirects ${granted}, which a later sandbox of its runtime was granted: it leads nowhere`, async () => {
    await withTree(async (tree) => {
      await furnish(tree);
      const capabilities = [{ host: tree.inside, guest: "/" }, {
        host: `${tree.inside}/${granted}`,
        guest: "/data",
      }]
        .map((path) => FilesystemCapability.full([path]));
      await using runtime = await Aegis.create({ isolation: "worker", capabilities });
      await redirect(runtime, tree);
      assertUnseen(await reach(runtime, ROOT + 1));
    });
  });

  Deno.test(`A5 a sandbox redirects ${granted}, which a sandbox of another runtime was granted: it leads nowhere`, async () => {
    await withTree(async (tree) => {
      await furnish(tree);
      const capabilities = [
        FilesystemCapability.full([{ host: `${tree.inside}/${granted}`, guest: "/data" }]),
      ];
      await using one = await runtimeFor(tree.inside);
      await using two = await Aegis.create({ isolation: "worker", capabilities });
      await redirect(one, tree);
      const seen = await reach(two, ROOT), stat = seen[0];
      assertUnseen(seen);
      const size = typeof stat === "object" && stat !== null && "size" in stat ? Number(stat.size) : 0;
      assert(size !== Deno.statSync(tree.canary).size, "the size of a file outside was told");
    });
  });
}

Deno.test("A5 a directory in which another sandbox's own lies is neither renamed, replaced nor removed meanwhile", async () => {
  await withTree(async (tree) => {
    await Deno.mkdir(`${tree.inside}/folder/empty`, { recursive: true });
    await Deno.mkdir(`${tree.inside}/other`);
    const capabilities = [{ host: tree.inside, guest: "/" }, {
      host: `${tree.inside}/folder/empty`,
      guest: "/data",
    }]
      .map((path) => FilesystemCapability.full([path]));
    await using runtime = await Aegis.create({ isolation: "worker", capabilities });
    await using _holder = await startDriver(runtime);
    const own = [FilesystemCapability.full([{ host: tree.inside, guest: "/" }])];
    await using driver = await startDriver(runtime, { capabilities: own });
    assertEquals(await driver.rename(ROOT, "folder", ROOT, "aside"), "busy");
    assertEquals(await driver.rename(ROOT, "folder/empty", ROOT, "aside"), "busy");
    assertEquals(await driver.rename(ROOT, "other", ROOT, "folder/empty"), "busy");
    assertEquals(await driver.at("path_remove_directory", ROOT, "folder/empty"), "busy");
  });
});

// Fails while a link that has got the number of the directory that was granted is taken for it.
Deno.test("A5 somebody outside puts a link in place of the granted directory, with its number: it leads nowhere", async () => {
  await withTree(async (tree) => {
    const granted = `${tree.inside}/granted`;
    await Deno.mkdir(granted);
    await using runtime = await runtimeFor(granted);
    await using driver = await startDriver(runtime);
    assertEquals(await driver.list(ROOT), [".", ".."]);
    const { ino } = await Deno.lstat(granted);
    for (let tries = 0; tries < 20; tries++) {
      await Deno.remove(granted);
      await Deno.symlink("../outside", granted);
      if ((await Deno.lstat(granted)).ino === ino) break; // file systems that give numbers out anew do so at once
    }
    const seen: unknown[] = [await driver.list(ROOT), await driver.statAt(ROOT, "canary")];
    for (const name of ["path_create_directory", "path_unlink_file"] as const) {
      seen.push(await driver.at(name, ROOT, "canary"), await driver.at(name, ROOT, "made"));
    }
    assertUnseen(seen);
    for (const end of seen) {
      assert(
        typeof end === "string" && end !== "success",
        JSON.stringify(seen, (_, v) => String(v)),
      );
    }
  });
});
