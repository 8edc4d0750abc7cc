/** The tables of docs/audit.md are those of the code. */
import { AUDIT_KINDS, type AuditKind } from "../../src/audit/kinds.ts";
import { THREAT_RULES, type ThreatRule } from "../../src/audit/threat_rules.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const TEXT = Deno.readTextFileSync(new URL("../../docs/audit.md", import.meta.url));

const ROWS = TEXT.split("\n")
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

Deno.test("docs/audit.md says of every rule what it counts: which kinds, and what of them", () => {
  const rules: [string, ThreatRule][] = Object.entries(THREAT_RULES);
  for (const [name, { kinds, different, where }] of rules) {
    const [, counts = ""] = ROWS.find((row) => row.length === 5 && row[0] === `\`${name}\``) ?? [];
    const [named = "", ...more] = counts.split(", ");
    assertEquals(named.split(" or "), kinds.map((kind) => `\`${kind}\``), name);
    assertEquals(more.length > 0, different !== undefined || where !== undefined, name);
    if (different !== undefined) assertEquals(more, [`each ${different} once`], name);
  }
});

Deno.test("docs/audit.md names the metadata servers that the rule knows, and no other", () => {
  const { is } = THREAT_RULES.metadata_service.where;
  const [, listed = ""] = /Metadata servers are\s+(.*?)\.\s+A rule/s.exec(TEXT) ?? [];
  const names = [...listed.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  assertEquals(names.length, is.source.split("|").length);
  for (const name of names) assertMatch(`http://${name}/latest`, is);
  assert(!is.test("http://metadata.example.com/"));
});
