/** Limits of what a guest burns beside fuel and memory, through the public interface: bytes, rates, files, CPU time. */
import {
  Aegis,
  ClockCapability,
  FilesystemCapability,
  type LimitOptions,
  type Sandbox,
  type SandboxOptions,
} from "../../mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const decoder = new TextDecoder();

function programPath(name: string): string {
  return new URL(`../programs/wasm/${name}.wasm`, import.meta.url).pathname;
}

async function withProgram(
  name: string,
  options: SandboxOptions,
  work: (sandbox: Sandbox, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis-quotas-" });
  try {
    await using runtime = await Aegis.create({
      isolation: "worker",
      fuelLimit: "unlimited",
      capabilities: [FilesystemCapability.full([{ host: folder, guest: "/data" }]), ClockCapability.all()],
    });
    await using sandbox = await runtime.sandbox(options).build();
    await sandbox.loadModule(await runtime.loadFile(programPath(name)));
    await work(sandbox, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads a file of two and a half megabytes and tells how it ended, and after how many milliseconds. */
async function readLarge(limits: LimitOptions): Promise<{ status: number; err: string; took: number }> {
  const ended = { status: -1, err: "", took: 0 };
  const args = ["read_speed", "/data/large", "65536"];
  await withProgram("read_speed", { ...limits, args }, async (sandbox, folder) => {
    await Deno.writeFile(`${folder}/large`, new Uint8Array(2_500_000));
    const started = performance.now();
    ended.status = await sandbox.run();
    ended.took = performance.now() - started;
    ended.err = decoder.decode(sandbox.output().stderr);
  });
  return ended;
}

Deno.test("readRate slows a guest down, which waits and fails nothing", async () => {
  const [free, slow] = [await readLarge({}), await readLarge({ readRate: 1_250_000 })];
  assertEquals([free.status, slow.status, slow.err], [0, 0, ""]);
  // A second's worth passes at once, the other one takes a second.
  assert(slow.took > 700 && slow.took < 3000, `${slow.took} ms`);
  assert(free.took < 500, `${free.took} ms`);
});

Deno.test("readBytes ends what a guest can read, with an error number", async () => {
  const { status, err } = await readLarge({ readBytes: "1MB" });
  assertEquals(status, 1);
  assertStringIncludes(err, "Quota exceeded");
});

Deno.test("writeBytes, fileSize and createdFiles keep a guest from filling the disk", async () => {
  const cases: readonly (readonly [LimitOptions, string])[] = [
    [{ writeBytes: 30 }, "Quota exceeded"],
    [{ fileSize: 0 }, "File too large"],
    [{ createdFiles: 3 }, "Quota exceeded"],
    [{ openFiles: 0 }, "No file descriptors available"],
  ];
  for (const [limits, message] of cases) {
    const args = ["open_many", "/data", "10", "create"];
    await withProgram("open_many", { ...limits, args }, async (sandbox, folder) => {
      assertEquals(await sandbox.run(), 1);
      assertStringIncludes(decoder.decode(sandbox.output().stderr), message, JSON.stringify(limits));
      const files = await Array.fromAsync(Deno.readDir(folder));
      const sizes = await Promise.all(
        files.map(async ({ name }) => (await Deno.stat(`${folder}/${name}`)).size),
      );
      const written = sizes.reduce((sum, size) => sum + size, 0);
      assert(files.length <= 6 && written <= 30, `${files.length} files, ${written} bytes`);
    });
  }
});

Deno.test("cpuTime counts work and not waiting", async () => {
  await withProgram("sleep", { cpuTime: "150ms", args: ["sleep", "400"] }, async (sandbox) => {
    const started = performance.now();
    assertEquals(await sandbox.run(), 0);
    assert(performance.now() - started >= 390);
    assert((sandbox.metrics().lastCall?.cpuTime ?? Infinity) < 150);
  });
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited" });
  await using sandbox = await runtime.sandbox({ cpuTime: "50ms" }).build();
  await sandbox.loadModule(await runtime.loadWat('(module (func (export "spin") (loop (br 0))))'));
  const outcome = await sandbox.tryCall("spin");
  assert(outcome.kind === "limit" && outcome.limit === "cpuTime", outcome.kind);
  assert(outcome.elapsed >= 50 && outcome.elapsed < 500, `${outcome.elapsed} ms`);
});

Deno.test("output beyond what is kept is dropped, and said to be", async () => {
  await withProgram(
    "read_speed",
    { outputSize: 10, args: ["read_speed", "/data/f"] },
    async (sandbox, folder) => {
      await Deno.writeTextFile(`${folder}/f`, "x");
      assertEquals(await sandbox.run(), 0);
      const { stdout, truncated } = sandbox.output();
      assertEquals([stdout.length, truncated], [10, true]);
    },
  );
});
