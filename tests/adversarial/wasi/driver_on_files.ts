import { ALL_RIGHTS, type Driver, FIRST_DIRECTORY as ROOT, OFLAGS, withDriver } from "./driver.ts";
import { assertEquals } from "../../assert.ts";
import { withTree } from "../files/tree.ts";
import { FilesystemCapability } from "../../../mod.ts";

/** Bytes of the driver's memory at first. */
export const MEMORY = 2 * 65_536;

/** Runs work with a driver on a directory that holds a file and a folder. */
export async function withFiles(
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
export async function openBoth(driver: Driver): Promise<void> {
  assertEquals(await driver.opened(ROOT, "file", { rights: ALL_RIGHTS }), 4);
  assertEquals(await driver.opened(ROOT, "folder", { flags: OFLAGS.directory }), 5);
}
