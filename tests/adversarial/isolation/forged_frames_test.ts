/**
 * G53: a guest's thread that writes what it likes into the memory it shares with the host. Whatever stands there, the
 * host ends its call with an outcome or an error, and keeps its event loop.
 */
import { FRAME_START } from "../../../src/protocol/layout.ts";
import { assert, assertEquals } from "../../assert.ts";
import { type Forgery, withForgedGuests, withSeenBuffers } from "./forged_guest.ts";
import { withTicks } from "../process_facts.ts";
import { wordsOf } from "../cpu/stopping.ts";
import { Aegis, AegisError, type Metrics, type Outcome } from "../../../mod.ts";

const TEXT = `(module (import "env" "host" (func $host (param i32) (result i32)))
  (func (export "run") (param i32) (result i32) (call $host (local.get 0)))
  (func (export "loop") (loop $l (drop (call $host (i32.const 1))) (br $l))))`;

/** How a call ended: an outcome in words, or the code of an error. Any other error is a fault of the host. */
async function endOf(call: () => Promise<Outcome>): Promise<string> {
  try {
    const outcome = await call();
    if (outcome.kind === "hostError" && !(outcome.error instanceof AegisError)) throw outcome.error;
    return wordsOf(outcome);
  } catch (error) {
    if (error instanceof AegisError) return `error ${error.code}`;
    throw error;
  }
}

interface Seen {
  readonly ends: readonly string[];
  readonly hostCalls: number;
  readonly metrics: Metrics;
}

/** A sandbox with a forged guest, which stays forged; each call has a timeout of 100 ms. */
async function startForged(forgery: Forgery): Promise<{ call(): Promise<Seen> }> {
  const runtime = await Aegis.create({ timeout: 100 });
  let hostCalls = 0;
  const sandbox = await withForgedGuests(forgery, async () => {
    const loaded = await runtime.loadWat(TEXT);
    const started = await runtime.sandbox().build();
    started.registerFunc("env", "host", { params: ["i32"], results: ["i32"] }, (value: number) => {
      hostCalls++;
      return value;
    });
    await started.loadModule(loaded);
    return started;
  });
  return {
    async call() {
      try {
        const ends = [
          await endOf(() => sandbox.tryCall("run", [1])),
          await endOf(() => sandbox.tryCall("run", [1])),
        ];
        return { ends, hostCalls, metrics: sandbox.metrics() };
      } finally {
        await runtime.close();
      }
    },
  };
}

async function callForged(forgery: Forgery): Promise<Seen> {
  return await (await startForged(forgery)).call();
}

const answer = (code: string): Forgery => `for (;;) { turn(); ${code} }`;

/** Answers to a call; after each the guest waits for its next turn. */
const ANSWERS: Readonly<Record<string, Forgery>> = {
  "a frame of no bytes": answer("give(RESULT, 0);"),
  "a frame of negative length": answer("give(RESULT, -1);"),
  "a frame of 2 GiB": answer("give(RESULT, 0x7fffffff);"),
  "a frame that ends in its first word": answer("bytes[128] = 0; give(RESULT, 3);"),
  "a kind of frame that does not exist": answer("give(77, 8);"),
  "a kind of result that does not exist": answer("bytes[128] = 200; give(RESULT, 8);"),
  "four thousand million values": answer(
    "bytes[128] = 0; view.setUint32(129, 0xffffffff, true); give(RESULT, 4000);",
  ),
  "a value of a kind that does not exist": answer(
    "bytes[128] = 0; view.setUint32(129, 1, true); bytes[133] = 99; give(RESULT, 20);",
  ),
  "a string longer than the frame": answer(
    "bytes[128] = 9; view.setUint32(129, 0x7ffffff0, true); give(RESULT, 40);",
  ),
  "a trap of four thousand million frames": answer(
    "bytes.fill(0, 128, 400); bytes[128] = 1; bytes[129] = 1; view.setUint32(134, 0xffffffff, true); give(RESULT, 200);",
  ),
  "a trap at offsets that do not exist": answer(
    "bytes.fill(255, 128, 400); bytes[128] = 1; bytes[129] = 1; view.setUint32(130, 0, true); view.setUint32(134, 9, true); give(RESULT, 200);",
  ),
  "meters of nonsense": answer(
    "integers.fill(-1n, 8); floats.set([0.5, 1e300, NaN, -Infinity], 10); bytes[128] = 0; view.setUint32(129, 0, true); give(RESULT, 5);",
  ),
  "random bytes": answer(
    "for (let i = 128; i < 1128; i++) bytes[i] = Math.random() * 256; give(RESULT, 1000);",
  ),
  "a host call with four thousand million arguments": answer(
    "view.setUint32(128, 0, true); view.setUint32(132, 0xffffffff, true); give(HOST_CALL, 3000); turn(); bytes[128] = 8; give(RESULT, 1);",
  ),
  "a host call of a function that does not exist": answer(
    "view.setUint32(128, 9999, true); view.setUint32(132, 0, true); give(HOST_CALL, 8); turn(); bytes[128] = 8; give(RESULT, 1);",
  ),
};

for (const [what, forgery] of Object.entries(ANSWERS)) {
  Deno.test(`G53 ${what} ends the call with an outcome or an error of ours`, async () => {
    const started = performance.now();
    const { result: { ends, metrics }, stall } = await withTicks(() => callForged(forgery));
    assertEquals(ends.length, 2);
    for (const end of ends) assert(!end.startsWith("value 1"), end);
    assert(metrics.fuelConsumed >= 0n && metrics.cpuTime >= 0);
    for (const meter of ["memory", "peakMemory", "hostCalls", "refusedGrowths"] as const) {
      assert(Number.isSafeInteger(metrics[meter]) && metrics[meter] >= 0, `${meter}: ${metrics[meter]}`);
    }
    // A guest that answers at once never costs more than the grace for one that does not answer.
    assert(performance.now() - started < 6500 && stall < 250, `${stall.toFixed(0)} ms without a tick`);
  });
}

/** A thread that writes random words, or random bytes, into what the host and the guest share, for 1.5 s. */
const SCRIBBLER = `data:text/javascript,onmessage=({data:{buffer,words}})=>{
  const w=new Int32Array(buffer,0,64),b=new Uint8Array(buffer),until=Date.now()+1500;
  while(Date.now()<until){
    if(words)w[[3,4,8,9,10,32,33,34][Math.random()*8|0]]=Math.random()*2**32;
    else for(let i=0;i<50;i++)b[${FRAME_START}+Math.random()*600|0]=Math.random()*256;
  }
  postMessage(0)}`;

/** Calls a real guest while another thread scribbles under it; any answer will do, and any error of ours. */
async function callScribbled(words: boolean): Promise<void> {
  const scribbler = new Worker(SCRIBBLER, { type: "module" });
  const done = new Promise((resolve) => scribbler.onmessage = resolve);
  let shared: SharedArrayBuffer | undefined;
  await using runtime = await Aegis.create({ timeout: 100 });
  const loaded = await runtime.loadWat(TEXT);
  const sandbox = await withSeenBuffers((buffer) => shared = buffer, () => runtime.sandbox().build());
  sandbox.registerFunc("env", "host", { params: ["i32"], results: ["i32"] }, (value: number) => value);
  try {
    await sandbox.loadModule(loaded);
    scribbler.postMessage({ buffer: shared, words });
    for (let i = 0; i < 8; i++) {
      await endOf(() => sandbox.tryCall("loop"));
    }
    await done;
  } finally {
    scribbler.terminate();
  }
}

/** Guests that are given up. */
const LOST: Readonly<Record<string, Forgery>> = {
  "never answers": `turn(); Atomics.wait(words, 15, 0, 6500);`,
  // Fails when the host serves host calls in microtasks alone: its timers would never run again.
  "calls the host for ever and never gives the turn away": `turn();
    const until = Date.now() + 6500;
    while (Date.now() < until) {
      view.setUint32(128, 0, true); view.setUint32(132, 1, true); bytes[136] = 0; view.setFloat64(137, 5, true);
      Atomics.store(words, KIND, HOST_CALL); Atomics.store(words, LENGTH, 17); Atomics.store(words, TURN, 0);
    }`,
  "leaves": `turn(); close();`,
};

// All at once, since each takes the whole grace.
Deno.test("G53 guests that never answer, never give the turn away, leave, or share random words are given up after the grace", async () => {
  const guests: { call(): Promise<Seen> }[] = [];
  for (const forgery of Object.values(LOST)) guests.push(await startForged(forgery));
  const started = performance.now(), scribbled = callScribbled(true);
  const { result, stall } = await withTicks(() => Promise.all(guests.map((guest) => guest.call())));
  await scribbled;
  assert(performance.now() - started < 8000);
  assert(stall < 1000, `the event loop stood still for ${stall.toFixed(0)} ms`);
  for (const { ends: [first, second] } of result) {
    assert(first === "limit time" || first?.startsWith("fault"), first);
    assert(second?.startsWith("error") || second?.startsWith("fault"), second);
  }
});

Deno.test("G53 random bytes under a running call neither crash nor hang the host", async () => {
  const { stall } = await withTicks(() => callScribbled(false));
  assert(stall < 1000, `the event loop stood still for ${stall.toFixed(0)} ms`);
});
