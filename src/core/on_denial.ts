/**
 * What happens to a guest that is refused something for want of a grant. `"continue"`: it gets an error number, or what
 * stands for nothing, and goes on. `"stop"`: its call ends with `CapabilityDenied`, which no handler of it catches.
 */
export const ON_DENIAL = ["continue", "stop"] as const;

/** One of {@linkcode ON_DENIAL}. */
export type OnDenial = typeof ON_DENIAL[number];
