/** The k-th operation on the files of an audit log fails: the log stays provable up to there, and can be gone on with. */
import { assert, assertEquals } from "../assert.ts";
import { checkGoesOn, write } from "./audit_rig.ts";
import { failingFiles, FILE_FAULTS } from "./failing_files.ts";
import { checkError, Folder, openBelow, sweep } from "./sweep.ts";

for (const how of FILE_FAULTS) {
  Deno.test({
    name:
      `whichever operation on a new audit log fails (${how}), it verifies up to there, and can be gone on with`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const places = await sweep(async (fault) => {
        using folder = new Folder();
        const file = `${folder.path}/audit.jsonl`;
        const written = await (async () => {
          using _files = failingFiles(fault, how);
          return await write(file, 3);
        })();
        assertEquals(openBelow(folder.path), []);
        if (fault.reached) assert((written.refused ?? written.failure) !== undefined, "it is told");
        if (written.refused !== undefined) {
          checkError(written.refused, ["InvalidOption"]);
          assertEquals(folder.names, [], "a log that is refused was never begun");
        }
        await checkGoesOn(file, written);
      });
      assert(places > 15, `${places} operations`);
    },
  });
}
