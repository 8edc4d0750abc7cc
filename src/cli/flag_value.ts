import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { parseByteSize, parseCount, parseDuration } from "../core/units.ts";
import { type FlagName, type FlagRow, FLAGS } from "./flags.ts";

/** A value as the command line or the configuration file gives it. */
export type RawValue = string | number | bigint | boolean;

/** A value after it was read; {@linkcode FlagValues} says which flag has which type. */
export type FlagValue = string | number | bigint | boolean;

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
  if (typeof value === "boolean" || value === "") throw refuse(value, shown, "it needs an amount");
  return String(value);
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
      if (typeof value !== "string" || value === "") throw refuse(value, shown, "it needs a text");
      return value;
    case "choice":
      return readChoice(value, row.choices ?? [], shown);
    case "size":
      return parseByteSize(amount(value, shown), shown);
    case "time":
      return parseDuration(amount(value, shown), shown, "s");
    case "count":
      return value === "unlimited" ? value : parseCount(amount(value, shown), shown);
    case "switch":
      if (typeof value !== "boolean") throw refuse(value, shown, "use true or false");
      return value;
    case "level":
      if (typeof value !== "number") throw refuse(value, shown, "use a number");
      return value;
  }
}
