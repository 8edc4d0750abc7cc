/**
 * What a guest is given at its start, or something that stands in for it, and uses without asking anybody: its thread tells
 * the host of the first use in each life, so that it can be recorded. The number of a power is its place here.
 */
export const POWERS = ["monotonic", "realtime", "random", "env"] as const;

/** One of {@linkcode POWERS}. */
export type Power = typeof POWERS[number];
