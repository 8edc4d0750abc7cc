import type { SandboxOptions } from "../../src/sandbox/aegis_options.ts";
import { SandboxBuilder } from "../../src/sandbox/sandbox_builder.ts";
import { assertEquals, assertRejects } from "../assert.ts";

/** The options with which a builder would start a sandbox. */
async function optionsOf(chosen: (builder: SandboxBuilder) => SandboxBuilder): Promise<SandboxOptions> {
  let got: SandboxOptions = {};
  const builder = new SandboxBuilder((options) => {
    got = options;
    return Promise.reject(new Error("nothing is started here"));
  }, { fuelLimit: 7 });
  await assertRejects(() => chosen(builder).build(), Error, "nothing is started here");
  return got;
}

Deno.test("SandboxBuilder sets the option that each method names, and keeps the others", async () => {
  const first = () => {}, second = () => {};
  const cases: readonly (readonly [(builder: SandboxBuilder) => SandboxBuilder, SandboxOptions])[] = [
    [(builder) => builder.withMemoryLimit("1MiB"), { memoryLimit: "1MiB" }],
    [(builder) => builder.withFuelLimit(8), { fuelLimit: 8 }],
    [(builder) => builder.withTimeout("1s"), { timeout: "1s" }],
    [(builder) => builder.withStackLimit(65536), { stackLimit: 65536 }],
    [(builder) => builder.withArgs(["a", "b"]), { args: ["a", "b"] }],
    [(builder) => builder.withStdin("text"), { stdin: "text" }],
    [(builder) => builder.with({ onMemoryLimit: "trap" }), { onMemoryLimit: "trap" }],
    [
      (builder) => builder.withEventSubscriber(first).withEventSubscriber(second),
      { subscribers: [first, second] },
    ],
  ];
  for (const [chosen, options] of cases) {
    assertEquals(await optionsOf(chosen), { fuelLimit: 7, ...options });
  }
});
