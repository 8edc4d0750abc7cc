/**
 * What the process and its guests use, looked at each second: the last ten minutes of the process, and each guest as it was
 * seen last. A look reads words of the memory that host and guests share; no guest notices.
 */
import { RingBuffer } from "../core/ring_buffer.ts";
import type { Timers } from "../sandbox/timers.ts";
import type { TaskLoad } from "../tasks/task_stats.ts";
import type { LiveExecution } from "../tasks/task_scheduler.ts";

/** Milliseconds between two looks, and looks that are kept. */
export const METER_PAUSE = 1000, METER_SAMPLES = 600;

/** What this process uses. */
export interface ProcessMeters {
  /** Milliseconds of processor time since it began, all its threads together. */
  cpuTime(): number;
  /** Bytes that it has of the machine's memory, and of the heap of its main thread. */
  memory(): { readonly rss: number; readonly heap: number };
}

/** What is looked at, and when. */
export interface MeterPorts {
  readonly process: ProcessMeters;
  readonly timers: Timers;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly load: () => TaskLoad;
  /** Requests that were answered so far. */
  readonly requests: () => number;
}

/** The process at one moment; rates are those since the moment before. */
export interface MeterSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Cores in use by the process. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes. */
  readonly heap: number;
  /** Units, of all guests together. */
  readonly fuelPerSecond: number;
  /** Tasks that have a guest which nobody has stopped or paused. */
  readonly running: number;
  /** Tasks that wait for one. */
  readonly queued: number;
  /** Tasks that have one, or are about to. */
  readonly live: number;
  readonly requestsPerSecond: number;
}

/** A guest at the same moment. */
export interface GuestMeters extends LiveExecution {
  /** Share of one core. */
  readonly cpu: number;
  /** Units. */
  readonly fuelPerSecond: number;
}

/** What is told of each look. */
export interface MeterReading {
  readonly sample: MeterSample;
  readonly guests: readonly GuestMeters[];
}

/** Counters, which only grow. */
interface Counters {
  /** Milliseconds of the timers. */
  readonly at: number;
  readonly cpuTime: number;
  readonly fuel: bigint;
  readonly requests: number;
}

export class MeterSampler {
  readonly #ports: MeterPorts;
  readonly #samples: RingBuffer<MeterSample> = new RingBuffer(METER_SAMPLES);
  readonly #listeners: Set<(reading: MeterReading) => void> = new Set();
  #before: Counters | undefined;
  #guests: readonly GuestMeters[] = [];
  #cancel: (() => void) | undefined;
  #closed = false;

  /** Looks from now on, until it is closed. */
  constructor(ports: MeterPorts) {
    this.#ports = ports;
    this.#look();
  }

  /** The oldest first. */
  get samples(): readonly MeterSample[] {
    return [...this.#samples];
  }

  /** Those of the last look. */
  get guests(): readonly GuestMeters[] {
    return this.#guests;
  }

  /** Tells a function of each look. What it throws concerns nobody. @returns takes it back */
  subscribe(listener: (reading: MeterReading) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#listeners.clear();
  }

  #look(): void {
    try {
      this.#read();
    } catch {
      // The store could not be read; who works with it says so. One look is missing.
    }
    if (!this.#closed) this.#cancel = this.#ports.timers.after(METER_PAUSE, () => this.#look(), false);
  }

  #read(): void {
    const { process, timers, now, load: readLoad, requests } = this.#ports, load = readLoad();
    const before = this.#before,
      counters = { at: timers.now(), cpuTime: process.cpuTime(), fuel: load.fuel, requests: requests() };
    this.#before = counters;
    const passed = before === undefined ? 0 : counters.at - before.at;
    this.#guests = guestMeters(load.live, this.#guests, passed);
    if (before === undefined || passed <= 0) return; // rates take two looks
    const sample: MeterSample = {
      time: now(),
      cpu: rate(counters.cpuTime - before.cpuTime, passed) / 1000,
      ...process.memory(),
      fuelPerSecond: Math.round(rate(Number(counters.fuel - before.fuel), passed)),
      running: load.live.filter(({ state }) => state === "running").length,
      queued: load.queued,
      live: load.live.length,
      requestsPerSecond: rate(counters.requests - before.requests, passed),
    };
    this.#samples.add(sample);
    this.#tell({ sample, guests: this.#guests });
  }

  #tell(reading: MeterReading): void {
    for (const listener of this.#listeners) {
      try {
        listener(reading);
      } catch {
        // as `subscribe` says
      }
    }
  }
}

/** Those that are there now. @param passed milliseconds since the look that saw `before` */
function guestMeters(
  live: readonly LiveExecution[],
  before: readonly GuestMeters[],
  passed: number,
): GuestMeters[] {
  const known = new Map(before.map((guest) => [guest.execution, guest.metrics]));
  return live.map((guest) => {
    const last = known.get(guest.execution), { metrics } = guest;
    const cpuTime = (metrics?.cpuTime ?? 0) - (last?.cpuTime ?? 0);
    const fuel = (metrics?.fuelConsumed ?? 0n) - (last?.fuelConsumed ?? 0n);
    return {
      ...guest,
      cpu: rate(cpuTime, passed) / 1000,
      fuelPerSecond: Math.round(rate(Number(fuel), passed)),
    };
  });
}

/** How much it was in a second. A counter that went back, since the store did not take an end yet, has not moved. */
function rate(amount: number, milliseconds: number): number {
  return milliseconds <= 0 ? 0 : Math.max(0, 1000 * amount / milliseconds);
}
