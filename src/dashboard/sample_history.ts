/** What was measured of the server's process in the last ten minutes. */
import type { Sample } from "./api_types.ts";

/** Samples that are kept, which is as many as the server keeps. */
const MOST = 600;

/** Seconds without a sample after which a line ends: nobody knows what was there. */
export const LONGEST_GAP = 3.5;

export class SampleHistory {
  #samples: Sample[] = [];

  /** The oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes what the server knows, with what is known already: a server that began anew knows less. */
  begin(samples: readonly Sample[]): void {
    const first = samples[0]?.time ?? Infinity;
    this.#samples = [...this.#samples.filter(({ time }) => time < first), ...samples].slice(-MOST);
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && sample.time <= last.time) return;
    this.#samples.push(sample);
    if (this.#samples.length > MOST) this.#samples.shift();
  }
}
