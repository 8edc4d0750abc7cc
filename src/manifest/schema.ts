/** The JSON Schema of manifests, out of the same tables as the reader. */
import type { Form, Schema } from "./form.ts";
import { KEY_NAMES, KEYS, type SectionName, SECTIONS, snakeCase } from "./keys.ts";
import { type CommandTables, FILE_KEYS, HTTP_KEYS, MODULE_KEYS, MODULE_NAME, TOOL_KEYS } from "./tables.ts";

interface Row {
  readonly form: Form<unknown>;
  readonly doc: string;
  readonly standard?: string;
}

function described({ form, doc, standard }: Row): Schema {
  return { description: standard === undefined ? doc : `${doc}. Default: ${standard}`, ...form.schema };
}

function properties(rows: Readonly<Record<string, Row>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, described(row)]));
}

/** A table of settings: keys that lie elsewhere are named by reference, so that each is described once. */
function settings(others: Readonly<Record<string, Schema>>): Schema {
  const keys = KEY_NAMES.map((name) =>
    [snakeCase(name), { $ref: `#/$defs/key_${snakeCase(name)}` }] as const
  );
  const sections = Object.keys(SECTIONS).map((name) => [name, { $ref: `#/$defs/section_${name}` }] as const);
  return {
    type: "object",
    properties: { ...Object.fromEntries(keys), ...Object.fromEntries(sections), ...others },
    additionalProperties: false,
  };
}

function section(name: SectionName): Schema {
  const own = KEY_NAMES.filter((key) => KEYS[key].section === name).map(snakeCase);
  return {
    description: SECTIONS[name],
    type: "object",
    properties: Object.fromEntries(own.map((key) => [key, { $ref: `#/$defs/key_${key}` }])),
    additionalProperties: false,
  };
}

/** Makes the schema. @param commands the tables of commands */
export function manifestSchema(commands: CommandTables): Schema {
  const tables = Object.entries(commands).map(([name, rows]) =>
    [name, {
      description: `Options of "aegis ${name}"`,
      type: "object",
      properties: Object.fromEntries(
        Object.entries(rows).map(([key, row]) => [
          key,
          row.setting === undefined ? described(row) : { $ref: `#/$defs/key_${snakeCase(row.setting)}` },
        ]),
      ),
      additionalProperties: false,
    }] as const
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Manifest of Aegis",
    description: "Limits, grants and options of modules, as aegis.toml or as JSON",
    ...settings({
      ...properties(FILE_KEYS),
      modules: {
        description: "Modules by their names",
        type: "object",
        propertyNames: { pattern: MODULE_NAME.source },
        additionalProperties: { $ref: "#/$defs/module" },
      },
      ...Object.fromEntries(tables),
    }),
    $defs: {
      ...Object.fromEntries(KEY_NAMES.map((name) => [`key_${snakeCase(name)}`, described(KEYS[name])])),
      ...Object.fromEntries(
        (Object.keys(SECTIONS) as SectionName[]).map((name) => [`section_${name}`, section(name)]), // its own keys
      ),
      module: settings({
        ...properties(MODULE_KEYS),
        http: {
          description: "The module as an HTTP service",
          type: "object",
          properties: properties(HTTP_KEYS),
          additionalProperties: false,
        },
        tools: {
          description: "Functions as tools, by their names",
          type: "object",
          additionalProperties: { $ref: "#/$defs/tool" },
        },
      }),
      tool: settings(properties(TOOL_KEYS)),
    },
  };
}
