/** Values of a JSON Schema, and some that are none, as an input decides. */
import type { Choices } from "./choices.ts";

/** A schema as the API's document has it, as far as it is looked at. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly pattern?: string;
}

const NUMBERS = [0, 1, -1, 0.5, 2, 5, 100, 1000, 1001, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, -0] as const;

const TEXTS = [
  ...[
    "",
    "a",
    "main",
    "42",
    "1MiB",
    "1s",
    "10",
    "-1",
    "NaN",
    "unlimited",
    "* * * * *",
    "0 4 31 2 *",
    "<script>",
    "%",
    "'",
  ],
  ...[
    "..",
    "/",
    "__proto__",
    "constructor",
    "\0",
    "\u202e",
    "\ud800",
    "\u{1f600}",
    "x".repeat(201),
    "a\nb",
    "true",
    "null",
  ],
] as const;

const ANY = [null, true, false, {}, [], [[]], { a: { b: [1] } }, { __proto__: null, toString: 1 }] as const;

/** How deep values nest. */
const DEEPEST = 4;

/** @param known texts that mean something: names of things that there are */
export class SchemaValues {
  constructor(
    readonly schemas: Readonly<Record<string, Schema>>,
    readonly choices: Choices,
    readonly known: () => readonly string[],
  ) {}

  value(schema: Schema | undefined, depth = 0): unknown {
    const { choices } = this, how = choices.byte();
    if (schema === undefined || how >= 250) return this.#anything(depth);
    if (schema.$ref !== undefined) {
      return this.value(this.schemas[schema.$ref.split("/").at(-1) ?? ""], depth);
    }
    const either = schema.anyOf ?? schema.oneOf;
    if (either !== undefined && either.length > 0) return this.value(choices.pick(either), depth);
    if (schema.enum !== undefined && schema.enum.length > 0) return choices.pick(schema.enum);
    const { type } = schema;
    return this.#typed(typeof type === "string" ? type : type?.[choices.below(type.length)], schema, depth);
  }

  #typed(type: string | undefined, schema: Schema, depth: number): unknown {
    const { choices } = this;
    switch (type) {
      case "object":
        return this.#record(schema, depth);
      case "array":
        return depth > DEEPEST
          ? []
          : Array.from({ length: choices.below(4) }, () => this.value(schema.items, depth + 1));
      case "integer":
        return choices.i32();
      case "number":
        return choices.below(2) === 0 ? choices.i32() : choices.pick(NUMBERS);
      case "boolean":
        return choices.below(2) === 0;
      case "null":
        return null;
      case "string":
        return this.text();
      default:
        return this.#anything(depth);
    }
  }

  #record(
    { properties = {}, required = [], additionalProperties }: Schema,
    depth: number,
  ): Record<string, unknown> {
    const record: Record<string, unknown> = {}, { choices } = this;
    if (depth > DEEPEST) return record;
    for (const [name, schema] of Object.entries(properties)) {
      const wanted = required.includes(name) ? choices.below(32) > 0 : choices.below(6) === 0;
      if (wanted) record[name] = this.value(schema, depth + 1);
    }
    if (choices.below(24) === 0 || typeof additionalProperties === "object") {
      const schema = typeof additionalProperties === "object" ? additionalProperties : undefined;
      Object.defineProperty(record, this.text(), { value: this.value(schema, depth + 1), enumerable: true });
    }
    return record;
  }

  text(): string {
    const { choices } = this, how = choices.byte(), known = this.known();
    if (how < 160 && known.length > 0) return known[choices.u16() % known.length] ?? "";
    if (how < 230) return choices.pick(TEXTS);
    return new TextDecoder("latin1").decode(choices.bytes(choices.below(24)));
  }

  #anything(depth: number): unknown {
    const { choices } = this;
    return choices.pick([
      () => this.text(),
      () => choices.pick(NUMBERS),
      () => choices.pick(ANY),
      () => depth > DEEPEST ? null : [this.#anything(depth + 1)],
    ])();
  }
}
