/** What guests print beside their answers: bounded by what comes to be written, whatever it is. */
import { GuestLog } from "../../../src/wrappers/http/guest_log.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";

/** As `aegis serve` writes it: the name in front, characters escaped. */
function written(module: string, lines: readonly string[]): number {
  // deno-lint-ignore no-control-regex -- what is escaped
  const shown = lines.map((line) => `${module}: ${line.replace(/[\u0000-\u001f]/g, "\\u0000")}\n`);
  return shown.join("").length;
}

function logged(module: string, text: string, size = 1000): string[] {
  const lines: string[] = [], log = new GuestLog(module, (line) => void lines.push(line));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) log.add(bytes.slice(at, at + size));
  log.end();
  return lines;
}

Deno.test("GuestLog bounds what is written, with the name before each line and every escape", () => {
  const name = "a-module-whose-name-is-long".repeat(3);
  for (
    const text of [
      "\n".repeat(65_536),
      "a\n\n".repeat(30_000),
      "a\n".repeat(60_000),
      `${"\x01".repeat(100)}\n`.repeat(2000),
    ]
  ) {
    for (const size of [1000, 300_000]) {
      const lines = logged(name, text, size), length = written(name, lines);
      assert(length < 66_000, `${length} characters of ${JSON.stringify(text.slice(0, 4))}`);
    }
  }
  // Whether a line fits exactly or not.
  for (let length = 1; length < 60; length++) {
    const lines = logged("m", `${"w".repeat(length)}\n`.repeat(8000), 100_000);
    assertMatch(lines.at(-1) ?? "", /the rest is not shown/);
    assertEquals(lines.filter((line) => /the rest/.test(line)).length, 1);
  }
});

Deno.test("GuestLog tells a run of empty lines once, and single ones as they are", () => {
  assertEquals(logged("m", "a\n\nb\n\n\n\nc\r\n\r\n\n"), [
    "a",
    "",
    "b",
    "(3 empty lines)",
    "c",
    "(2 empty lines)",
  ]);
  assertEquals(logged("m", "no end"), ["no end"]);
  assertEquals(logged("m", "ä".repeat(3), 1), ["äää"]);
  assertEquals(logged("m", `${"x".repeat(5000)}\ny`), ["x".repeat(2000), "y"]);
});
