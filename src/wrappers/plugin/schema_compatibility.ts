/**
 * Whether every value that one JSON Schema admits is admitted by another. Of the keywords of `schema_keywords.ts`, whose
 * meaning is known here; of any other one only that it is the same. What cannot be told is no: a plugin is not replaced by
 * hope.
 */
import {
  brokenBounds,
  type Keywords,
  keywordsOf,
  KNOWN_KEYWORDS,
  sameJson,
  tableOf,
  typesOf,
} from "./schema_keywords.ts";
import { admits } from "./schema_value.ts";

/** A JSON Schema. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

const DEEPEST = 32;

/** Comparisons after which it is given up, and problems after which no more are told. */
const MOST_STEPS = 1_000_000, MOST_PROBLEMS = 20;

/** Keywords whose meaning hangs on others, wherever those stand: a schema that has one is the same, or is not compared. */
const DISTANT: ReadonlySet<string> = new Set([
  "unevaluatedProperties",
  "unevaluatedItems",
  "$dynamicRef",
  "$recursiveRef",
]);

/** References that mean the same wherever the parts that they name are the same. */
const NEAR_REFERENCE = /^#\/(?:\$defs|definitions)\//;

/**
 * What the narrower schema admits and the wider one does not, in words.
 *
 * @param path where both stand, for messages
 */
export function schemaProblems(wider: JsonSchema, narrower: JsonSchema, path = "it"): string[] {
  const distant = distantKeyword(wider) ?? distantKeyword(narrower);
  if (distant !== undefined && !sameJson(wider, narrower)) {
    return [`${path}: "${distant}" is not compared, and the schemas differ`];
  }
  const comparison = new Comparison();
  comparison.compare(wider, narrower, { path, depth: 0 });
  return [...comparison.problems];
}

function distantKeyword(schema: JsonSchema): string | undefined {
  const open: unknown[] = [schema];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) {
      for (const item of value) open.push(item);
      continue;
    }
    for (const [key, item] of Object.entries(tableOf(value) ?? {})) {
      if (DISTANT.has(key) || key === "$ref" && typeof item === "string" && !NEAR_REFERENCE.test(item)) {
        return key;
      }
      open.push(item);
    }
  }
  return undefined;
}

/** Where two schemas stand. */
interface Place {
  readonly path: string;
  readonly depth: number;
}

class Comparison {
  readonly problems: Set<string> = new Set();
  #steps = 0;

  #tell(problem: string): void {
    if (this.problems.size < MOST_PROBLEMS) this.problems.add(problem);
  }

  /** Whether to go on. */
  #step({ path }: Place, cost = 1): boolean {
    this.#steps += cost;
    if (this.#steps <= MOST_STEPS) return this.problems.size < MOST_PROBLEMS;
    this.#tell(`${path} is too large to be compared`);
    return false;
  }

  compare(wider: unknown, narrower: unknown, place: Place): void {
    const { path, depth } = place;
    if (!this.#step(place) || wider === true || narrower === false || sameJson(wider, narrower)) return;
    if (depth > DEEPEST) return this.#tell(`${path} lies too deep to be compared`);
    if (wider === false) return this.#tell(`${path} is not admitted any more`);
    const has = keywordsOf(wider), had = narrower === true ? {} : keywordsOf(narrower);
    if (has === undefined || had === undefined) {
      return this.#tell(`${path} is no schema that can be compared`);
    }
    // The name of the whole is of no account: references do not go by it.
    const granted = new Set(depth === 0 ? ["$id"] : []);
    for (const key of new Set([...Object.keys(has), ...Object.keys(had)])) {
      if (KNOWN_KEYWORDS.has(key) || granted.has(key)) continue;
      if (sameJson(has[key], had[key])) granted.add(key);
      else this.#tell(`${path}: "${key}" differs, and is not compared`);
    }
    const values = valuesOf(had);
    if (values !== undefined) this.#compareValues(has, { values, granted, place });
    else this.#compareTypes(has, had, place);
  }

  /** Values that are listed are looked at one by one, against all that the other schema says. */
  #compareValues(
    has: Keywords,
    { values, granted, place }: {
      readonly values: readonly unknown[];
      readonly granted: ReadonlySet<string>;
      readonly place: Place;
    },
  ): void {
    const cost = 1 + (Array.isArray(has["enum"]) ? has["enum"].length : 0);
    for (const value of values) {
      if (!this.#step(place, cost)) return;
      if (admits(has, value, granted) !== true) this.#tell(`${place.path} may be ${shortJson(value)}`);
    }
  }

  #compareTypes(has: Keywords, had: Keywords, place: Place): void {
    const { path, depth } = place, types = typesOf(had), taken = typesOf(has);
    if (types === undefined || taken === undefined) return this.#tell(`${path}: "type" is not understood`);
    const lost = [...types].filter((type) => !taken.has(type));
    if (lost.length > 0) this.#tell(`${path} may be of type ${lost.join(", ")}`);
    const listed = has["const"] === undefined ? has["enum"] : [has["const"]];
    if (listed !== undefined) return this.#tell(`${path} may be more than one of ${shortJson(listed)}`);
    for (const type of types) {
      if (!taken.has(type)) continue;
      const broken = brokenBounds(type, { wider: has, narrower: had });
      if (broken === undefined) this.#tell(`${path}: a bound is no number`);
      else for (const key of broken) this.#tell(`${path}: "${key}" ${shortJson(has[key])} is narrower`);
    }
    const deeper = depth + 1;
    if (types.has("object") && taken.has("object")) {
      this.#compareProperties(has, had, { path, depth: deeper });
    }
    if (types.has("array") && has["items"] !== undefined) {
      this.compare(has["items"], had["items"] ?? true, { path: `${path}[]`, depth: deeper });
    }
  }

  /**
   * A property that only one side knows is taken for one that nobody sends, unless it is required, or the other side says
   * what other properties are like.
   */
  #compareProperties(has: Keywords, had: Keywords, place: Place): void {
    const { path, depth } = place;
    const mine = tableOf(has["properties"] ?? {}), theirs = tableOf(had["properties"] ?? {});
    const needed = namesOf(has["required"]), sure = namesOf(had["required"]);
    if (mine === undefined || theirs === undefined || needed === undefined || sure === undefined) {
      return this.#tell(`${path}: its properties are not understood`);
    }
    const rest = has["additionalProperties"], others = had["additionalProperties"];
    if (has["patternProperties"] !== undefined && !(sameJson(mine, theirs) && sameJson(rest, others))) {
      this.#tell(`${path}: "patternProperties" is not compared, and other properties differ`);
    }
    for (const name of needed) if (!sure.has(name)) this.#tell(`${path}.${name} may be missing`);
    const of = (name: string) => ({ path: `${path}.${name}`, depth });
    for (const [name, schema] of Object.entries(theirs)) {
      if (!this.#step(place)) return;
      if (Object.hasOwn(mine, name)) this.compare(mine[name], schema, of(name));
      else if (rest !== undefined) this.compare(rest, schema, of(name));
    }
    for (const [name, schema] of Object.entries(mine)) {
      if (!this.#step(place)) return;
      if (Object.hasOwn(theirs, name)) continue;
      if (others !== undefined) this.compare(schema, others, of(name));
      else if (sure.has(name)) this.compare(schema, true, of(name));
    }
    if (rest !== undefined) this.compare(rest, others ?? true, { path: `${path}: other properties`, depth });
  }
}

/** The values that a schema admits, where they can be listed; those that it rules out itself are none of them. */
function valuesOf(keywords: Keywords): readonly unknown[] | undefined {
  const { enum: listed, const: only } = keywords;
  let values: readonly unknown[] | undefined;
  if (only !== undefined) values = [only];
  else if (Array.isArray(listed)) values = listed;
  else {
    const types = [...typesOf(keywords) ?? ["other"]];
    const finite = types.every((type) => type === "null" || type === "boolean");
    if (finite) values = types.flatMap((type) => type === "null" ? [null] : [true, false]);
  }
  // That a value is in the list that it comes from needs no look at all of the list.
  const granted = new Set(only === undefined ? ["enum"] : ["const"]);
  return values?.filter((value) => admits(keywords, value, granted) !== false);
}

function namesOf(required: unknown): ReadonlySet<string> | undefined {
  if (required === undefined) return new Set();
  return Array.isArray(required) ? new Set(required.map(String)) : undefined;
}

function shortJson(value: unknown): string {
  return (JSON.stringify(value) ?? "").slice(0, 100);
}
