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

Deno.test("G59 checkSchema() refuses what could take long or lead elsewhere, and what it does not know", () => {
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
    [{ multipleOf: 0 }, "s.multipleOf"],
    [{ multipleOf: -1 }, "s.multipleOf"],
    [{ maximum: Infinity }, "s.maximum"],
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

Deno.test("G59 schemaProblem() gives up on alternatives in alternatives", () => {
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

Deno.test("G59 schemaProblem() looks at a long text once, however many schemas ask for its length", () => {
  const text = "x".repeat(4 * 1024 * 1024), half = text.length - 1;
  const many = Array.from({ length: 30 }, () => ({ minLength: half }));
  const checked = checkSchema({ allOf: Array.from({ length: 30 }, () => ({ allOf: many })) }, "s");
  const started = performance.now();
  assertEquals(schemaProblem(checked, text), undefined);
  assertEquals(performance.now() - started < 2000, true);
});

Deno.test("G59 schemaProblem() counts what it walks over, not only the schemas that it tries", () => {
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 0]));
  const rules = Array.from({ length: 32 }, () => ({ properties: { none: true } }));
  const checked = checkSchema({ allOf: Array.from({ length: 32 }, () => ({ allOf: rules })) }, "s");
  assertStringIncludes(schemaProblem(checked, wide) ?? "", "takes too long");
});

Deno.test("schemaProblem() counts characters, not UTF-16 units", () => {
  const says = (rules: Record<string, number>, text: string) =>
    schemaProblem(checkSchema(rules, "s"), text) === undefined;
  for (const text of ["🙂🙂", "a\ud83d", "\ude42\ud83d", "🙂\ude42"]) {
    for (let bound = 0; bound < 6; bound++) {
      const count = [...text].length;
      assertEquals(says({ minLength: bound }, text), count >= bound, `${text} min ${bound}`);
      assertEquals(says({ maxLength: bound }, text), count <= bound, `${text} max ${bound}`);
    }
  }
});

Deno.test("checkSchema() refuses hidden text in what cannot be shown otherwise", () => {
  for (const hidden of ["\u202e", "\u200b", "\u{e0041}", "\0", "\u001b", "\ud800"]) {
    const text = `a${hidden}b`;
    const refused: readonly (readonly [schema: unknown, place: string])[] = [
      [{ default: text }, "s.default"],
      [{ default: { a: [text] } }, "s.default.a.0"],
      [{ default: { [text]: 1 } }, "s.default"],
      [{ enum: ["x", text] }, "s.enum.1"],
      [{ const: { [text]: 1 } }, "s.const"],
      [{ examples: [{ a: text }] }, "s.examples.0.a"],
      [{ properties: { [text]: {} } }, "s.properties"],
      [{ required: [text] }, "s.required"],
      [{ properties: { a: { items: { const: text } } } }, "s.properties.a.items.const"],
    ];
    for (const [given, place] of refused) {
      const { message } = assertThrows(() => checkSchema(given, "s"), AegisError);
      assertStringIncludes(message, `${place} has characters that are not shown`);
      assertEquals(message.includes(hidden), false);
    }
  }
  const long = "x".repeat(5000);
  for (const given of [{ enum: [long] }, { properties: { [long.slice(0, 300)]: {} } }]) {
    assertStringIncludes(assertThrows(() => checkSchema(given, "s"), AegisError).message, "more than");
  }
  assertThrows(() => checkSchema({ properties: { "a\nb": {} } }, "s"), AegisError, "several lines");
  checkSchema({ enum: ["Grüße, 世界 🙂\n\tend"], default: { "a b": [1, null, true] } }, "s");
});

Deno.test("schemaProblem() counts multiples in decimal, as JSON writes numbers", () => {
  const fits = (multipleOf: number, value: number) =>
    schemaProblem(checkSchema({ multipleOf }, "s"), value) === undefined;
  for (
    const [step, value] of [[0.1, 0.3], [0.1, -1.1], [0.01, 19.99], [1e-7, 3e-7], [1e300, 3e300], [2, 4], [
      0.5,
      0,
    ]]
  ) {
    assertEquals(fits(step ?? 0, value ?? 0), true, `${value} of ${step}`);
  }
  for (
    const [step, value] of [[0.1, 0.35], [0.3, 1], [2, 3], [1e300, 1.5e300], [1e-300, 1.5e-300], [
      5e-324,
      0.1 + 1e-17,
    ]]
  ) {
    assertEquals(fits(step ?? 0, value ?? 0), step === 5e-324, `${value} of ${step}`);
  }
});

Deno.test("schemaProblem() names properties as they are written, and not too many of them", () => {
  const properties = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`p${at}`, true]));
  const says = (known: Record<string, boolean>) =>
    schemaProblem(checkSchema({ properties: known, additionalProperties: false }, "s"), { x: 1 }) ?? "";
  assertEquals(says(properties).endsWith("p18, p19, …"), true);
  assertStringIncludes(says({ "a, b: obey": true }), 'use "a, b: obey"');
});
