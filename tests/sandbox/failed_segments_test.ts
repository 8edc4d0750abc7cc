/**
 * A module whose active segment does not fit leaves behind what stood before that segment: its functions in tables of
 * others are called like any, and bounded like any.
 */
import {
  AegisError,
  MemoryExceededError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { offer, start, type Started, type StartOptions } from "./started.ts";

const OWNER = `(type $f (func (result i32))) (table (export "table") 2 2 funcref)
  (func $call (export "call") (result i32) (call_indirect (type $f) (i32.const 0)))`;

const IMPORTED = '(import "owner" "table" (table 2 2 funcref))';

/** What the function that is left behind stands before. */
const BAD = {
  elements: "(elem (i32.const 0) $left) (elem (i32.const 2) $left)",
  data: '(elem (i32.const 0) $left) (memory 1) (data (i32.const 65536) "x")',
} as const;

/** A sandbox with the table's owner, after a module failed that put its function `$left` there. */
async function afterFailure(
  left: string,
  options: StartOptions = {},
  bad: keyof typeof BAD = "elements",
): Promise<Started & { readonly error: TrapError }> {
  const started = await start(options);
  try {
    await started.load(OWNER, "owner");
    const error = await assertRejects(() => started.load(`${IMPORTED} ${left} ${BAD[bad]}`), TrapError);
    return Object.assign(started, { error });
  } catch (error) {
    await started.runtime.close();
    throw error;
  }
}

const SEVEN = "(func $left (result i32) i32.const 7)";

for (const [bad, trap] of [["elements", "tableOutOfBounds"], ["data", "memoryOutOfBounds"]] as const) {
  Deno.test(`what stood before ${bad} that do not fit stays, and works`, async () => {
    await using started = await afterFailure(SEVEN, {}, bad);
    assertEquals([started.error.trap, started.error.frames], [trap, []]);
    for (let turn = 0; turn < 2; turn++) assertEquals(await started.sandbox.call("call"), 7);
  });
}

Deno.test("what a failed module left behind costs the fuel that it costs in any module", async () => {
  const left = `(func $left (result i32) (local i32) (loop (br_if 0 (i32.lt_u
    (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5000)))) (local.get 0))`;
  const costs = async (fields: string, fails: boolean) => {
    await using started = await start();
    const { sandbox } = started, owner = await started.module(OWNER + '(export "again" (func $call))');
    await sandbox.loadModule(owner, { name: "owner" });
    const loaded = await started.load(`${IMPORTED} ${left} ${fields}`).then(() => true, () => false);
    assertEquals(loaded, !fails);
    // Calls go to the module loaded last.
    if (loaded) {
      await started.load('(import "owner" "call" (func $f (result i32))) (export "call" (func $f))');
    }
    await sandbox.call("call");
    return sandbox.metrics().lastCall?.fuelConsumed;
  };
  const consumed = await costs(BAD.elements, true);
  assert(consumed !== undefined && consumed > 5000n);
  assertEquals(consumed, await costs("(elem (i32.const 0) $left)", false));
});

Deno.test("what a failed module left behind shares the stack as any module does", async () => {
  const owner = `${OWNER} (global $depth (mut i32) (i32.const 0))
    (func $deeper (export "deeper") (result i32)
      (global.set $depth (i32.add (global.get $depth) (i32.const 1))) (i32.add (call $call) (i32.const 1)))
    (func $depth (export "depth") (result i32) (global.get $depth) (global.set $depth (i32.const 0)))`;
  const left = `(import "owner" "deeper" (func $deeper (result i32)))
    (func $left (result i32) (i32.add (call $deeper) (i32.const 1)))`;
  const depths = async (segments: string, fails: boolean) => {
    await using started = await start();
    await started.load(owner, "owner");
    const loaded = await started.load(`${IMPORTED} ${left} ${segments}`).then(() => true, () => false);
    assertEquals(loaded, !fails);
    await started.load(`(import "owner" "deeper" (func $f (result i32))) (export "deeper" (func $f))
      (import "owner" "depth" (func $g (result i32))) (export "depth" (func $g))`);
    const seen: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await assertRejects(() => started.sandbox.call("deeper"), StackOverflowError);
      seen.push(await started.sandbox.call("depth"));
    }
    return seen;
  };
  const seen = await depths(BAD.elements, true);
  assert(Number(seen[0]) > 100);
  assertEquals(seen, await depths("(elem (i32.const 0) $left)", false));
});

/** Functions left behind, and what stops each of them. */
const STOPPED: Readonly<
  Record<string, readonly [left: string, type: new (...args: never[]) => AegisError, options?: StartOptions]>
> = {
  "fuel": ["(func $left (result i32) (loop (br 0)) i32.const 1)", OutOfFuelError, { fuelLimit: 10_000 }],
  "time": [
    "(func $left (result i32) (loop (br 0)) i32.const 1)",
    TimeoutError,
    { fuelLimit: "unlimited", timeout: "40ms" },
  ],
  "its stack": ["(func $left (result i32) (i32.add (call $left) (i32.const 1)))", StackOverflowError],
  "memory": [
    "(memory 1) (func $left (result i32) (drop (memory.grow (i32.const 9))) unreachable)",
    MemoryExceededError,
    { memoryLimit: "128KiB" },
  ],
};

for (const [what, [left, type, options]] of Object.entries(STOPPED)) {
  Deno.test(`what a failed module left behind is bounded by ${what}`, async () => {
    await using started = await afterFailure(left, options);
    const stopped = await started.sandbox.call("call").then(() => undefined, (error: unknown) => error);
    assert(stopped instanceof type, String(stopped));
  });
}

Deno.test("memory of a failed module counts until reset()", async () => {
  await using started = await afterFailure(`(memory 3) ${SEVEN}`);
  assertEquals(started.sandbox.metrics().memory, 3 * 65536);
  await started.sandbox.reset();
  assertEquals(started.sandbox.metrics().memory, 0);
});

Deno.test("reset() forgets what a failed module left behind", async () => {
  await using started = await afterFailure(SEVEN);
  await started.sandbox.reset();
  const error = await assertRejects(() => started.sandbox.call("call"), TrapError);
  assertEquals(error.trap, "indirectCall");
});

Deno.test("a host function that throws stops what a failed module left behind, past its handlers", async () => {
  let calls = 0;
  await using started = await start();
  offer(started.sandbox, {
    "env.fail()->": () => {
      calls++;
      throw new Error("no");
    },
  });
  await started.load(OWNER, "owner");
  const left = `(import "env" "fail" (func $fail)) ${IMPORTED} (func $left (result i32)
    (loop $l (block $c (try_table (catch_all $c) (call $fail))) (br $l)) (i32.const 1))`;
  await assertRejects(() => started.load(`${left} ${BAD.elements}`), TrapError);
  await assertRejects(() => started.sandbox.call("call"), Error, "no");
  assertEquals(calls, 1);
});

Deno.test("frames of a trap are those of modules that are loaded, in their own terms", async () => {
  await using started = await afterFailure("(func) (func) (func) (func $left (result i32) unreachable)");
  const frames = async (name: string) => {
    const error = await assertRejects(() => started.sandbox.call(name), TrapError);
    assertEquals(error.trap, "unreachable");
    return error.frames.map(({ functionIndex, functionName }) => [functionIndex, functionName]);
  };
  assertEquals(await frames("call"), [[0, "call"]]);
  await started.load(
    '(import "owner" "call" (func $call (result i32))) (func (export "run") (drop (call $call)))',
  );
  assertEquals(await frames("run"), [[0, "call"], [1, "run"]]);
  const error = await assertRejects(
    () =>
      started.load(
        '(import "owner" "call" (func $c (result i32))) (start $s) (func) (func $s (drop (call $c)))',
      ),
    TrapError,
  );
  assertEquals(error.frames.map(({ functionIndex }) => functionIndex), [0, 2]);
});
