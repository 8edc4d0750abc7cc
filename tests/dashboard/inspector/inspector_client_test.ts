import {
  LARGEST_MODULE,
  ModuleInspector,
  type ModuleInspectorOptions,
} from "../../../src/dashboard/inspector/inspector_client.ts";
import { MOST } from "../../../src/dashboard/inspector/inspector_protocol.ts";
import { WorkerError } from "../../../src/dashboard/inspector/worker_failure.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { largeModule } from "../../inspection/large_module.ts";

const PROGRAM = new URL("../../../src/dashboard/inspector/inspector_main.ts", import.meta.url);

/** The program of the browser's Worker, in one of Deno's, which may do nothing either. */
const STARTED: ModuleInspectorOptions = {
  startWorker: () => new Worker(PROGRAM, { type: "module", deno: { permissions: "none" } }),
  timeLimit: 240_000,
};

/** With an inspector of a module, which ends with the test. */
async function inspecting(
  bytes: Uint8Array,
  look: (inspector: ModuleInspector) => Promise<void>,
): Promise<void> {
  const inspector = await ModuleInspector.open(Uint8Array.from(bytes), STARTED);
  try {
    await look(inspector);
  } finally {
    inspector.close();
  }
}

async function refused(bytes: Uint8Array, options = STARTED): Promise<WorkerError> {
  return await assertRejects(() => ModuleInspector.open(Uint8Array.from(bytes), options), WorkerError);
}

const SMALL = compileText(`(module (import "env" "log" (func))
  (func (export "f") (param i32) (result i32) (call 0) (local.get 0)))`);

Deno.test("ModuleInspector opens a module in a Worker and answers questions about it", () =>
  inspecting(SMALL, async (inspector) => {
    assertEquals(inspector.summary.size, SMALL.length);
    const [listed, callable, { lines }, { hits }] = await Promise.all([
      inspector.list({ list: "functions", from: 0, count: 10 }),
      inspector.callable({ from: 0, count: 10 }),
      inspector.disassemble(1),
      inspector.search("env.log"),
    ]);
    assertEquals(listed.entries.map(({ name }) => name), ["log", "f"]);
    assertEquals(callable.entries.map(({ params, results }) => [params, results]), [[["i32"], ["i32"]]]);
    assertEquals(lines.map(({ text }) => text), ["call 0", "local.get 0", "end"]);
    assertEquals(hits.map(({ functionIndex, functionName, text }) => [functionIndex, functionName, text]), [
      [1, "f", "call 0"],
    ]);
    assertEquals(inspector.closed, false);
  }));

Deno.test("ModuleInspector says what is wrong with garbage and with modules that are cut", async () => {
  const random = Uint8Array.from({ length: 10_000 }, (_, at) => at * 7919 >>> 3 & 0xff);
  const { code, offset, message } = await refused(random);
  assertEquals([code, offset], ["ModuleInvalid", 0]);
  assert(message.includes("magic"), message);
  for (const length of [0, 7, 9, SMALL.length - 1]) {
    assertEquals((await refused(SMALL.slice(0, length))).code, "ModuleInvalid", String(length));
  }
});

Deno.test("ModuleInspector answers on after a question about what is not there", () =>
  inspecting(SMALL, async (inspector) => {
    const error = await assertRejects(() => inspector.disassemble(99), WorkerError);
    assertEquals([error.code, error.message], ["Failed", "Cannot find function 99: the module has 2"]);
    assertEquals((await inspector.disassemble(1)).lines.length, 3);
  }));

Deno.test("ModuleInspector looks into 100,000 functions of 100 parameters, part by part", () =>
  inspecting(largeModule({ functions: 100_000, params: 100, exported: true }), async (inspector) => {
    assertEquals(inspector.summary.counts.functions, 100_000);
    const { total, entries } = await inspector.list({ list: "functions", from: 99_990, count: 1000 });
    assertEquals([total, entries.length], [100_000, 10]);
    const found = await inspector.list({ list: "exports", from: 0, count: 1000, text: "99999" });
    assertEquals(found.entries.map(({ index }) => index), [99_999]);
    assertEquals((await inspector.disassemble(99_999)).lines.length, 1);
  }));

Deno.test("ModuleInspector searches a module of 5 MB up to a number of hits, and goes on from there", () =>
  inspecting(largeModule({ functions: 500, drops: 1_700, padding: 2_500_000 }), async (inspector) => {
    assert(inspector.summary.size > 5_000_000);
    const { hits, next } = await inspector.search("drop");
    assertEquals([hits.length, hits.at(-1)?.functionIndex], [MOST.hits, 0]);
    const more = await inspector.search("drop", { from: next });
    assertEquals(more.hits.length, MOST.hits);
    assert((more.hits[0]?.offset ?? 0) > (hits.at(-1)?.offset ?? 0));
    assertEquals(await inspector.search("f64.sqrt"), { hits: [] });
    const reason = new Error("somebody looks for something else");
    await assertRejects(
      () => inspector.search("drop", { signal: AbortSignal.abort(reason) }),
      Error,
      reason.message,
    );
  }));

Deno.test("ModuleInspector ends a Worker that takes too long, and says so", async () => {
  const bytes = largeModule({ functions: 1000, drops: 1_700 });
  const error = await refused(bytes, { ...STARTED, timeLimit: 1 });
  assertEquals([error.code, error.message], [
    "Timeout",
    "Cannot look into the module: it took longer than 1.00ms and was stopped",
  ]);
});

Deno.test("ModuleInspector starts no Worker for what is too large", async () => {
  const startWorker = () => {
    throw new Error("A Worker was started");
  };
  const error = await assertRejects(
    () => ModuleInspector.open(new Uint8Array(LARGEST_MODULE + 1), { startWorker }),
    WorkerError,
  );
  assertEquals([error.code, error.message], [
    "ModuleRefused",
    "Cannot look into the module: it is larger than 64MiB",
  ]);
});

Deno.test("ModuleInspector rejects what is asked after it was closed", async () => {
  const inspector = await ModuleInspector.open(SMALL, STARTED);
  inspector.close();
  assertEquals(inspector.closed, true);
  const error = await assertRejects(() => inspector.disassemble(1), WorkerError);
  assertEquals(error.code, "Closed");
});
