/**
 * The parts of SARIF 2.1.0 that our documents have, by the specification: required properties, types, values of
 * enumerations, and indices that lead somewhere. A property that the specification does not know is a mistake.
 */
import { assert } from "../assert.ts";

type Check = (value: unknown, path: string) => void;

const text: Check = (value, path) => assert(typeof value === "string", `${path} is text`);
const whole = (least: number): Check => (value, path) =>
  assert(Number.isInteger(value) && Number(value) >= least, `${path} is a whole number from ${least} on`);
const anything: Check = (value, path) =>
  assert(typeof value === "object" && value !== null, `${path} is a bag`);
const oneOf = (...values: readonly string[]): Check => (value, path) =>
  assert(values.includes(String(value)), `${path} is one of ${values.join(", ")}`);
const listOf = (item: Check): Check => (value, path) => {
  assert(Array.isArray(value), `${path} is a list`);
  for (const [at, one] of value.entries()) item(one, `${path}[${at}]`);
};
const record =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    assert(typeof value === "object" && value !== null && !Array.isArray(value), `${path} is an object`);
    for (const key of Object.keys(required)) assert(Object.hasOwn(value, key), `${path}.${key} is there`);
    for (const [key, own] of Object.entries(value)) {
      const check = required[key] ?? optional[key];
      assert(check !== undefined, `${path}.${key} is known`);
      check(own, `${path}.${key}`);
    }
  };

/** 3.11: a message for people. */
const message = record({ text });
const level = oneOf("none", "note", "warning", "error");
/** 3.4: a reference to an artifact, whose URI is a valid one. */
const artifactLocation = record({}, {
  uri: (value, path) => {
    text(value, path);
    assert(/^[A-Za-z0-9._~!$&'()*+,;=:@/%-]*$/.test(String(value)), `${path} is a reference`);
    decodeURIComponent(String(value));
  },
  index: whole(0),
});
/** 3.30.11: a region of a binary artifact. */
const region = record({ byteOffset: whole(0) }, { byteLength: whole(0) });
const location = record({
  physicalLocation: record({ artifactLocation }, { region }),
}, { logicalLocations: listOf(record({}, { name: text, fullyQualifiedName: text, kind: text })) });
/** 3.49. */
const rule = record({ id: text }, {
  shortDescription: message,
  fullDescription: message,
  help: message,
  defaultConfiguration: record({}, { level }),
  properties: anything,
});
/** 3.27. */
const result = record({ message }, {
  ruleId: text,
  ruleIndex: whole(0),
  level,
  locations: listOf(location),
  properties: anything,
});
const driver = record({ name: text }, { semanticVersion: text, rules: listOf(rule) });
const run = record({ tool: record({ driver }) }, {
  artifacts: listOf(
    record({}, { location: artifactLocation, length: whole(-1), roles: listOf(oneOf("analysisTarget")) }),
  ),
  columnKind: oneOf("utf16CodeUnits", "unicodeCodePoints"),
  results: listOf(result),
  properties: anything,
});
const log = record({ version: oneOf("2.1.0"), runs: listOf(run) }, { $schema: text });

/** What the checks below read; the shape was checked before. */
interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly artifacts: readonly { readonly length: number }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly index: number };
          readonly region?: { readonly byteOffset: number; readonly byteLength: number };
        };
      }[];
    }[];
  }[];
}

/** Fails unless a document is one of SARIF. */
export function checkSarif(document: unknown): Log {
  log(document, "$");
  const checked = document as Log;
  for (const { tool: { driver: { rules } }, artifacts, results } of checked.runs) {
    assert(new Set(rules.map(({ id }) => id)).size === rules.length, "ids of rules differ");
    for (const { ruleId, ruleIndex, locations } of results) {
      assert(rules[ruleIndex]?.id === ruleId, `${ruleId} is rule ${ruleIndex}`);
      for (const { physicalLocation: { artifactLocation: { index }, region } } of locations) {
        const { length } = artifacts[index] ?? { length: -1 };
        assert(
          region === undefined || region.byteOffset + region.byteLength <= length,
          "a region is in its artifact",
        );
      }
    }
  }
  return checked;
}
