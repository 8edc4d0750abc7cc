/**
 * A child process that fell into wrong hands, and sends whatever packets it likes to the real relay, and by it to the
 * real host. Every call must end, the host must not stall or fill, and nothing must fail but that guest.
 */
import { Aegis, AegisError, type AegisModule, FilesystemCapability, type Sandbox } from "../../mod.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { plainText } from "../../src/core/plain_text.ts";
import { PACKETS as KINDS } from "../../src/relay/wire.ts";
import { residentMemory, withTicks } from "../adversarial/process_facts.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { withForgedChildren } from "./forged_child.ts";
import {
  emptyValues,
  longPacket,
  OPERATIONS_A_CALL,
  RANDOM_OPERATIONS,
  RANDOM_PACKETS,
} from "./forged_packets.ts";

/** Random packets that the host has looked at when a test is over. */
const PACKETS = 2000;

/**
 * Milliseconds for which one call may go on, more than a child takes to answer on a busy machine, and for which the host may
 * not look at its timers.
 */
const TIMEOUT = 25, LONGEST_CALL = 3000, LONGEST_STALL = 500;

/** Mebibytes by which the host's process may grow. */
const MOST_GROWTH = 400;

const MODULE = `(module
  (import "env" "number" (func $number (param i32) (result i32)))
  (import "env" "nothing" (func $nothing))
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32) (call $nothing) (call $number (local.get 0)))
  (func (export "_start") (param i32)))`;

async function loaded(runtime: Aegis, module: AegisModule): Promise<Sandbox> {
  const sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("env", "number", { params: ["i32"], results: ["i32"] }, (value) => value);
  sandbox.registerFunc("env", "nothing", { params: [], results: [] }, () => {});
  await sandbox.loadModule(module);
  return sandbox;
}

/** A call with one row, or now and then with three. */
async function outcomeOf(sandbox: Sandbox, seed: number): Promise<Outcome | undefined> {
  const options = { timeout: TIMEOUT };
  if (seed % 8 !== 0) return await sandbox.tryCall("run", [seed], options);
  return (await sandbox.callMany("run", [[seed], [seed], [seed]], options)).end;
}

/** What is wrong with an outcome, whatever the guest did. */
function faultOf(outcome: Outcome | undefined): string | undefined {
  if (outcome?.kind === "hostError") {
    return outcome.error instanceof AegisError
      ? undefined
      : `an error that is none of ours: ${outcome.error}`;
  }
  const { message = "" } = { message: undefined, ...outcome };
  if (message.includes("the relay failed")) return message;
  return plainText(message, message.length) === message ? undefined : `unescaped: ${JSON.stringify(message)}`;
}

/** Runs work and collects what fails where nobody listens. */
async function withRejections(work: (failures: string[]) => Promise<void>): Promise<string[]> {
  const failures: string[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    failures.push(`unhandled: ${event.reason}`);
  };
  addEventListener("unhandledrejection", note);
  try {
    await work(failures);
    await new Promise((resolve) => setTimeout(resolve)); // they are told of later
  } finally {
    removeEventListener("unhandledrejection", note);
  }
  return failures;
}

Deno.test("G53 two thousand random packets of forged children end their calls, and the host lives", async () => {
  const before = residentMemory();
  let slowest = 0, stall = 0;
  const failures = await withRejections(async (failures) => {
    ({ stall } = await withTicks(() =>
      withForgedChildren(RANDOM_PACKETS, async () => {
        await using runtime = await Aegis.create({ isolation: "process" });
        const module = await runtime.loadBytes(compileText(MODULE));
        let sandbox = await loaded(runtime, module), looked = 0;
        for (let seed = 1; looked < PACKETS; seed++) {
          const sent = sandbox.metrics().hostCalls, began = performance.now();
          const outcome = await outcomeOf(sandbox, seed), fault = faultOf(outcome);
          slowest = Math.max(slowest, performance.now() - began);
          looked += sandbox.metrics().hostCalls - sent;
          if (fault !== undefined) failures.push(`seed ${seed}: ${fault}`);
          if (outcome === undefined || outcome.kind === "value") continue;
          try {
            await sandbox.reset();
          } catch (error) {
            // What the child had sent in advance was taken for how the reset ended.
            assert(error instanceof AegisError, `seed ${seed}: ${error}`);
            await sandbox.close();
            sandbox = await loaded(runtime, module);
          }
        }
      })
    ));
  });
  assertEquals(failures, []);
  assert(stall < LONGEST_STALL, `${stall.toFixed(0)} ms without a tick`);
  assert(slowest < LONGEST_CALL, `a call took ${slowest.toFixed(0)} ms`);
  assert(residentMemory() - before < MOST_GROWTH, `${residentMemory() - before} MiB more`);
});

Deno.test("G53 a thousand random operations of a forged child are answered by the files broker, and it lives", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis-forged-" });
  try {
    const failures = await withRejections(async (failures) => {
      await withForgedChildren(RANDOM_OPERATIONS, async () => {
        const capabilities = [FilesystemCapability.readWrite([{ host: folder, guest: "/" }])];
        await using runtime = await Aegis.create({ isolation: "process", capabilities });
        await using sandbox = await loaded(runtime, await runtime.loadBytes(compileText(MODULE)));
        for (let seed = 1; seed <= 1000 / OPERATIONS_A_CALL; seed++) {
          const outcome = await sandbox.tryCall("run", [seed]);
          if (outcome.kind !== "value") failures.push(`seed ${seed}: ${JSON.stringify(outcome)}`);
        }
        assertEquals(sandbox.metrics().hostCalls, 0);
      });
    });
    assertEquals(failures, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const [what, answer, message] of [
    [
      "arguments of a host function",
      "[FRAMES.hostCall, TURNS.host, values([0, 0, 0, 0])]",
      'The guest called Host function "env" "number" with what are no arguments of it',
    ],
    ["results", "[FRAMES.result, TURNS.host, values([RESULTS.value])]", "values in place of 1"],
  ] as const
) {
  Deno.test(`G53 two million ${what} that a forged child claims are refused at once`, async () => {
    const { result, stall } = await withTicks(() =>
      withForgedChildren(emptyValues(answer), async () => {
        await using runtime = await Aegis.create({ isolation: "process" });
        await using sandbox = await loaded(runtime, await runtime.loadBytes(compileText(MODULE)));
        return await assertRejects(() => sandbox.call("run", [1]), AegisError);
      })
    );
    assertEquals(result.code, "GuestFault");
    assertStringIncludes(result.message, message);
    assert(stall < LONGEST_STALL, `${stall.toFixed(0)} ms without a tick`);
  });
}

Deno.test("G53 a packet of a forged child that declares 2 GiB is refused before they come", async () => {
  for (const kind of [KINDS.turned, KINDS.readings, KINDS.failed]) {
    const before = residentMemory();
    const error = await withForgedChildren(longPacket(kind, 2 ** 31 - 1), async () => {
      await using runtime = await Aegis.create({ isolation: "process" });
      await using sandbox = await loaded(runtime, await runtime.loadBytes(compileText(MODULE)));
      return await assertRejects(() => sandbox.call("run", [1]), AegisError);
    });
    assertEquals(error.code, "GuestFault");
    assertStringIncludes(error.message, `of kind ${kind} with 2147483647 bytes: the limit is`);
    assert(residentMemory() - before < MOST_GROWTH, `${residentMemory() - before} MiB more`);
  }
});
