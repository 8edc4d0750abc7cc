/** A guest that is paused by its control words, with both back ends: no public name pauses one yet. */
import { resolveLimits } from "../../src/core/limits.ts";
import { EMPTY_POLICY } from "../../src/policy/policy.ts";
import { FRAMES } from "../../src/protocol/layout.ts";
import { type BackEnd, WORKER_BACK_END } from "../../src/sandbox/back_end.ts";
import { GuestThread } from "../../src/sandbox/guest_thread.ts";
import { HostFunctions } from "../../src/sandbox/host_functions.ts";
import { Preparer } from "../../src/sandbox/preparer.ts";
import { ProcessBackEnd } from "../../src/sandbox/process_back_end.ts";
import { programSettings } from "../../src/sandbox/program_settings.ts";
import { SandboxIo } from "../../src/sandbox/sandbox_io.ts";
import { SPIN } from "../sandbox/started.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";

const LIMITS = resolveLimits({ fuelLimit: "unlimited" });

async function pauses(backEnd: BackEnd): Promise<void> {
  const preparer = new Preparer(() => backEnd.startPreparer(), {
    limits: LIMITS,
    deterministic: false,
    ...backEnd.preparing,
  });
  const { prepared } = await preparer.prepare(Uint8Array.from(compileText(`(module ${SPIN})`)));
  const io = new SandboxIo({}, { sandbox: "x", outputSize: 0, policy: () => EMPTY_POLICY, audit: () => {} });
  const thread = await GuestThread.start({
    limits: LIMITS,
    onMemoryLimit: "fail",
    slice: 100_000n,
    wasi: programSettings(EMPTY_POLICY, {}),
    changes: new SharedArrayBuffer(0),
    spin: false,
  }, {
    startGuest: backEnd.startGuest,
    functions: new HostFunctions(),
    operations: io.operations,
    attach: () => ({
      links: {},
      narrow: () => {},
      interrupt: () => {},
      resume: () => {},
      release: () => Promise.resolve(),
    }),
  });
  const { channel } = thread, beats = () => channel.meters().beats;
  const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  channel.setFuelBudget(LIMITS.fuelLimit);
  const { module, shim, layout } = prepared;
  await thread.requestByMessage(
    { kind: "load", module, shim, layout, bindings: [], fresh: true, timeout: 1000 },
    1000,
  );
  const call = thread.request(FRAMES.call, (writer) => {
    writer.f64(10_000);
    writer.i64(-1n);
    writer.u32(0);
    writer.string("spin");
    writer.values([], []);
  }, 10_000);
  await rest(100);
  assert(beats() > 0, "it runs");
  channel.pause();
  await rest(50);
  const paused = beats();
  await rest(100);
  assertEquals(beats(), paused, "it is paused");
  channel.run();
  await rest(100);
  assert(beats() > paused, "it runs again");
  thread.abort("cancelled");
  await call;
  thread.close();
  preparer.close();
  await backEnd.close();
}

Deno.test("in a worker, a guest is paused and goes on", () => pauses(WORKER_BACK_END));

Deno.test("in a process, a guest is paused and goes on", () => pauses(new ProcessBackEnd(LIMITS)));
