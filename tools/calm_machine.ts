/**
 * Whether the machine gives a process the time that it asks for. A machine that is shared, with neighbours of its own or with
 * other machines on the same hardware, stands still for tenths of a second now and then, and what measures how soon
 * something happens fails on it whatever it measures.
 */
import { cpuUsage } from "node:process";

/** Share of a sample's time that its work must get. */
const ENOUGH = 0.9;

/** Milliseconds of a sample's work, and between two samples. */
const WORK = 200, PAUSE = 300;

/** Samples in a row that must get enough. */
const SAMPLES = 5;

/** What a wait for a calm machine goes by. */
export interface CalmOptions {
  /** Milliseconds after which it goes on as the machine is. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** The share of its time that some work got just now. @default measured */
  readonly sample?: () => number;
  /** @default milliseconds of a timer */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** Milliseconds of a clock that only goes on. @default `performance.now()` */
  readonly now?: () => number;
}

/** Works for {@linkcode WORK} ms, and says which share of them it had a processor. */
function sampleShare(): number {
  const before = cpuUsage(), started = performance.now();
  let elapsed = 0;
  while (elapsed < WORK) elapsed = performance.now() - started;
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000 / elapsed;
}

/** Waits until work gets its time on this machine, or patience ends. @returns whether the machine is calm */
export async function waitForCalm(options: CalmOptions): Promise<boolean> {
  const {
    patience,
    signal,
    sample = sampleShare,
    pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    now = () => performance.now(),
  } = options;
  const end = now() + patience;
  for (let calm = 0; calm < SAMPLES;) {
    if (signal.aborted || now() >= end) return false;
    calm = sample() >= ENOUGH ? calm + 1 : 0;
    if (calm < SAMPLES) await pause(PAUSE);
  }
  return true;
}
