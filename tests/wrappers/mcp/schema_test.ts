import { AegisError } from "../../../src/core/errors.ts";
import { checkSchema } from "../../../src/wrappers/mcp/schema.ts";
import { schemaProblem } from "../../../src/wrappers/mcp/schema_match.ts";
import { Ajv2020 } from "../../ajv.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import fc from "../../fast_check.ts";

const leaf = fc.constantFrom<Record<string, unknown>>(
  {},
  { type: "string", minLength: 1, maxLength: 2 },
  { type: "integer", minimum: 0, maximum: 3 },
  { type: "number", exclusiveMinimum: -1, exclusiveMaximum: 2 },
  { type: "number", multipleOf: 2 },
  { type: ["null", "boolean"] },
  { enum: [1, "a", null, [1], { a: 1 }] },
  { const: { a: [1, "a"] } },
);

const { schema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(2) }),
    fc.record({ prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }), items: tie("schema") }),
    fc.record({
      properties: fc.dictionary(fc.constantFrom("a", "b"), tie("schema")),
      required: fc.uniqueArray(fc.constantFrom("a", "b", "toString")),
      additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
      maxProperties: fc.nat(3),
    }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie("schema") }),
  ),
}));

const value = fc.oneof(
  fc.constantFrom<unknown>(0, 1, 1.5, 2, -1, "", "a", "aa", "aaa", null, true, [1], { a: 1 }, {
    a: [1, "a"],
  }),
  fc.array(fc.constantFrom<unknown>(0, 1, "a", null, { a: 1 }), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom<unknown>(0, 1, "a", null, [1], { a: 1 })),
);

Deno.test("schemaProblem() says of a value what ajv says of it", () => {
  const ajv = new Ajv2020({ strict: false, ownProperties: true });
  let right = 0;
  fc.assert(
    fc.property(schema, value, (given, candidate) => {
      const checked = checkSchema(given, "s"), expected = ajv.compile(given)(candidate);
      if (expected) right++;
      assertEquals(
        schemaProblem(checked, candidate) === undefined,
        expected,
        JSON.stringify([given, candidate]),
      );
      ajv.removeSchema();
    }),
    { numRuns: 300 },
  );
  assertEquals(right > 40, true);
});

Deno.test("checkSchema() refuses what could take long or lead elsewhere, and what it does not know", () => {
  const deep = { type: "object" } as Record<string, unknown>;
  let inner = deep;
  for (let level = 0; level < 30; level++) inner = inner["not"] = {} as Record<string, unknown>;
  const refused: readonly (readonly [schema: unknown, says: string])[] = [
    [{ pattern: "a" }, "regular expression"],
    [{ patternProperties: { a: {} } }, "regular expression"],
    [{ $ref: "#" }, "recur"],
    [{ properties: { a: { $ref: "https://elsewhere" } } }, "s.properties.a"],
    [{ uniqueItems: true }, "too long"],
    [{ format: "regex" }, '"regex"'],
    [{ typ: "object" }, '"typ"'],
    [{ type: "text" }, '"text"'],
    [{ minLength: -1 }, "s.minLength"],
    [{ anyOf: [] }, "s.anyOf"],
    [{ anyOf: Array.from({ length: 33 }, () => ({})) }, "more than 32"],
    [{ enum: Array.from({ length: 6000 }, () => 1) }, "more than 5000"],
    [deep, "levels deep"],
    [[], "no schema"],
  ];
  for (const [given, says] of refused) {
    assertStringIncludes(assertThrows(() => checkSchema(given, "s"), AegisError).message, says);
  }
});

Deno.test("schemaProblem() gives up on alternatives in alternatives", () => {
  let schema: unknown = { not: {} };
  for (let level = 0; level < 8; level++) schema = { anyOf: Array.from({ length: 16 }, () => schema) };
  // 16^8 ways: nobody may wait for them.
  assertStringIncludes(schemaProblem(schema as never, 1) ?? "", "takes too long");
});

Deno.test("schemaProblem() names the place", () => {
  const checked = checkSchema({
    properties: { a: { items: { type: "string" } } },
    additionalProperties: false,
  }, "s");
  assertEquals(schemaProblem(checked, { a: ["x", 1] }), '"a[1]" is no string');
  assertEquals(schemaProblem(checked, { b: 1 }), '"b" is unknown: use a');
});
