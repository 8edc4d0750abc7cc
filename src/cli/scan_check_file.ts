/** The file of `aegis scan --policy`: what is demanded of a module, as TOML or JSON. */
import { MODULE_FEATURES } from "../analysis/features.ts";
import { type CheckRules, COMPLEXITY, type ComplexityName, FINDING_IDS } from "../inspection/check_rules.ts";
import { SEVERITIES } from "../inspection/finding_kinds.ts";
import { GRADE_NAMES } from "../inspection/score.ts";
import { decodeDocument, LARGEST_MANIFEST } from "../manifest/document.ts";
import { choice, entries, type Form, integer, list, size, table, text } from "../manifest/form.ts";
import type { CommandIo } from "./io.ts";

/** Largest figure that a check file may state. */
const LARGEST = 2 ** 31;

const BYTES = size({ least: 0, most: LARGEST });

const COMPLEXITY_FORMS: Readonly<Record<ComplexityName, Form<number>>> = {
  functions: integer(0, LARGEST),
  loops: integer(0, LARGEST),
  nesting: integer(0, LARGEST),
  indirect_calls: integer(0, LARGEST),
  function_size: BYTES,
};

/** The keys of a check file. */
const CHECK_FORMS = {
  min_grade: choice(GRADE_NAMES),
  min_score: integer(0, 100),
  max_severity: choice(SEVERITIES),
  max_size: BYTES,
  features: list(choice(MODULE_FEATURES)),
  forbid: list(choice(FINDING_IDS)),
  imports: entries(text),
  exports: entries(text),
  require_exports: list(text),
  complexity: table(COMPLEXITY_FORMS),
} as const;

/**
 * Reads a check file.
 *
 * @throws {AegisError} `InvalidOption` for a key that nobody knows, and for a value that it cannot have
 */
export async function readCheckFile(path: string, io: CommandIo): Promise<CheckRules> {
  const content = await io.read(path, LARGEST_MANIFEST);
  const { at, table: document } = await decodeDocument(content, path);
  const read = table(CHECK_FORMS).read(document, at), { complexity } = read;
  const named = Object.keys(COMPLEXITY) as ComplexityName[]; // a literal's keys are those of its type
  return {
    minGrade: read.min_grade,
    minScore: read.min_score,
    maxSeverity: read.max_severity,
    maxSize: read.max_size,
    features: read.features,
    forbid: read.forbid,
    imports: read.imports === undefined ? undefined : new Map(read.imports),
    exports: read.exports === undefined ? undefined : new Map(read.exports),
    requireExports: read.require_exports,
    complexity: complexity === undefined ? undefined : Object.fromEntries(
      named.flatMap((name) => complexity[name] === undefined ? [] : [[name, complexity[name]]]),
    ),
  };
}
