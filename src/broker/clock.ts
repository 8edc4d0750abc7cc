/** The times that a broker works with, as a port. Milliseconds. */
export interface Clock {
  /** Never goes back. */
  now(): number;
  /** Since 1970. */
  wall(): number;
}

/** The machine's clocks. */
export const SYSTEM_CLOCK: Clock = { now: () => performance.now(), wall: () => Date.now() };
