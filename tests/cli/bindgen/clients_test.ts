/** Clients of `clients/` are what is generated today; `AEGIS_UPDATE=1` writes them anew. */
import fc from "../../fast_check.ts";
import { Aegis, AegisError } from "../../../mod.ts";
import { literal } from "../../../src/cli/bindgen/literal.ts";
import { clientModel } from "../../../src/cli/bindgen/client_model.ts";
import { clientScript } from "../../../src/cli/bindgen/client_script.ts";
import { clientTypes } from "../../../src/cli/bindgen/client_types.ts";
import { memberNames } from "../../../src/cli/bindgen/member_names.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { exampleBytes } from "../../examples/example_file.ts";
import { runCommand } from "../fake_io.ts";
import { CLIENT_MODULES } from "./client_fixtures.ts";
import * as imports from "./clients/imports.client.js";
import * as numbers from "./clients/numbers.client.js";

const CLIENTS = new URL("./clients/", import.meta.url);
const LIBRARY = "../../../../mod.ts";

async function generated(name: string, bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const written = new Map<string, string>();
  const file = `${name}.wasm`, words = ["bindgen", file, "--quiet", "--import", LIBRARY];
  const { status } = await runCommand(words, { files: { [file]: bytes }, written });
  assertEquals(status, 0, name);
  return written;
}

for (const [name, bytes] of Object.entries(CLIENT_MODULES)) {
  Deno.test(`bindgen writes the client ${name} as it is kept`, async () => {
    for (const [file, text] of await generated(name, bytes)) {
      if (Deno.env.get("AEGIS_UPDATE") === "1") await Deno.writeTextFile(new URL(file, CLIENTS), text);
      else assertEquals(text, await Deno.readTextFile(new URL(file, CLIENTS)), file);
    }
  });
}

async function runDeno(args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" })
    .output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

Deno.test("generated clients are as deno fmt leaves them, at its default width and at ours", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(CLIENT_MODULES)) {
      for (const [file, text] of await generated(name, bytes)) {
        await Deno.writeTextFile(`${folder}/${file}`, text);
      }
    }
    await Deno.writeTextFile(`${folder}/wide.json`, '{ "fmt": { "lineWidth": 110 } }\n');
    await runDeno(["fmt", "--no-config", "--check", "."], folder);
    await runDeno(["fmt", "--config=wide.json", "--check", "."], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program that uses generated clients is checked against their types", async () => {
  const folder = await Deno.makeTempDir();
  const root = new URL("../../../", import.meta.url);
  try {
    for (const [name, bytes] of Object.entries(CLIENT_MODULES)) {
      for (const [file, text] of await generated(name, bytes)) {
        await Deno.writeTextFile(`${folder}/${file}`, text.replaceAll(LIBRARY, new URL("mod.ts", root).href));
      }
    }
    await Deno.writeTextFile(
      `${folder}/program.ts`,
      `import { Aegis } from ${JSON.stringify(new URL("mod.ts", root).href)};
import * as content from "./content.client.js";
import * as hostile from "./hostile.client.js";
import * as imports from "./imports.client.js";
import * as numbers from "./numbers.client.js";
import * as partial from "./partial.client.js";

export async function program(runtime: Aegis): Promise<void> {
  await using client = await numbers.open(runtime, { module: "numbers.wasm", sandbox: { fuelLimit: 1000 } });
  const sum: number = await client.add(1, 2, { timeout: "1s" });
  const [quotient, remainder]: readonly [bigint, bigint] = await client.divmod(7n, 2n);
  // @ts-expect-error -- i64 is a bigint
  await client.divmod(7, 2);
  // @ts-expect-error -- no such function
  await client.subtract(1, 2);
  await using texts = await content.open(runtime, { module: new Uint8Array() });
  const greeting: string = await texts.greet("World");
  const parsed: { a: number } = await texts.parse<{ a: number }>("{}");
  const digest: Uint8Array<ArrayBuffer> = await texts.digest(new Uint8Array(), sum);
  const size: number = await texts.size({ a: [1, null, "x"] });
  const untrue: bigint = await texts.untrue(1);
  // @ts-expect-error -- JSON cannot say that
  await texts.size(1n);
  await using asking = await imports.open(runtime, {
    module: new URL("imports.wasm", import.meta.url),
    imports: {
      env: { now: () => 1n, show: (a: number, b: number) => console.log(a, b) },
      phrases: { lookup: (key) => Promise.resolve([key.length]) },
    },
  });
  const odd: hostile.Client = hostile.connect(asking.sandbox);
  await odd["größe"]();
  await odd["line\\nbreak \\u2028 \\u202e"]();
  await odd["*/ /* //# sourceMappingURL=x"]();
  partial.connect(asking.sandbox);
  // @ts-expect-error -- imports are missing
  await imports.open(runtime, { module: "imports.wasm" });
  console.log(quotient, remainder, greeting, parsed, digest, size, untrue, asking.sandbox.id);
}
`,
    );
    await runDeno(["check", `--config=${new URL("deno.json", root).pathname}`, "program.ts"], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a client calls functions with numbers, from every source of the module", async () => {
  await using runtime = await Aegis.create();
  const bytes = CLIENT_MODULES["numbers"] ?? new Uint8Array(), folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/numbers.wasm`;
    await Deno.writeFile(path, bytes);
    for (const module of [bytes, path, new URL(`file://${path}`), await runtime.loadBytes(bytes)]) {
      await using client = await numbers.open(runtime, { module });
      assertEquals(await client.add(2, 3), 5);
      assertEquals(await client.divmod(-7n, 2n), [-3n, -1n]);
      assertEquals(await client.half(5), 2.5);
      assertEquals(await client.nothing(), undefined);
      assertEquals(await client.many(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    assertEquals((await runtime.loadBytes(bytes)).hash, numbers.generatedFrom.hash);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a client passes options on, to the sandbox and to calls, and closes what it opened", async () => {
  await using runtime = await Aegis.create({ maxSandboxes: 1 });
  const module = CLIENT_MODULES["numbers"] ?? new Uint8Array();
  const client = await numbers.open(runtime, { module, sandbox: { fuelLimit: 50_000 } });
  assertEquals(client.sandbox.limits.fuelLimit, 50_000n);
  const signal = AbortSignal.abort(),
    error = await assertRejects(() => client.add(1, 2, { signal }), AegisError);
  assertEquals(error.code, "Cancelled");
  await client[Symbol.asyncDispose]();
  // The one sandbox that may be alive is free again, also when a module could not be loaded into it.
  const other = await runtime.loadWat('(module (import "env" "none" (func)))');
  for (let run = 0; run < 2; run++) {
    const failure = await assertRejects(() => numbers.open(runtime, { module: other }), AegisError);
    assertEquals(failure.code, "MissingImport");
  }
});

Deno.test("a client offers its imports, with the object that they belong to", async () => {
  await using runtime = await Aegis.create();
  const shown: number[][] = [];
  class Env {
    readonly #time = 41n;
    now(): Promise<bigint> {
      return Promise.resolve(this.#time);
    }
    show(first: number, second: number): void {
      shown.push([first, second]);
    }
  }
  const module = CLIENT_MODULES["imports"] ?? new Uint8Array();
  const phrases = { lookup: () => null };
  await using client = await imports.open(runtime, { module, imports: { env: new Env(), phrases } });
  assertEquals(await client.main(), 42n);
  assertEquals(shown, [[1, 2]]);
});

Deno.test("a client of a guest with content speaks in values, in both directions", async () => {
  await using runtime = await Aegis.create();
  const client = await clientOf(runtime, "guest/greet_rust.wasm");
  assertEquals(await client["greet"]?.("World", { timeout: 5000 }), "Hello, World!");
  assertEquals(await client["reverse"]?.(Uint8Array.of(1, 2)), Uint8Array.of(2, 1));
  assertEquals(await client["count_words"]?.("a b"), { words: 2, letters: 3 });
  assertEquals(client["aegis_alloc"], undefined);
  const asked: string[][] = [];
  const translate = (...texts: string[]) => {
    asked.push(texts);
    return Promise.resolve("Grüezi");
  };
  const asking = await clientOf(runtime, "guest/translate.wasm", { phrases: { translate } });
  assertEquals([await asking["welcome"]?.("ch"), await asking["width"]?.("ch")], ["Grüezi", 6]);
  assertEquals(asked, [["Welcome", "ch"], ["Welcome", "ch"]]);
});

type AnyClient = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** A client of an example, of a script that nobody wrote to a file. */
async function clientOf(runtime: Aegis, file: string, imports?: unknown): Promise<AnyClient> {
  const bytes = await exampleBytes(file);
  const model = clientModel(readModule(bytes), { moduleName: file, hash: "" });
  const { open } = await import(`data:text/javascript,${encodeURIComponent(clientScript(model, "x.d.ts"))}`);
  return await open(runtime, { module: bytes, imports });
}

/** `connect` of a script that nobody wrote to a file. */
async function evaluated(script: string): Promise<(sandbox: unknown) => AnyClient> {
  const { connect } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  return connect;
}

/** A module that exports one function under each name, and imports one under each pair. */
function moduleNamed(names: readonly string[], pairs: readonly (readonly [string, string])[]) {
  const quoted = (name: string) =>
    `"${
      [...new TextEncoder().encode(name)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")
    }"`;
  return `(module ${
    pairs.map(([from, name]) => `(import ${quoted(from)} ${quoted(name)} (func))`).join("")
  } ${names.map((name) => `(func (export ${quoted(name)}))`).join("")})`;
}

/** Pieces of which hostile names are made. */
const NAME = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.array(
    fc.constantFrom(
      "*/",
      "/*",
      "//",
      '"',
      "'",
      "`",
      "\\",
      "${boom()}",
      "\n",
      "\r",
      "\u2028",
      "\u202e",
      "\0",
      "}",
      "__proto__",
      "constructor",
      "then",
      "_",
      "</script>",
      "<!--",
      "-->",
      "\ufeff",
      "\u{1f989}",
      "@ts-ignore ",
      "import('x')",
      "x".repeat(60),
      "new",
      "u0022",
    ),
    { maxLength: 4 },
  ).map((parts) => parts.join("")),
).map((name) => name.toWellFormed());

Deno.test("names of a module are names in its client and nothing else, whatever they are", async () => {
  const { compileText } = await import("../../testsuite/module_bytes.ts");
  const folder = await Deno.makeTempDir();
  let count = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(NAME, { maxLength: 8 }),
        fc.uniqueArray(fc.tuple(NAME, NAME), { maxLength: 4, selector: (pair) => JSON.stringify(pair) }),
        NAME,
        async (names, pairs, moduleName) => {
          const module = readModule(compileText(moduleNamed(names, pairs)));
          const model = clientModel(module, { moduleName, hash: "0".repeat(64) });
          const script = clientScript(model, "x.client.d.ts"), types = clientTypes(model, moduleName);
          for (const text of [script, types]) assert(/^[\n -~]*$/.test(text), "printable ASCII alone");
          const called: string[] = [];
          const client = (await evaluated(script))({ call: (name: string) => called.push(name) });
          const offered = names.filter((name) =>
            !/^(?:aegis_alloc|aegis_free|_start|_initialize|__(?!.+__$).*)$/s.test(name)
          );
          assertEquals(Object.getPrototypeOf(client), Object.prototype);
          assertEquals(Object.keys(client).length, offered.length + 1, "the functions, and the sandbox");
          const members = memberNames(offered);
          for (const name of offered) client[members.get(name) ?? ""]?.();
          assertEquals(called, offered);
          assert(!("then" in client) && client["constructor"] === Object.prototype.constructor);
          await Deno.writeTextFile(`${folder}/${count}.client.js`, script);
          await Deno.writeTextFile(`${folder}/${count++}.client.d.ts`, types);
        },
      ),
      { numRuns: 60 },
    );
    await runDeno(["fmt", "--no-config", "--check", "."], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("literal() is the text again when it is read as JavaScript or as JSON", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertEquals(JSON.parse(literal(text)), text);
    assert(!/\*\/|\/\//.test(literal(text)));
  }));
});

Deno.test("memberNames() gives every name a member of its own, and none that is reserved", () => {
  const names = ["then", "then_", "then__", "__proto__", "sandbox", "add"];
  assertEquals([...memberNames(names)], [
    ["then", "then___"],
    ["then_", "then_"],
    ["then__", "then__"],
    ["__proto__", "__proto___"],
    ["sandbox", "sandbox_"],
    ["add", "add"],
  ]);
});

Deno.test("clientModel() leaves out what compilers name, and not __proto__", async () => {
  const { compileText } = await import("../../testsuite/module_bytes.ts");
  const names = [
    "__proto__",
    "__heap_base",
    "__wasm_call_ctors",
    "__",
    "___",
    "__a",
    "a__",
    "_start",
    "aegis_free",
  ];
  const bytes = compileText(`(module ${names.map((name) => `(func (export "${name}"))`).join(" ")})`);
  const { functions } = clientModel(readModule(bytes), { moduleName: "m.wasm", hash: "" });
  assertEquals(functions.map(({ name, member }) => [name, member]), [["__proto__", "__proto___"], [
    "a__",
    "a__",
  ]]);
});
