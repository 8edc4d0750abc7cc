/**
 * Whether every value that one JSON Schema admits is admitted by another. Of the keywords below, whose meaning is known here;
 * of any other one only that it is the same. What cannot be told is no: a plugin is not replaced by hope.
 */

/** A JSON Schema. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Keywords that say nothing of values. */
const NOTES: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "$schema",
  "$id",
  "$comment",
  "deprecated",
]);

/** Bounds from below: the wider schema has the smaller one. And from above. */
const LEAST = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const MOST = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;

const COMPARED: ReadonlySet<string> = new Set([
  ...LEAST,
  ...MOST,
  "type",
  "enum",
  "const",
  "required",
  "properties",
  "additionalProperties",
  "items",
]);

const DEEPEST = 32;

const TYPES = ["null", "boolean", "object", "array", "number", "string", "integer"] as const;

function equal(one: unknown, other: unknown): boolean {
  return stable(one) === stable(other);
}

/** JSON with its keys in order. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${
    Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, item]) =>
      `${JSON.stringify(key)}:${stable(item)}`
    )
      .join(",")
  }}`;
}

function typesOf(schema: Exclude<JsonSchema, boolean>): readonly string[] {
  const { type } = schema;
  const listed = type === undefined ? TYPES : Array.isArray(type) ? type : [type];
  return listed.flatMap((name) => name === "number" ? ["number", "integer"] : [String(name)]);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}

/** The values that a schema lists; undefined where it lists none. */
function listed(
  { enum: values, const: only }: { readonly [keyword: string]: unknown },
): readonly unknown[] | undefined {
  if (only !== undefined) return [only];
  return Array.isArray(values) ? values : undefined;
}

function tableOf(value: unknown): { readonly [name: string]: JsonSchema } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as { readonly [name: string]: JsonSchema } // its values are looked at as schemas
    : {};
}

/**
 * What the narrower schema admits and the wider one does not, in words.
 *
 * @param path where both stand, for messages
 */
export function schemaProblems(wider: JsonSchema, narrower: JsonSchema, path = "it", depth = 0): string[] {
  if (equal(wider, narrower) || wider === true || narrower === false) return [];
  if (depth > DEEPEST) return [`${path} lies too deep to be compared`];
  if (wider === false) return [`${path} is not admitted any more`];
  const given = narrower === true ? {} : narrower, problems: string[] = [];
  for (const key of new Set([...Object.keys(wider), ...Object.keys(given)])) {
    if (COMPARED.has(key) || NOTES.has(key) || equal(wider[key], given[key])) continue;
    // What narrows the narrower one alone leaves it narrower, unless the keyword is one whose meaning hangs on others.
    problems.push(`${path}: "${key}" differs, and is not compared`);
  }
  const values = listed(given), known = listed(wider);
  const types = values === undefined ? typesOf(given) : [...new Set(values.map(typeOf))],
    taken = typesOf(wider);
  const lost = types.filter((type) => !taken.includes(type));
  if (lost.length > 0) problems.push(`${path} may be of type ${lost.join(", ")}`);
  if (known !== undefined) {
    const others = values?.filter((value) => !known.some((one) => equal(one, value)));
    if (others === undefined) {
      problems.push(`${path} may be more than one of ${JSON.stringify(known).slice(0, 100)}`);
    } else if (others.length > 0) problems.push(`${path} may be ${JSON.stringify(others).slice(0, 100)}`);
  } else if (values === undefined) problems.push(...boundProblems(wider, given, path));
  else if ([...LEAST, ...MOST].some((key) => wider[key] !== undefined && !equal(wider[key], given[key]))) {
    problems.push(`${path}: listed values are not compared with bounds`);
  }
  const deeper = depth + 1;
  if (types.includes("object")) problems.push(...propertyProblems(wider, given, path, deeper));
  if (types.includes("array") && wider["items"] !== undefined) {
    problems.push(
      ...schemaProblems(schemaOf(wider["items"]), schemaOf(given["items"] ?? true), `${path}[]`, deeper),
    );
  }
  return problems;
}

function schemaOf(value: unknown): JsonSchema {
  return typeof value === "boolean" ? value : tableOf(value);
}

type Keywords = { readonly [keyword: string]: unknown };

function boundProblems(wider: Keywords, narrower: Keywords, path: string): string[] {
  const breaks = (key: string, sign: 1 | -1) => {
    const bound = wider[key], given = narrower[key];
    if (bound === undefined) return false;
    return typeof bound !== "number" || typeof given !== "number" || sign * given < sign * bound;
  };
  return [
    ...LEAST.filter((key) => breaks(key, 1)),
    ...MOST.filter((key) => breaks(key, -1)),
  ].map((key) => `${path}: "${key}" ${JSON.stringify(wider[key])} is narrower`);
}

/**
 * A property that only one side knows is taken for one that nobody sends, unless it is required, or the other side says what
 * other properties are like.
 */
function propertyProblems(wider: Keywords, narrower: Keywords, path: string, depth: number): string[] {
  const mine = tableOf(wider["properties"]), theirs = tableOf(narrower["properties"]);
  const required = (of: Keywords) => Array.isArray(of["required"]) ? of["required"].map(String) : [];
  const sure = required(narrower), problems: string[] = [];
  for (const name of required(wider)) {
    if (!sure.includes(name)) problems.push(`${path}.${name} may be missing`);
  }
  for (const [name, schema] of Object.entries(theirs)) {
    if (Object.hasOwn(mine, name)) {
      problems.push(...schemaProblems(mine[name] ?? true, schema, `${path}.${name}`, depth));
    } else if (wider["additionalProperties"] !== undefined) {
      problems.push(
        ...schemaProblems(schemaOf(wider["additionalProperties"]), schema, `${path}.${name}`, depth),
      );
    }
  }
  if (wider["additionalProperties"] !== undefined) {
    const others = narrower["additionalProperties"] ?? true;
    problems.push(
      ...schemaProblems(
        schemaOf(wider["additionalProperties"]),
        schemaOf(others),
        `${path}: other properties`,
        depth,
      ),
    );
  }
  return problems;
}
