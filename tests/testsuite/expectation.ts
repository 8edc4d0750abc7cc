/** Whether what was seen of a command is what the suite asserts. */
import type { Outcome } from "./guest/program.ts";
import { formatNode, formatObserved, matches, type NaNRule, type Pattern } from "./pattern.ts";
import { isTrap } from "./trap_messages.ts";
import type { Command } from "./wast.ts";

/** How our errors say that an import's name is known to nobody; every other reason is one of type. */
const UNKNOWN_IMPORT = ["nothing provides this", "the module has no such export"];

/** Prints an outcome for a person. */
export function formatOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case "done":
      return "ended well";
    case "returned":
      return `returned [${outcome.values.map(formatObserved).join(" ")}]`;
    case "trap":
      return `trapped: ${outcome.trap} (${outcome.message})`;
    case "stopped":
      return `was stopped: ${outcome.by}`;
    case "refused":
      return `was refused by ${outcome.byUs ? "us" : "V8"}: ${outcome.code}: ${outcome.message}`;
    case "missing":
      return `needs a module that ${formatOutcome(outcome.because)}`;
    case "unlinkable":
      return `was not linked: ${outcome.message}`;
    case "fault":
      return `failed: ${outcome.message}`;
  }
}

/** Whether a module was refused as invalid by our reader or validator, with an offset that lies in it. */
function isInvalid(outcome: Outcome, size: number): boolean {
  if (outcome.kind !== "refused" || outcome.code !== "ModuleInvalid" || !outcome.byUs) return false;
  const { offset = -1 } = outcome;
  return Number.isInteger(offset) && offset >= 0 && offset <= size;
}

function isUnlinkable(outcome: Outcome, message: string): boolean {
  if (outcome.kind !== "unlinkable") return false;
  const unknown = UNKNOWN_IMPORT.some((words) => outcome.message.includes(words));
  return unknown === message.startsWith("unknown import");
}

function returns(outcome: Outcome, patterns: readonly Pattern[], rule: NaNRule): boolean {
  return outcome.kind === "returned" && outcome.values.length === patterns.length &&
    outcome.values.every((value, index) => {
      const pattern = patterns[index];
      return pattern !== undefined && matches(pattern, value, rule);
    });
}

/** What a command gave, and what is known of it besides. */
export interface Evidence {
  readonly command: Command;
  readonly outcome: Outcome;
  /** The results that the command expects, read. */
  readonly patterns: readonly Pattern[];
  /** Bytes of its module. */
  readonly size: number;
}

function isExpected({ command, outcome, patterns, size }: Evidence, rule: NaNRule): boolean {
  switch (command.kind) {
    case "module":
    case "module definition":
    case "module instance":
    case "register":
      return outcome.kind === "done";
    case "action":
      return outcome.kind === "returned";
    case "assert_return":
      // A negation turns the sign of any NaN, the canonical one too.
      return returns(
        outcome,
        patterns,
        command.action.field.includes("_neg") ? { canonicalNaN: false } : rule,
      );
    case "assert_trap":
      return outcome.kind === "trap" && isTrap(command.message, outcome.trap);
    case "assert_uninstantiable":
      return outcome.kind === "trap";
    case "assert_exception":
      return outcome.kind === "trap" && outcome.trap === "uncaughtException";
    case "assert_exhaustion":
      return outcome.kind === "stopped" && outcome.by === "stack";
    case "assert_unlinkable":
      return isUnlinkable(outcome, command.message);
    case "assert_invalid":
    case "assert_malformed":
    case "assert_invalid_custom":
    case "assert_malformed_custom":
      return isInvalid(outcome, size);
  }
}

function expected(command: Command): string {
  if (command.kind === "assert_return") return `[${command.expected.map(formatNode).join(" ")}]`;
  return "message" in command ? JSON.stringify(command.message) : "";
}

/** Why the suite is contradicted; undefined when it is not. */
export function contradiction(evidence: Evidence, rule: NaNRule): string | undefined {
  if (isExpected(evidence, rule)) return undefined;
  const { command, outcome } = evidence;
  const field = "action" in command ? ` ${JSON.stringify(command.action.field)}` : "";
  return `${command.kind}${field} ${expected(command)}: ${formatOutcome(outcome)}`;
}
