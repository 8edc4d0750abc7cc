/** How an execution has ended, in words. The codes are those of the task layer: `limit:fuel`, `trap:unreachable`, `exit:3`. */
import type { Execution } from "../api_types.ts";
import { TRAPS } from "../../core/trap.ts";

const LIMITS: Readonly<Record<string, string>> = {
  fuel: "Ran out of fuel",
  time: "Took longer than its timeout",
  cpuTime: "Used more processor time than it may",
  memory: "Needed more memory than it may",
  stack: "Needed more call stack than it may",
  hostCalls: "Called the host more often than it may",
};

const WORDS: Readonly<Record<string, string>> = {
  value: "Returned",
  stopped: "Was stopped",
  deadline: "Was stopped at its deadline",
  shutdown: "Was cut off at the end of the server",
  interrupted: "Was cut off with the server",
  store: "Its end could not be written down",
  fault: "Its thread failed",
  abi: "Does not keep to the guest ABI",
  hostError: "A function of the host failed",
  CapabilityDenied: "Asked for what it may not have",
  FunctionNotFound: "Has no such function",
  TypeMismatch: "Its arguments are of other types",
  MissingImport: "Imports what is not there",
  InvalidOption: "Asked for what the server does not allow",
  ModuleInvalid: "Its module is not valid",
  ModuleRefused: "Its module was refused",
  SnapshotInvalid: "Its checkpoint cannot be used",
};

/** A sentence without its full stop. */
export function outcomeWords({ outcome, status }: Pick<Execution, "outcome" | "status">): string {
  if (outcome === null) return status === "running" ? "Runs" : "Ended";
  const [kind = "", detail = ""] = outcome.split(":");
  switch (kind) {
    case "limit":
      return LIMITS[detail] ?? `Reached the limit ${detail}`;
    case "trap":
      return `Trapped: ${isTrap(detail) ? TRAPS[detail].message : detail}`;
    case "exit":
      return `Ended with exit status ${detail}`;
    default:
      return WORDS[kind] ?? outcome;
  }
}

function isTrap(text: string): text is keyof typeof TRAPS {
  return Object.hasOwn(TRAPS, text);
}

const TRIGGERS: Readonly<Record<string, string>> = {
  start: "started",
  retry: "tried again",
  schedule: "by a schedule",
  recovery: "went on after a break",
};

/** What it came of. */
export function triggerWords({ trigger, attempt }: Pick<Execution, "trigger" | "attempt">): string {
  const word = TRIGGERS[trigger] ?? trigger;
  return attempt > 1 ? `${word}, attempt ${attempt}` : word;
}
