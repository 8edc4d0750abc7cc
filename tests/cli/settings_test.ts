import { parseCommand } from "../../src/cli/parse.ts";
import { readSettings } from "../../src/cli/settings.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertRejects } from "../assert.ts";

const read = (words: readonly string[], file = "") =>
  readSettings("run", parseCommand("run", words), {
    read: () => Promise.resolve(Uint8Array.from(new TextEncoder().encode(file))),
  });

const MANIFEST = `
  memory_limit = "32MiB"
  metrics = true

  [modules.greeter]
  path = "greet.wasm"
  fuel_limit = "10M"
  [modules.greeter.tools.greet]
  description = "Says hello"
  timeout = 1
  [modules.greeter.http]
  route = "/greet"
  form = "json"

  [modules.counter]
  path = "/opt/count.wasm"
  memory_limit = "1MiB"

  [run]
  format = "json"
  [server]
  port = 9090
`;

Deno.test("readSettings() takes a module by its name, with the flags of the top, of its table and of the words", async () => {
  const { modules } = await read(["greeter", "-c", "conf/aegis.toml", "--timeout", "2"], MANIFEST);
  const flags = {
    memoryLimit: 32 * 1024 * 1024,
    metrics: true as const,
    format: "json" as const,
    fuelLimit: 10_000_000n,
    config: "conf/aegis.toml",
    timeout: 2000,
  };
  assertEquals(modules, [
    {
      name: "greeter",
      shown: "conf/greet.wasm",
      flags,
      tools: { greet: { description: "Says hello", own: { timeout: 1000 }, flags } },
      http: { route: "/greet", form: "json" as const },
    },
  ]);
});

Deno.test("readSettings() takes every module where none is named, and a file that no module is called", async () => {
  const all = await read(["-c", "aegis.toml"], MANIFEST);
  assertEquals(all.modules.map(({ shown, flags }) => [shown, flags.memoryLimit]), [
    ["greet.wasm", 33_554_432],
    ["/opt/count.wasm", 1_048_576],
  ]);
  const file = await read(["counter.wasm", "-c", "aegis.toml"], MANIFEST);
  assertEquals(file.modules.map(({ name, shown, flags }) => [name, shown, flags.memoryLimit]), [
    ["counter", "counter.wasm", 33_554_432],
  ]);
});

Deno.test("readSettings() refuses keys that nobody reads, with their path", async () => {
  for (
    const [text, key] of [
      ["[modules.a]\npath = 'a'\nfuel = 1", "modules.a.fuel"],
      ["[modules.a.http]\nrout = 'a'\n[modules.a]\npath = 'a'", "modules.a.http.rout"],
      ["[server]\nprot = 1", "server.prot"],
    ] as const
  ) {
    const error = await assertRejects(() => read(["a", "-c", "m.toml"], text), AegisError);
    assertEquals(error.message, `Cannot use configuration "m.toml": unknown key "${key}"`);
  }
});
