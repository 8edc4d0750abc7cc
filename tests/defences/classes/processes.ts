/** Class F: what keeps a guest to the commands that were granted, and their words and time. */
import type { Defence } from "../defence.ts";

const FORGED = "tests/adversarial/network/forged_test.ts",
  PROCESSES = "tests/adversarial/network/processes_test.ts";

export const PROCESSES_DEFENCES: readonly Defence[] = [
  {
    id: "command-no-shell",
    what: "the words of a guest reach a command as they are: there is no shell",
    lines: ["F45"],
    file: "src/broker/process_ports.ts",
    find: `    return new Deno.Command(command, {
      args: [...args],`,
    replace: `    return new Deno.Command(command, {
      args: args.flatMap((word) => word.split(" ")),`,
    tests: [PROCESSES],
  },
  {
    id: "command-named",
    what: "a guest names commands that were granted, and no programs",
    lines: ["F45"],
    file: "src/broker/process_decisions.ts",
    find:
      `    if (!decision.allowed || decision.grant.kind !== "process") return this.#refuse(request, decision);`,
    replace: `    if (!decision.allowed || decision.grant.kind !== "process") {
      const [first] = this.#policy.process;
      return first ?? this.#refuse(request, decision);
    }`,
    tests: [PROCESSES, FORGED],
    only: ["F45", "process operation"],
  },
  {
    id: "command-environment",
    what: "a command finds none of the host's variables",
    lines: ["F50"],
    file: "src/broker/process_ports.ts",
    find: `      clearEnv: true,
      env: {},`,
    replace: ``,
    tests: [PROCESSES],
  },
  {
    id: "command-time",
    what: "a command does not outlive the call that started it",
    lines: ["F49"],
    file: "src/broker/process_run.ts",
    find: `    await kill(child);
    stdout.take();`,
    replace: `    void kill;
    stdout.take();`,
    tests: [PROCESSES],
  },
  {
    id: "command-lingers",
    what: "what a command has started and left with its pipes is not waited for",
    lines: ["F49"],
    file: "src/broker/process_run.ts",
    find: `    await deadline.race(atMost(LINGER, Promise.all([stdout.ended, stderr.ended])));`,
    replace: `    await deadline.race(Promise.all([stdout.ended, stderr.ended, LINGER]));`,
    tests: [PROCESSES],
  },
];
