/** The bounds of limits, as messages, help and README put them; all from the table LIMITS. */
import { formatLimit, type LimitName, LIMITS } from "./limits.ts";
import { groupDigits } from "./group_digits.ts";

/** Whether a name is that of a limit. */
export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(LIMITS, name);
}

/** An amount of a limit for a person: `640KiB`, `1ms`, `10,000`. */
export function limitText(name: LimitName, amount: number): string {
  return LIMITS[name].unit === "count" ? groupDigits(amount) : formatLimit(name, amount);
}

/** What an amount breaks: `it must be at least 1ms`; undefined when it is within the bounds. */
export function brokenBound(name: LimitName, amount: number | bigint): string | undefined {
  const { least, most } = LIMITS[name];
  if (amount < least) return `it must be at least ${limitText(name, least)}`;
  return amount > most ? `it must be at most ${limitText(name, most)}` : undefined;
}
