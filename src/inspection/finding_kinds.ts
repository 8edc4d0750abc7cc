/**
 * THE table of what is noteworthy about a module for somebody who has to trust it or not: facts that its bytes prove, and
 * signs that are only likely, which say so. Rows stand in the order in which they are told, grave ones first. What a guest
 * asks for is worth knowing and no more: it gets what it is granted.
 */
import type { NeedName } from "./needs.ts";

/** How grave a finding is, from what is worth knowing to what keeps a module from being run. */
export const SEVERITIES = ["info", "low", "medium", "high"] as const;

/** One of {@linkcode SEVERITIES}. */
export type Severity = typeof SEVERITIES[number];

/** A row of {@linkcode FINDINGS}. */
export interface FindingRow {
  readonly severity: Severity;
  /** What it takes from the score of a module that has it; see score.ts. */
  readonly weight: number;
  /** On what is likely and not proven. */
  readonly heuristic?: true;
  readonly title: string;
  /** What to do about it; a single finding may know better. */
  readonly advice: string;
}

/** Kinds of findings by their id, which stays the same while the words become better. */
export const FINDINGS = {
  "invalid": {
    severity: "high",
    weight: 100,
    title: "The module is invalid",
    advice: "Build it again, or get it again from where it came: nothing runs it as it is.",
  },
  "refused": {
    severity: "high",
    weight: 40,
    title: "A run under the default limits refuses the module",
    advice: "Build it without what is refused.",
  },
  "imitates-aegis": {
    severity: "high",
    weight: 40,
    title: "An import or a section has a name of Aegis and is none of its own",
    advice: "Ask whoever built the module what it is meant to be, and register no function under this name.",
  },
  "private-key": {
    severity: "high",
    weight: 40,
    title: "A private key lies in the data",
    advice: "Whoever has the module has the key: replace the key, and hand it to the guest as a secret.",
  },
  "mining-pool": {
    severity: "high",
    weight: 60,
    heuristic: true,
    title: "It reads as if it spoke to a mining pool",
    advice: "Do not run it unless mining is what it is for; give it no network, and little fuel.",
  },
  "imitates-host": {
    severity: "medium",
    weight: 15,
    title: "An import looks like a function that a run provides and is another",
    advice: "Compare name and type with those of the function that is provided.",
  },
  "unknown-import": {
    severity: "medium",
    weight: 10,
    title: "An import that no run provides",
    advice:
      "Register a function for it if the guest may do what it does; without one the module does not start.",
  },
  "deceptive-name": {
    severity: "medium",
    weight: 15,
    title: "A name holds characters that are not seen, that reorder the text, or that pass for others",
    advice: "Do not tell the item by how its name looks.",
  },
  "lying-names": {
    severity: "medium",
    weight: 15,
    title: "A function is called what another one is exported or imported as",
    advice:
      "Do not tell functions by the names that the module gives them: an export and an import are what they say.",
  },
  "secret-token": {
    severity: "medium",
    weight: 15,
    heuristic: true,
    title: "What reads as a token or a key of a service lies in the data",
    advice: "Whoever has the module has the token: replace it, and hand it to the guest as a secret.",
  },
  "wallet-address": {
    severity: "medium",
    weight: 15,
    heuristic: true,
    title: "What reads as the address of a wallet lies in the data",
    advice: "Ask whoever built the module whom it pays.",
  },
  "decoy-data": {
    severity: "medium",
    weight: 15,
    heuristic: true,
    title: "The data is made to look like what a scan looks for, beyond all measure",
    advice: "Look through the data yourself: what stands behind the decoys was not found.",
  },
  "embedded-program": {
    severity: "medium",
    weight: 15,
    heuristic: true,
    title: "What reads as another program lies in the data",
    advice: "Find out what it is for: nothing that is told here tells of its code.",
  },
  "replaceable-calls": {
    severity: "medium",
    weight: 5,
    title: "Targets of indirect calls can be replaced",
    advice:
      "What such a call reaches is not known from the code: do not conclude that a function is never called.",
  },
  "shared-memory": {
    severity: "medium",
    weight: 10,
    title: "A memory is shared between threads",
    advice: "Run it in a process of its own.",
  },
  "hidden-host": {
    severity: "low",
    weight: 4,
    heuristic: true,
    title: "It holds the address of a host that has no name, or hides where it is",
    advice: "Ask whoever built the module what it has to say there; grant hosts by their names.",
  },
  "hash-like-code": {
    severity: "low",
    weight: 4,
    heuristic: true,
    title: "Code is made of what hashes, ciphers and mining are made of",
    advice: "Give it a fuel limit if it is not meant to compute hashes.",
  },
  "encoded-data": {
    severity: "low",
    weight: 3,
    heuristic: true,
    title: "The data holds long runs of encoded text",
    advice: "Decode it if you have to know what it is.",
  },
  "dense-data": {
    severity: "low",
    weight: 3,
    heuristic: true,
    title: "The data holds bytes that are as good as random",
    advice: "Compressed data looks like this, and so does encrypted data: find out which it is.",
  },
  "embedded-archive": {
    severity: "low",
    weight: 3,
    heuristic: true,
    title: "What reads as an archive lies in the data",
    advice: "Unpack it if you have to know what is in it.",
  },
  "endless-loop": {
    severity: "low",
    weight: 3,
    title: "Nothing leads out of a loop",
    advice: "Give it a fuel limit or a timeout; the default ones hold as well.",
  },
  "unusual-function": {
    severity: "low",
    weight: 3,
    title: "A function is of a form that compilers do not write for people",
    advice: "Expect that it takes long to be compiled, and that a generator or an obfuscator wrote it.",
  },
  "start-function": {
    severity: "low",
    weight: 3,
    title: "Code runs before any function is called",
    advice: "Give it limits from its start on: loading it into a sandbox is running it.",
  },
  "memory-without-maximum": {
    severity: "low",
    weight: 2,
    title: "A memory has no maximum",
    advice: "Give it a memory limit; the default one holds as well.",
  },
  "table-without-maximum": {
    severity: "low",
    weight: 2,
    title: "A table has no maximum",
    advice: "Give it a limit of table elements; the default one holds as well.",
  },
  "grows-table": {
    severity: "low",
    weight: 2,
    title: "The code lets tables grow",
    advice: "Give it a limit of table elements; the default one holds as well.",
  },
  "exported-table": {
    severity: "low",
    weight: 2,
    title: "A table can be changed from outside",
    advice: "Give the exported table to no code that is trusted less than the module.",
  },
  "exported-variable": {
    severity: "low",
    weight: 2,
    title: "A global can be changed from outside",
    advice: "Give the exported global to no code that is trusted less than the module.",
  },
  "large-function": {
    severity: "low",
    weight: 3,
    title: "A function is very large",
    advice: "Expect that it takes long to be compiled, and that nobody has read it.",
  },
  "malformed-names": {
    severity: "low",
    weight: 5,
    title: "The names that the module gives are malformed",
    advice: "Do not rely on names: part of them was ignored.",
  },
  "asks-filesystem": {
    severity: "info",
    weight: 0,
    title: "It asks for files and directories",
    advice: "Grant single directories, read-only where that is enough.",
  },
  "asks-network": {
    severity: "info",
    weight: 0,
    title: "It asks for the network",
    advice: "Grant the hosts that it has to reach and no others.",
  },
  "asks-commands": {
    severity: "info",
    weight: 0,
    title: "It asks to run commands of the host",
    advice: "Grant the programs that it has to run and no others: they run with the host's rights.",
  },
  "asks-environment": {
    severity: "info",
    weight: 0,
    title: "It asks for environment variables",
    advice: "Name the variables that it gets; those of the host may hold secrets.",
  },
  "asks-sensors": {
    severity: "info",
    weight: 0,
    title: "It asks for readings of sensors",
    advice: "Grant the sensors that it has to read and no others.",
  },
  "asks-alerts": {
    severity: "info",
    weight: 0,
    title: "It asks to raise alerts",
    advice: "Grant it a rate that whoever is alerted can bear.",
  },
  "asks-channels": {
    severity: "info",
    weight: 0,
    title: "It asks for channels to the host",
    advice: "Take what comes over a channel for text of a stranger.",
  },
  "asks-tools": {
    severity: "info",
    weight: 0,
    title: "It tells how far a call has come, as a tool for models",
    advice: "Serve it with aegis mcp; elsewhere it does not start.",
  },
  "asks-plugins": {
    severity: "info",
    weight: 0,
    title: "It asks to call other plugins",
    advice: "Register only plugins beside it that it may call, and read which it declares.",
  },
  "asks-clock": {
    severity: "info",
    weight: 0,
    title: "It asks for the time, or waits",
    advice: "Grant a coarse clock if it must not measure anything.",
  },
  "asks-random": {
    severity: "info",
    weight: 0,
    title: "It asks for random bytes",
    advice: "Give it a seed if its results have to be the same each time.",
  },
  "asks-streams": {
    severity: "info",
    weight: 0,
    title: "It asks for standard input and output",
    advice: "Take its output for text of a stranger.",
  },
  "asks-arguments": {
    severity: "info",
    weight: 0,
    title: "It asks for command-line arguments",
    advice: "Nothing has to be done: it sees those that it is given.",
  },
  "asks-logging": {
    severity: "info",
    weight: 0,
    title: "It asks to write to the log",
    advice: "Take what it logs for text of a stranger.",
  },
  "asks-sockets": {
    severity: "info",
    weight: 0,
    title: "It asks for sockets",
    advice: "Nothing has to be done: a guest never has one.",
  },
  "unused-import": {
    severity: "info",
    weight: 0,
    title: "It imports functions that nothing reaches",
    advice: "What they would need does not have to be granted.",
  },
  "urls": {
    severity: "info",
    weight: 0,
    title: "The data names addresses",
    advice: "Grant none of them by that alone.",
  },
  "unknown-section": {
    severity: "info",
    weight: 0,
    title: "A custom section is large, and none that is known",
    advice: "Find out which tool reads it; Aegis does not.",
  },
  "uncounted-loops": {
    severity: "info",
    weight: 0,
    title: "It has loops that are not known to end",
    advice: "Nearly all programs have. Give it a fuel limit; the default one holds as well.",
  },
  "recursion": {
    severity: "info",
    weight: 0,
    title: "Functions can call themselves",
    advice: "Nothing has to be done: the call stack has a limit.",
  },
  "indirect-calls": {
    severity: "info",
    weight: 0,
    title: "It calls functions through tables or references",
    advice: "What such a call reaches is not known from the code alone.",
  },
  "large-maximum": {
    severity: "info",
    weight: 0,
    title: "It states that it may become very large",
    advice: "Give it a memory limit; the default one holds as well.",
  },
  "grows-memory": {
    severity: "info",
    weight: 0,
    title: "The code lets memories grow",
    advice: "Give it a memory limit; the default one holds as well.",
  },
  "exported-memory": {
    severity: "info",
    weight: 0,
    title: "A memory can be read and changed from outside",
    advice: "Most modules need this. Take what is read from it for data of a stranger.",
  },
  "debug-sections": {
    severity: "info",
    weight: 0,
    title: "Data for debuggers was left in",
    advice:
      "Strip it where the module is given away: it tells of sources and paths, and makes the module larger.",
  },
  "producers": {
    severity: "info",
    weight: 0,
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
