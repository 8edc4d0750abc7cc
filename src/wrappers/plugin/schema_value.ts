/** Whether a JSON Schema admits one value, as far as its keywords are understood here. */
import {
  type Keywords,
  keywordsOf,
  KNOWN_KEYWORDS,
  sameJson,
  tableOf,
  typeOf,
  typesOf,
} from "./schema_keywords.ts";

/** `true`, `false`, or `undefined` where it cannot be told. */
export type Verdict = boolean | undefined;

/** No as soon as one is no; else unknown as soon as one is. */
function all(verdicts: Iterable<Verdict>): Verdict {
  let known: Verdict = true;
  for (const verdict of verdicts) {
    if (verdict === false) return false;
    if (verdict === undefined) known = undefined;
  }
  return known;
}

/**
 * Whether a schema admits a value.
 *
 * @param granted keywords of which it is known already that the value keeps to them
 */
export function admits(schema: unknown, value: unknown, granted: ReadonlySet<string> = new Set()): Verdict {
  if (typeof schema === "boolean") return schema;
  const keywords = keywordsOf(schema);
  if (keywords === undefined) return undefined;
  return all(
    Object.entries(keywords).filter(([key]) => !granted.has(key)).map(([key, given]) => {
      if (!Object.hasOwn(RULES, key)) return KNOWN_KEYWORDS.has(key) ? true : undefined;
      return RULES[key]?.(given, value, keywords);
    }),
  );
}

type Rule = (given: unknown, value: unknown, keywords: Keywords) => Verdict;

/** A bound on a number that a value has; values that have none keep to it. */
function bound(
  numberOf: (value: unknown) => number | undefined,
  keeps: (size: number, bound: number) => boolean,
): Rule {
  return (given, value) => {
    const size = numberOf(value);
    if (size === undefined) return true;
    return typeof given === "number" ? keeps(size, given) : undefined;
  };
}

const least = (size: number, bound: number) => size >= bound,
  most = (size: number, bound: number) => size <= bound;
const numberOf = (value: unknown) => typeof value === "number" ? value : undefined;
/** In characters, as the specification has it: not in the units of JavaScript. */
const lengthOf = (value: unknown) => typeof value === "string" ? [...value].length : undefined;
const itemsOf = (value: unknown) => Array.isArray(value) ? value.length : undefined;
const propertiesOf = (value: unknown) =>
  typeOf(value) === "object" ? Object.keys(tableOf(value) ?? {}).length : undefined;

const RULES: Readonly<Record<string, Rule>> = {
  type: (_given, value, keywords) => typesOf(keywords)?.has(typeOf(value)),
  enum: (given, value) => Array.isArray(given) ? given.some((one) => sameJson(one, value)) : undefined,
  const: (given, value) => sameJson(given, value),
  minimum: bound(numberOf, least),
  maximum: bound(numberOf, most),
  exclusiveMinimum: bound(numberOf, (size, bound) => size > bound),
  exclusiveMaximum: bound(numberOf, (size, bound) => size < bound),
  minLength: bound(lengthOf, least),
  maxLength: bound(lengthOf, most),
  minItems: bound(itemsOf, least),
  maxItems: bound(itemsOf, most),
  minProperties: bound(propertiesOf, least),
  maxProperties: bound(propertiesOf, most),
  required: (given, value) => {
    if (typeOf(value) !== "object") return true;
    if (!Array.isArray(given)) return undefined;
    return given.every((name) => Object.hasOwn(tableOf(value) ?? {}, String(name)));
  },
  properties: (given, value) => {
    if (typeOf(value) !== "object") return true;
    const table = tableOf(given);
    if (table === undefined) return undefined;
    return all(
      Object.entries(tableOf(value) ?? {}).map(([name, item]) =>
        Object.hasOwn(table, name) ? admits(table[name], item) : true
      ),
    );
  },
  additionalProperties: (given, value, keywords) => {
    if (typeOf(value) !== "object") return true;
    if (keywords["patternProperties"] !== undefined) return undefined;
    const named = tableOf(keywords["properties"] ?? {}) ?? {};
    return all(
      Object.entries(tableOf(value) ?? {}).map(([name, item]) =>
        Object.hasOwn(named, name) ? true : admits(given, item)
      ),
    );
  },
  items: (given, value, keywords) => {
    if (!Array.isArray(value)) return true;
    if (keywords["prefixItems"] !== undefined) return undefined;
    return all(value.map((item) => admits(given, item)));
  },
};
