import { type JsonSchema, readPluginManifest } from "../../../wrappers.ts";
import { resolveLimits } from "../../../src/core/limits.ts";
import { compatibilityProblems, grownNeeds } from "../../../src/wrappers/plugin/compatibility.ts";
import { readPluginShape } from "../../../src/wrappers/plugin/plugin_shape.ts";
import { schemaProblems } from "../../../src/wrappers/plugin/schema_compatibility.ts";
import { assert, assertEquals } from "../../assert.ts";
import { pluginOf } from "./plugin_modules.ts";

const FUNCTIONS = `(module
  (func (export "f") (param i32) (result i32) (local.get 0))
  (func (export "g") (param i64))
  (func (export "t") (param i32 i32) (result i64) (i64.const 0)))`;

const shapeOf = (provides: Readonly<Record<string, string>>, schemas = {}) =>
  readPluginShape(pluginOf({ provides, schemas }, FUNCTIONS), "of a test");

Deno.test("compatibilityProblems() wants all that was provided, with the same types", async () => {
  const old = await shapeOf({ f: "(i32) -> i32", t: "(string) -> string" });
  assertEquals(
    compatibilityProblems(old, await shapeOf({ f: "(i32) -> i32", g: "(i64)", t: "(string) -> string" })),
    [],
  );
  assertEquals(compatibilityProblems(old, await shapeOf({ t: "(bytes) -> string" })), [
    "it does not provide f(i32) -> i32",
    "it provides t(bytes) -> string in place of t(string) -> string",
  ]);
});

Deno.test("compatibilityProblems() has functions take all that they took, and give nothing new", async () => {
  const provides = { t: "(json) -> json" };
  const of = (input: JsonSchema, output: JsonSchema) => shapeOf(provides, { t: { input, output } });
  const old = await of({ type: "integer", minimum: 0 }, { type: "number" });
  assertEquals(compatibilityProblems(old, await of({ type: "number" }, { type: "integer" })), []);
  assertEquals(
    compatibilityProblems(old, await of({ type: "integer", minimum: 1 }, { type: ["number", "null"] })),
    [
      '"t": what it takes: "minimum" 1 is narrower',
      '"t": what it gives may be of type null',
    ],
  );
  assertEquals(compatibilityProblems(old, await shapeOf(provides)), [
    '"t": what it gives may be of type null, boolean, object, array, string',
  ]);
});

Deno.test("schemaProblems() tells what a narrower schema admits and a wider one does not", () => {
  const object = (properties: { [name: string]: JsonSchema }, more = {}) => ({
    type: "object",
    properties,
    ...more,
  });
  const cases: readonly (readonly [wider: JsonSchema, narrower: JsonSchema, fits: boolean])[] = [
    [true, { type: "string" }, true],
    [{ type: "string" }, true, false],
    [false, { type: "string" }, false],
    [{ type: "string" }, false, true],
    [{ type: "number" }, { type: "integer" }, true],
    [{ type: "integer" }, { type: "number" }, false],
    [{ type: ["string", "null"] }, { type: "string" }, true],
    [{ enum: [1, 2, 3] }, { enum: [1, 3] }, true],
    [{ enum: [1, 2] }, { enum: [1, 3] }, false],
    [{ enum: ["a"] }, { type: "string" }, false],
    [{ type: "string" }, { const: "a" }, true],
    [{ type: "string" }, { enum: ["a", 1] }, false],
    [{ type: "string", maxLength: 3 }, { enum: ["aaaa"] }, false],
    [{ type: "string", maxLength: 5 }, { type: "string", maxLength: 3 }, true],
    [{ type: "string", maxLength: 3 }, { type: "string", maxLength: 5 }, false],
    [{ type: "string", maxLength: 3 }, { type: "string" }, false],
    [object({ a: { type: "string" } }), object({ a: { type: "string" }, b: { type: "string" } }), true],
    [object({ a: { type: "string" }, b: true }), object({ a: { type: "string" } }), true],
    [object({ a: { type: "string" } }, { required: ["a"] }), object({ a: { type: "string" } }), false],
    [object({ a: { type: "string" } }), object({ a: { type: "string" } }, { required: ["a"] }), true],
    [object({ a: { type: "string" } }), object({ a: { type: "number" } }), false],
    [object({}, { additionalProperties: false }), object({ a: true }), false],
    [object({}, { additionalProperties: false }), object({}), false],
    [
      object({}, { additionalProperties: { type: "string" } }),
      object({ a: { type: "string" } }, { additionalProperties: false }),
      true,
    ],
    [{ type: "array", items: { type: "number" } }, { type: "array", items: { type: "integer" } }, true],
    [{ type: "array", items: { type: "integer" } }, { type: "array" }, false],
    [{ type: "string", title: "a" }, { type: "string", title: "b", description: "c" }, true],
    // What is not understood has to be the same.
    [{ type: "string", pattern: "^a" }, { type: "string", pattern: "^a" }, true],
    [{ type: "string", pattern: "^a" }, { type: "string", pattern: "^ab" }, false],
    [{ anyOf: [{ type: "string" }] }, { type: "string" }, false],
    [{ $ref: "#/$defs/a", $defs: { a: true } }, { $ref: "#/$defs/a", $defs: { a: false } }, false],
    [{ type: "__proto__" }, { type: "string" }, false],
  ];
  for (const [wider, narrower, fits] of cases) {
    const problems = schemaProblems(wider, narrower);
    assertEquals(problems.length === 0, fits, `${JSON.stringify([wider, narrower])}: ${problems.join("; ")}`);
  }
});

Deno.test("schemaProblems() ends on schemas that are deep", () => {
  const deep = (depth: number, end: JsonSchema): JsonSchema => {
    let schema = end;
    for (let at = 0; at < depth; at++) schema = { type: "object", properties: { a: schema } };
    return schema;
  };
  assert(
    schemaProblems(deep(100, true), deep(100, { type: "string" })).some((text) =>
      text.endsWith("too deep to be compared")
    ),
  );
});

Deno.test("grownNeeds() tells what a new version would like beyond the old one", () => {
  const of = (needs: unknown) => readPluginManifest({ name: "a", version: "1.0.0", needs }, "of a test");
  const old = of({ capabilities: ["clock"], limits: { memoryLimit: "1MiB" } });
  const next = of({
    capabilities: ["clock", "network: a.test"],
    limits: { memoryLimit: "2MiB", timeout: "1s" },
  });
  assertEquals(grownNeeds(old, next, resolveLimits({ memoryLimit: "1MiB" })), {
    capabilities: ["network: a.test"],
    limits: ["memoryLimit 2MiB (it has 1MiB)"],
  });
  assertEquals(grownNeeds(next, next, resolveLimits()), { capabilities: [], limits: [] });
});
