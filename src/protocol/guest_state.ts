import { STATES, WORDS } from "./layout.ts";

/**
 * Whether the guest parks at this moment: it waits for the host or a broker, or is paused. For who watches it from outside;
 * it may be otherwise by the next look.
 *
 * @param buffer a channel's
 */
export function isGuestStill(buffer: SharedArrayBuffer): boolean {
  const state = Atomics.load(new Int32Array(buffer, 0, WORDS.state + 1), WORDS.state);
  return state === STATES.waiting || state === STATES.paused;
}
