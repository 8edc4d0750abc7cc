/**
 * How long a guest goes on after it was told to stop: through the public interface, in its Worker, from the moment of
 * the abort to the moment at which its call has settled. Between two kills the sandbox is reset.
 */
import { Aegis, type Sandbox } from "../../mod.ts";
import { largest, percentile } from "./statistics.ts";
import { randomNumbers } from "./workloads/sample_text.ts";

/** A guest that never ends by itself. */
interface Endless {
  readonly name: string;
  readonly text: string;
  /** An export that is called after each reset, before the kill. */
  readonly prepare?: string;
}

/** Milliseconds from abort to settlement. */
export interface KillLatency {
  readonly name: string;
  readonly kills: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** A permutation of 2^20 cache lines with one cycle: a linear congruence of full period. */
const CHASE = `(memory 1024)
  (func (export "link") (local $i i32)
    (loop $next
      (i32.store (i32.shl (local.get $i) (i32.const 6)) (i32.shl (i32.and (i32.add
        (i32.mul (local.get $i) (i32.const 0x9e3a5)) (i32.const 0x6f5b3)) (i32.const 0xfffff)) (i32.const 6)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 0x100000)))))
  (func (export "run") (local $at i32)
    (loop $next (local.set $at (i32.load (local.get $at))) (br $next)))`;

const ENDLESS: readonly Endless[] = [
  {
    name: "adds",
    text: `(func (export "run") (local $sum i32)
      (loop $next (local.set $sum (i32.add (local.get $sum) (i32.const 3))) (br $next)))`,
  },
  { name: "pointer chase, 64 MiB", text: CHASE, prepare: "link" },
  {
    name: "throw and catch",
    text: `(tag $t) (func (export "run")
      (loop $next (block $caught (try_table (catch_all $caught) (throw $t))) (br $next)))`,
  },
  {
    name: "memory.grow(0)",
    text: `(memory 1) (func (export "run") (loop $next (drop (memory.grow (i32.const 0))) (br $next)))`,
  },
  {
    name: "host calls",
    text:
      `(import "env" "nothing" (func $nothing)) (func (export "run") (loop $next (call $nothing) (br $next)))`,
  },
  {
    name: "fills of 16 MiB",
    text: `(memory 257) (func (export "run")
      (loop $next (memory.fill (i32.const 8) (i32.const 7) (i32.const 0x1000000)) (br $next)))`,
  },
];

/** The kill comes at a moment between these, in milliseconds into the call. */
const EARLIEST = 1, LATEST = 5;

/** Waits more precisely than a timer does. */
async function wait(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  await new Promise((resolve) => setTimeout(resolve, Math.floor(milliseconds)));
  while (performance.now() < end);
}

async function killOnce(sandbox: Sandbox, delay: number): Promise<number> {
  const controller = new AbortController();
  const call = sandbox.tryCall("run", [], { signal: controller.signal });
  await wait(delay);
  const aborted = performance.now();
  controller.abort();
  const outcome = await call, latency = performance.now() - aborted;
  if (outcome.kind !== "aborted") throw new Error(`A guest was to be aborted but ended with ${outcome.kind}`);
  return latency;
}

async function measure(runtime: Aegis, row: Endless, kills: number): Promise<KillLatency> {
  const random = randomNumbers(11), latencies: number[] = [];
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("env", "nothing", { params: [], results: [] }, () => {});
  await sandbox.loadModule(await runtime.loadWat(`(module ${row.text})`));
  for (let kill = 0; kill < kills; kill++) {
    if (row.prepare !== undefined) await sandbox.call(row.prepare, []);
    latencies.push(await killOnce(sandbox, EARLIEST + (LATEST - EARLIEST) * random() / 2 ** 32));
    await sandbox.reset();
  }
  const at = (percent: number) => percentile(latencies, percent);
  return { name: row.name, kills, p50: at(50), p99: at(99), most: largest(latencies) };
}

/** Kills each endless guest so many times. */
export async function measureKills(
  kills: number,
  seen: (row: KillLatency) => void = () => {},
): Promise<KillLatency[]> {
  await using runtime = await Aegis.create({
    memoryLimit: "128MiB",
    fuelLimit: "unlimited",
    timeout: "30s",
    hostCallLimit: Number.MAX_SAFE_INTEGER,
  });
  const rows: KillLatency[] = [];
  for (const endless of ENDLESS) {
    const row = await measure(runtime, endless, kills);
    seen(row);
    rows.push(row);
  }
  return rows;
}
