import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { parseByteSize, parseCount, parseDuration } from "../core/units.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";
import { brokenBound, isLimitName } from "../core/limit_bounds.ts";

/** A value as the command line or the configuration file gives it. */
export type RawValue = string | number | bigint | boolean;

/** A value after it was read; {@linkcode FlagValues} says which flag has which type. */
export type FlagValue = string | number | bigint | boolean | readonly string[];

function refuse(value: RawValue, shown: string, allowed: string, suggestion?: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot set ${shown} to ${quote(String(value))}: ${allowed}`,
    suggestion === undefined ? {} : { suggestion },
  );
}

function readChoice(value: RawValue, choices: readonly string[], shown: string): string {
  if (typeof value === "string" && choices.includes(value)) return value;
  const near = suggest(String(value), choices);
  throw refuse(
    value,
    shown,
    `use one of ${choices.join(", ")}`,
    near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : undefined,
  );
}

/** A number from the file; on the command line every value is text, so that both accept the same words. */
function amount(value: RawValue, shown: string): string {
  if (typeof value === "boolean" || value === "") throw refuse(value, shown, "it must be an amount");
  return String(value);
}

/** An amount that was read, if it is within the limit's bounds; the library would refuse it in its own words. */
function bounded<Amount extends number | bigint>(name: FlagName, read: Amount, given: Given): Amount {
  const broken = isLimitName(name) ? brokenBound(name, read) : undefined;
  if (broken !== undefined) throw refuse(given.value, given.shown, broken);
  return read;
}

/** A value beside the way in which messages name what it was given for. */
interface Given {
  readonly value: RawValue;
  readonly shown: string;
}

function wholeNumber(value: RawValue, shown: string): bigint {
  const digits = String(value);
  if (typeof value === "boolean" || !/^[0-9]{1,20}$/.test(digits) || BigInt(digits) >= 2n ** 64n) {
    throw refuse(value, shown, "use a whole number from 0 to 18446744073709551615");
  }
  return BigInt(digits);
}

/**
 * Reads the value of one flag.
 *
 * @param shown how messages name the flag: as the flag, or as the key of the file
 * @throws {AegisError} `InvalidOption`
 */
export function readFlagValue(name: FlagName, value: RawValue, shown: string): FlagValue {
  const row: FlagRow = FLAGS[name];
  switch (row.kind) {
    case "text":
      if (typeof value !== "string" || value === "") throw refuse(value, shown, "it must be text");
      return value;
    case "choice":
      // In a file the flag that needs no value is true.
      return readChoice(
        value === true && row.alone !== undefined ? row.alone : value,
        row.choices ?? [],
        shown,
      );
    case "size":
      return bounded(name, parseByteSize(amount(value, shown), shown), { value, shown });
    case "time":
      return bounded(name, parseDuration(amount(value, shown), shown, "s"), { value, shown });
    case "count":
      if (value === "unlimited") return value;
      return bounded(name, parseCount(amount(value, shown), shown), { value, shown });
    case "switch":
      if (typeof value !== "boolean") throw refuse(value, shown, "use true or false");
      return value;
    case "list":
      if (typeof value !== "string" || value === "") throw refuse(value, shown, "it must be text");
      return [value];
    case "number":
      return wholeNumber(value, shown);
    case "level":
      if (typeof value !== "number") throw refuse(value, shown, "use a number");
      return value;
  }
}
