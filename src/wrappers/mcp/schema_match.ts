/** Whether a value is what a checked schema says: what tools are given, and what they return. */
import { quote } from "../../core/quote.ts";
import { isMultiple } from "./decimal.ts";
import { isRecord } from "./json_bounds.ts";
import type { JsonSchema, SchemaType } from "./schema.ts";

/** Steps for one value and all in it: a schema that is tried is one, and alternatives in alternatives multiply. */
const MOST_STEPS = 500_000;

/** Characters that are looked at in a step; entries that are walked, or values that are compared, in one. */
const CHARACTERS = 64, ENTRIES = 16;

/** Names that a message gives. */
const MOST_NAMES = 20;

/** Thrown where there are too many: no "not" and no alternative makes anything else of it. */
class TooManySteps extends Error {}

const IS: Readonly<Record<SchemaType, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number" && Number.isFinite(value),
  string: (value) => typeof value === "string",
  array: Array.isArray,
  object: isRecord,
};

/** What is wrong, said when somebody wants to know: most alternatives that do not fit are of no interest. */
type Problem = () => string;

/** Steps that are left, and what was found out of values already: many schemas look at the same one. */
class Budget {
  #steps = MOST_STEPS;
  readonly #characters = new Map<string, number>();
  readonly #entries = new Map<object, readonly (readonly [name: string, item: unknown])[]>();

  /** @throws {TooManySteps} */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new TooManySteps();
  }

  /** Pays for going over so many entries. */
  walk(entries: number): void {
    this.spend(1 + entries / ENTRIES);
  }

  /** Code points of a text: counted once, without a list of them. */
  charactersOf(text: string): number {
    const known = this.#characters.get(text);
    if (known !== undefined) return known;
    this.spend(1 + text.length / CHARACTERS);
    let count = text.length;
    for (let at = 1; at < text.length; at++) {
      const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00 &&
        (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
      if (isPair) count--;
    }
    this.#characters.set(text, count);
    return count;
  }

  /** Entries of an object, listed once. */
  entriesOf(
    value: Readonly<Record<string, unknown>>,
  ): readonly (readonly [name: string, item: unknown])[] {
    const known = this.#entries.get(value);
    if (known !== undefined) return known;
    const entries = Object.entries(value);
    this.#entries.set(value, entries);
    this.walk(entries.length);
    return entries;
  }
}

/**
 * Says what is wrong with a value, if anything is: with its place, so that whoever sent it can do better.
 *
 * @param schema one that `checkSchema` has passed
 * @param value one that JSON can say, of bounded depth
 */
export function schemaProblem(schema: JsonSchema, value: unknown, place = ""): string | undefined {
  try {
    return match(schema, { value, place, budget: new Budget() })?.();
  } catch (error) {
    if (error instanceof TooManySteps) return "the value takes too long to look at";
    throw error;
  }
}

interface Subject {
  readonly value: unknown;
  readonly place: string;
  readonly budget: Budget;
}

function match(schema: unknown, subject: Subject): Problem | undefined {
  const at = () => subject.place === "" ? "the value" : quote(subject.place);
  const { budget } = subject;
  budget.spend(1);
  if (schema === true) return undefined;
  if (schema === false) return () => `${at()} is not allowed`;
  const rules = schema as JsonSchema; // as checkSchema() has left it
  return typeProblem(rules, subject, at) ?? numberProblem(rules, subject, at) ??
    sizeProblem(rules, subject, at) ?? listProblem(rules, subject) ??
    recordProblem(rules, subject) ?? combinedProblem(rules, subject, at);
}

function typeProblem(
  rules: JsonSchema,
  { value, budget }: Subject,
  at: () => string,
): Problem | undefined {
  const { type, enum: choices, const: only } = rules;
  if (type !== undefined) {
    const types = (Array.isArray(type) ? type : [type]) as SchemaType[];
    if (!types.some((one) => IS[one](value))) return () => `${at()} is no ${types.join(" or ")}`;
  }
  if (Array.isArray(choices) && !choices.some((choice) => same(choice, value, budget))) {
    return () => `${at()} is none of ${quote(JSON.stringify(choices))}`;
  }
  if (Object.hasOwn(rules, "const") && !same(only, value, budget)) {
    return () => `${at()} is not ${quote(JSON.stringify(only))}`;
  }
  return undefined;
}

function numberProblem(
  rules: JsonSchema,
  { value, budget }: Subject,
  at: () => string,
): Problem | undefined {
  if (typeof value !== "number") return undefined;
  const bound = (keyword: string) => rules[keyword] as number | undefined; // as it was checked
  const [low, high, above, below] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"].map(bound);
  if (low !== undefined && value < low) return () => `${at()} is below ${low}`;
  if (high !== undefined && value > high) return () => `${at()} is above ${high}`;
  if (above !== undefined && value <= above) return () => `${at()} is not above ${above}`;
  if (below !== undefined && value >= below) return () => `${at()} is not below ${below}`;
  const step = bound("multipleOf");
  if (step === undefined) return undefined;
  budget.spend(4); // two numbers of some hundred digits at worst
  return isMultiple(value, step) ? undefined : () => `${at()} is no multiple of ${step}`;
}

/** Keywords that bound how much there is: of which values, and how much that is. */
const SIZES:
  readonly (readonly [of: string, unit: string, sizeOf: (value: unknown, asked: AskedSize) => Size])[] = [
    ["Length", "characters", charactersOf],
    ["Items", "items", (value) => Array.isArray(value) ? value.length : undefined],
    [
      "Properties",
      "properties",
      (value, { budget }) => isRecord(value) ? budget.entriesOf(value).length : undefined,
    ],
  ];

/** Undefined for values that have none. */
type Size = number | undefined;

/** Why a size is asked for. */
interface AskedSize {
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly budget: Budget;
}

/** A text has as many code points as UTF-16 units, or down to half of that: often that says enough. */
function charactersOf(text: unknown, { least = 0, most = Infinity, budget }: AskedSize): Size {
  if (typeof text !== "string") return undefined;
  const fewest = Math.ceil(text.length / 2);
  if (text.length < least || fewest >= least && text.length <= most) return text.length;
  return fewest > most ? fewest : budget.charactersOf(text);
}

function sizeProblem(
  rules: JsonSchema,
  { value, budget }: Subject,
  at: () => string,
): Problem | undefined {
  for (const [of, unit, sizeOf] of SIZES) {
    const least = rules[`min${of}`] as number | undefined, most = rules[`max${of}`] as number | undefined;
    if (least === undefined && most === undefined) continue;
    const size = sizeOf(value, { least, most, budget });
    if (size === undefined) continue;
    if (least !== undefined && size < least) return () => `${at()} has fewer than ${least} ${unit}`;
    if (most !== undefined && size > most) return () => `${at()} has more than ${most} ${unit}`;
  }
  return undefined;
}

function listProblem(rules: JsonSchema, { value, place, budget }: Subject): Problem | undefined {
  if (!Array.isArray(value)) return undefined;
  const first = (rules["prefixItems"] ?? []) as readonly unknown[], rest = rules["items"];
  const looked = rest === undefined ? Math.min(first.length, value.length) : value.length;
  budget.walk(looked);
  for (let index = 0; index < looked; index++) {
    const rule = index < first.length ? first[index] : rest;
    const problem = match(rule, { value: value[index], place: `${place}[${index}]`, budget });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function recordProblem(rules: JsonSchema, { value, place, budget }: Subject): Problem | undefined {
  if (!isRecord(value)) return undefined;
  const properties = (rules["properties"] ?? {}) as JsonSchema;
  const required = (rules["required"] ?? []) as readonly string[];
  budget.walk(required.length);
  for (const name of required) {
    if (!Object.hasOwn(value, name)) return () => `${quote(inside(place, name))} is missing`;
  }
  if (rules["properties"] === undefined && rules["additionalProperties"] === undefined) return undefined;
  const entries = budget.entriesOf(value);
  budget.walk(entries.length);
  for (const [name, item] of entries) {
    const known = Object.hasOwn(properties, name);
    const rule = known ? properties[name] : rules["additionalProperties"];
    if (rule === undefined) continue;
    if (rule === false) {
      return () => `${quote(inside(place, name))} is unknown: use ${knownNames(properties)}`;
    }
    const problem = match(rule, { value: item, place: inside(place, name), budget });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Names as they stand in JSON: modules choose them. */
function knownNames(properties: JsonSchema): string {
  const names = Object.keys(properties), shown = names.slice(0, MOST_NAMES).map(nameText).join(", ");
  return names.length > MOST_NAMES ? `${shown}, …` : shown || "nothing";
}

function nameText(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : quote(name);
}

function inside(place: string, name: string): string {
  return place === "" ? name : `${place}.${name}`;
}

function combinedProblem(rules: JsonSchema, subject: Subject, at: () => string): Problem | undefined {
  const lists = (keyword: string) => rules[keyword] as readonly unknown[] | undefined; // as they were checked
  for (const rule of lists("allOf") ?? []) {
    const problem = match(rule, subject);
    if (problem !== undefined) return problem;
  }
  const any = lists("anyOf"), one = lists("oneOf");
  if (any !== undefined) {
    const problems = any.map((rule) => match(rule, subject));
    if (!problems.includes(undefined)) return problems[0];
  }
  if (one !== undefined) {
    const fitting = one.filter((rule) => match(rule, subject) === undefined).length;
    if (fitting !== 1) return () => `${at()} fits ${fitting} of the schemas of "oneOf", not one`;
  }
  if (rules["not"] !== undefined && match(rules["not"], subject) === undefined) {
    return () => `${at()} is what "not" rules out`;
  }
  return undefined;
}

/** Whether two values of JSON are the same; keys in any order. */
function same(a: unknown, b: unknown, budget: Budget): boolean {
  budget.spend(1 / ENTRIES);
  if (typeof a === "string" && typeof b === "string" && a.length === b.length) {
    budget.spend(a.length / CHARACTERS / ENTRIES);
  }
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index], budget));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const entries = budget.entriesOf(a);
  return entries.length === budget.entriesOf(b).length &&
    entries.every(([key, item]) => Object.hasOwn(b, key) && same(item, b[key], budget));
}
