/** Runs a guest that will not end by itself, stops it in one of several ways, and measures how long that takes. */
import { compile } from "watr";
import { assert, assertEquals } from "../../assert.ts";
import { undelayed } from "../../undelayed.ts";
import { Aegis, type AegisOptions, type Outcome, type Sandbox } from "../../../mod.ts";

/** Fuel that no guest of these tests uses up. */
export const UNLIMITED = "unlimited";

/** Milliseconds after its deadline at which a guest must have stopped. */
export const MOST_LATENCY = 50;

/** The ways to stop a guest, and what its call then ends with. */
export const STOPS = {
  timeout: { ends: "limit time" },
  fuel: { ends: "limit fuel" },
  cancel: { ends: "aborted cancelled" },
  close: { ends: "aborted closed" },
} as const;

export type Stop = keyof typeof STOPS;

/** An outcome in a few words: `limit fuel`, `trap unreachable`, `value 1`. */
export function wordsOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case "limit":
      return `limit ${outcome.limit}`;
    case "trap":
      return `trap ${outcome.trap}`;
    case "aborted":
      return `aborted ${outcome.reason}`;
    case "value":
      return ["value", ...outcome.values].join(" ");
    case "exit":
      return `exit ${outcome.status}`;
    case "hostError":
      return `hostError ${outcome.error}`;
    case "abi":
    case "fault":
      return `${outcome.kind} ${outcome.message}`;
  }
}

/** A sandbox with one module, in a runtime of its own. */
export interface Prepared extends AsyncDisposable {
  readonly runtime: Aegis;
  readonly sandbox: Sandbox;
}

/** The bytes of a text module; unlike the library's own way for text, of any length. */
export function textModule(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(compile(text));
}

/** Loads a module, given as text or bytes. */
export async function prepared(
  module: string | Uint8Array,
  options: AegisOptions = {},
  before: (sandbox: Sandbox) => void = () => {},
): Promise<Prepared> {
  const runtime = await Aegis.create(options);
  try {
    const loaded = await runtime.loadBytes(typeof module === "string" ? textModule(module) : module);
    const sandbox = await runtime.sandbox().build();
    before(sandbox);
    await sandbox.loadModule(loaded);
    return { runtime, sandbox, [Symbol.asyncDispose]: () => runtime.close() };
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Milliseconds by way of stopping, for the figures at the end. */
const latencies: Record<Stop, number[]> = { timeout: [], fuel: [], cancel: [], close: [] };

/** Median and maximum of the latencies so far, by way of stopping. */
export function latencyFigures(): string {
  return Object.entries(latencies).filter(([, list]) => list.length > 0).map(([stop, list]) => {
    const sorted = list.toSorted((a, b) => a - b), at = (index: number) => (sorted[index] ?? 0).toFixed(1);
    return `${stop}: p50 ${at(sorted.length >> 1)} ms, max ${at(sorted.length - 1)} ms of ${sorted.length}`;
  }).join("; ");
}

/** How a way of stopping is set up: limits of the runtime, and what happens once the call runs. */
const LIMITS_OF: Record<Stop, AegisOptions> = {
  timeout: { fuelLimit: UNLIMITED, timeout: 100 },
  fuel: { fuelLimit: 3_000_000, timeout: 20_000 },
  cancel: { fuelLimit: UNLIMITED, timeout: 20_000 },
  close: { fuelLimit: UNLIMITED, timeout: 20_000 },
};

/** Milliseconds from the start of a call to the moment it is cancelled or closed. */
const DELAY = 30;

/**
 * Calls `run` of a guest that never returns, stops it in this way, and asserts that it ended so, and soon.
 *
 * @returns milliseconds from the deadline, cancellation or close to the end; for fuel, of the whole call
 */
export function assertStops(
  stop: Stop,
  module: string | Uint8Array,
  options: AegisOptions = {},
  before?: (sandbox: Sandbox) => void,
): Promise<number> {
  return undelayed(MOST_LATENCY / 2, () => stopOnce(stop, module, options, before));
}

async function stopOnce(
  stop: Stop,
  module: string | Uint8Array,
  options: AegisOptions,
  before: ((sandbox: Sandbox) => void) | undefined,
): Promise<number> {
  const limits = { ...LIMITS_OF[stop], ...options };
  await using guest = await prepared(module, limits, before);
  const { sandbox } = guest, controller = new AbortController();
  const started = performance.now();
  let deadline = started;
  const call = sandbox.tryCall("run", [], { signal: controller.signal });
  if (stop === "timeout") deadline = started + Number(limits.timeout);
  let closing: Promise<void> | undefined;
  const timer = stop === "cancel" || stop === "close"
    ? setTimeout(() => {
      deadline = performance.now();
      if (stop === "cancel") controller.abort();
      else closing = sandbox.close();
    }, DELAY)
    : undefined;
  const outcome = await call, latency = performance.now() - deadline;
  clearTimeout(timer);
  await closing;
  assertEquals(wordsOf(outcome), STOPS[stop].ends);
  latencies[stop].push(latency);
  if (stop !== "fuel") {
    assert(latency <= MOST_LATENCY, `it took ${latency.toFixed(0)} ms to stop the guest (${stop})`);
  }
  return latency;
}
