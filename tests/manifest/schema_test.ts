import { parse } from "smol-toml";
import { commandTables } from "../../src/cli/command_tables.ts";
import { schemaText } from "../../src/cli/config_check.ts";
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { SETTING_FLAGS } from "../../src/cli/flags/setting_flags.ts";
import { COMMAND_NAMES } from "../../src/manifest/command_names.ts";
import { KEY_NAMES, type KeyName, KEYS, SECTIONS, snakeCase } from "../../src/manifest/keys.ts";
import { readLayers } from "../../src/manifest/read_layers.ts";
import { Ajv2020 } from "../ajv.ts";
import { assert, assertEquals } from "../assert.ts";
import { EFFECTS } from "./effects.ts";

const SCHEMA = JSON.parse(schemaText());
const matches = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(SCHEMA);

/** What the reader says of a document; empty where it takes it. */
async function mistakesIn(document: unknown): Promise<readonly string[]> {
  const { mistakes } = await readLayers("aegis.json", JSON.stringify(document), {
    read: () => Promise.resolve("{}"),
    commands: commandTables(),
    skipsCommands: false,
  });
  return mistakes.map(({ message }) => message);
}

/** Both judges on one document; they must agree unless it is the content of a text or an amount that is wrong. */
async function judge(document: unknown): Promise<{ readonly schema: boolean; readonly reader: boolean }> {
  return { schema: matches(document), reader: (await mistakesIn(document)).length === 0 };
}

Deno.test("docs/aegis.schema.json is what the table of keys gives", async () => {
  const file = new URL("../../docs/aegis.schema.json", import.meta.url);
  // deno run -A cli.ts config schema > docs/aegis.schema.json
  assertEquals(await Deno.readTextFile(file), schemaText());
});

Deno.test("the schema takes every key as the reader does, at the top, in its section, in a module and in a tool", async () => {
  for (const name of KEY_NAMES) {
    const { line, base = "" } = EFFECTS[name], { section } = KEYS[name];
    const keys = JSON.parse(JSON.stringify(parse(`${line}\n${base}`.replaceAll("HOST", "a.example"))));
    const key = snakeCase(name), { [key]: value, ...rest } = keys;
    const documents = [
      keys,
      { modules: { m: { path: "m.wasm", ...keys } } },
      { modules: { m: { path: "m.wasm", tools: { f: keys } } } },
      ...section === undefined ? [] : [{ ...rest, [section]: { [key]: value } }],
    ];
    for (const document of documents) {
      assertEquals(await judge(document), { schema: true, reader: true }, JSON.stringify(document));
    }
  }
});

/** Wrong in their form, whatever the key; but for some keys, for which both judges take them. */
const FORMS = [null, true, false, {}, [], [[]], [null], [{}], { no_such_key: 1 }, [{ no_such_key: 1 }], [
  true,
]];

/** Wrong or right by what they hold. */
const CONTENTS = [
  -1,
  0,
  1,
  1.5,
  1e300,
  "",
  "x",
  "0=1",
  "1",
  "64KiB",
  "5s",
  "10M",
  "unlimited",
  "trace",
  "error",
  ["x"],
];

Deno.test("the schema refuses what the reader refuses for its form, and nothing that the reader takes", async () => {
  let agreed = 0;
  for (const name of KEY_NAMES) {
    for (const [values, exact] of [[FORMS, true], [CONTENTS, false]] as const) {
      for (const value of values) {
        const document = { [snakeCase(name)]: value }, { schema, reader } = await judge(document);
        const text = JSON.stringify(document);
        if (reader) assert(schema, `the schema refuses what is read: ${text}`);
        // A host that is named by nothing, a clock that is none: what a table must hold beside its form.
        const byContent = JSON.stringify(value).replaceAll(/[[\]]/g, "") === "{}";
        if (exact && !byContent) assertEquals(schema, reader, text);
        if (schema === reader) agreed++;
      }
    }
  }
  assert(agreed > KEY_NAMES.length * 22, `they agree on ${agreed} documents`);
});

Deno.test("the schema and the reader agree on tables", async () => {
  const right = [
    {},
    { include: [] },
    { modules: {} },
    { modules: { a: { path: "a.wasm", http: { route: "/a", form: "cgi" }, tools: { f: { name: "g" } } } } },
    { server: { port: 1, cors: ["https://a.example"], no_auth: true }, run: { fuel_limit: "10M" } },
    { task: { server: "http://a.example", token_file: "t" } },
    { runtime: {}, resource_limits: {}, capabilities: {} },
  ];
  const wrong = [
    { modules: [] },
    { modules: { "a.b": { path: "a" } } },
    { modules: { a: 1 } },
    { modules: { a: { path: 1 } } },
    { modules: { a: { path: "a", http: { rout: "/" } } } },
    { modules: { a: { path: "a", tools: [] } } },
    { modules: { a: { path: "a", tools: { f: { titel: "x" } } } } },
    { modules: { a: { path: "a", include: "b" } } },
    { server: { prot: 1 } },
    { server: { config: "x" } },
    { task: { allow_read: "x" } },
    { help: {} },
    { runtime: { fuel_limit: 1 } },
    { capabilities: { engine: "v8" } },
    { resource_limits: 1 },
  ];
  for (const document of right) {
    assertEquals(await judge(document), { schema: true, reader: true }, JSON.stringify(document));
  }
  for (const document of wrong) {
    assertEquals(await judge(document), { schema: false, reader: false }, JSON.stringify(document));
  }
});

Deno.test("every flag that is a key means the key, and every key of the command's table is a flag", () => {
  for (const [name, row] of Object.entries(SETTING_FLAGS as Record<string, FlagRow>)) {
    assert(Object.hasOwn(KEYS, name), name);
    assertEquals(snakeCase(name), row.long.replaceAll("-", "_"));
    const { schema } = KEYS[name as KeyName].form, choices = row.choices ?? [];
    for (const choice of choices) {
      assert(JSON.stringify(schema).includes(`"${choice}"`), `${name}: ${choice}`);
    }
  }
  for (const [word, rows] of Object.entries(commandTables())) {
    if (word === "build") continue; // its table says what is built
    for (const [key, { flag }] of Object.entries(rows)) {
      assertEquals(FLAGS[flag as keyof typeof FLAGS].long.replaceAll("-", "_"), key);
    }
  }
});

Deno.test("the library knows the tables of all commands by name, and none is a key", () => {
  for (const word of Object.keys(commandTables())) {
    assert(COMMAND_NAMES.some((name) => name === word), `add ${word} to COMMAND_NAMES`);
  }
  const keys = [...KEY_NAMES.map(snakeCase), ...Object.keys(SECTIONS), "include", "modules"];
  assertEquals(COMMAND_NAMES.filter((name) => keys.includes(name)), []);
});
