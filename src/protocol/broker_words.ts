/**
 * What the host, a broker and its guests share beside channels: words, i32 each.
 *
 *     0        bell      counts events for the broker, who waits on it; written by host and guests
 *     1 …      ready     a bit for each sandbox that has given the broker its turn, 32 a word; set by the guest,
 *                        cleared by the broker before it serves
 *
 * Guests hold these words, so they are hints: a broker looks by itself, now and then, who has given it the turn. The
 * count of the host's messages is in a buffer of its own that no guest holds.
 */
export const BROKER_WORDS = { bell: 0, ready: 1 } as const;

/** Milliseconds after which a broker that nobody rings for looks around by itself. */
export const LOOK_AROUND = 250;
