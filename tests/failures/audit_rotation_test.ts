/** The k-th operation fails while the files of an audit log are put away: none of them is lost, none is missed afterwards. */
import { assert, assertEquals } from "../assert.ts";
import { verifyAuditLog } from "../../mod.ts";
import { checkGoesOn, FILLING, write } from "./audit_rig.ts";
import { failingFiles } from "./failing_files.ts";
import { Folder, openBelow, sweep } from "./sweep.ts";

/** Records after which one file more is full. */
const MORE = 700;

Deno.test({
  name:
    "whichever operation fails while files of an audit log are put away, it verifies, and can be gone on with",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using full = new Folder();
    await write(`${full.path}/audit.jsonl`, FILLING);
    assertEquals(full.names.length, 5, "the log, its head, and three files before");
    const counts = (name: string) => name !== "writeSync" && name !== "seekSync";
    const places = await sweep(async (fault) => {
      using folder = new Folder();
      const file = `${folder.path}/audit.jsonl`;
      for (const name of full.names) Deno.copyFileSync(`${full.path}/${name}`, `${folder.path}/${name}`);
      assert((await verifyAuditLog(file)).intact, "before");
      const written = await (async () => {
        using _files = failingFiles(fault, "full", counts);
        return await write(file, MORE);
      })();
      assertEquals(openBelow(folder.path), []);
      if (fault.reached) assert((written.refused ?? written.failure) !== undefined, "it is told");
      await checkGoesOn(file, written);
    });
    assert(places > 40, `${places} operations`);
  },
});
