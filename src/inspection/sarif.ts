/** A scan as SARIF 2.1.0, which code scanners of forges and editors read. Its rules are the table of findings. */
import type { Json } from "../core/json.ts";
import type { Violation } from "./check_rules.ts";
import { type FindingId, type FindingRow, FINDINGS, type Severity } from "./finding_kinds.ts";
import type { Finding } from "./finding_list.ts";
import type { Scan } from "./scan.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** SARIF has three levels. */
const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

/** What sorts alerts at a forge that reads `security-severity`: from 0 to 10. */
const SECURITY: Readonly<Record<Severity, string>> = { high: "8.0", medium: "5.0", low: "2.0", info: "0.0" };

/** The rule that tells of a check file. */
const VIOLATION = "check-file";

const IDS = Object.keys(FINDINGS) as FindingId[]; // a literal's keys are those of its type

function ruleJson(id: FindingId): Json {
  const { severity, title, advice, weight, heuristic }: FindingRow = FINDINGS[id];
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: `${title}${heuristic === true ? ", as it seems" : ""}.` },
    help: { text: advice },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      "security-severity": SECURITY[severity],
      severity,
      weight,
      precision: heuristic === true ? "medium" : "very-high",
      tags: ["security", "webassembly"],
    },
  };
}

/**
 * A path as the reference that a URI is: from the folder of whoever reads it, or of a file of this machine. One with a slash
 * at its beginning would be neither.
 */
function uriOf(path: string): string {
  const plain = path.replaceAll("\\", "/").replace(/^(?=[A-Za-z]:\/)/, "/").replace(/^\/+/, "/");
  const encoded = plain.split("/").map((part) => encodeURIComponent(part.toWellFormed())).join("/");
  return plain.startsWith("/") ? `file://${encoded}` : encoded;
}

/** What a document is made for. */
export interface SarifOptions {
  /** The module as the person named it. */
  readonly shown: string;
  /** Of the command. */
  readonly version: string;
  readonly violations: readonly Violation[] | undefined;
}

/** The document: one run with one artifact. Offsets are those of the binary form. */
export function sarifDocument(
  { size, invalid, score, findings }: Scan,
  { shown, version, violations }: SarifOptions,
): { readonly [key: string]: Json } {
  const uri = shown === "-" ? "stdin" : uriOf(shown);
  const physical = (offset: number | undefined): Json => ({
    artifactLocation: { uri, index: 0 },
    ...(offset === undefined ? {} : { region: { byteOffset: offset, byteLength: offset < size ? 1 : 0 } }),
  });
  const result = ({ id, severity, detail, location, advice, further, heuristic }: Finding): Json => {
    const { functionIndex, functionName, offset } = location ?? {};
    return {
      ruleId: id,
      ruleIndex: IDS.indexOf(id),
      level: LEVELS[severity],
      message: { text: `${detail} ${advice}` },
      locations: [{
        physicalLocation: physical(offset),
        ...(functionIndex === undefined ? {} : {
          logicalLocations: [{
            name: functionName ?? `function ${functionIndex}`,
            fullyQualifiedName: `function ${functionIndex}`,
            kind: "function",
          }],
        }),
      }],
      properties: { severity, heuristic: heuristic === true, ...(further === undefined ? {} : { further }) },
    };
  };
  const violated = (violations ?? []).map(({ rule, message }): Json => ({
    ruleId: VIOLATION,
    ruleIndex: IDS.length,
    level: "error",
    message: { text: `${rule}: ${message}.` },
    locations: [{ physicalLocation: physical(undefined) }],
    properties: { rule },
  }));
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{
      tool: {
        driver: {
          name: "Aegis",
          semanticVersion: version,
          rules: [...IDS.map(ruleJson), {
            id: VIOLATION,
            shortDescription: { text: "The module falls short of the check file." },
            defaultConfiguration: { level: "error" },
          }],
        },
      },
      artifacts: [{ location: { uri }, length: size, roles: ["analysisTarget"] }],
      columnKind: "utf16CodeUnits",
      results: [...findings.map(result), ...violated],
      properties: {
        // A module that could not be read may be either.
        valid: invalid !== undefined ? false : score === undefined ? null : true,
        score: score?.score ?? null,
        grade: score?.grade ?? null,
      },
    }],
  };
}
