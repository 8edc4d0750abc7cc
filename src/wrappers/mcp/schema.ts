/**
 * The part of JSON Schema that a module may describe its tools in. Schemas come from whoever made the module, and are
 * evaluated here and by each client: so there is nothing in them whose evaluation could take long, or lead elsewhere. No
 * regular expressions, which can take exponential time on text that a guest chooses; no references, which can recur.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { cleanLine, cleanText, hasHidden, LONGEST_TEXT } from "./clean_text.ts";
import { boundsProblem, isRecord } from "./json_bounds.ts";

/** A schema that was checked. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"] as const;

/** One of the types that a schema can name. */
export type SchemaType = typeof TYPES[number];

/** Formats that say something to a reader; values are not checked against them, here or by what clients use in linear time. */
const FORMATS = [
  "date",
  "time",
  "date-time",
  "duration",
  "uuid",
  "ipv4",
  "ipv6",
  "byte",
  "int32",
  "int64",
  "float",
  "double",
] as const;

/** Levels of schemas in each other, and values in all. */
const BOUNDS = { levels: 24, values: 5000 } as const;

/** Alternatives of one schema: each is tried on each value. */
const MOST_ALTERNATIVES = 32;

/** How the value of a keyword is checked. @returns it, cleaned @throws {AegisError} */
type Keyword = (value: unknown, place: string) => unknown;

const text: Keyword = (value, place) => {
  if (typeof value !== "string") throw problem(place, "is no text");
  return cleanText(value, LONGEST_TEXT.description);
};
/**
 * A value that models read, and that arguments are compared with: it cannot be shown in another form than it has, so one
 * with hidden text in it, or that is too long to be looked at, is refused.
 */
const plain: Keyword = (value, place) => {
  if (typeof value === "string") checkPlain(value, place, LONGEST_TEXT.description);
  if (typeof value !== "object" || value === null) return value;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) checkName(name, place);
    plain(inner, `${place}.${shownName(name)}`);
  }
  return value;
};
const truth: Keyword = (value, place) => {
  if (typeof value !== "boolean") throw problem(place, "is neither true nor false");
  return value;
};
const finite: Keyword = (value, place) => {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw problem(place, "is no number that JSON holds");
  }
  return value;
};
const step: Keyword = (value, place) => {
  if (!(Number(finite(value, place)) > 0)) throw problem(place, "is not above 0");
  return value;
};
const size: Keyword = (value, place) => {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw problem(place, "is no whole number from 0");
  return value;
};
const list: Keyword = (value, place) => {
  if (!Array.isArray(value)) throw problem(place, "is no list");
  return plain(value, place);
};
const schema: Keyword = (value, place) => typeof value === "boolean" ? value : readSchema(value, place);
const schemas: Keyword = (value, place) => {
  if (!isRecord(value)) throw problem(place, "is no object");
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      checkName(name, place);
      return [name, schema(one, `${place}.${shownName(name)}`)];
    }),
  );
};
const alternatives: Keyword = (value, place) => {
  if (!Array.isArray(value) || value.length === 0) throw problem(place, "is no list of schemas");
  if (value.length > MOST_ALTERNATIVES) throw problem(place, `has more than ${MOST_ALTERNATIVES} schemas`);
  return value.map((one, index) => schema(one, `${place}[${index}]`));
};
const names: Keyword = (value, place) => {
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) {
    throw problem(place, "is no list of names");
  }
  for (const name of value) checkName(name, place);
  return value;
};
const types: Keyword = (value, place) => {
  const given = Array.isArray(value) ? value : [value];
  const unknown = given.find((one) => !TYPES.includes(one));
  if (given.length === 0 || unknown !== undefined) {
    throw problem(place, `is ${quote(String(unknown))}: use ${TYPES.join(", ")}`);
  }
  return value;
};
const format: Keyword = (value, place) => {
  if (typeof value === "string" && (FORMATS as readonly string[]).includes(value)) return value;
  throw problem(place, `is ${quote(String(value))}: use ${FORMATS.join(", ")}`);
};

/** Every keyword that is understood. */
const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $schema: text,
  title: text,
  description: text,
  $comment: text,
  default: plain,
  examples: list,
  deprecated: truth,
  readOnly: truth,
  writeOnly: truth,
  type: types,
  enum: list,
  const: plain,
  format,
  contentEncoding: text,
  contentMediaType: text,
  minimum: finite,
  maximum: finite,
  exclusiveMinimum: finite,
  exclusiveMaximum: finite,
  multipleOf: step,
  minLength: size,
  maxLength: size,
  minItems: size,
  maxItems: size,
  minProperties: size,
  maxProperties: size,
  items: schema,
  prefixItems: alternatives,
  properties: schemas,
  required: names,
  additionalProperties: schema,
  anyOf: alternatives,
  allOf: alternatives,
  oneOf: alternatives,
  not: schema,
};

/** Why some keywords are not understood, for those who miss them. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  pattern: "a regular expression can take for ever on the wrong text",
  patternProperties: "a regular expression can take for ever on the wrong text",
  $ref: "a reference can recur without end",
  $dynamicRef: "a reference can recur without end",
  $defs: "there are no references",
  definitions: "there are no references",
  $id: "there are no references",
  uniqueItems: "comparing all with all takes too long",
};

/** How messages name an inner value. */
function shownName(name: string): string {
  return cleanLine(name, 60);
}

function checkName(name: string, place: string): void {
  checkPlain(name, place, LONGEST_TEXT.title);
  if (/[\n\t]/.test(name)) throw problem(place, `has a name of several lines: ${quote(name)}`);
}

function checkPlain(text: string, place: string, most: number): void {
  if (text.length > most) throw problem(place, `has a text of more than ${most} characters`);
  if (hasHidden(text)) {
    throw problem(place, `has characters that are not shown, in ${quote(cleanLine(text, 60))}`);
  }
}

function problem(place: string, what: string): AegisError {
  return new AegisError("ModuleRefused", `${place} ${what}`);
}

/**
 * Checks a schema.
 *
 * @param place how messages name it: `tools[0].inputSchema`
 * @returns it, with texts cleaned
 * @throws {AegisError} `ModuleRefused`
 */
export function checkSchema(value: unknown, place: string): JsonSchema {
  const tooMuch = boundsProblem(value, BOUNDS);
  if (tooMuch !== undefined) throw problem(place, `is too large: ${tooMuch}`);
  return readSchema(value, place);
}

/** The same for what is given to, or comes from, a tool: an object, as the specification has it. */
export function checkObjectSchema(value: unknown, place: string): JsonSchema {
  const read = checkSchema(value, place);
  if (read["type"] !== "object") throw problem(place, 'has not type "object", which all of its kind have');
  return read;
}

function readSchema(value: unknown, place: string): JsonSchema {
  if (!isRecord(value)) throw problem(place, "is no schema: an object is needed");
  const read: [string, unknown][] = [];
  for (const [keyword, inner] of Object.entries(value)) {
    const reader = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (reader === undefined) throw unknownKeyword(keyword, place);
    read.push([keyword, reader(inner, `${place}.${keyword}`)]);
  }
  return Object.fromEntries(read);
}

function unknownKeyword(keyword: string, place: string): AegisError {
  const why = Object.hasOwn(LEFT_OUT, keyword) ? LEFT_OUT[keyword] : undefined;
  const near = suggest(keyword, Object.keys(KEYWORDS));
  const suggestion = why !== undefined
    ? "Leave it out, and let the function look at what it gets."
    : near.length > 0
    ? `Did you mean ${near.map(quote).join(" or ")}?`
    : `Keywords: ${Object.keys(KEYWORDS).join(", ")}.`;
  return new AegisError(
    "ModuleRefused",
    `${place} has keyword ${quote(keyword)}, which is not understood${why === undefined ? "" : `: ${why}`}`,
    { suggestion },
  );
}
