/** What was measured of the server's process, and of its guests together, in the last ten minutes. */
import type { GuestMeters, MeterSample } from "./api_types.ts";

/** Samples that are kept, which is as many as the server keeps. */
const MOST = 600;

/** Seconds without a sample after which a line ends: nobody knows what was there. */
export const LONGEST_GAP = 3.5;

/** A sample with what its guests used together; null where that is not known, since the server keeps it of the last alone. */
export interface Measured extends MeterSample {
  /** Cores. */
  readonly guestCpu: number | null;
  /** Bytes. */
  readonly guestMemory: number | null;
}

export class SampleHistory {
  #samples: Measured[] = [];

  /** The oldest first. */
  get samples(): readonly Measured[] {
    return this.#samples;
  }

  /** Takes what the server knows to what is known here: a server that began anew knows less, and of guests nothing. */
  begin(samples: readonly MeterSample[]): void {
    const known = new Map(this.#samples.map((sample) => [sample.time, sample]));
    for (const sample of samples) {
      if (!known.has(sample.time)) known.set(sample.time, { ...sample, guestCpu: null, guestMemory: null });
    }
    this.#samples = [...known.values()].sort((a, b) => a.time - b.time).slice(-MOST);
  }

  add(sample: MeterSample, guests: readonly GuestMeters[]): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && sample.time <= last.time) return;
    const sum = (of: (guest: GuestMeters) => number) => guests.reduce((total, guest) => total + of(guest), 0);
    this.#samples.push({
      ...sample,
      guestCpu: sum(({ cpu }) => cpu),
      guestMemory: sum(({ memory }) => memory),
    });
    if (this.#samples.length > MOST) this.#samples.shift();
  }
}
