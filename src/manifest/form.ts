/**
 * Forms of values: how one is read, and the JSON Schema of what is read. Both stand in one place, so that a form cannot
 * change in one of them alone; a test holds them against each other over many documents.
 */
import { AegisError } from "../core/errors.ts";
import { groupDigits } from "../core/group_digits.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { parseByteSize, parseCount, parseDuration } from "../core/units.ts";
import type { At } from "./at.ts";

/** A JSON Schema, as far as it is made here. */
export type Schema = { readonly [Key in string]: unknown };

/** How a value is read. */
export interface Form<Value> {
  readonly schema: Schema;
  /** What it is, for a message and for the documentation: `a size, such as 65536 or "64MiB"`. */
  readonly words: string;
  /** Whether a value is of this form at all; what is wrong with it beyond that, `read` says. */
  readonly takes: (value: unknown) => boolean;
  /** @throws {AegisError} `InvalidOption` */
  readonly read: (value: unknown, at: At) => Value;
}

/** Bounds of an amount; in bytes, milliseconds or one by one. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly unlimited?: true;
}

/** Longest text that is read as an amount. */
const LONGEST_AMOUNT = 64;

const AMOUNT = "^\\s*[0-9][0-9_]*(\\.[0-9]+)?\\s*";

const isAmount = (value: unknown) =>
  typeof value === "string" || typeof value === "number" || typeof value === "bigint";

function amountSchema(number: Schema, units: string, { unlimited }: Bounds): Schema {
  const text = { type: "string", pattern: `${AMOUNT}${units}\\s*$`, maxLength: LONGEST_AMOUNT };
  return { anyOf: [number, text, ...(unlimited ? [{ const: "unlimited" }] : [])] };
}

/** An amount of the file as text, so that all of them go through one reader; `shown` as the limit's bounds are. */
function amount<Amount extends number | bigint>(
  parse: (text: string, shown: string) => Amount,
  { least, most }: Bounds,
  text: (bound: number) => string,
): (value: unknown, at: At) => Amount {
  return (value, at) => {
    if (!isAmount(value) || value === "") throw at.cannotSet(value, "it must be an amount");
    const read = at.within(() => parse(String(value), at.shown));
    if (read < least) throw at.cannotSet(value, `it must be at least ${text(least)}`);
    if (read > most) throw at.cannotSet(value, `it must be at most ${text(most)}`);
    return read;
  };
}

/** Bytes. */
export function size(bounds: Bounds): Form<number> {
  const read = amount(parseByteSize, bounds, formatByteSize);
  return {
    schema: amountSchema(
      { type: "integer", minimum: bounds.least, maximum: bounds.most },
      "([bB]|[kKmMgG]([iI]?[bB])?)?",
      bounds,
    ),
    words: `a size: bytes, or text such as "64KiB"${bounds.unlimited ? ', or "unlimited"' : ""}`,
    takes: isAmount,
    read: (value, at) => bounds.unlimited && value === "unlimited" ? Infinity : read(value, at),
  };
}

function timeText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

/** Milliseconds; a bare number is seconds, as on the command line. */
export function time(bounds: Bounds): Form<number> {
  const read = amount((text, shown) => parseDuration(text, shown, "s"), bounds, timeText);
  return {
    schema: amountSchema(
      { type: "number", minimum: bounds.least / 1000, maximum: bounds.most / 1000 },
      "([mM][sS]|[sSmMhH]|[mM][iI][nN])?",
      bounds,
    ),
    words: `a time: seconds, or text such as "500ms"${bounds.unlimited ? ', or "unlimited"' : ""}`,
    takes: isAmount,
    read: (value, at) => bounds.unlimited && value === "unlimited" ? Infinity : read(value, at),
  };
}

/** A whole number, exact. */
export function count(bounds: Bounds): Form<bigint | "unlimited"> {
  const read = amount(parseCount, bounds, groupDigits);
  return {
    schema: amountSchema(
      { type: "integer", minimum: bounds.least, maximum: bounds.most },
      "[kKmMbBgGtT]?",
      bounds,
    ),
    words: `a count: a whole number, or text such as "10M"${bounds.unlimited ? ', or "unlimited"' : ""}`,
    takes: isAmount,
    read: (value, at) => bounds.unlimited && value === "unlimited" ? "unlimited" : read(value, at),
  };
}

/** A whole number below 2^64, also as digits: JSON has no exact numbers above 2^53. */
export const wholeNumber: Form<bigint> = {
  schema: {
    anyOf: [
      { type: "integer", minimum: 0, maximum: 18446744073709551615 },
      { type: "string", pattern: "^[0-9]{1,20}$" },
    ],
  },
  words: "a whole number from 0 to 18446744073709551615, above 2^53 as text in JSON",
  takes: isAmount,
  read: (value, at) => {
    if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw at.cannotSet(value, "JSON does not hold it exactly; write it as text");
    }
    const digits = isAmount(value) ? String(value) : ""; // a table has no text at all
    if (/^[0-9]{1,20}$/.test(digits) && BigInt(digits) < 2n ** 64n) return BigInt(digits);
    throw at.cannotSet(value, "use a whole number from 0 to 18446744073709551615");
  },
};

/** A whole number within bounds, as a number. */
export function integer(least: number, most: number): Form<number> {
  return {
    schema: { type: "integer", minimum: least, maximum: most },
    words: `a whole number from ${least} to ${most}`,
    takes: (value) => typeof value === "number",
    read: (value, at) => {
      if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
        return value;
      }
      throw at.cannotSet(value, `use a whole number from ${least} to ${most}`);
    },
  };
}

/** `true` or `false`. */
export const truth: Form<boolean> = {
  schema: { type: "boolean" },
  words: "true or false",
  takes: (value) => typeof value === "boolean",
  read: (value, at) => {
    if (typeof value === "boolean") return value;
    throw at.cannotSet(value, "use true or false");
  },
};

/** Text that is not empty. */
export const text: Form<string> = {
  schema: { type: "string", minLength: 1 },
  words: "text",
  takes: (value) => typeof value === "string",
  read: (value, at) => {
    if (typeof value === "string" && value !== "") return value;
    throw at.cannotSet(value, "it must be text");
  },
};

/** A path, placed beside the file. */
export const path: Form<string> = {
  ...text,
  words: "a path, relative to the file",
  read: (value, at) => at.place(text.read(value, at)),
};

/** One of some words. */
export function choice<const Choice extends string>(choices: readonly Choice[]): Form<Choice> {
  return {
    schema: { enum: choices },
    words: `one of ${choices.map(quote).join(", ")}`,
    takes: (value) => typeof value === "string",
    read: (value, at) => {
      const found = choices.find((one) => one === value);
      if (found !== undefined) return found;
      const near = typeof value === "string" ? suggest(value, choices) : [];
      throw at.cannotSet(
        value,
        `use one of ${choices.join(", ")}`,
        near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : undefined,
      );
    },
  };
}

/** One or several of a form. */
export function list<Item>(item: Form<Item>): Form<readonly Item[]> {
  return {
    schema: { anyOf: [item.schema, { type: "array", items: item.schema }] },
    words: `${item.words}; or a list of such`,
    takes: (value) => Array.isArray(value) || item.takes(value),
    read: (value, at) =>
      Array.isArray(value) ? value.map((one) => item.read(one, at)) : [item.read(value, at)],
  };
}

/** Either form; the first one that takes the value reads it. */
export function either<One, Other>(one: Form<One>, other: Form<Other>): Form<One | Other> {
  return {
    schema: { anyOf: [one.schema, other.schema] },
    words: `${one.words}; or ${other.words}`,
    takes: (value) => one.takes(value) || other.takes(value),
    read: (value, at) => {
      if (one.takes(value)) return one.read(value, at);
      if (other.takes(value)) return other.read(value, at);
      throw at.cannotSet(value, `use ${one.words}; or ${other.words}`);
    },
  };
}

/** Whether a value is a table, and no list and no date. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A table of keys with forms of their own; what is not there is undefined. */
export function table<Fields extends Readonly<Record<string, Form<unknown>>>>(
  fields: Fields,
  required: readonly (keyof Fields & string)[] = [],
): Form<
  { readonly [Key in keyof Fields]: (Fields[Key] extends Form<infer Value> ? Value : never) | undefined }
> {
  const keys = Object.keys(fields);
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    words: `a table of ${keys.join(", ")}`,
    takes: isTable,
    read: (value, at) => {
      if (!isTable(value)) throw at.cannotSet(value, `use a table of ${keys.join(", ")}`);
      for (const key of Object.keys(value)) {
        if (!Object.hasOwn(fields, key)) throw at.below(key).unknown(keys);
      }
      for (const key of required) if (!Object.hasOwn(value, key)) throw at.refuse(`it has no ${quote(key)}`);
      const read = Object.entries(fields).map(([key, form]) =>
        [key, Object.hasOwn(value, key) ? form.read(value[key], at.below(key)) : undefined] as const
      );
      return Object.fromEntries(read) as never; // each field was read by its own form
    },
  };
}

/** A table of any names, with values of one form. */
export function entries<Value>(form: Form<Value>): Form<readonly (readonly [name: string, value: Value])[]> {
  return {
    schema: { type: "object", additionalProperties: form.schema },
    words: `a table of names, each with ${form.words}`,
    takes: isTable,
    read: (value, at) => {
      if (!isTable(value)) throw at.cannotSet(value, `use a table of names, each with ${form.words}`);
      return Object.entries(value).map(([name, one]) => [name, form.read(one, at.below(name))] as const);
    },
  };
}

/** A time of day: a date of TOML, or text. Milliseconds since 1970. */
export const date: Form<number> = {
  schema: { type: "string", minLength: 1 },
  words: "a date, such as 2026-01-01T00:00:00Z, in JSON as text",
  takes: (value) => typeof value === "string" || value instanceof Date,
  read: (value, at) => {
    const milliseconds = typeof value === "string" || value instanceof Date ? new Date(value).getTime() : NaN;
    if (Number.isFinite(milliseconds)) return milliseconds;
    throw at.cannotSet(value, 'use a date, such as "2026-01-01T00:00:00Z"');
  },
};

/** A form whose value is made into another, or checked by what throws an {@linkcode AegisError}. */
export function mapped<From, To>(form: Form<From>, make: (value: From, at: At) => To): Form<To> {
  return {
    ...form,
    read: (value, at) => {
      const read = form.read(value, at);
      try {
        return make(read, at);
      } catch (error) {
        if (!(error instanceof AegisError) || at.owns(error)) throw error;
        const message = error.message.replace(/^C/, "c").replace(/\.$/, "");
        throw at.refuse(
          message,
          error.message.includes(error.suggestion ?? "") ? undefined : error.suggestion,
        );
      }
    },
  };
}
