/** Whether a value is what a checked schema says: what tools are given, and what they return. */
import { quote } from "../../core/quote.ts";
import { isRecord } from "./json_bounds.ts";
import type { JsonSchema, SchemaType } from "./schema.ts";

/** Schemas that are tried on one value and all in it: alternatives in alternatives multiply. */
const MOST_STEPS = 500_000;

/** Choices of "enum" that take as long to compare as a step takes otherwise. */
const CHOICES = 16;

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

/** Steps that are left. */
interface Budget {
  steps: number;
}

/**
 * Says what is wrong with a value, if anything is: with its place, so that whoever sent it can do better.
 *
 * @param schema one that `checkSchema` has passed
 * @param value one that JSON can say, of bounded depth
 */
export function schemaProblem(schema: JsonSchema, value: unknown, place = ""): string | undefined {
  try {
    return match(schema, { value, place, budget: { steps: MOST_STEPS } })?.();
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
  if (--budget.steps < 0) throw new TooManySteps();
  if (schema === true) return undefined;
  if (schema === false) return () => `${at()} is not allowed`;
  const rules = schema as JsonSchema; // as checkSchema() has left it
  if (Array.isArray(rules["enum"])) budget.steps -= rules["enum"].length / CHOICES;
  return typeProblem(rules, subject.value, at) ?? numberProblem(rules, subject.value, at) ??
    sizeProblem(rules, subject.value, at) ?? listProblem(rules, subject) ??
    recordProblem(rules, subject) ?? combinedProblem(rules, subject, at);
}

function typeProblem(rules: JsonSchema, value: unknown, at: () => string): Problem | undefined {
  const { type, enum: choices, const: only } = rules;
  if (type !== undefined) {
    const types = (Array.isArray(type) ? type : [type]) as SchemaType[];
    if (!types.some((one) => IS[one](value))) return () => `${at()} is no ${types.join(" or ")}`;
  }
  if (Array.isArray(choices) && !choices.some((choice) => same(choice, value))) {
    return () => `${at()} is none of ${quote(JSON.stringify(choices))}`;
  }
  if (Object.hasOwn(rules, "const") && !same(only, value)) {
    return () => `${at()} is not ${quote(JSON.stringify(only))}`;
  }
  return undefined;
}

function numberProblem(rules: JsonSchema, value: unknown, at: () => string): Problem | undefined {
  if (typeof value !== "number") return undefined;
  const bound = (keyword: string) => rules[keyword] as number | undefined; // as it was checked
  const [low, high, above, below] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"].map(bound);
  if (low !== undefined && value < low) return () => `${at()} is below ${low}`;
  if (high !== undefined && value > high) return () => `${at()} is above ${high}`;
  if (above !== undefined && value <= above) return () => `${at()} is not above ${above}`;
  if (below !== undefined && value >= below) return () => `${at()} is not below ${below}`;
  const step = bound("multipleOf");
  return step === undefined || Number.isInteger(value / step)
    ? undefined
    : () => `${at()} is no multiple of ${step}`;
}

/** Keywords that bound how much there is: of which values, and how much that is. */
const SIZES:
  readonly (readonly [of: string, unit: string, sizeOf: (value: unknown) => number | undefined])[] = [
    ["Length", "characters", (value) => typeof value === "string" ? [...value].length : undefined],
    ["Items", "items", (value) => Array.isArray(value) ? value.length : undefined],
    ["Properties", "properties", (value) => isRecord(value) ? Object.keys(value).length : undefined],
  ];

function sizeProblem(rules: JsonSchema, value: unknown, at: () => string): Problem | undefined {
  for (const [of, unit, sizeOf] of SIZES) {
    const least = rules[`min${of}`] as number | undefined, most = rules[`max${of}`] as number | undefined;
    if (least === undefined && most === undefined) continue;
    const size = sizeOf(value);
    if (size === undefined) continue;
    if (least !== undefined && size < least) return () => `${at()} has fewer than ${least} ${unit}`;
    if (most !== undefined && size > most) return () => `${at()} has more than ${most} ${unit}`;
  }
  return undefined;
}

function listProblem(rules: JsonSchema, { value, place, budget }: Subject): Problem | undefined {
  if (!Array.isArray(value)) return undefined;
  const first = (rules["prefixItems"] ?? []) as readonly unknown[];
  for (const [index, item] of value.entries()) {
    const rule = index < first.length ? first[index] : rules["items"];
    if (rule === undefined) continue;
    const problem = match(rule, { value: item, place: `${place}[${index}]`, budget });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function recordProblem(rules: JsonSchema, { value, place, budget }: Subject): Problem | undefined {
  if (!isRecord(value)) return undefined;
  const properties = (rules["properties"] ?? {}) as JsonSchema;
  for (const name of (rules["required"] ?? []) as readonly string[]) {
    if (!Object.hasOwn(value, name)) return () => `${quote(inside(place, name))} is missing`;
  }
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name);
    const rule = known ? properties[name] : rules["additionalProperties"];
    if (rule === undefined) continue;
    if (rule === false) {
      return () =>
        `${quote(inside(place, name))} is unknown: use ${Object.keys(properties).join(", ") || "nothing"}`;
    }
    const problem = match(rule, { value: item, place: inside(place, name), budget });
    if (problem !== undefined) return problem;
  }
  return undefined;
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
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
