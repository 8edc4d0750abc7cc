/** `aegis scan`: what is noteworthy about a module, and whether it meets a check file. Runs nothing, starts no process. */
import { AegisError } from "../core/errors.ts";
import { violationsOf } from "../inspection/check_rules.ts";
import { sarifDocument } from "../inspection/sarif.ts";
import { scanModule, type Scanned } from "../inspection/scan.ts";
import { scanJson } from "../inspection/scan_json.ts";
import { suggestedPolicy } from "../inspection/suggest_policy.ts";
import { unreadScan } from "../inspection/unread_scan.ts";
import { failureLines, statusOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";
import { readCheckFile } from "./scan_check_file.ts";
import { scanText, violationsText } from "./scan_text.ts";
import { styleFor } from "./style.ts";
import { VERSION } from "./version.ts";

/** Of a module that does not meet the check file. */
const VIOLATED = 1;

/** Runs the command; the result is its exit status. Findings alone are no failure: a check file says which ones are. */
export async function scan(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { policy, scanFormat, json = false, quiet = false, suggestPolicy = false } = parsed.flags;
  if (json && scanFormat !== undefined && scanFormat !== "json") {
    throw new AegisError(
      "InvalidOption",
      `Cannot print JSON and ${scanFormat}: leave out --json or --format`,
    );
  }
  if (suggestPolicy && (json || scanFormat !== undefined || policy !== undefined)) {
    throw new AegisError("InvalidOption", "Cannot suggest a manifest beside other output", {
      suggestion: "Leave out --policy, --json and --format: what --suggest-policy prints is TOML.",
    });
  }
  const format = json ? "json" : scanFormat ?? "human", shown = parsed.operand ?? STDIN;
  const rules = policy === undefined ? undefined : await readCheckFile(policy, io);
  const { scan, module } = await scanInput(shown, { io, format }), { invalid } = scan;
  const violations = rules === undefined || module === undefined || invalid !== undefined
    ? undefined
    : violationsOf({ scan, module }, rules);
  if (suggestPolicy) {
    if (invalid !== undefined) throw invalid; // what is printed goes into a file
    if (scan.facts !== undefined) io.out(suggestedPolicy(scan.facts, shown));
    return 0;
  }
  switch (format) {
    case "human":
      io.out(scanText(scan, { shown, quiet }) + (violations === undefined ? "" : violationsText(violations)));
      break;
    case "sarif":
      io.out(jsonText(sarifDocument(scan, { shown, version: VERSION, violations }), "json"));
      break;
    default:
      io.out(jsonText(scanJson({ scan, module }, { shown, violations }), format));
  }
  if (invalid !== undefined) {
    if (format === "human") io.err(failureLines(invalid, styleFor(io.colour)));
    return statusOf(invalid);
  }
  return violations !== undefined && violations.length > 0 ? VIOLATED : 0;
}

/** A report for code scanners tells of a file that is no module, too: one without a result would be taken for a good one. */
async function scanInput(
  shown: string,
  { io, format }: { readonly io: CommandIo; readonly format: string },
): Promise<Scanned> {
  try {
    return scanModule((await readModuleInput(shown, io)).bytes);
  } catch (error) {
    const scan = format === "sarif" && error instanceof AegisError ? unreadScan(error) : undefined;
    if (scan !== undefined) {
      io.out(jsonText(sarifDocument(scan, { shown, version: VERSION, violations: undefined }), "json"));
    }
    throw error;
  }
}
