/** How a guest, or the relay in its place, reaches a broker: by words that both share with it. */
import type { BrokerPerformer } from "./operations.ts";

/** The way to one broker, for one guest. */
export interface BrokerLink {
  /** The words that broker and host share; `broker_words.ts` has the map. */
  readonly words: Int32Array;
  /** Index of the bell among the words. */
  readonly bell: number;
  /** Index of the word with this guest's ready bit, and the bit. */
  readonly readyWord: number;
  readonly readyBit: number;
}

/** The brokers that a guest can turn to. */
export type BrokerLinks = Readonly<Partial<Record<BrokerPerformer, BrokerLink>>>;

/** Tells a broker that it has this guest's turn, which it was given before. */
export function ringBroker({ words, bell, readyWord, readyBit }: BrokerLink): void {
  Atomics.or(words, readyWord, readyBit);
  Atomics.add(words, bell, 1);
  Atomics.notify(words, bell);
}
