/** How a run has ended, in words. */
import { TRAPS } from "../../core/trap.ts";
import type { Execution } from "../api_types.ts";

/** What each kind of end means; the server's own error says more of a single one. */
const WORDS: Readonly<Record<string, string>> = {
  value: "It returned",
  "limit:fuel": "It ran out of fuel",
  "limit:time": "Its timeout has passed",
  "limit:cpuTime": "Its time at work has passed",
  "limit:memory": "It was refused memory",
  "limit:stack": "Its stack was full",
  "limit:hostCalls": "It made more host calls than it may",
  deadline: "Its deadline has passed",
  stopped: "It was stopped",
  shutdown: "The server ended while it ran",
  abi: "It does not keep to the guest ABI",
  fault: "Its thread failed",
  CapabilityDenied: "It was denied something, and that ended it",
  MissingImport: "It imports something that nothing provides",
  ModuleRefused: "The module was refused",
  ModuleInvalid: "The module is invalid",
  FunctionNotFound: "The module exports no such function",
  TypeMismatch: "The arguments do not fit the function",
  InvalidOption: "The server does not allow what it asks for",
};

/** What a run came to, for a person. */
export function outcomeWords({ outcome, status }: Pick<Execution, "outcome" | "status">): string {
  if (outcome === null) return status === "running" ? "It runs" : status;
  const [kind = "", detail = ""] = outcome.split(":");
  if (kind === "exit") return `It exited with status ${detail}`;
  if (kind === "trap") return `It trapped: ${trapWords(detail)}`;
  return WORDS[outcome] ?? WORDS[kind] ?? `It ended with ${outcome}`;
}

function trapWords(trap: string): string {
  return isTrap(trap) ? TRAPS[trap].message : trap;
}

function isTrap(name: string): name is keyof typeof TRAPS {
  return Object.hasOwn(TRAPS, name);
}
