/**
 * A child process that fell into wrong hands, and sends whatever packets it likes to the real relay, and by it to the
 * real host. Every call must end, the host must not stall or fill, and nothing must fail but that guest.
 */
import { Aegis, AegisError, type AegisModule, type Sandbox } from "../../mod.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { plainText } from "../../src/core/plain_text.ts";
import { residentMemory, withTicks } from "../hostile/process_facts.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withForgedChildren } from "./forged_child.ts";

/** Random packets that the host has looked at when a test is over. */
const PACKETS = 2000;

/** Milliseconds for which one call may go on, and for which the host may not look at its timers. */
const TIMEOUT = 5, LONGEST_CALL = 3000, LONGEST_STALL = 500;

/** Mebibytes by which the host's process may grow. */
const MOST_GROWTH = 400;

/** Answers each frame with two random packets, by a seed that comes as the argument of a call. */
const RANDOM_PACKETS = `
  let state = 1;
  const random = (most) => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % most;
  };
  const pick = (list) => list[random(list.length)];
  const EDGES = [0, 1, 2, 3, 7, 8, 255, 4095, 65536, 0x7fffffff, 0x80000000, 0xffffffff];
  const FLOATS = [0, 1, 2, -1, 3.5, NaN, Infinity, 2 ** 31, 2 ** 53];
  let sent = 0;
  /** Random readings; one of them is how many packets were sent. */
  const meter = (index) => index === 2 ? bits(sent) : pick([0n, 1n, 5n, 0x7ff0000000000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn, BigInt(state >>> 0)]);
  const bits = (number) => new BigUint64Array(new Float64Array([number]).buffer)[0];
  /** Fields of random types and values, behind one another, as frames have them. */
  const fields = (most) => {
    const bytes = [];
    const put = (array) => bytes.push(...new Uint8Array(array.buffer));
    for (let left = random(most); left > 0; left--) {
      switch (random(5)) {
        case 0: bytes.push(random(random(3) === 0 ? 256 : 9)); break;
        case 1: put(new Uint32Array([random(2) === 0 ? random(12) : pick(EDGES)])); break;
        case 2: put(new Float64Array([pick(FLOATS)])); break;
        case 3: put(new BigUint64Array([meter()])); break;
        case 4: {
          const length = random(40);
          put(new Uint32Array([length]));
          for (let at = 0; at < length; at++) bytes.push(random(256));
        }
      }
    }
    return bytes;
  };
  const u32 = (value) => [...new Uint8Array(new Uint32Array([value]).buffer)];
  const f64 = (value) => [...new Uint8Array(new Float64Array([value]).buffer)];
  const values = () => {
    const count = random(4), bytes = u32(random(10) === 0 ? pick(EDGES) : count);
    for (let index = 0; index < count; index++) {
      const kind = random(9);
      bytes.push(kind, ...(kind < 4 ? f64(pick(FLOATS)) : [...u32(3), 34, 65, 34]));
    }
    return bytes;
  };
  const frame = () => {
    const kinds = [
      () => [FRAMES.result, [pick(Object.values(RESULTS)), ...fields(8)]],
      () => [FRAMES.result, [RESULTS.value, ...values()]],
      () => [FRAMES.result, [RESULTS.value, ...u32(1), 0, ...f64(pick(FLOATS))]],
      () => [FRAMES.hostCall, [...u32(random(5)), ...values()]],
      () => [FRAMES.operation, [...u32(pick(OPERATIONS)), ...fields(6)]],
      () => [FRAMES.batchRows, [...new Uint8Array(new Float64Array(Array.from({ length: random(12) }, () => pick(FLOATS))).buffer)]],
      () => [random(20), fields(8)],
      () => [pick([FRAMES.result, FRAMES.hostCall, FRAMES.operation]), new Uint8Array(pick([0, 1, 4096, 1 << 20])).fill(random(256))],
    ];
    const [kind, bytes] = pick(kinds)();
    return [kind, Uint8Array.from(bytes)];
  };
  const turn = () => { const [kind, bytes] = frame(); turned(kind, TURNS.host, bytes, meter); };
  /** Sends one random packet; whether it gave the turn away. */
  const one = () => {
    const what = random(100);
    sent++;
    if (what < 55) { turn(); return true; }
    if (what < 90) { send(PACKETS.readings, readings(meter)); return false; }
    if (what < 93) { turned(FRAMES.result, random(6), new Uint8Array(8)); return true; }
    if (what < 95) { send(PACKETS.failed, new TextEncoder().encode("\\u001b[31m failed " + what)); return true; }
    if (what < 98) { send(pick(Object.values(PACKETS)), Uint8Array.from(fields(10))); return true; }
    send(pick([PACKETS.turned, PACKETS.readings, 77]), new Uint8Array(3), pick(EDGES));
    return true;
  };
  /** It has been told to stop. It does, but for some times, since tests would wait for the grace each time. */
  const stop = () => { sent++; turned(FRAMES.result, TURNS.host, Uint8Array.of(RESULTS.aborted, 0), meter); };
  for (let mine = true;;) {
    const packet = take();
    if (packet.kind === PACKETS.frame && packet.content.length >= 32) {
      const view = new DataView(packet.content.buffer), kind = view.getUint32(4, true);
      if (kind === FRAMES.none) continue; // what is asked for comes as a message
      // Behind the head of the packet; the sixth word of a batch is its first argument.
      if (kind === FRAMES.batch) state = view.getFloat64(32 + 40, true) | 0;
      if (view.getInt32(8, true) === 2 && random(64) > 0) { stop(); continue; }
      // Nobody tells it to stop while it is asked how a row ended; the grace is short for that as well.
      if (kind === FRAMES.batchEnd && random(16) > 0) { turn(); continue; }
      mine = !one();
      if (!mine && random(16) > 0) continue; // else it answers once more, out of turn
      if (one()) mine = false;
    } else if (packet.kind === PACKETS.control) {
      if (mine && packet.content[0] === 2) { mine = false; stop(); }
    } else if (packet.kind === PACKETS.post) {
      honest(packet, meter);
      mine = false;
    }
  }`;

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

Deno.test("two thousand random packets of forged children end their calls, and the host lives", async () => {
  const before = residentMemory();
  let slowest = 0;
  const failures = await withRejections(async (failures) => {
    const { stall } = await withTicks(() =>
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
    );
    assert(stall < LONGEST_STALL, `${stall.toFixed(0)} ms without a tick`);
  });
  assertEquals(failures, []);
  assert(slowest < LONGEST_CALL, `a call took ${slowest.toFixed(0)} ms`);
  assert(residentMemory() - before < MOST_GROWTH, `${residentMemory() - before} MiB more`);
});

/** Answers a call with a frame of 16 MiB that has as many values of zero bytes as go into it. */
const EMPTY_VALUES = `
  const values = (head) => {
    const bytes = new Uint8Array((16 << 20) - 64), view = new DataView(bytes.buffer);
    bytes.set(head);
    let at = head.length + 4, count = 0;
    for (; at + 16 < bytes.length; count++) { bytes[at] = 5; at += 5; at += -at & 7; }
    view.setUint32(head.length, count, true);
    return bytes.subarray(0, at);
  };
  for (;;) {
    const packet = take(), kind = packet.content[4];
    if (packet.kind === PACKETS.post) honest(packet);
    if (packet.kind !== PACKETS.frame || kind === FRAMES.none) continue;
    if (kind === FRAMES.hostThrow) turned(FRAMES.result, TURNS.host, Uint8Array.of(RESULTS.hostError));
    else turned(...ANSWER);
  }`;

for (
  const [what, answer] of [
    ["arguments of a host function", "[FRAMES.hostCall, TURNS.host, values([0, 0, 0, 0])]"],
    ["results", "[FRAMES.result, TURNS.host, values([RESULTS.value])]"],
  ] as const
) {
  Deno.test(`two million ${what} that a forged child claims are refused at once`, async () => {
    const program = EMPTY_VALUES.replace("...ANSWER", `...${answer}`);
    const { result, stall } = await withTicks(() =>
      withForgedChildren(program, async () => {
        await using runtime = await Aegis.create({ isolation: "process" });
        await using sandbox = await loaded(runtime, await runtime.loadBytes(compileText(MODULE)));
        return await assertRejects(() => sandbox.call("run", [1]), AegisError);
      })
    );
    assertEquals(result.code, "GuestFault");
    assertMatch(result.message, /Cannot read \d+ values: the limit is 1000/);
    assert(stall < LONGEST_STALL, `${stall.toFixed(0)} ms without a tick`);
  });
}
