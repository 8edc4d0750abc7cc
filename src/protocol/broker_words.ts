/**
 * What the host, a broker and its guests share beside channels: words, i32 each.
 *
 *     0        bell      counts events for the broker, who waits on it; written by host and guests
 *     1        mail      counts messages that the host has posted; written by the host
 *     2 …      ready     a bit for each sandbox that has given the broker its turn, 32 a word; set by the guest,
 *                        cleared by the broker before it serves
 */
export const BROKER_WORDS = { bell: 0, mail: 1, ready: 2 } as const;
