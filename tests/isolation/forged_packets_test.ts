/**
 * A child process that fell into wrong hands, and sends whatever packets it likes to the real relay, and by it to the
 * real host. Every call must end, the host must not stall or fill, and nothing must fail but that guest.
 */
import { Aegis, AegisError, type AegisModule, type Sandbox } from "../../mod.ts";
import { HAS_PROC, residentMemory, withTicks } from "../hostile/process_facts.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";
import { withForgedChildren } from "./forged_child.ts";

/** Calls, of which each is answered with two random packets at least. */
const CALLS = 1000;

/** Milliseconds for which one call may go on, and for which the host may not look at its timers. */
const TIMEOUT = 40, LONGEST_CALL = 3000, LONGEST_STALL = 500;

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
  const meter = () => pick([0n, 1n, 5n, 0x7ff0000000000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn, BigInt(state >>> 0)]);
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
  const values = () => {
    const bytes = [], count = random(4);
    const u32 = (value) => bytes.push(...new Uint8Array(new Uint32Array([value]).buffer));
    u32(random(10) === 0 ? pick(EDGES) : count);
    for (let index = 0; index < count; index++) {
      const kind = random(9);
      bytes.push(kind);
      if (kind < 4) bytes.push(...new Uint8Array(new Float64Array([pick(FLOATS)]).buffer));
      else { u32(3); while (bytes.length % 8 !== 0) bytes.push(0); bytes.push(34, 65, 34); }
    }
    return bytes;
  };
  const u32 = (value) => [...new Uint8Array(new Uint32Array([value]).buffer)];
  const frame = () => {
    const kinds = [
      () => [FRAMES.result, [pick(Object.values(RESULTS)), ...fields(8)]],
      () => [FRAMES.result, [RESULTS.value, ...values()]],
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
    if (what < 55) { turn(); return true; }
    if (what < 90) { send(PACKETS.readings, readings(meter)); return false; }
    if (what < 93) { turned(FRAMES.result, random(6), new Uint8Array(8)); return true; }
    if (what < 95) { send(PACKETS.failed, new TextEncoder().encode("\\u001b[31m failed " + what)); return true; }
    if (what < 98) { send(pick(Object.values(PACKETS)), Uint8Array.from(fields(10))); return true; }
    send(pick([PACKETS.turned, PACKETS.readings, 77]), new Uint8Array(3), pick(EDGES));
    return true;
  };
  for (let mine = true;;) {
    const packet = take();
    if (packet.kind === PACKETS.frame && packet.content.length >= 32) {
      const view = new DataView(packet.content.buffer);
      // Behind the head of the packet; the sixth word of a batch is its first argument.
      if (view.getUint32(4, true) === FRAMES.batch) state = view.getFloat64(32 + 40, true) | 0;
      mine = !one();
      if (!mine && random(4) > 0) continue; // else it answers once more, out of turn
      if (one()) mine = false;
    } else if (packet.kind === PACKETS.control) {
      // Stopped, or only told of its fuel: what waits for an end gets one.
      if (mine && packet.content[0] === 2) { mine = false; turn(); }
    } else if (packet.kind === PACKETS.post) {
      honest(packet);
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

Deno.test({
  name: "two thousand random packets of a forged child end their calls, and harm nobody else",
  fn: async () => {
    const failures: string[] = [];
    const onRejection = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      failures.push(`unhandled: ${event.reason}`);
    };
    addEventListener("unhandledrejection", onRejection);
    const before = residentMemory(), kinds: Record<string, number> = {};
    let slowest = 0;
    try {
      const { stall } = await withTicks(() =>
        withForgedChildren(RANDOM_PACKETS, async () => {
          await using runtime = await Aegis.create({ isolation: "process", timeout: TIMEOUT });
          const module = await runtime.loadBytes(compileText(MODULE));
          let sandbox = await loaded(runtime, module);
          for (let seed = 1; seed <= CALLS; seed++) {
            const began = performance.now(), outcome = await sandbox.tryCall("run", [seed]);
            slowest = Math.max(slowest, performance.now() - began);
            const m = "message" in outcome ? outcome.message.slice(0, 60).replace(/\d+/g, "N").replace(/".*/, "Q") : outcome.kind; kinds[m] = (kinds[m] ?? 0) + 1;
            kinds[outcome.kind] = (kinds[outcome.kind] ?? 0) + 1;
            if ("message" in outcome && outcome.message.includes("the relay failed")) {
              failures.push(`seed ${seed}: ${outcome.message}`);
            }
            sandbox.metrics();
            if (outcome.kind === "value") continue;
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
      console.log(kinds, { stall, slowest, grown: residentMemory() - before });
      assertEquals(failures, []);
      assert(stall < LONGEST_STALL, `${stall.toFixed(0)} ms without a tick`);
      assert(slowest < LONGEST_CALL, `a call took ${slowest.toFixed(0)} ms`);
      if (HAS_PROC) assert(residentMemory() - before < MOST_GROWTH, `${residentMemory() - before} MiB more`);
    } finally {
      removeEventListener("unhandledrejection", onRejection);
    }
  },
});
