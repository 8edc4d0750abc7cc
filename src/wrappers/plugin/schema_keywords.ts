/** The keywords of JSON Schema whose meaning is known here, and what they say of types and numbers. */

/** A schema that is no boolean. */
export type Keywords = { readonly [keyword: string]: unknown };

/** Keywords that say nothing of values. */
const NOTES = ["title", "description", "default", "examples", "$schema", "$comment", "deprecated"] as const;

/** Bounds of a type: the keyword for the least, and for the most. */
const SIZES = [
  ["string", "minLength", "maxLength"],
  ["array", "minItems", "maxItems"],
  ["object", "minProperties", "maxProperties"],
] as const;

const COMPARED = [
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  ...SIZES.flatMap(([, least, most]) => [least, most]),
  "type",
  "enum",
  "const",
  "required",
  "properties",
  "additionalProperties",
  "items",
] as const;

/** Keywords that are understood. */
export const KNOWN_KEYWORDS: ReadonlySet<string> = new Set([...NOTES, ...COMPARED]);

/** Types of values; a whole number is an `integer`, and a `number` in a schema means both. */
const TYPES = ["null", "boolean", "object", "array", "number", "string", "integer"] as const;

/** The keywords of a schema; undefined for what is no object. */
export function keywordsOf(schema: unknown): Keywords | undefined {
  return typeof schema === "boolean" ? undefined : tableOf(schema);
}

/** An object of JSON; undefined for anything else. */
export function tableOf(value: unknown): Keywords | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Keywords // any object admits reading its keys
    : undefined;
}

/** The type of a value of JSON. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}

/** The types that a schema admits; undefined where it does not say so in words that are known. */
export function typesOf({ type }: Keywords): ReadonlySet<string> | undefined {
  const listed = type === undefined ? TYPES : Array.isArray(type) ? new Set(type) : [type];
  const types = new Set<string>();
  for (const name of listed) {
    if (!(TYPES as readonly unknown[]).includes(name)) return undefined;
    types.add(String(name));
    if (name === "number") types.add("integer");
  }
  return types;
}

/** Whether two values are the same, whatever the order of their keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => sameJson(item, other[at]));
  }
  const mine = tableOf(one), theirs = tableOf(other);
  if (mine === undefined || theirs === undefined) return one === other;
  const names = Object.keys(mine);
  return names.length === Object.keys(theirs).length &&
    names.every((name) => Object.hasOwn(theirs, name) && sameJson(mine[name], theirs[name]));
}

/** Numbers that values of one type have: themselves, or how many parts they have. */
interface Range {
  readonly least: number;
  readonly most: number;
  /** Whether the limit itself is left out. */
  readonly above: boolean;
  readonly below: boolean;
}

/** The numbers of keywords; undefined where one of them has another value. */
function numbersOf(keywords: Keywords, names: readonly string[]): (number | undefined)[] | undefined {
  const given = names.map((name) => keywords[name]);
  return given.every((value) => value === undefined || typeof value === "number") ? given : undefined;
}

const NUMBER_BOUNDS = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] as const;

/** The numbers that a schema admits; undefined where a bound is none. @param whole whether they are whole ones */
function numberRange(keywords: Keywords, whole: boolean): Range | undefined {
  const found = numbersOf(keywords, NUMBER_BOUNDS);
  if (found === undefined) return undefined;
  const [minimum = -Infinity, over = -Infinity, maximum = Infinity, under = Infinity] = found;
  const least = Math.max(minimum, over), most = Math.min(maximum, under);
  const above = over === least && over > -Infinity, below = under === most && under < Infinity;
  if (!whole) return { least, most, above, below };
  return {
    least: above && Number.isInteger(least) ? least + 1 : Math.ceil(least),
    most: below && Number.isInteger(most) ? most - 1 : Math.floor(most),
    above: false,
    below: false,
  };
}

function sizeRange(keywords: Keywords, names: readonly [least: string, most: string]): Range | undefined {
  const found = numbersOf(keywords, names), [least = 0, most = Infinity] = found ?? [];
  return found === undefined ? undefined : { least: Math.max(0, least), most, above: false, below: false };
}

/**
 * The bounds of a schema, of values of one type, that values of another one may break; `undefined` where they cannot be
 * compared.
 */
export function brokenBounds(
  type: string,
  { wider, narrower }: { readonly wider: Keywords; readonly narrower: Keywords },
): readonly string[] | undefined {
  const size = SIZES.find(([name]) => name === type), isNumber = type === "number" || type === "integer";
  if (size === undefined && !isNumber) return [];
  const rangeOf = (keywords: Keywords) =>
    size === undefined ? numberRange(keywords, type === "integer") : sizeRange(keywords, [size[1], size[2]]);
  const mine = rangeOf(wider), theirs = rangeOf(narrower);
  if (mine === undefined || theirs === undefined) return undefined;
  const [, from, to] = size ?? [
    "",
    wider["exclusiveMinimum"] === mine.least || wider["minimum"] === undefined
      ? "exclusiveMinimum"
      : "minimum",
    wider["exclusiveMaximum"] === mine.most || wider["maximum"] === undefined
      ? "exclusiveMaximum"
      : "maximum",
  ];
  const broken: string[] = [];
  const low = theirs.least < mine.least || theirs.least === mine.least && mine.above && !theirs.above;
  const high = theirs.most > mine.most || theirs.most === mine.most && mine.below && !theirs.below;
  if (low) broken.push(from);
  if (high) broken.push(to);
  return broken;
}
