import type { AuditEntry } from "../../src/audit/record.ts";
import { THREAT_RULES, type ThreatRule, type ThreatRuleName } from "../../src/audit/threat_rules.ts";
import { ThreatScanner } from "../../src/audit/threat_scanner.ts";
import { assert, assertEquals } from "../assert.ts";
import { entryOf } from "./log_rig.ts";

/** An entry that a rule counts, unlike the ones before. */
const ENTRIES: Readonly<Record<ThreatRuleName, (number: number) => AuditEntry>> = {
  capability_violations: () => entryOf("grant_denied", { target: "/same" }),
  resource_limits: () => entryOf("limit_hit"),
  repeated_traps: () => entryOf("guest_trapped"),
  probing: (number) => entryOf("grant_denied", { target: `/${number}` }),
  path_escape: () =>
    entryOf("grant_denied", { reason: "the path leads out of the directory that was granted" }),
  metadata_service: () => entryOf("grant_denied", { target: "http://169.254.169.254:80" }),
  denial_flood: () => entryOf("grant_denied", { target: "/same" }),
};

const NAMES = Object.keys(THREAT_RULES) as ThreatRuleName[]; // its own keys

function only(name: ThreatRuleName): ThreatScanner {
  return new ThreatScanner({ [name]: THREAT_RULES[name] });
}

for (const name of NAMES) {
  const rule: ThreatRule = THREAT_RULES[name], { threshold, window, severity } = rule;

  Deno.test(`rule ${name} strikes with its last record, not before, and then not until its window has passed`, () => {
    const scanner = only(name), at = (number: number) => ({ ...ENTRIES[name](number), time: number });
    for (let number = 1; number < threshold; number++) assertEquals(scanner.scan(at(number)), []);
    const [threat] = scanner.scan(at(threshold));
    assertEquals([threat?.rule, threat?.severity, threat?.count], [name, severity, threshold]);
    for (let number = 1; number < 2 * threshold; number++) {
      assertEquals(scanner.scan(at(threshold + number)), []);
    }
    const later = threshold + window;
    const again = Array.from(
      { length: threshold },
      (_, number) => scanner.scan({ ...at(number), time: later + number }),
    );
    assertEquals(again.flat().length, 1);
  });

  Deno.test(`rule ${name} counts nothing older than its window, and nothing of another module`, () => {
    if (threshold === 1) return;
    const scanner = only(name), entry = (number: number) => ENTRIES[name](number);
    for (let number = 0; number < 3 * threshold; number++) {
      assertEquals(scanner.scan({ ...entry(number), time: number * window }), []);
    }
    const others = only(name);
    for (let number = 0; number < 3 * threshold; number++) {
      const module = String(number % 4);
      const struck = others.scan({ ...entry(number), time: 1e9, module });
      assertEquals(struck.length, Math.floor(number / 4) + 1 === threshold ? 1 : 0);
      if (struck.length > 0) break;
    }
  });
}

Deno.test("the first two rules have the thresholds of the scanner that they replace", () => {
  const { capability_violations, resource_limits } = THREAT_RULES;
  assertEquals([capability_violations.threshold, capability_violations.window], [3, 60_000]);
  assertEquals([resource_limits.threshold, resource_limits.window], [5, 60_000]);
});

Deno.test("ThreatScanner counts what an entry stands for, and takes a guest that is started anew for the same one", () => {
  const scanner = only("denial_flood");
  assertEquals(scanner.scan(entryOf("grant_denied", { target: "/a" }, { count: 999 })), []);
  assertEquals(scanner.scan(entryOf("grant_denied", { target: "/a" })).length, 1);
  const limits = only("resource_limits");
  const struck = Array.from(
    { length: 5 },
    (_, number) => limits.scan(entryOf("limit_hit", {}, { module: "m", sandbox: String(number) })),
  );
  assertEquals(struck.flat().map(({ module, sandbox }) => [module, sandbox]), [["m", "4"]]);
});

Deno.test("ThreatScanner counts different targets for probing, and no kind that is not the rule's", () => {
  const scanner = only("probing");
  for (let times = 0; times < 1000; times++) {
    assertEquals(scanner.scan(entryOf("grant_denied", { target: `/${times % 19}` })), []);
    assertEquals(scanner.scan(entryOf("grant_allowed", { target: `/${times}` })), []);
  }
});

Deno.test("ThreatScanner remembers so many guests and no more", () => {
  const scanner = only("resource_limits");
  for (let number = 0; number < 5000; number++) {
    scanner.scan(entryOf("limit_hit", {}, { module: String(number) }));
  }
  for (let times = 0; times < 3; times++) {
    assertEquals(scanner.scan(entryOf("limit_hit", {}, { module: "4999" })), []);
  }
  assert(scanner.scan(entryOf("limit_hit", {}, { module: "4999" })).length === 1);
});
