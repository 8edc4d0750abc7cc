/** The host of `examples/plugin-host`, as its reader runs it. */
import { assertEquals } from "../../assert.ts";

const ROOT = new URL("../../../", import.meta.url);

async function run(...args: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--no-check",
        "--unstable-worker-options",
        "-A",
        "--frozen",
        `--lock=${new URL("deno.lock", ROOT).pathname}`,
      ],
      ...[new URL("examples/plugin-host/main.ts", ROOT).pathname, ...args],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("examples/plugin-host replaces a plugin while it runs, and keeps its count", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_example_" });
  try {
    const lines = await run(folder);
    assertEquals(lines.filter((line) => line.startsWith("Hello")), [
      "Hello, Ada! You are number 1.",
      "Hello, Grace! You are number 2.",
      "Hello, Barbara! You are number 3.",
      "Hello, Frances! You are number 1.",
      "Hello, Hedy! You are number 2.",
    ]);
    assertEquals(lines.filter((line) => line.startsWith("[counter")), [
      "[counter 1.0.0] started",
      "[counter 1.1.0] upgraded from 1.0.0",
      "[counter 1.0.0] rolledBack from 1.1.0: by hand",
      "[counter 1.0.0] stopped",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
