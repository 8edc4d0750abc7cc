/** Times that a task waits: as long as a timer can count. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { type Duration, parseDuration } from "../core/units.ts";

/** Milliseconds, some 24 days: a timer of the platform counts no more. */
const LONGEST_SPAN = 2 ** 31 - 1000;

/** @param least milliseconds @returns milliseconds @throws {AegisError} `InvalidOption` */
export function parseSpan(field: string, value: Duration, least = 0): number {
  const read = parseDuration(value, field);
  if (read >= least && read <= LONGEST_SPAN) return read;
  throw new AegisError(
    "InvalidOption",
    `Cannot set ${field} to ${quote(String(value))}: use ${least}ms to 576h`,
    { field },
  );
}
