import { LARGEST_TEXT, WatCompiler } from "../../../src/dashboard/inspector/wat_client.ts";
import { WorkerError } from "../../../src/dashboard/inspector/worker_failure.ts";
import { compileWat } from "../../../src/sandbox/wat.ts";
import { ModuleInvalidError } from "../../../src/core/errors.ts";
import { assertEquals, assertRejects } from "../../assert.ts";

const PROGRAM = new URL("./wat_program.ts", import.meta.url);

/** With a compiler, which ends with the test, and the Workers that it has started. */
async function compiling(
  timeLimit: number,
  look: (compiler: WatCompiler, workers: readonly Worker[]) => Promise<void>,
): Promise<void> {
  const workers: Worker[] = [];
  const startWorker = () => {
    const worker = new Worker(PROGRAM, { type: "module", deno: { permissions: "inherit" } });
    workers.push(worker);
    return worker;
  };
  const compiler = new WatCompiler({ startWorker, timeLimit });
  try {
    await look(compiler, workers);
  } finally {
    compiler.close();
  }
}

const TEXT = '(module\n  (func (export "f") (result i32)\n    (i32.const 7)))';

Deno.test("WatCompiler turns text into the bytes that a run would take", () =>
  compiling(120_000, async (compiler) => {
    assertEquals(await compiler.compile(TEXT), await compileWat(TEXT));
  }));

Deno.test("WatCompiler says what is wrong with a text as a run does, with line and column, and goes on", () =>
  compiling(120_000, async (compiler) => {
    for (
      const text of [
        "(module\n  (func\n    (i32.cons 7)))",
        "(module",
        "(module (func (call $f)))",
        "(module (func (i32.const x)))",
      ]
    ) {
      const expected = await assertRejects(() => compileWat(text), ModuleInvalidError);
      const { code, message, offset } = await assertRejects(() => compiler.compile(text), WorkerError);
      assertEquals([code, message, offset], ["ModuleInvalid", expected.message, expected.offset]);
    }
    assertEquals(await compiler.compile(TEXT), await compileWat(TEXT));
  }));

Deno.test("WatCompiler ends the Worker of a text that takes too long, and starts another for the next", () =>
  compiling(1, async (compiler, workers) => {
    for (const count of [1, 2]) {
      const error = await assertRejects(() => compiler.compile(TEXT), WorkerError);
      assertEquals(error.message, "Cannot parse the text: it took longer than 1.00ms and was stopped");
      assertEquals(workers.length, count);
    }
  }));

Deno.test("WatCompiler starts no Worker for a text that is too long", async () => {
  const startWorker = () => {
    throw new Error("A Worker was started");
  };
  for (const text of [";".repeat(LARGEST_TEXT + 1), "ü".repeat(LARGEST_TEXT / 2 + 1)]) {
    const error = await assertRejects(() => new WatCompiler({ startWorker }).compile(text), WorkerError);
    assertEquals([error.code, error.message], [
      "ModuleRefused",
      "Cannot parse the text: it is longer than 4MiB",
    ]);
  }
});
