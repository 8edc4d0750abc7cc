/** Commands about the program itself. */
import { SHELLS } from "../shells.ts";
import type { CommandRow } from "./command_row.ts";

export const OWN_ROWS = {
  doctor: {
    summary: "Say whether runs work on this machine, and what to do where they do not",
    flags: ["format", "quiet", "help"],
    flagDocs: { quiet: "Print what asks for something alone" },
    statuses: [["0", "runs work"], ["1", "runs do not work, or an error"]],
    notes: [
      "It looks at Deno, its permissions and variables, the cores, and the compilers of aegis build, and",
      "runs a small module in a worker, in a process of its own and on the interpreter.",
      "JSON has {works, version, findings: [{name, state, found, advice}]}; states are ok, note, problem.",
    ],
    examples: [
      { line: "aegis doctor", doc: "A line for each finding, with what to do below it" },
      { line: "aegis doctor --format json", doc: "For programs" },
    ],
  },
  completions: {
    summary: "Print what has a shell complete commands, flags, values and files",
    operand: { metavar: "SHELL", doc: `The shell: ${SHELLS.join(", ")}`, choices: SHELLS },
    passesArguments: true,
    argumentsDoc: "Words behind aegis: print what the last of them may become, as the script asks",
    flags: ["help"],
    notes: [
      "What it prints asks aegis at each Tab, and needs no change when aegis gets new commands.",
      "bash:        source <(aegis completions bash), in ~/.bashrc",
      "zsh:         source <(aegis completions zsh), in ~/.zshrc, below compinit",
      "fish:        aegis completions fish > ~/.config/fish/completions/aegis.fish",
      "PowerShell:  aegis completions powershell | Out-String | Invoke-Expression, in $PROFILE",
    ],
    examples: [
      { line: "aegis completions bash", doc: "The script for bash" },
      { line: "aegis completions bash -- run --engine i", doc: "What the last word may become" },
    ],
  },
  help: {
    summary: "Print help for a command",
    operand: { metavar: "COMMAND", doc: "A command", optional: true },
    flags: ["help"],
    examples: [{ line: "aegis help run", doc: "What run can do" }],
  },
  version: {
    summary: "Print the version",
    flags: ["help"],
    examples: [{ line: "aegis version", doc: "The same as aegis --version" }],
  },
} as const satisfies Record<string, CommandRow>;
