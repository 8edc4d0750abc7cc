/** The k-th operation of the files broker's own Worker fails: the guest gets an error number, and the next run works. */
import { assert, assertEquals } from "../assert.ts";
import { Aegis, FilesystemCapability } from "../../mod.ts";
import { COPY } from "./copy_program.ts";
import { fronted } from "./faulty_workers.ts";
import { Folder, inTime, openBelow, PLANTED, sweep } from "./sweep.ts";

/** Counts what the broker asks of Deno in the first of `shared`, and fails at the number in the second. */
const FAILING_DISK = `
  const count = () => {
    if (Atomics.add(shared, 0, 1) + 1 === shared[1]) throw new Error("${PLANTED} (os error 28)");
  };
  const wrap = (holder, name) => {
    const real = holder[name];
    holder[name] = function (...given) { count(); return Reflect.apply(real, holder === Deno ? Deno : this, given); };
  };
  for (const name of ["openSync", "lstatSync", "readLinkSync", "statSync", "mkdirSync", "removeSync", "renameSync"]) {
    wrap(Deno, name);
  }
  for (const name of ["readSync", "writeSync", "seekSync", "statSync", "truncateSync"]) wrap(Deno.FsFile.prototype, name);
`;

const TEXT = "what stands in a file";

Deno.test({
  name: "whichever operation on the disk fails in a broker, its guest is told, and the next run works",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const words = new SharedArrayBuffer(8), shared = new Int32Array(words);
    using _workers = fronted(words, (name) => name === "aegis-files" ? FAILING_DISK : undefined);
    using folder = new Folder();
    Deno.writeTextFileSync(`${folder.path}/in`, TEXT);
    const capabilities = [FilesystemCapability.readWrite([{ host: folder.path, guest: "/" }])];
    await using runtime = await Aegis.create({ isolation: "worker", capabilities });
    const module = await runtime.loadBytes(COPY);
    const copied = async () => {
      await using sandbox = await runtime.sandbox().build();
      await sandbox.loadModule(module);
      return await inTime("copy", sandbox.call<number>("copy"));
    };
    const places = await sweep(async (fault) => {
      Atomics.store(shared, 0, 0);
      Atomics.store(shared, 1, fault.at);
      const size = await copied();
      while (fault.count < Atomics.load(shared, 0)) fault.hit();
      // What fails once a guest has what it wanted, as reading ahead does, need not be told.
      assert(size === TEXT.length || fault.reached && size < 0, `it came to ${size}`);
      if (size > 0) {
        assertEquals(Deno.readTextFileSync(`${folder.path}/out`), TEXT, "what was told as written is there");
      }
      Atomics.store(shared, 1, 0);
      assertEquals(await copied(), TEXT.length);
      assertEquals(Deno.readTextFileSync(`${folder.path}/out`), TEXT);
      assertEquals(openBelow(folder.path), []);
    });
    assert(places > 5, `${places} operations`);
  },
});

Deno.test("whichever call of a host function throws, its call says so, and the next one works", async () => {
  await using runtime = await Aegis.create({ isolation: "worker" });
  await using sandbox = await runtime.sandbox().build();
  let calls = 0, failing = 0, later = false;
  sandbox.registerFunc("env", "next", { params: [], results: ["i32"] }, () => {
    const fails = ++calls === failing;
    if (later) return fails ? Promise.reject(new Error(PLANTED)) : Promise.resolve(calls);
    if (fails) throw new Error(PLANTED);
    return calls;
  });
  await sandbox.loadModule(
    await runtime.loadWat(`(module (import "env" "next" (func $next (result i32)))
      (func (export "sum") (result i32)
        (i32.add (call $next) (i32.add (call $next) (i32.add (call $next) (call $next))))))`),
  );
  for (later of [false, true]) {
    const places = await sweep(async (fault) => {
      calls = 0;
      failing = fault.at;
      const ended = await inTime("sum", sandbox.tryCall("sum"));
      for (let call = 0; call < calls; call++) fault.hit();
      if (fault.reached) {
        assert(ended.kind === "hostError" && ended.error instanceof Error && ended.error.message === PLANTED);
      } else assertEquals(ended, { kind: "value", values: [10] });
      calls = failing = 0;
      assertEquals(await sandbox.call("sum"), 10);
    });
    assertEquals(places, 4);
  }
});
