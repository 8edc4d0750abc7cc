/** The k-th operation fails on files that are replaced as a whole: those of tokens and of checkpoints. */
import { CheckpointWriter } from "../../src/cli/checkpoints.ts";
import { tokenFile } from "../../src/cli/server_host.ts";
import { Tokens } from "../../src/server/tokens.ts";
import { assert, assertEquals } from "../assert.ts";
import { failingFiles, FILE_FAULTS } from "./failing_files.ts";
import { checkError, Folder, inTime, openBelow, replaced, sweep } from "./sweep.ts";

for (const how of FILE_FAULTS) {
  Deno.test({
    name: `whichever operation on the file of tokens fails (${how}), those that were told are still good`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const places = await sweep((fault) => {
        using folder = new Folder();
        const file = `${folder.path}/tokens.json`, tokens = new Tokens(tokenFile(file));
        const first = tokens.add("first", "admin", 1);
        let second: string | undefined, error: unknown;
        {
          using _files = failingFiles(fault, how);
          try {
            second = tokens.add("second", "read", 2);
          } catch (thrown) {
            error = thrown;
          }
        }
        if (error !== undefined) checkError(error, ["StoreFailed"]);
        assertEquals(error !== undefined, fault.reached);
        assertEquals(folder.names, ["tokens.json"], "nothing lies beside it");
        assertEquals(openBelow(folder.path), []);
        for (const  of of[tokens, new Tokens(tokenFile(file))]) {
          assertEquals(of.verify(first)?.name, "first");
          if (second !== undefined) assertEquals(of.verify(second)?.name, "second");
          assertEquals(
            of.list().length,
            second === undefined ? 1 : 2,
            "who was told of a failure has no token",
          );
        }
        if (second === undefined) {
          assert(tokens.add("second", "read", 3) !== "", "and gets one when it asks again");
        }
      });
      assert(places >= 4, `${places} operations`);
    },
  });
}

/** In front of the Worker's program: its `at`th operation fails, as those of `failing_files.ts`. */
const failingWorker = (at: number, short: boolean) => `
  let left = ${at};
  const step = () => { if (--left === 0) throw new Error("planted failure (os error 28)"); };
  for (const name of ["openSync", "renameSync"]) {
    const real = Deno[name];
    Deno[name] = (...given) => { step(); return real.apply(Deno, given); };
  }
  const { prototype } = Deno.FsFile, { writeSync, syncSync, close } = prototype;
  prototype.writeSync = function (bytes) {
    try { step(); } catch (error) { if (${short}) writeSync.call(this, bytes.subarray(0, bytes.length >> 1)); throw error; }
    return writeSync.call(this, bytes);
  };
  prototype.syncSync = function () { step(); syncSync.call(this); };
  prototype.close = function () { close.call(this); step(); };
`;

Deno.test("whichever operation on a checkpoint fails, the one before is whole, and nothing lies beside it", async () => {
  const before = new Uint8Array(1000).fill(1), after = new Uint8Array(2000).fill(2);
  for (const short of [false, true]) {
    const places = await sweep(async (fault) => {
      using folder = new Folder();
      const path = `${folder.path}/job.snapshot`;
      Deno.writeFileSync(path, before);
      using _worker = replaced(globalThis, "Worker", (Real) =>
        class extends Real {
          constructor(url: string | URL, options?: WorkerOptions) {
            const [head = "", program = ""] = String(url).split(",", 2);
            super(`${head},${encodeURIComponent(failingWorker(fault.at, short))}${program}`, options);
          }
        });
      const writer = new CheckpointWriter({ path, shown: "job.snapshot", every: 1 });
      const error = await inTime("write", writer.write(after)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) {
        fault.hit();
        while (!fault.reached) fault.hit();
        assert(checkError(error, ["InvalidOption"]).message.includes("job.snapshot"));
      }
      assertEquals(Deno.readFileSync(path), error === undefined ? after : before);
      assertEquals(folder.names, ["job.snapshot"]);
      if (error !== undefined) await writer.write(after);
      assertEquals(Deno.readFileSync(path), after, "the next one is written");
      await writer.remove();
      assertEquals(folder.names, []);
      writer.close();
    });
    assertEquals(places, 5, "open, write, sync, close and rename");
  }
});

Deno.test("a checkpoint whose Worker is gone is told as failed, and the next one, too", async () => {
  using folder = new Folder();
  using _worker = replaced(globalThis, "Worker", (Real) =>
    class extends Real {
      constructor(_url: string | URL, options?: WorkerOptions) {
        super("data:text/javascript,onmessage=()=>{throw new Error('planted failure')}", options);
      }
    });
  const writer = new CheckpointWriter({ path: `${folder.path}/job`, shown: "job", every: 1 });
  for (let turn = 0; turn < 2; turn++) {
    const error = await inTime("write", writer.write(new Uint8Array(1))).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert(checkError(error, ["InvalidOption"]).message.includes("planted failure"));
  }
});
