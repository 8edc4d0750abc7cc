import type { ClockSettings, WasiHost } from "./host.ts";

/** Ids of clocks. The times of process and thread are wall time since the life began, since no other can be measured. */
export const CLOCKS = { realtime: 0, monotonic: 1, processCpuTime: 2, threadCpuTime: 3 } as const;

const NANOSECONDS = 1_000_000n;

/** 2022-01-01T00:00:00Z, in nanoseconds: when realtime begins that was not granted. */
const FAKE_START = 1_640_995_200_000n * NANOSECONDS;

/** What a fake clock moves on with each reading, and its resolution: a millisecond. */
const FAKE_STEP = NANOSECONDS;

/** Where fake time stops, so that no sum of it needs more than 64 bits: 146 years. */
const FAKE_END = 2n ** 62n;

/** A clock of those that can be granted. */
export type GrantedClock = "monotonic" | "realtime";

/** What clocks show: milliseconds since the life began, nanoseconds of fake time, and of the last reading of realtime. */
export interface ClockState {
  readonly elapsed: number;
  readonly fake: bigint;
  readonly last: bigint;
}

/**
 * The clocks of one life. What is not granted is fake: it starts in the same moment in each life, moves on with each
 * reading, and by what the guest sleeps. Every clock starts above zero, since programs (Go's among them) take a zero
 * for a clock that is broken.
 */
export class Clocks {
  readonly #settings: ClockSettings | undefined;
  readonly #host: Pick<WasiHost, "now" | "wallTime">;
  readonly #onUse: (clock: GrantedClock) => void;
  /** Nanoseconds of the granted clocks' resolution; readings are rounded down to it. */
  readonly #resolution: bigint;
  #origin = 0;
  #fake = 0n;
  #last = 0n;

  /** @param onUse told whenever a clock is looked at, granted or not */
  constructor(
    settings: ClockSettings | undefined,
    host: Pick<WasiHost, "now" | "wallTime">,
    onUse: (clock: GrantedClock) => void = () => {},
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#onUse = onUse;
    this.#resolution = BigInt(Math.max(1000, Math.round((settings?.resolution ?? 1) * 1e6)));
    this.reset();
  }

  /** Begins a life. */
  reset(): void {
    this.#origin = this.#host.now();
    this.#fake = 0n;
    this.#last = 0n;
  }

  /** What the clocks show. */
  save(): ClockState {
    return { elapsed: this.#host.now() - this.#origin, fake: this.#fake, last: this.#last };
  }

  /** Goes on from there: no clock goes back. */
  restore({ elapsed, fake, last }: ClockState): void {
    this.#origin = this.#host.now() - Math.max(0, elapsed);
    this.#fake = 0n;
    this.advance(fake > 0n ? fake : 0n);
    this.#last = last;
  }

  /** Whether waiting takes time: not where no clock could tell. Who waits looks at the clock that could. */
  passes(): boolean {
    const { monotonic = false, realtime = false, fixed } = this.#settings ?? {};
    this.#onUse(realtime && !monotonic ? "realtime" : "monotonic");
    return monotonic || (realtime && fixed === undefined);
  }

  /** Nanoseconds; undefined for an id that no clock has. */
  resolution(id: number): bigint | undefined {
    if (!this.#has(id)) return undefined;
    return this.#granted(id) ? this.#resolution : FAKE_STEP;
  }

  /** Nanoseconds, since 1970 on the realtime clock; undefined for an id that no clock has. Moves fake time on. */
  read(id: number): bigint | undefined {
    if (!this.#has(id)) return undefined;
    if (!this.#granted(id)) this.advance(FAKE_STEP);
    return this.peek(id);
  }

  /** As `read()`, but moves nothing on. */
  peek(id: number): bigint {
    if (id !== CLOCKS.realtime) {
      if (!this.#granted(id)) return this.#fake;
      return this.#down(this.#host.now() - this.#origin) + this.#resolution;
    }
    if (!this.#granted(id)) return FAKE_START + this.#fake;
    const reading = this.#down(this.#settings?.fixed ?? this.#host.wallTime());
    if (reading > this.#last) this.#last = reading;
    return this.#last;
  }

  /** Moves fake time on. */
  advance(nanoseconds: bigint): void {
    const moved = this.#fake + nanoseconds;
    this.#fake = moved < FAKE_END ? moved : FAKE_END;
  }

  #has(id: number): boolean {
    return id <= CLOCKS.threadCpuTime;
  }

  /** Whether the clock that is looked at is granted. */
  #granted(id: number): boolean {
    const { monotonic = false, realtime = false, fixed } = this.#settings ?? {};
    this.#onUse(id === CLOCKS.realtime ? "realtime" : "monotonic");
    return id === CLOCKS.realtime ? realtime || fixed !== undefined : monotonic;
  }

  #down(milliseconds: number): bigint {
    const exact = BigInt(Math.floor(milliseconds * 1000)) * 1000n;
    return exact - exact % this.#resolution;
  }
}
