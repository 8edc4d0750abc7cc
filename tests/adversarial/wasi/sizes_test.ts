/** B15 to B18: long lists, huge sizes, memory that grows and text that is none, given to WASI. */
import { assert, assertEquals } from "../../assert.ts";
import { ALL_RIGHTS, BUFFER, FIRST_DIRECTORY as ROOT, OFLAGS, RESULT, TEXT, withDriver } from "./driver.ts";
import { MEMORY, openBoth, withFiles } from "./driver_on_files.ts";
import { withTree } from "../files/tree.ts";
import { withTicks } from "../process_facts.ts";
import { FilesystemCapability } from "../../../mod.ts";

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
  });
});
