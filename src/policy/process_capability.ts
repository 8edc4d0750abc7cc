import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { Capability, checkKeys, checkText } from "./capability.ts";
import type { ProcessGrant } from "./grants.ts";

/** The program behind a name. */
export interface ProcessCommand {
  /** Absolute path: what a search path finds changes with the environment. */
  readonly command: string;
  /** Words before those of the guest. @default [] */
  readonly args?: readonly string[];
  /** Whether the guest may add words. @default false */
  readonly moreArgs?: boolean;
}

/** Absolute on a Unix system or on Windows. */
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/])/;

function readCommand(command: string): string {
  const path = checkText(command, { field: "process.command" });
  // The permission to run is a list that is split at its commas.
  if (ABSOLUTE.test(path) && !path.includes(",")) return path;
  const suggestion = 'Use an absolute path without a comma, for instance "/usr/bin/git".';
  throw new AegisError("InvalidOption", `Cannot grant command ${quote(path)}. ${suggestion}`, {
    field: "process.command",
    suggestion,
  });
}

/**
 * Commands of the host that a guest may run by name. This leaves the sandbox: a command has the rights of the host
 * process, and no limit of the sandbox binds it. Words that the guest adds can turn one command into any other.
 */
export class ProcessCapability extends Capability<"process"> {
  private constructor(grant: ProcessGrant) {
    super("process", [grant]);
  }

  /** One command. @param name what the guest says for it @throws {AegisError} `InvalidOption` */
  static command(name: string, options: ProcessCommand): ProcessCapability {
    checkKeys(options, { field: "process", allowed: ["command", "args", "moreArgs"] });
    const args = (options.args ?? []).map((word) => checkText(word, { field: "process.args", empty: true }));
    return new ProcessCapability({
      kind: "process",
      name: checkText(name, { field: "process.name" }),
      command: readCommand(options.command),
      args: Object.freeze(args),
      moreArgs: options.moreArgs === true,
    });
  }
}
