/** What narrows and what widens: each change of a schema, of what a function takes and of what it gives. */
import { type JsonSchema, readPluginManifest } from "../../../wrappers.ts";
import { compatibilityProblems } from "../../../src/wrappers/plugin/compatibility.ts";
import { readPluginShape } from "../../../src/wrappers/plugin/plugin_shape.ts";
import { schemaProblems } from "../../../src/wrappers/plugin/schema_compatibility.ts";
import { assert, assertEquals } from "../../assert.ts";
import { pluginOf } from "./plugin_modules.ts";

/** Changes that a function may make of what it takes, of what it gives, of both, or of none. */
type Allowed = "takes" | "gives" | "both" | "none";

type Case = readonly [old: JsonSchema, next: JsonSchema, allowed: Allowed];

const object = (properties: { readonly [name: string]: JsonSchema }, more = {}): JsonSchema => ({
  type: "object",
  properties,
  ...more,
});

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "listed values beside bounds": [
    // The bound takes 3 away, whatever the list says.
    [{ enum: [1, 2, 3] }, { enum: [1, 2, 3], maximum: 2 }, "gives"],
    [{ enum: [1, 2, 3], maximum: 2 }, { enum: [1, 2, 3] }, "takes"],
    [{ enum: [1, 2], maximum: 9 }, { enum: [1, 2] }, "both"],
    [{ enum: [1, 2, 3], maximum: 2 }, { enum: [1, 2], maximum: 5 }, "both"],
    [{ enum: [1, 2] }, { type: "integer", minimum: 1, maximum: 2 }, "takes"],
    [{ enum: [1, 2] }, { type: "integer", maximum: 1 }, "none"],
    [{ enum: ["a", "bb"] }, { type: "string", maxLength: 2 }, "takes"],
    [{ enum: ["a", "bb"] }, { type: "string", maxLength: 1 }, "none"],
    [{ enum: ["🙂🙂"] }, { type: "string", maxLength: 2 }, "takes"],
    [{ enum: ["a"], type: "string" }, { enum: ["a", 1], type: "string" }, "both"],
    [{ enum: ["a", 1] }, { enum: ["a", 1], type: "string" }, "gives"],
    [{ const: 1 }, { enum: [1, 2] }, "takes"],
    [{ const: 1 }, { const: 1, enum: [2] }, "gives"],
    [{ const: null }, { type: "null" }, "both"],
    [{ enum: [true, false] }, { type: "boolean" }, "both"],
    [{ enum: [true] }, { type: "boolean" }, "takes"],
    [{ enum: [[1], [1, 2]] }, { type: "array", maxItems: 1 }, "none"],
    [{ enum: [[1], [1, 2]] }, { type: "array", items: { type: "integer" } }, "takes"],
    [{ enum: [{ a: 1 }] }, object({ a: { type: "integer" } }, { required: ["a"] }), "takes"],
    [{ enum: [{ a: 1 }] }, object({ a: { type: "string" } }), "none"],
    [{ enum: [{ a: 1 }] }, object({}, { additionalProperties: false }), "none"],
    [{ enum: ["ab"] }, { type: "string", pattern: "^a" }, "none"],
    [{ enum: ["ab"], pattern: "^a" }, { type: "string", pattern: "^a" }, "takes"],
  ],
  "bounds": [
    [{ minimum: 1 }, { minimum: 2 }, "gives"],
    [{ minimum: 1 }, { exclusiveMinimum: 1 }, "gives"],
    [{ minimum: 1 }, { exclusiveMinimum: 0 }, "takes"],
    [{ type: "integer", minimum: 1 }, { type: "integer", exclusiveMinimum: 0 }, "both"],
    [{ type: "integer", maximum: 9 }, { type: "integer", exclusiveMaximum: 10 }, "both"],
    [{ type: "number", minimum: 1 }, { type: "number", exclusiveMinimum: 0 }, "takes"],
    [{ type: "string" }, { type: "string", minLength: 0 }, "both"],
    [{ type: "string" }, { type: "string", minLength: 1 }, "gives"],
    // A bound says nothing of values of other types.
    [{ type: "number" }, { type: "number", maxLength: 3 }, "both"],
    [{ type: ["number", "string"], maxLength: 3 }, { type: "number" }, "gives"],
    [{ type: "number", minimum: true }, { type: "number" }, "none"],
  ],
  "types": [
    [{ type: "integer" }, { type: "number" }, "takes"],
    [{ type: ["integer", "number"] }, { type: "number" }, "both"],
    [{ type: "strin" }, { type: "string" }, "none"],
    [true, {}, "both"],
    [true, { type: "string" }, "gives"],
    [false, { type: "string" }, "takes"],
  ],
  "properties": [
    [object({ a: true }), object({ a: true }, { required: ["a"] }), "gives"],
    [object({}, { required: ["a"] }), object({ a: { type: "string" } }, { required: ["a"] }), "gives"],
    [object({}), object({ a: { type: "string" } }), "both"],
    [object({}, { additionalProperties: { type: "number" } }), object({ a: { type: "string" } }), "none"],
    [
      object({}, { additionalProperties: { type: "number" } }),
      object({ a: { type: "integer" } }, { additionalProperties: { type: "number" } }),
      "gives",
    ],
    [object({}), object({}, { additionalProperties: false }), "gives"],
    [
      object({}, { patternProperties: { "^a": true } }),
      object({ b: true }, { patternProperties: { "^a": true } }),
      "none",
    ],
    [
      object({}, { unevaluatedProperties: false }),
      object({ a: true }, { unevaluatedProperties: false }),
      "none",
    ],
    [{ type: "object", properties: [] } as JsonSchema, object({}), "none"],
  ],
  "items and references": [
    [{ type: "array", items: { type: "integer" } }, { type: "array", items: { type: "number" } }, "takes"],
    [{ type: "array", items: [{ type: "integer" }] }, { type: "array", items: [{ type: "string" }] }, "none"],
    [{ type: "array" }, { type: "array", maxItems: 3 }, "gives"],
    [
      object({ a: { $ref: "#/$defs/a" }, b: { type: "integer" } }, { $defs: { a: { type: "string" } } }),
      object({ a: { $ref: "#/$defs/a" }, b: { type: "number" } }, { $defs: { a: { type: "string" } } }),
      "takes",
    ],
    [
      object({ a: { not: { $ref: "#/properties/b" } }, b: { type: "integer" } }),
      object({ a: { not: { $ref: "#/properties/b" } }, b: { type: "number" } }),
      "none",
    ],
    [{ $id: "https://a.test/1", type: "string" }, { $id: "https://a.test/2", type: "string" }, "both"],
  ],
};

const shapeOf = (schemas: object) =>
  readPluginShape(
    pluginOf(
      { provides: { t: "(json) -> json" }, schemas: { t: schemas } },
      '(module (func (export "t") (param i32 i32) (result i64) (i64.const 0)))',
    ),
    "of a test",
  );

for (const [title, cases] of Object.entries(CASES)) {
  Deno.test(`what a function takes may only widen, and what it gives only narrow: ${title}`, async () => {
    for (const [old, next, allowed] of cases) {
      const fits: Allowed[] = [];
      const takes = compatibilityProblems(await shapeOf({ input: old }), await shapeOf({ input: next }));
      const gives = compatibilityProblems(await shapeOf({ output: old }), await shapeOf({ output: next }));
      if (takes.length === 0) fits.push("takes");
      if (gives.length === 0) fits.push("gives");
      const found = fits.length === 2 ? "both" : fits[0] ?? "none";
      assertEquals(found, allowed, `${JSON.stringify([old, next])}: ${[...takes, ...gives].join("; ")}`);
    }
  });
}

Deno.test("schemaProblems() ends soon on schemas that are made to be slow, and tells little", () => {
  const many = Array.from({ length: 9000 }, (_, at) => at);
  const names = Object.fromEntries(many.map((at) => [`p${at}`, { type: "string", maxLength: at }]));
  const values = Array.from({ length: 60_000 }, (_, at) => at);
  const cases: readonly (readonly [wider: JsonSchema, narrower: JsonSchema])[] = [
    [{ enum: values }, { enum: values.map((at) => at + 60_000) }],
    [{ type: "object", required: many.map(String) }, {
      type: "object",
      required: many.map((at) => `x${at}`),
    }],
    [{ type: "object", additionalProperties: { properties: names, required: many.map(String) } }, {
      type: "object",
      properties: names,
    }],
    [{ type: many.map(String) } as JsonSchema, { type: many.map((at) => `x${at}`) } as JsonSchema],
  ];
  const started = performance.now();
  for (const [wider, narrower] of cases) {
    const problems = schemaProblems(wider, narrower);
    assert(problems.length > 0 && problems.length <= 20, String(problems.length));
  }
  assert(performance.now() - started < 5000);
});

Deno.test("readPluginManifest() takes schemas that are as deep as they are compared", () => {
  let schema: JsonSchema = { type: "string" };
  for (let at = 0; at < 32; at++) schema = { type: "object", properties: { a: schema } };
  readPluginManifest({ name: "a", version: "1.0.0", schemas: { f: { input: schema } } }, "of a test");
});
