/** A1 to A4: paths and links that lead out of a directory, written by a guest or made by the host. */
import { assert, assertEquals } from "../../assert.ts";
import {
  ALL_RIGHTS,
  type Driver,
  FIRST_DIRECTORY as ROOT,
  OFLAGS,
  RESULT,
  withDriver,
} from "../wasi/driver.ts";
import { assertUnseen, type Tree, withTree } from "./tree.ts";
import { FilesystemCapability } from "../../../mod.ts";

/** Runs an attack on a directory with a file, a folder and a file in it, all of it granted in full. */
async function attack(work: (driver: Driver, tree: Tree) => Promise<void>): Promise<void> {
  await withTree(async (tree) => {
    await Deno.writeTextFile(`${tree.inside}/file`, "mine");
    await Deno.mkdir(`${tree.inside}/folder`);
    await Deno.writeTextFile(`${tree.inside}/folder/file`, "mine");
    const capabilities = [FilesystemCapability.full([{ host: tree.inside, guest: "/data" }])];
    await withDriver({ capabilities }, (driver) => work(driver, tree));
  });
}

/** Tries everything on a path that could read or change what it leads to; each end by the name of what was tried. */
async function tryEverything(driver: Driver, path: string): Promise<Record<string, unknown>> {
  const ends: Record<string, unknown> = {};
  for (const follow of [true, false]) {
    const how = follow ? "follow" : "name";
    ends[`stat ${how}`] = await driver.statAt(ROOT, path, follow);
    for (
      const flags of [0, OFLAGS.create, OFLAGS.truncate, OFLAGS.directory, OFLAGS.create | OFLAGS.exclusive]
    ) {
      const fd = ends[`open ${how} ${flags}`] = await driver.open(ROOT, path, {
        flags,
        follow,
        rights: ALL_RIGHTS,
      });
      if (typeof fd === "number") ends[`read ${how} ${flags}`] = await driver.read(fd);
    }
    const given = await driver.put(path);
    ends[`times ${how}`] = await driver.call(
      "path_filestat_set_times",
      ROOT,
      follow ? 1 : 0,
      ...given,
      1,
      1,
      5,
    );
    ends[`link from ${how}`] = await driver.link(ROOT, path, ROOT, `linked ${how}`, follow);
  }
  ends.readLink = await driver.readLink(ROOT, path);
  ends["link to"] = await driver.link(ROOT, "file", ROOT, path);
  ends["rename to"] = await driver.rename(ROOT, "file", ROOT, path);
  ends["rename from"] = await driver.rename(ROOT, path, ROOT, "renamed");
  ends.symlink = await driver.symlink("file", ROOT, path);
  for (const name of ["path_create_directory", "path_remove_directory", "path_unlink_file"] as const) {
    ends[name] = await driver.at(name, ROOT, path);
  }
  return ends;
}

/** Paths that leave the directory by their text, and the error of opening them. */
const LEAVING: Readonly<Record<string, string>> = {
  "..": "perm",
  "../outside/canary": "perm",
  "folder/../../outside/canary": "perm",
  "./folder/.././../outside/canary": "perm",
  "folder//..//..//outside//canary": "perm",
  "../inside/file": "perm",
  "file/../../outside/canary": "notdir",
  "missing/../../outside/canary": "noent",
  "/": "notcapable",
  "//": "notcapable",
  "/etc/passwd": "notcapable",
  "/../etc/passwd": "notcapable",
  "/data/file": "notcapable",
  "": "noent",
  "\0": "inval",
  "file\0": "inval",
  "\0../outside/canary": "inval",
  "..\0/outside/canary": "inval",
};

Deno.test("A1 a path that leaves the directory by its text leads nowhere, whatever is tried on it", async () => {
  await attack(async (driver) => {
    for (const [path, errno] of Object.entries(LEAVING)) {
      assertEquals<unknown>(
        await driver.open(ROOT, path, { rights: ALL_RIGHTS }),
        errno,
        JSON.stringify(path),
      );
      const ends = await tryEverything(driver, path);
      assertUnseen(ends);
      for (const [what, end] of Object.entries(ends)) {
        const failed = typeof end === "string" && end !== "success";
        assert(failed, `${what} of ${JSON.stringify(path)}: ${JSON.stringify(end)}`);
      }
    }
  });
});

Deno.test("A1 the host's own name of the directory, and of what lies beside it, leads nowhere", async () => {
  await attack(async (driver, { inside, canary }) => {
    for (
      const path of [`${inside}/file`, canary, `../..${canary}`, `${"../".repeat(40)}${canary.slice(1)}`]
    ) {
      assertUnseen(await tryEverything(driver, path));
      assert(typeof await driver.open(ROOT, path) === "string", path);
    }
  });
});

Deno.test("A1 a backslash, a colon and a percent sign are characters of a name like others", async () => {
  await attack(async (driver, { inside }) => {
    for (
      const name of [
        "..\\outside\\canary",
        "C:",
        "file::$DATA",
        "%2e%2e",
        "..;",
        "...",
        "~",
        "con",
        "\uff0e\uff0e",
      ]
    ) {
      const fd = await driver.opened(ROOT, name, { flags: OFLAGS.create, rights: ALL_RIGHTS });
      assertEquals(await driver.write(fd, "made"), 4);
      assertEquals(await Deno.readTextFile(`${inside}/${name}`), "made");
      assertEquals(await driver.at("path_unlink_file", ROOT, name), "success");
    }
  });
});

Deno.test("A1 a path below a directory that the guest opened itself does not leave that directory", async () => {
  await attack(async (driver) => {
    const folder = await driver.opened(ROOT, "folder", { flags: OFLAGS.directory });
    for (const path of ["..", "../file", "../folder/file", "x/../../file", "../../outside/canary"]) {
      assertEquals(await driver.open(folder, path), "perm", path);
      assertEquals(await driver.at("path_unlink_file", folder, path), "perm");
    }
    assertEquals(await driver.read(await driver.opened(folder, "./file")), "mine");
  });
});

Deno.test("A1 paths at the longest, one over and huge are refused, not cut", async () => {
  await attack(async (driver) => {
    const cases: readonly (readonly [string, string])[] = [
      ["a".repeat(255), "noent"],
      ["a".repeat(256), "nametoolong"],
      ["é".repeat(128), "nametoolong"],
      [`${"./".repeat(2045)}file`.padStart(4096, "/").slice(-4094), "ok"],
      [`${"./".repeat(2047)}file`, "nametoolong"],
      ["folder/../".repeat(500), "nametoolong"],
      ["a/".repeat(2000), "noent"],
    ];
    for (const [path, expected] of cases) {
      const end = await driver.statAt(ROOT, path);
      assertEquals(
        typeof end === "string" ? end : "ok",
        expected,
        `${path.length} bytes: ${path.slice(0, 20)}…`,
      );
    }
  });
});

Deno.test("A2 a slash behind a file means a directory, and nothing is done to the file", async () => {
  await attack(async (driver, { inside }) => {
    for (const path of ["file/", "file//", "file/.", "folder/file/"]) {
      const ends = await tryEverything(driver, path);
      for (const [what, end] of Object.entries(ends)) {
        assert(typeof end === "string" && end !== "success", `${path}: ${what}: ${JSON.stringify(end)}`);
      }
    }
    assertEquals(await Deno.readTextFile(`${inside}/file`), "mine");
    assertEquals(await Deno.readTextFile(`${inside}/folder/file`), "mine");
  });
});

Deno.test("A2 a slash behind a directory changes nothing, behind a link it means what the link leads to", async () => {
  await attack(async (driver, { inside }) => {
    await Deno.symlink("folder", `${inside}/to folder`);
    await Deno.symlink("file", `${inside}/to file`);
    assertEquals(typeof await driver.open(ROOT, "folder/", { flags: OFLAGS.directory }), "number");
    assertEquals(
      typeof await driver.open(ROOT, "to folder/", { flags: OFLAGS.directory, follow: false }),
      "number",
    );
    assertEquals(await driver.open(ROOT, "to file/", { follow: false }), "notdir");
    assertEquals(await driver.at("path_unlink_file", ROOT, "to folder/"), "notdir");
    assertEquals(await driver.rename(ROOT, "file", ROOT, "new/"), "notdir");
    assertEquals(await driver.rename(ROOT, "to file/", ROOT, "new"), "notdir");
    assertEquals(await driver.at("path_remove_directory", ROOT, "folder/."), "inval");
    assertEquals(await driver.at("path_remove_directory", ROOT, "folder/.."), "notempty");
    for (const name of ["to folder", "to file"]) {
      assert((await Deno.lstat(`${inside}/${name}`)).isSymlink, name);
    }
  });
});

Deno.test("A2 a slash behind what is renamed, made, linked or removed means a directory, on either side", async () => {
  await attack(async (driver, { inside }) => {
    await Deno.symlink("folder", `${inside}/to folder`);
    for (const slashes of ["/", "//", "/."]) {
      assertEquals(await driver.rename(ROOT, `file${slashes}`, ROOT, "renamed"), "notdir", slashes);
      assert(await driver.rename(ROOT, "file", ROOT, `renamed${slashes}`) !== "success", slashes);
      assertEquals(await driver.rename(ROOT, "file", ROOT, `folder/file${slashes}`), "notdir", slashes);
      assert(await driver.rename(ROOT, `to folder${slashes}`, ROOT, "renamed") !== "success", slashes);
      assert(await driver.link(ROOT, `file${slashes}`, ROOT, "linked") !== "success", slashes);
      assert(await driver.link(ROOT, "file", ROOT, `linked${slashes}`) !== "success", slashes);
      assertEquals(await driver.at("path_unlink_file", ROOT, `file${slashes}`), "notdir", slashes);
      assertEquals(await driver.at("path_remove_directory", ROOT, `file${slashes}`), "notdir", slashes);
      assert(await driver.at("path_unlink_file", ROOT, `folder${slashes}`) !== "success", slashes);
    }
    assert(Deno.lstatSync(`${inside}/to folder`).isSymlink);
    assertEquals([...Deno.readDirSync(inside)].map(({ name }) => name).sort(), [
      "file",
      "folder",
      "to folder",
    ]);
    // What is a directory may have them.
    assertEquals(await driver.at("path_create_directory", ROOT, "made/"), "success");
    assertEquals(await driver.rename(ROOT, "made/", ROOT, "renamed/"), "success");
    assertEquals(await driver.at("path_remove_directory", ROOT, "renamed//"), "success");
  });
});

Deno.test("A3 a guest makes no link, whatever it points to", async () => {
  await attack(async (driver, { inside, canary }) => {
    for (const target of ["file", "../outside/canary", canary, "/etc/passwd", ".", "new", "missing", "\\"]) {
      assertEquals(await driver.symlink(target, ROOT, "new"), "perm", target);
      assertEquals(await driver.symlink(target, ROOT, "folder/new"), "perm", target);
      assertEquals(await driver.open(ROOT, "new"), "noent");
    }
    assertEquals([...Deno.readDirSync(inside)].filter(({ isSymlink }) => isSymlink), []);
  });
});

/** Links that the host made inside the directory: target, and the error of following it. */
const LINKS: Readonly<Record<string, readonly [target: string, errno: string]>> = {
  "a relative link out": ["../outside/canary", "perm"],
  "a relative link to a directory outside": ["../outside", "perm"],
  "an absolute link out": ["CANARY", "perm"],
  "an absolute link to a file inside": ["INSIDE/file", "perm"],
  "an absolute link to the root": ["/", "perm"],
  "a link to /proc/self/root": ["/proc/self/root", "perm"],
  "a link that leaves and comes back": ["../inside/file", "perm"],
  "a link to a link out": ["first", "perm"],
  "a link to itself": ["link", "loop"],
  "a dangling link out": ["../outside/missing", "perm"],
  "a dangling link": ["missing", "noent"],
};

for (const [what, [target, errno]] of Object.entries(LINKS)) {
  Deno.test(`A4 ${what} is not followed, whatever is tried on it`, async () => {
    await attack(async (driver, { inside, canary }) => {
      const makeLinks = async () => {
        for (const name of ["link", "renamed", "missing"]) {
          await Deno.remove(`${inside}/${name}`, { recursive: true }).catch(() => {});
        }
        await Deno.symlink(target.replace("CANARY", canary).replace("INSIDE", inside), `${inside}/link`);
      };
      await Deno.symlink("../outside/canary", `${inside}/first`);
      await makeLinks();
      assertEquals<unknown>(await driver.open(ROOT, "link", { rights: ALL_RIGHTS }), errno);
      assertEquals(await driver.open(ROOT, "link", { follow: false }), "loop");
      for (const path of ["link/", "link/canary", "link/../file", "folder/../link", "link/new"]) {
        assertUnseen(await tryEverything(driver, path));
        await makeLinks();
      }
      const ends = await tryEverything(driver, "link");
      assertUnseen(ends);
      await makeLinks();
      // The name itself is the guest's: it may be renamed and removed, and stays a link.
      assertEquals(await driver.rename(ROOT, "link", ROOT, "renamed"), "success");
      assert((await Deno.lstat(`${inside}/renamed`)).isSymlink);
      assertEquals<unknown>(await driver.open(ROOT, "renamed"), errno === "loop" ? "noent" : errno);
      assertEquals(await driver.at("path_unlink_file", ROOT, "renamed"), "success");
    });
  });
}

Deno.test("A4 forty links in a row are followed, forty-one are a loop, and none leads out on the way", async () => {
  await attack(async (driver, { inside }) => {
    await Deno.symlink("file", `${inside}/link1`);
    for (let i = 2; i <= 41; i++) await Deno.symlink(`link${i - 1}`, `${inside}/link${i}`);
    assertEquals(typeof await driver.open(ROOT, "link40"), "number");
    assertEquals(await driver.open(ROOT, "link41"), "loop");
    await Deno.remove(`${inside}/link1`);
    await Deno.symlink("../outside/canary", `${inside}/link1`);
    assertEquals(await driver.open(ROOT, "link40"), "perm");
  });
});

Deno.test("A4 the text of a link that leads to the host's own tree is not told", async () => {
  await attack(async (driver, { inside, canary }) => {
    await Deno.symlink(canary, `${inside}/absolute`);
    assertEquals(await driver.readLink(ROOT, "absolute"), "perm");
    await Deno.symlink("folder/file", `${inside}/relative`);
    assertEquals(await driver.readLink(ROOT, "relative"), "-> folder/file");
    assertEquals(
      await driver.call("path_readlink", ROOT, ...await driver.put("relative"), 0, 0, RESULT),
      "success",
    );
    assertEquals(await driver.u32(), 0);
  });
});

Deno.test("A4 what a hard link leads to is the host's doing, and a guest cannot make one to what is outside", async () => {
  await attack(async (driver) => {
    for (const path of ["../outside/canary", "folder/../../outside/canary"]) {
      assertEquals(await driver.link(ROOT, path, ROOT, "stolen"), "perm");
      assertEquals(await driver.rename(ROOT, path, ROOT, "stolen"), "perm");
      assertEquals(await driver.link(ROOT, "file", ROOT, path), "perm");
      assertEquals(await driver.rename(ROOT, "file", ROOT, path), "perm");
    }
    assertEquals(await driver.open(ROOT, "stolen"), "noent");
  });
});
