/** Pools of real guests: what one use leaves, and what hostile guests do to the next. */
import {
  Aegis,
  AegisError,
  FilesystemCapability,
  MissingImportError,
  type Pool,
  type PoolOptions,
  type Sandbox,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, SPIN } from "./started.ts";

/** A pool in a runtime of its own; both end with the scope that holds them. */
class Pooled implements AsyncDisposable {
  constructor(readonly runtime: Aegis, readonly pool: Pool) {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.runtime.close();
  }
}

async function pooled(
  fields: string,
  options: PoolOptions & { readonly timeout?: string } = {},
): Promise<Pooled> {
  const { timeout = "30s", ...rest } = options;
  const runtime = await Aegis.create({ timeout, fuelLimit: "unlimited", memoryLimit: "1MiB" });
  return new Pooled(runtime, runtime.pool(await runtime.loadBytes(compileText(`(module ${fields})`)), rest));
}

/** Keeps a secret wherever a guest can keep something, and says where it finds one: one bit each. */
const SECRET =
  `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4) (global $g (export "g") (mut i32) (i32.const 0)) (table $t 2 funcref) (elem $e func $keep)
  (data (i32.const 16) "\\20\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 32) "secret") (data $d "x")
  (func $keep (export "keep") (param i32)
    (i32.store (i32.const 100) (local.get 0)) (global.set $g (local.get 0))
    (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 1)) (drop (memory.grow (i32.const 1))) (data.drop $d)
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))))
  (func (export "find") (result i32)
    (i32.or (i32.or (i32.ne (i32.load (i32.const 100)) (i32.const 0))
                    (i32.shl (i32.ne (global.get $g) (i32.const 0)) (i32.const 1)))
            (i32.or (i32.shl (i32.eqz (ref.is_null (table.get $t (i32.const 1)))) (i32.const 2))
                    (i32.shl (i32.ne (memory.size) (i32.const 1)) (i32.const 3)))))`;

Deno.test("G54 a guest of a pool keeps nothing of one tenant for another, in no way of recycling", async () => {
  for (const recycle of ["reset", "keep", "replace"] as const) {
    await using started = await pooled(SECRET, { maximum: 1, recycle });
    const { pool } = started;
    const id = await pool.use(async (sandbox) => {
      await sandbox.call("keep", [42]);
      assertEquals(await sandbox.call("find"), 15, "the secret is there to be found");
      assertEquals(new TextDecoder().decode(sandbox.output().stdout), "secret");
      assertEquals(sandbox.metrics().calls, 2);
      return sandbox.id;
    }, { tenant: "alice" });
    await pool.use(async (sandbox) => {
      assertEquals([sandbox.metrics().calls, sandbox.output().stdout.length], [0, 0]);
      assertEquals(await sandbox.call("find"), 0, recycle);
      assertEquals((await sandbox.readMemory(100, 4)).join(), "0,0,0,0");
      assertEquals(
        sandbox.id === id,
        recycle !== "replace",
        "it is the same guest, or there is nothing to see",
      );
    }, { tenant: "bob" });
    assertEquals(await pool.call("find"), 0);
  }
});

/** Makes the file that is named by a letter; its error number. */
const MAKER = `(import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "make") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))`;

Deno.test("G54 what one tenant of a pool has used up is there for the next, and not for the same", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis-pool-" });
  try {
    const capabilities = [FilesystemCapability.full([{ host: folder, guest: "/" }])];
    const ways = [["worker", "reset"], ["worker", "keep"], ["process", "reset"]] as const;
    for (const [isolation, recycle] of ways) {
      await using runtime = await Aegis.create({ isolation, createdFiles: 2, capabilities });
      const module = await runtime.loadBytes(compileText(`(module ${MAKER})`));
      await using pool = runtime.pool(module, { maximum: 1, recycle });
      for (const tenant of ["alice", "bob"]) {
        await pool.use(async (sandbox) => {
          const made: unknown[] = [];
          for (const letter of [97, 98, 99]) made.push(await sandbox.call("make", [letter]));
          assertEquals(made, [0, 0, ERRNO.dquot], `${tenant}, ${recycle}, ${isolation}`);
        }, { tenant });
        for await (const { name } of Deno.readDir(folder)) await Deno.remove(`${folder}/${name}`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a pool that keeps state keeps it for its tenant, as long as nothing fails", async () => {
  await using started = await pooled(SECRET + '(func (export "trap") unreachable)', {
    maximum: 2,
    recycle: "keep",
  });
  const { pool } = started, alice = { tenant: "alice" };
  await pool.call("keep", [42], alice);
  assertEquals([await pool.call("find", [], { tenant: "bob" }), await pool.call("find", [], alice)], [0, 15]);
  assertEquals((await pool.tryCall("trap", [], alice)).kind, "trap");
  assertEquals(await pool.call("find", [], alice), 0);
});

Deno.test("G55 a holder who keeps the sandbox after the release gets at nothing, and what was under way is ended", async () => {
  await using started = await pooled(SECRET + SPIN, { maximum: 1 });
  const { pool } = started, lease = await pool.acquire({ tenant: "alice" }), { sandbox } = lease;
  const spinning = sandbox.tryCall("spin"), queued = sandbox.tryCall("keep", [42]);
  lease.release();
  await pool.use(async (next) => {
    assertEquals(await next.call("find"), 0);
    assertEquals((await assertRejects(() => sandbox.call("keep", [42]), AegisError)).code, "Closed");
    assertEquals(assertThrows(() => sandbox.output(), AegisError).code, "Closed");
    assertEquals(await next.call("find"), 0);
  }, { tenant: "bob" });
  const cancelled = { kind: "aborted", reason: "cancelled" } as const;
  assertEquals([await spinning, await queued], [cancelled, cancelled]);
});

const HOSTILE: readonly (readonly [name: string, fields: string, ended: string])[] = [
  ["an endless loop", "(loop (br 0))", "limit"],
  ["a trap", "unreachable", "trap"],
  ["an exit", "i32.const 3 call $exit", "exit"],
  [
    "a memory bomb",
    "(loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable",
    "limit",
  ],
  ["endless recursion", "call $f", "limit"],
];

for (const [name, code, ended] of HOSTILE) {
  Deno.test(`G54 ${name} in one use does nothing to the next of the pool`, async () => {
    await using started = await pooled(
      `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1)
       (global $left (mut i32) (i32.const 0)) (func (export "left") (result i32) (global.get $left))
       (func $f (export "bad") (global.set $left (i32.const 1)) ${code}) ${COUNT}`,
      { maximum: 2, timeout: "60ms" },
    );
    const { pool } = started;
    const use = async (index: number) => {
      if (index % 3 === 0) return (await pool.tryCall("bad")).kind;
      return index % 3 === 1 ? await pool.call("count", [index]) : await pool.call("left");
    };
    const ends = await Promise.all(Array.from({ length: 12 }, (_, index) => use(index)));
    const expected = Array.from({ length: 12 }, (_, index) => [ended, index, 0][index % 3]);
    assertEquals<unknown>(ends, expected);
    const { failed, busy, alive } = pool.stats();
    assertEquals([failed, busy, alive], [0, 0, 2]);
  });
}

Deno.test("2,000 calls of 100 callers get each their own answer", async () => {
  await using started = await pooled(
    `${COUNT} (global $n (mut i32) (i32.const 0))
    (func (export "mine") (param i32) (result i32)
      (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))`,
    { maximum: 2 },
  );
  const { pool } = started;
  await Promise.all(Array.from({ length: 100 }, async (_, caller) => {
    for (let turn = 0; turn < 20; turn++) {
      const number = caller * 1000 + turn;
      assertEquals(await pool.call("mine", [number], { tenant: `tenant ${caller}` }), number);
    }
  }));
  const { uses, alive, waiting, busy, created } = pool.stats();
  assertEquals([uses, alive, waiting, busy, created], [2000, 2, 0, 0, 2]);
});

Deno.test("setup registers host functions for each guest, and they see whom it serves", async () => {
  const served: (string | undefined)[] = [], sandboxes = new Set<Sandbox>();
  await using started = await pooled(
    '(import "env" "who" (func $who)) (export "who" (func $who)) (start $who)',
    {
      maximum: 1,
      uses: 2,
      setup: (sandbox, use) => {
        sandboxes.add(sandbox);
        sandbox.registerFunc("env", "who", { params: [], results: [] }, () => void served.push(use.tenant));
      },
    },
  );
  for (const tenant of ["alice", "bob", "carol"]) await started.pool.call("who", [], { tenant });
  assertEquals(served, [undefined, "alice", undefined, "bob", undefined, "carol"]);
  assertEquals(sandboxes.size, 2);
});

Deno.test("a release out of a host function of the very guest recycles it all the same", async () => {
  let release = () => {};
  await using started = await pooled('(import "env" "end" (func $end)) (export "end" (func $end))', {
    maximum: 1,
    setup: (sandbox) => sandbox.registerFunc("env", "end", { params: [], results: [] }, () => release()),
  });
  const lease = await started.pool.acquire();
  release = () => lease.release();
  await lease.sandbox.tryCall("end");
  release = () => {};
  await started.pool.call("end");
  assertEquals([started.pool.stats().created, started.pool.stats().discarded], [1, 0]);
});

Deno.test("several modules are loaded in order, the later ones importing from the named", async () => {
  await using runtime = await Aegis.create();
  const load = (fields: string) => runtime.loadBytes(compileText(`(module ${fields})`));
  const library = await load('(func (export "seven") (result i32) i32.const 7)');
  const program = await load('(import "lib" "seven" (func $f (result i32))) (export "f" (func $f))');
  await using pool = runtime.pool([{ module: library, name: "lib" }, program]);
  assertEquals([await pool.call("f"), await pool.call("f")], [7, 7]);
});

Deno.test("ready() and callers hear why a guest cannot be started, and nothing is left of it", async () => {
  await using started = await pooled('(import "env" "missing" (func))', { minimum: 1 });
  await assertRejects(() => started.pool.ready(), MissingImportError);
  await assertRejects(() => started.pool.call("f"), MissingImportError);
  assertEquals([started.pool.stats().alive, started.runtime.sandboxes.size], [0, 0]);
});

Deno.test("Pool.close() ends calls that are under way as those of a closed sandbox; its runtime closes it", async () => {
  for (const close of ["pool", "runtime"] as const) {
    await using started = await pooled(SPIN, { maximum: 1 });
    const { pool, runtime } = started;
    const entered = Promise.withResolvers<void>();
    const spinning = pool.use((sandbox) => {
      const call = sandbox.tryCall("spin");
      entered.resolve();
      return call;
    });
    await entered.promise;
    const waiting = pool.tryCall("spin").then(() => undefined, (error: AegisError) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await (close === "pool" ? pool : runtime).close();
    assertEquals(await spinning, { kind: "aborted", reason: "closed" });
    assertEquals(await waiting, "Closed");
    assertEquals([pool.stats().alive, runtime.sandboxes.size], [0, 0]);
  }
});

Deno.test("Aegis.close() ends the wait for a guest that nobody gives back", async () => {
  await using started = await pooled(COUNT, { maximum: 1 });
  await started.pool.acquire();
  const waiting = started.pool.acquire().then(() => undefined, (error: AegisError) => error.code);
  await started.runtime.close();
  assertEquals(await waiting, "Closed");
});

Deno.test("a pool leaves its runtime's other sandboxes their places", async () => {
  await using runtime = await Aegis.create({ maxSandboxes: 2 });
  const module = await runtime.loadBytes(compileText(`(module ${COUNT})`));
  await using pool = runtime.pool(module);
  const own = await runtime.sandbox().build();
  const calls = await Promise.all([1, 2, 3].map((number) => pool.call("count", [number])));
  assertEquals([calls, pool.stats().created], [[1, 2, 3], 1]);
  await using none = runtime.pool(module);
  assertEquals((await assertRejects(() => none.call("count", [1]), AegisError)).code, "TooManySandboxes");
  await own.close();
  assertEquals(await none.call("count", [4]), 4);
});

const WRONG: readonly (readonly [options: Record<string, unknown>, field: string])[] = [
  [{ minimum: -1 }, "minimum"],
  [{ minimum: 3, maximum: 2 }, "minimum"],
  [{ maximum: 0 }, "maximum"],
  [{ maximum: 257 }, "maximum"],
  [{ maximum: 1.5 }, "maximum"],
  [{ idleTime: "soon" }, "idleTime"],
  [{ recycle: "never" }, "recycle"],
  [{ recycle: "toString" }, "recycle"],
  [{ uses: 0 }, "uses"],
  [{ waiting: -1 }, "waiting"],
  [{ waitTimeout: "?" }, "waitTimeout"],
  [{ setup: 1 }, "setup"],
  [{ sandbox: { stdin: new ReadableStream() } }, "stdin"],
  [{ size: 3 }, "size"],
];

Deno.test("Aegis.pool() rejects an option that it does not know or cannot use, and names it", async () => {
  await using runtime = await Aegis.create();
  const module = await runtime.loadBytes(compileText(`(module ${COUNT})`));
  for (const [options, field] of WRONG) {
    const error = assertThrows(() => runtime.pool(module, options), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", field], JSON.stringify(options));
    assertStringIncludes(error.message, field);
  }
  for (const modules of [[], [{}], {}] as unknown as Parameters<Aegis["pool"]>[0][]) { // as untyped callers may
    assertEquals(assertThrows(() => runtime.pool(modules), AegisError).field, "modules");
  }
  await using pool = runtime.pool(module);
  for (
    const [options, field] of [[{ tenant: "" }, "tenant"], [{ signal: 1 }, "signal"], [
      { tennant: "a" },
      "tennant",
    ]]
  ) {
    const error = await assertRejects(() => pool.acquire(options as { tenant: string }), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", field as string]);
  }
  assert(pool.stats().created === 0);
});

Deno.test("what is wrong with the sandbox options of a pool is said when the pool is made", async () => {
  await using runtime = await Aegis.create({ timeout: "1s" });
  const module = await runtime.loadBytes(compileText("(module)"));
  const error = assertThrows(() => runtime.pool(module, { sandbox: { timeout: "2s" } }), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "timeout"]);
});
