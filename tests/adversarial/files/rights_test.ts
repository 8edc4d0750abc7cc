/** A6 to A8, F51 and G54: more than a grant says, by another name, another mount, another descriptor, a later moment. */
import { assert, assertEquals } from "../../assert.ts";
import {
  ALL_RIGHTS,
  type Driver,
  FIRST_DIRECTORY as ROOT,
  OFLAGS,
  READING,
  RESULT,
  startDriver,
  TEXT,
  withDriver,
} from "../wasi/driver.ts";
import { type Tree, withTree } from "./tree.ts";
import { Aegis, FilesystemCapability } from "../../../mod.ts";
import { RIGHTS } from "../../../src/wasi/rights.ts";

/** The descriptors of the two directories: one to be read alone, one with all rights. */
const READ_ONLY = ROOT, WRITABLE = ROOT + 1;

/** Runs an attack on two directories, one of them read-only, each with a file and a folder with a file. */
async function attack(work: (driver: Driver, tree: Tree) => Promise<void>): Promise<void> {
  await withTree(async (tree) => {
    for (const name of ["fixed", "free"]) {
      await Deno.mkdir(`${tree.inside}/${name}/folder`, { recursive: true });
      await Deno.writeTextFile(`${tree.inside}/${name}/file`, "as it was");
      await Deno.writeTextFile(`${tree.inside}/${name}/folder/file`, "as it was");
    }
    const capabilities = [
      FilesystemCapability.readOnly([{ host: `${tree.inside}/fixed`, guest: "/fixed" }]),
      FilesystemCapability.full([{ host: `${tree.inside}/free`, guest: "/free" }]),
    ];
    await withDriver({ capabilities }, (driver) => work(driver, tree));
  });
}

/** Names, contents and times below a directory. */
function snapshot(directory: string): string {
  return [...Deno.readDirSync(directory)].toSorted((a, b) => a.name < b.name ? -1 : 1).map(
    ({ name, isDirectory }) => {
      const path = `${directory}/${name}`, { mtime, size, nlink } = Deno.lstatSync(path);
      return `${name} ${mtime?.getTime()} ${size} ${nlink} ${
        isDirectory ? snapshot(path) : Deno.readTextFileSync(path)
      }`;
    },
  ).join("\n");
}

/** How many files below a directory this process has open. */
function openBelow(directory: string): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith(directory);
    } catch {
      return false; // closed between the two looks
    }
  }).length;
}

Deno.test("A6 no hard link and no rename carries a file from one mount into another, in either direction", async () => {
  await attack(async (driver, { inside }) => {
    const before = snapshot(inside);
    for (const [from, to] of [[READ_ONLY, WRITABLE], [WRITABLE, READ_ONLY]] as const) {
      for (const path of ["file", "folder", "folder/file", "./folder/../file"]) {
        for (const name of ["new", "file", "folder/new", "."]) {
          assert(
            ["xdev", "rofs"].includes(await driver.rename(from, path, to, name)),
            `rename ${path} ${name}`,
          );
          assert(["xdev", "rofs"].includes(await driver.link(from, path, to, name)), `link ${path} ${name}`);
        }
      }
    }
    assertEquals(snapshot(inside), before);
  });
});

Deno.test("A6 no hard link and no rename carries a file from one writable mount into another, whose bounds are others", async () => {
  await withTree(async ({ inside }) => {
    for (const name of ["one", "two"]) await Deno.mkdir(`${inside}/${name}`);
    await Deno.writeTextFile(`${inside}/one/file`, "longer than a file in two may be");
    const capabilities = [
      FilesystemCapability.full([{ host: `${inside}/one`, guest: "/one" }]),
      FilesystemCapability.full([{ host: `${inside}/two`, guest: "/two" }], { maxFileSize: 10 }),
    ];
    await withDriver({ capabilities }, async (driver) => {
      assertEquals(await driver.rename(ROOT, "file", ROOT + 1, "file"), "xdev");
      assertEquals(await driver.link(ROOT, "file", ROOT + 1, "file"), "xdev");
      assertEquals(await driver.list(ROOT + 1), [".", ".."]);
    });
  });
});

Deno.test("A6 a link within the read-only mount is refused, also through a descriptor of a folder in it", async () => {
  await attack(async (driver, { inside }) => {
    const before = snapshot(inside),
      folder = await driver.opened(READ_ONLY, "folder", { flags: OFLAGS.directory });
    for (const directory of [READ_ONLY, folder]) {
      assertEquals(await driver.link(directory, "file", directory, "new"), "rofs");
      assertEquals(await driver.rename(directory, "file", directory, "new"), "rofs");
      assertEquals(await driver.link(directory, "file", WRITABLE, "new"), "rofs");
    }
    assertEquals(snapshot(inside), before);
  });
});

Deno.test("A7 nothing in a read-only mount is truncated, made, appended to, removed, renamed or given other times", async () => {
  await attack(async (driver, { inside }) => {
    const before = snapshot(inside), { truncate, create, exclusive } = OFLAGS;
    for (
      const rights of [0n, READING, ALL_RIGHTS, BigInt(RIGHTS.fd_write), BigInt(RIGHTS.fd_filestat_set_size)]
    ) {
      for (const flags of [truncate, create | truncate, create | exclusive, create]) {
        for (const path of ["file", "new", "folder/new"]) {
          const fd = await driver.open(READ_ONLY, path, { flags, rights });
          assert(typeof fd === "string", `${path} was opened with flags ${flags} and rights ${rights}`);
        }
      }
    }
    assertEquals(await driver.open(READ_ONLY, "file", { rights: ALL_RIGHTS, fdflags: 1 }), "rofs");
    const path = await driver.put("file");
    assertEquals(await driver.call("path_filestat_set_times", READ_ONLY, 1, ...path, 1, 1, 5), "rofs");
    assertEquals(await driver.at("path_create_directory", READ_ONLY, "new"), "rofs");
    assertEquals(await driver.at("path_remove_directory", READ_ONLY, "folder"), "rofs");
    assertEquals(await driver.at("path_unlink_file", READ_ONLY, "file"), "rofs");
    assertEquals(await driver.symlink("file", READ_ONLY, "new"), "rofs");
    assertEquals(snapshot(inside), before);
  });
});

Deno.test("A7 a descriptor of a file in a read-only mount changes nothing, whatever it was opened for", async () => {
  await attack(async (driver, { inside }) => {
    const before = snapshot(inside);
    for (const rights of [0n, READING, BigInt(RIGHTS.fd_read), ALL_RIGHTS & ~BigInt(RIGHTS.fd_write)]) {
      const fd = await driver.opened(READ_ONLY, "file", { rights, fdflags: 1 });
      assert(typeof await driver.write(fd, "more") === "string");
      assert(
        await driver.call("fd_pwrite", fd, ...await driver.pieces([RESULT, 4]), 0, RESULT) !== "success",
      );
      assert(await driver.call("fd_filestat_set_size", fd, 0) !== "success");
      assert(await driver.call("fd_filestat_set_size", fd, 1000) !== "success");
      assert(await driver.call("fd_allocate", fd, 0, 1000) !== "success");
      assert(await driver.call("fd_filestat_set_times", fd, 1, 1, 5) !== "success");
    }
    assert(await driver.call("fd_filestat_set_times", READ_ONLY, 1, 1, 5) !== "success");
    assertEquals(snapshot(inside), before);
  });
});

Deno.test("A7 a file that is granted for writing alone is neither read nor listed, one to be made is not changed", async () => {
  await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "as it was");
    const writing = [FilesystemCapability.writeOnly([{ host: inside, guest: "/" }])];
    await withDriver({ capabilities: writing }, async (driver) => {
      assertEquals(await driver.open(ROOT, "file", { rights: ALL_RIGHTS }), "acces");
      assertEquals(await driver.open(ROOT, "file"), "acces");
      const fd = await driver.opened(ROOT, "file", { rights: BigInt(RIGHTS.fd_write) });
      assertEquals(await driver.read(fd), "! badf");
      assertEquals(await driver.list(ROOT), "acces");
      assertEquals(await driver.statAt(ROOT, "file"), "acces");
      assertEquals(await driver.at("path_unlink_file", ROOT, "file"), "acces");
      assertEquals(await driver.rename(ROOT, "file", ROOT, "new"), "acces");
    });
    const making = [FilesystemCapability.custom({ paths: [{ host: inside, guest: "/" }], create: true })];
    await withDriver({ capabilities: making }, async (driver) => {
      const write = BigInt(RIGHTS.fd_write);
      for (const flags of [0, OFLAGS.truncate, OFLAGS.create, OFLAGS.create | OFLAGS.truncate]) {
        assert(
          typeof await driver.open(ROOT, "file", { rights: write, flags }) === "string",
          `flags ${flags}`,
        );
      }
      const fd = await driver.opened(ROOT, "new", { rights: write, flags: OFLAGS.create });
      assertEquals(await driver.write(fd, "made"), 4);
      assert(typeof await driver.open(ROOT, "new", { rights: write }) === "string");
    });
    assertEquals(await Deno.readTextFile(`${inside}/file`), "as it was");
  });
});

Deno.test("A8 rights once given up do not come back, and no descriptor gets more than its directory passes on", async () => {
  await attack(async (driver, { inside }) => {
    const fd = await driver.opened(WRITABLE, "file", { rights: READING });
    for (const rights of [ALL_RIGHTS, BigInt(RIGHTS.fd_write), 2n ** 64n - 1n, 1n << 63n, 1n << 30n]) {
      assertEquals(await driver.call("fd_fdstat_set_rights", fd, rights, 0), "notcapable");
    }
    assertEquals(await driver.write(fd, "more"), "badf");
    const folder = await driver.opened(WRITABLE, "folder", { flags: OFLAGS.directory, inheriting: READING });
    assertEquals(await driver.call("fd_fdstat_set_rights", folder, 0, ALL_RIGHTS), "notcapable");
    const file = await driver.opened(folder, "file", { rights: ALL_RIGHTS, inheriting: ALL_RIGHTS });
    assertEquals(await driver.write(file, "more"), "badf");
    assertEquals(await driver.call("fd_renumber", folder, file), "success");
    const again = await driver.opened(file, "file", { rights: ALL_RIGHTS });
    assertEquals(await driver.write(again, "more"), "badf");
    assertEquals(await Deno.readTextFile(`${inside}/free/folder/file`), "as it was");
  });
});

Deno.test("A8 all rights of WASI on a read-only directory are rights to nothing", async () => {
  await attack(async (driver, { inside }) => {
    const before = snapshot(inside);
    assertEquals(await driver.call("fd_renumber", READ_ONLY, WRITABLE), "success");
    assertEquals(await driver.open(WRITABLE, "file", { rights: ALL_RIGHTS }), "rofs");
    assertEquals(await driver.at("path_unlink_file", WRITABLE, "file"), "rofs");
    assertEquals(snapshot(inside), before);
  });
});

// Fails while a descriptor that was opened for writing can be looked at, and a directory synchronised.
Deno.test("F51 after a revocation what is open can do nothing but be closed", async () => {
  await attack(async (driver, { inside }) => {
    const fd = await driver.opened(WRITABLE, "file", { rights: ALL_RIGHTS }), before = snapshot(inside);
    assertEquals(await driver.read(fd, 2), "as");
    driver.sandbox.revoke("filesystem");
    const seek = await driver.call("fd_seek", fd, 0, 2, RESULT);
    const ends: Record<string, unknown> = {
      read: await driver.read(fd, 4, 5),
      write: await driver.write(fd, "more"),
      size: await driver.call("fd_filestat_set_size", fd, 0),
      allocate: await driver.call("fd_allocate", fd, 0, 100),
      times: await driver.call("fd_filestat_set_times", fd, 1, 1, 5),
      list: await driver.list(WRITABLE),
      open: await driver.open(WRITABLE, "file"),
      make: await driver.at("path_create_directory", WRITABLE, "new"),
      unlink: await driver.at("path_unlink_file", WRITABLE, "file"),
      rename: await driver.rename(WRITABLE, "file", WRITABLE, "new"),
      seek,
      stat: await driver.stat(fd),
      statDirectory: await driver.stat(WRITABLE),
      syncDirectory: await driver.call("fd_sync", WRITABLE),
      sync: await driver.call("fd_sync", fd),
    };
    assertEquals(snapshot(inside), before);
    for (const [what, end] of Object.entries(ends)) {
      const failed = typeof end === "string" && end !== "success" && (what !== "read" || end.startsWith("!"));
      assert(failed, `${what}: ${JSON.stringify(end, (_, value) => String(value))}`);
    }
    assertEquals(await driver.call("fd_close", fd), "success");
  });
});

Deno.test("F51 a grant that is revoked in mid-call fails the next operation of the same call", async () => {
  await attack(async (driver) => {
    const path = await driver.put("file");
    const storm = driver.many(20_000, "path_filestat_get", WRITABLE, 1, ...path, RESULT);
    await new Promise((resolve) => setTimeout(resolve, 50));
    driver.sandbox.revoke("filesystem");
    const succeeded = await storm;
    assert(succeeded > 0 && succeeded < 20_000, `${succeeded} succeeded`);
    assertEquals(await driver.statAt(WRITABLE, "file"), "acces");
    await driver.sandbox.reset();
    assertEquals(await driver.statAt(WRITABLE, "file"), "acces", "a reset does not bring a grant back");
  });
});

Deno.test("G54 a reset closes what the life before has opened, and its numbers are free", async () => {
  await attack(async (driver, { inside }) => {
    const first = await driver.opened(WRITABLE, "file");
    for (let i = 1; i < 20; i++) await driver.opened(WRITABLE, "file", { rights: ALL_RIGHTS });
    assertEquals(openBelow(inside), 20);
    await driver.sandbox.reset();
    for (let fd = first; fd < first + 20; fd++) assertEquals(await driver.read(fd), "! badf");
    assertEquals(openBelow(inside), 0);
    assertEquals(await driver.opened(WRITABLE, "file"), first);
  });
});

/** Lives, and pages of the guest's memory: a thread that has dropped 128 MiB of them is replaced at the next reset. */
const LIVES = [
  { name: "however often it starts over", lives: 3, pages: 2 },
  { name: "also when a life has a thread of its own", lives: 6, pages: 1024 },
] as const;

for (const { name, lives, pages } of LIVES) {
  Deno.test(`G54 what a sandbox may write and make in all is used up for good, ${name}`, async () => {
    await withTree(async ({ inside }) => {
      const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }], { totalBytes: 1000 })];
      const most = lives - 1;
      await withDriver({ capabilities, createdFiles: most }, async (driver) => {
        let written = 0;
        const opened: (number | string)[] = [];
        for (let life = 0; life < lives; life++) {
          const fd = await driver.open(ROOT, `file${life}`, { flags: OFLAGS.create, rights: ALL_RIGHTS });
          opened.push(typeof fd === "number" ? "opened" : fd);
          for (let i = 0; i < 5 && typeof fd === "number"; i++) {
            const now = await driver.write(fd, "x".repeat(300));
            if (typeof now === "number") written += now;
            await driver.call("fd_filestat_set_size", fd, 5000);
            await driver.call("fd_allocate", fd, 0, 5000);
          }
          await driver.sandbox.reset();
        }
        assertEquals(opened, [...Array(most).fill("opened"), "dquot"]);
        assertEquals(written, 1000);
        const sizes = [...Deno.readDirSync(inside)].map(({ name }) =>
          Deno.statSync(`${inside}/${name}`).size
        );
        assertEquals(sizes.reduce((sum, size) => sum + size), 1000);
      }, { pages });
    });
  });
}

Deno.test("G54 a sandbox that is closed leaves no descriptor, nor does one that ended in mid-operation", async () => {
  await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "mine");
    const capabilities = [FilesystemCapability.full([{ host: inside, guest: "/" }])];
    await using runtime = await Aegis.create({ isolation: "worker", capabilities, fuelLimit: "unlimited" });
    for (let i = 0; i < 3; i++) {
      const driver = await startDriver(runtime), path = await driver.put("file", TEXT);
      const call = driver.storm("path_open", [ROOT, 0, ...path, 0, READING, 0, 0, RESULT]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await driver.sandbox.close();
      await call;
    }
    assertEquals(openBelow(inside), 0);
  });
});
