/** The tables of docs/audit.md are those of the code. */
import { AUDIT_KINDS, type AuditKind } from "../../src/audit/kinds.ts";
import { THREAT_RULES, type ThreatRule } from "../../src/audit/threat_rules.ts";
import { assertEquals } from "../assert.ts";

const ROWS = Deno.readTextFileSync(new URL("../../docs/audit.md", import.meta.url)).split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

Deno.test("docs/audit.md has every kind with its severity", () => {
  const names = Object.keys(AUDIT_KINDS) as AuditKind[]; // its own keys
  for (const name of names) {
    const severity = name === "threat" ? "its own" : AUDIT_KINDS[name].severity;
    assertEquals(ROWS.filter(([first]) => first === `\`${name}\``).map((row) => row[1]), [severity], name);
  }
});

Deno.test("docs/audit.md has every rule for threats with its threshold, window and severity", () => {
  const documented = ROWS.filter((row) => row.length === 5).map((
    [name, , many, within, severity],
  ) => [name, many, within, severity]);
  const rules: [string, ThreatRule][] = Object.entries(THREAT_RULES);
  assertEquals(
    documented,
    rules.map((
      [name, { threshold, window, severity }],
    ) => [`\`${name}\``, String(threshold), `${window / 1000} s`, severity]),
  );
});
