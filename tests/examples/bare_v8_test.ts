import { assertEquals, assertRejects } from "../assert.ts";
import { compileBare, instantiateBare } from "./bare_v8.ts";
import { endingRows } from "./endings.ts";
import { exampleBytes, exampleFiles } from "./example_file.ts";
import { exampleSessions } from "./example_sessions.ts";
import { exampleRows } from "./expected.ts";
import { guestAbi } from "./guest_abi.ts";
import { guestAbiRows } from "./guest_abi_rows.ts";
import { ASKING_GUEST, contentRows, RELAYING_GUEST } from "./guest_content_rows.ts";

for (const row of exampleRows) {
  Deno.test(`${row.file} ${row.function}(${row.args.join(", ")}) gives ${row.results.join(", ")}: ${row.note}`, async () => {
    const instance = await instantiateBare(await exampleBytes(row.file));
    assertEquals(await instance.call(row.function, [...row.args]), [...row.results]);
  });
}

for (const row of exampleSessions) {
  Deno.test(`${row.file} ${row.note}`, async () => {
    const session = row.session();
    const instance = await instantiateBare(await exampleBytes(row.file), session.imports);
    assertEquals(await session.drive(instance), row.expected);
  });
}

for (const row of guestAbiRows) {
  Deno.test(`${row.file} ${row.function} with sensors ${row.sensors} gives ${row.results}`, async () => {
    const logs: number[][] = [];
    const alerts: number[][] = [];
    const instance = await instantiateBare(await exampleBytes(row.file), guestAbi(row.sensors, logs, alerts));
    assertEquals(await instance.call(row.function, []), [...row.results]);
    const text = async ([offset = 0, length = 0]: number[]) =>
      new TextDecoder().decode(await instance.readMemory(offset, length));
    assertEquals(await Promise.all(logs.map(text)), [...row.logs]);
    const sent = alerts.map(async (alert) => ({ message: await text(alert), level: alert[2] ?? -1 }));
    assertEquals(await Promise.all(sent), [...row.alerts]);
  });
}

/** What ends by itself on bare V8; the rest would take this process with it. */
const BARE_ERRORS = { Trap: WebAssembly.RuntimeError, StackOverflow: RangeError } as const;

for (const row of endingRows) {
  if (row.ends !== "Trap" && row.ends !== "StackOverflow") continue;
  const error = BARE_ERRORS[row.ends];
  Deno.test(`${row.file} ${row.function}(${row.args.join(", ")}) ends with ${row.ends}: ${row.note}`, async () => {
    const instance = await instantiateBare(await exampleBytes(row.file));
    await assertRejects(() => instance.call(row.function, [...row.args]), error);
  });
}

Deno.test("every example compiles on V8 and stands in a table", async () => {
  const rows = [...exampleRows, ...endingRows, ...guestAbiRows, ...contentRows, { file: ASKING_GUEST }, {
    file: RELAYING_GUEST,
  }];
  const named = new Set(rows.map((row) => row.file));
  const files = await exampleFiles();
  assertEquals(files.filter((file) => !named.has(file)), []);
  for (const file of files) await compileBare(await exampleBytes(file));
});

Deno.test("bytes beside a text are that text compiled", async () => {
  const files = await exampleFiles();
  const twins = files.filter((file) =>
    files.includes(file.replace(/\.wasm$/, ".wat")) && file.endsWith(".wasm")
  );
  assertEquals(twins, ["alert.wasm", "math.wasm", "sensor.wasm", "simple.wasm"]);
  for (const file of twins) {
    assertEquals(await exampleBytes(file), await exampleBytes(file.replace(/\.wasm$/, ".wat")));
  }
});

/** How many functions examples import that import any. */
const IMPORTS: ReadonlyMap<string, number> = new Map([[ASKING_GUEST, 1], [RELAYING_GUEST, 4]]);

Deno.test("built examples are small, import nothing but what they show and carry no debug information", async () => {
  const built = (await exampleFiles()).filter((file) => file.includes("/"));
  assertEquals(built.length, 12);
  for (const file of built) {
    const bytes = await exampleBytes(file);
    assertEquals(bytes.length < 40_000, true, file);
    const module = await compileBare(bytes);
    assertEquals(WebAssembly.Module.imports(module).length, IMPORTS.get(file) ?? 0, file);
    for (const section of [".debug_info", ".debug_line", ".debug_str", "sourceMappingURL"]) {
      assertEquals(WebAssembly.Module.customSections(module, section), [], `${file} ${section}`);
    }
  }
});
