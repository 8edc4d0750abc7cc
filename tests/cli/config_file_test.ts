import { readConfig as readFile } from "../../src/cli/config_file.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const readConfig = (bytes: Uint8Array, file: string) =>
  readFile(file, { read: () => Promise.resolve(Uint8Array.from(bytes)) });

async function refused(text: string | Uint8Array): Promise<AegisError> {
  const bytes = typeof text === "string" ? encode(text) : text;
  const error = await assertRejects(() => readConfig(bytes, "aegis.toml"), AegisError);
  assertEquals(error.code, "InvalidOption");
  assertStringIncludes(error.message, '"aegis.toml"');
  return error;
}

Deno.test("readConfig() reads TOML and JSON alike", async () => {
  const expected = {
    function: "add",
    memoryLimit: 16 * 1024 * 1024,
    fuelLimit: 1_000_000n,
    timeout: 2000,
    stackLimit: 65536,
    preset: "minimal",
    metrics: true,
    format: "json",
  };
  const toml = `
    function = "add"
    memory_limit = "16MiB"
    fuel_limit = 1_000_000
    timeout = 2            # seconds, as on the command line
    stack_limit = 65536
    preset = "minimal"
    metrics = true
    format = "json"
  `;
  const json = JSON.stringify({
    function: "add",
    memory_limit: "16MiB",
    fuel_limit: 1_000_000,
    timeout: 2,
    stack_limit: 65536,
    preset: "minimal",
    metrics: true,
    format: "json",
  });
  assertEquals(await readConfig(encode(toml), "a"), expected as never);
  assertEquals(await readConfig(encode(json), "a"), expected as never);
});

Deno.test("readConfig() reads counts exactly, and unlimited fuel", async () => {
  assertStringIncludes((await refused("fuel_limit = 9007199254740993")).message, 'to "9007199254740993": ');
  assertEquals((await readConfig(encode('fuel_limit = "unlimited"'), "a")).fuelLimit, "unlimited");
});

Deno.test("readConfig() refuses an unknown key by name, and names the near one", async () => {
  const near = await refused('memory-limit = "1MiB"');
  assertEquals(near.message, 'Cannot use configuration "aegis.toml": unknown key "memory-limit"');
  assertEquals(near.suggestion, 'Did you mean "memory_limit" or "on_memory_limit"?');
  const far = await refused("[resources]\nx = 1");
  assertEquals(far.message, 'Cannot use configuration "aegis.toml": unknown key "resources"');
  assertStringIncludes(far.suggestion ?? "", "Known keys: function, preset");
  assertStringIncludes((await refused('{"__proto__": 1}')).message, 'unknown key "__proto__"');
});

Deno.test("readConfig() refuses what only the command line may say", async () => {
  for (const key of ["config", "verbose", "quiet", "help", "strict"]) {
    assertStringIncludes((await refused(`${key} = true`)).message, `unknown key "${key}"`);
  }
});

Deno.test("readConfig() refuses values of another form", async () => {
  assertEquals(
    (await refused('metrics = "yes"')).message,
    'Cannot set metrics of "aegis.toml" to "yes": use true or false',
  );
  assertStringIncludes((await refused("timeout = true")).message, 'Cannot set timeout of "aegis.toml"');
  assertStringIncludes(
    (await refused("timeout = [1]")).message,
    '"timeout" cannot be a list: it must be an amount',
  );
  assertStringIncludes((await refused("timeout = -1")).message, 'Cannot read timeout of "aegis.toml"');
  assertStringIncludes(
    (await refused("memory_limit = 1.5")).message,
    'Cannot read memory_limit of "aegis.toml"',
  );
  assertStringIncludes((await refused("function = 5")).message, "it must be text");
});

Deno.test("readConfig() refuses a limit out of bounds by file and key", async () => {
  const cases = [
    ["timeout = 0", 'Cannot set timeout of "aegis.toml" to "0": it must be at least 1ms'],
    ['stack_limit = "1MiB"', 'Cannot set stack_limit of "aegis.toml" to "1MiB": it must be at most 640KiB'],
    ["fuel_limit = 0", 'Cannot set fuel_limit of "aegis.toml" to "0": it must be at least 1'],
  ] as const;
  for (const [text, message] of cases) assertEquals((await refused(text)).message, message);
});

Deno.test("readConfig() refuses what is neither TOML nor JSON, with one line of reason", async () => {
  for (const text of ["= 5", '{"function": ', "5"]) {
    const { message } = await refused(text);
    assertEquals(message.includes("\n"), false, message);
    assertStringIncludes(message, text.startsWith("{") ? "it is not JSON: " : "it is not TOML: ");
  }
  for (const list of ["[1]", ' [{"function": "f"}]']) {
    assertEquals((await refused(list)).message, 'Cannot use configuration "aegis.toml": it must be a table');
  }
  assertStringIncludes((await refused(new Uint8Array([0xff, 0xfe]))).message, "not UTF-8");
});

Deno.test("readConfig() reads sensors, alerts and what a denial does", async () => {
  const read = (text: string) => readConfig(encode(text), "aegis.toml");
  assertEquals(await read('sensor = ["0=1", "1=@f"]\nallow_alert = true\non_denial = "stop"'), {
    sensor: [{ id: 0, values: [1] }, { id: 1, file: "f" }],
    allowAlert: "info",
    onDenial: "stop",
  });
  assertEquals(await read('sensor = "0=1"\nallow_alert = "critical"'), {
    sensor: [{ id: 0, values: [1] }],
    allowAlert: "critical",
  });
  assertEquals((await read("allow_alert = false")).allowAlert, false);
  for (const wrong of ['allow_alert = "fatal"', "on_denial = true", "sensor = 5"]) {
    await refused(wrong);
  }
});
