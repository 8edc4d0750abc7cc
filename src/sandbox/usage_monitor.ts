/**
 * The usage of one sandbox over time. A look reads some words of the memory that host and guest share: the guest is asked
 * nothing, and does not notice.
 */
import type { Timers } from "./timers.ts";
import type { UsageReading } from "./usage.ts";
import { BoundedQueue, type BoundedStream } from "../core/bounded_stream.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { UsageSample } from "../core/metrics.ts";
import { RingBuffer } from "../core/ring_buffer.ts";
import { type Duration, parseDuration } from "../core/units.ts";

/** How often a monitor looks, and how much it keeps. */
export interface MonitorOptions {
  /** Time between two looks, from 1 ms; milliseconds when a bare number. @default "100ms" */
  readonly every?: Duration;
  /** Samples that are kept, up to 1,000,000; then the oldest are forgotten. @default 600 */
  readonly keep?: number;
}

/** What a monitor looks at. */
export interface MonitorSource {
  /** At this moment. */
  readonly read: () => UsageReading;
  readonly timers: Timers;
  /** Called once, when it stops. */
  readonly onStop: () => void;
}

const OPTIONS: OptionNames<MonitorOptions> = { place: "of a monitor", names: { every: true, keep: true } };

const MOST_KEPT = 1_000_000;

/**
 * Looks at what a sandbox uses, again and again, until it is stopped or the sandbox is closed. It keeps no process alive.
 * While a call blocks this thread it cannot look: `callSync` leaves a gap.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create();
 * await using sandbox = await runtime.sandbox().build();
 * using monitor = sandbox.monitor({ every: "50ms", keep: 100 });
 * console.log(monitor.latest.fuelConsumed, monitor.latest.running); // 0n false
 * ```
 */
export class UsageMonitor implements AsyncIterable<UsageSample>, Disposable {
  readonly #source: MonitorSource;
  readonly #every: number;
  readonly #samples: RingBuffer<UsageSample>;
  readonly #streams: Set<BoundedQueue<UsageSample>> = new Set();
  #latest: UsageSample;
  #cancel: (() => void) | undefined;
  #due: number;
  #stopped = false;

  /** Made by a sandbox; see `Sandbox.monitor`. @throws {AegisError} `InvalidOption` */
  constructor(source: MonitorSource, options: MonitorOptions = {}) {
    checkOptionNames(options, OPTIONS);
    const { every = "100ms", keep = 600 } = options;
    this.#every = parseDuration(every, "every");
    if (!(this.#every >= 1)) throw invalid("every", every, "a time from 1 ms");
    if (!Number.isSafeInteger(keep) || keep < 1 || keep > MOST_KEPT) {
      throw invalid("keep", keep, `a whole number from 1 to ${MOST_KEPT}`);
    }
    this.#source = source;
    this.#samples = new RingBuffer(keep);
    this.#due = source.timers.now();
    this.#latest = this.#look(undefined);
    this.#wait();
  }

  /** The samples that are kept, the oldest first; the first of all is from when the monitor was made. */
  get samples(): readonly UsageSample[] {
    return [...this.#samples];
  }

  /** Samples that had to make room for later ones. */
  get forgotten(): number {
    return this.#samples.dropped;
  }

  /** The last sample. */
  get latest(): UsageSample {
    return this.#latest;
  }

  /** Whether it does not look any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Looks no more; what was kept stays, and who iterates comes to an end. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel?.();
    for (const stream of this.#streams) stream.end();
    this.#source.onStop();
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** The samples from now on, for one reader: as many are kept for it as the monitor keeps, then the oldest are dropped. */
  [Symbol.asyncIterator](): BoundedStream<UsageSample> {
    const stream: BoundedQueue<UsageSample> = new BoundedQueue(
      this.#samples.capacity,
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    if (this.#stopped) stream.end();
    return stream;
  }

  #wait(): void {
    const { timers } = this.#source, now = timers.now();
    // What was missed while this thread was busy is not made up for.
    this.#due = Math.max(this.#due + this.#every, now);
    this.#cancel = timers.after(this.#due - now, () => {
      this.#latest = this.#look(this.#latest);
      this.#wait();
    }, false);
  }

  #look(before: UsageSample | undefined): UsageSample {
    const { still, ...reading } = this.#source.read(), { fuelConsumed, cpuTime } = reading;
    // Since when a guest stands still is told when it goes on; until then its time stands still, too.
    const since = before === undefined || fuelConsumed < before.fuelConsumed ? undefined : before.cpuTime;
    const own = since === undefined ? cpuTime : still ? since : Math.max(since, cpuTime);
    const sample = { time: Date.now(), ...reading, cpuTime: own };
    this.#samples.add(sample);
    for (const stream of this.#streams) stream.push(sample);
    return sample;
  }
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot set ${field} of a monitor to ${quote(String(value))}: use ${allowed}`,
    { field },
  );
}
