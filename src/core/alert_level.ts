/** Levels of alerts, the least important first; the number is the one that guests give. */
export const ALERT_LEVELS = { info: 0, warning: 1, error: 2, critical: 3 } as const;

/** A key of {@linkcode ALERT_LEVELS}. */
export type AlertLevel = keyof typeof ALERT_LEVELS;

/** Whether a text names a level of alerts. */
export function isAlertLevel(name: string): name is AlertLevel {
  return Object.hasOwn(ALERT_LEVELS, name);
}

/** The name of a level by its number; undefined for a number that is none. */
export function alertLevel(number: number): AlertLevel | undefined {
  const names = Object.keys(ALERT_LEVELS);
  return names.filter(isAlertLevel).find((name) => ALERT_LEVELS[name] === number);
}
