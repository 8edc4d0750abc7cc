/**
 * THE table of what is noteworthy about a module for somebody who has to trust it or not: facts that its bytes prove, and
 * nothing that is only likely. Rows stand in the order in which they are told, grave ones first.
 */
import type { NeedName } from "./needs.ts";

/** How grave a finding is, from what is worth knowing to what keeps a module from being run. */
export const SEVERITIES = ["info", "low", "medium", "high"] as const;

/** One of {@linkcode SEVERITIES}. */
export type Severity = typeof SEVERITIES[number];

interface FindingRow {
  readonly severity: Severity;
  readonly title: string;
  /** What to do about it; a single finding may know better. */
  readonly advice: string;
}

/** Kinds of findings by their id, which stays the same while the words become better. */
export const FINDINGS = {
  "invalid": {
    severity: "high",
    title: "The module is invalid",
    advice: "Build it again, or get it again from where it came: nothing runs it as it is.",
  },
  "refused": {
    severity: "high",
    title: "A run under the default limits refuses the module",
    advice: "Build it without what is refused.",
  },
  "imitates-aegis": {
    severity: "high",
    title: "An import has a name of Aegis and is none of its functions",
    advice: "Ask whoever built the module what it is meant to be, and register no function under this name.",
  },
  "imitates-host": {
    severity: "medium",
    title: "An import looks like a function that a run provides and is another",
    advice: "Compare name and type with those of the function that is provided.",
  },
  "unknown-import": {
    severity: "medium",
    title: "An import that no run provides",
    advice:
      "Register a function for it if the guest may do what it does; without one the module does not start.",
  },
  "deceptive-name": {
    severity: "medium",
    title: "A name holds characters that are not seen, or that reorder the text around them",
    advice: "Do not tell the item by how its name looks.",
  },
  "asks-filesystem": {
    severity: "medium",
    title: "It asks for files and directories",
    advice: "Grant single directories, read-only where that is enough.",
  },
  "asks-network": {
    severity: "medium",
    title: "It asks for the network",
    advice: "Grant the hosts that it has to reach and no others.",
  },
  "asks-commands": {
    severity: "medium",
    title: "It asks to run commands of the host",
    advice: "Grant the programs that it has to run and no others: they run with the host's rights.",
  },
  "replaceable-calls": {
    severity: "medium",
    title: "Targets of indirect calls can be replaced",
    advice:
      "What such a call reaches is not known from the code: do not conclude that a function is never called.",
  },
  "shared-memory": {
    severity: "medium",
    title: "A memory is shared between threads",
    advice: "Run it in a process of its own.",
  },
  "asks-environment": {
    severity: "low",
    title: "It asks for environment variables",
    advice: "Name the variables that it gets; those of the host may hold secrets.",
  },
  "asks-sensors": {
    severity: "low",
    title: "It asks for readings of sensors",
    advice: "Grant the sensors that it has to read and no others.",
  },
  "asks-alerts": {
    severity: "low",
    title: "It asks to raise alerts",
    advice: "Grant it a rate that whoever is alerted can bear.",
  },
  "asks-channels": {
    severity: "low",
    title: "It asks for channels to the host",
    advice: "Take what comes over a channel for text of a stranger.",
  },
  "asks-tools": {
    severity: "low",
    title: "It tells how far a call has come, as a tool for models",
    advice: "Serve it with aegis mcp; elsewhere it does not start.",
  },
  "asks-plugins": {
    severity: "low",
    title: "It asks to call other plugins",
    advice: "Register only plugins beside it that it may call, and read which it declares.",
  },
  "start-function": {
    severity: "low",
    title: "Code runs before any function is called",
    advice: "Give it limits from its start on: loading it into a sandbox is running it.",
  },
  "memory-without-maximum": {
    severity: "low",
    title: "A memory has no maximum",
    advice: "Give it a memory limit; the default one holds as well.",
  },
  "table-without-maximum": {
    severity: "low",
    title: "A table has no maximum",
    advice: "Give it a limit of table elements; the default one holds as well.",
  },
  "grows-table": {
    severity: "low",
    title: "The code lets tables grow",
    advice: "Give it a limit of table elements; the default one holds as well.",
  },
  "exported-table": {
    severity: "low",
    title: "A table can be changed from outside",
    advice: "Give the exported table to no code that is trusted less than the module.",
  },
  "exported-variable": {
    severity: "low",
    title: "A global can be changed from outside",
    advice: "Give the exported global to no code that is trusted less than the module.",
  },
  "large-function": {
    severity: "low",
    title: "A function is very large",
    advice: "Expect that it takes long to be compiled, and that nobody has read it.",
  },
  "malformed-names": {
    severity: "low",
    title: "The names that the module gives are malformed",
    advice: "Do not rely on names: part of them was ignored.",
  },
  "asks-clock": {
    severity: "info",
    title: "It asks for the time, or waits",
    advice: "Grant a coarse clock if it must not measure anything.",
  },
  "asks-random": {
    severity: "info",
    title: "It asks for random bytes",
    advice: "Give it a seed if its results have to be the same each time.",
  },
  "asks-streams": {
    severity: "info",
    title: "It asks for standard input and output",
    advice: "Take its output for text of a stranger.",
  },
  "asks-arguments": {
    severity: "info",
    title: "It asks for command-line arguments",
    advice: "Nothing has to be done: it sees those that it is given.",
  },
  "asks-logging": {
    severity: "info",
    title: "It asks to write to the log",
    advice: "Take what it logs for text of a stranger.",
  },
  "asks-sockets": {
    severity: "info",
    title: "It asks for sockets",
    advice: "Nothing has to be done: a guest never has one.",
  },
  "grows-memory": {
    severity: "info",
    title: "The code lets memories grow",
    advice: "Give it a memory limit; the default one holds as well.",
  },
  "exported-memory": {
    severity: "info",
    title: "A memory can be read and changed from outside",
    advice: "Most modules need this. Take what is read from it for data of a stranger.",
  },
  "debug-sections": {
    severity: "info",
    title: "Data for debuggers was left in",
    advice:
      "Strip it where the module is given away: it tells of sources and paths, and makes the module larger.",
  },
  "producers": {
    severity: "info",
    title: "Tools have signed the module",
    advice: "Anybody can write there what they like.",
  },
} as const satisfies Record<string, FindingRow>;

/** A key of {@linkcode FINDINGS}. */
export type FindingId = keyof typeof FINDINGS;

/** The kind that tells of each capability that is asked for. */
export const CAPABILITY_FINDINGS: Readonly<Record<NeedName, FindingId>> = {
  filesystem: "asks-filesystem",
  streams: "asks-streams",
  sockets: "asks-sockets",
  clock: "asks-clock",
  random: "asks-random",
  env: "asks-environment",
  args: "asks-arguments",
  logging: "asks-logging",
  sensor: "asks-sensors",
  alert: "asks-alerts",
  network: "asks-network",
  channels: "asks-channels",
  tools: "asks-tools",
  plugins: "asks-plugins",
  commands: "asks-commands",
};
