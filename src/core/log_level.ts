/** Levels of log messages, the most important first; the number crosses to and from guests. */
export const LOG_LEVELS = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;

/** A key of {@linkcode LOG_LEVELS}. */
export type LogLevel = keyof typeof LOG_LEVELS;
