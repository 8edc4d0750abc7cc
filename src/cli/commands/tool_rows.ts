/** Commands that make a client, an executable or a command of a module. */
import type { FlagName } from "../flags.ts";
import { GUEST_FLAGS } from "../limit_flags.ts";
import { type CommandRow, MODULE } from "./command_row.ts";

/** Flags of commands that make a tool of a module. */
const TOOL_FLAGS = [
  "allowCwd",
  "onDenial",
  "config",
  "force",
  "quiet",
  "help",
] as const satisfies readonly FlagName[];

const TOOL_NOTES = [
  "The words of the tool's command line are the guest's, behind those given here behind --. Words that",
  "begin with --aegis- take from what is settled here, and never add to it: --aegis-help lists them.",
  "Paths are made absolute here and now; --allow-cwd alone means the directory of each start.",
] as const;

export const TOOL_ROWS = {
  bindgen: {
    summary: "Write a typed client for a module",
    operand: MODULE,
    flags: ["out", "name", "import", "force", "config", "quiet", "help"],
    statuses: [["65", "the module is invalid"]],
    notes: [
      "Writes NAME.client.js and NAME.client.d.ts. Types come from the module's section",
      '"aegis:signatures" where it has one, else from the types of its functions.',
    ],
    examples: [
      { line: "aegis bindgen plugin.wasm", doc: "plugin.client.js and plugin.client.d.ts, here" },
      {
        line: "aegis bindgen plugin.wasm --out src/plugins --name greeter",
        doc: "Elsewhere, under another name",
      },
    ],
  },
  compile: {
    summary: "Make one executable of a module, with its limits and grants inside",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "output",
      "function",
      ...GUEST_FLAGS,
      ...TOOL_FLAGS,
    ],
    flagDocs: { force: "Replace the file that is there" },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "deno compile makes it, of a base binary that it fetches once, or that $DENORT_BIN names.",
      ...TOOL_NOTES,
    ],
    examples: [
      { line: "aegis compile grep.wasm -o grep --allow-cwd", doc: "Then: ./grep TODO notes.md" },
      { line: "aegis compile add.wasm -e add --timeout 1s", doc: "./add, here" },
    ],
  },
  install: {
    summary: "Make a command of a module, with its limits and grants settled",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "name",
      "root",
      "function",
      ...GUEST_FLAGS,
      ...TOOL_FLAGS,
    ],
    flagDocs: {
      name: "What the command is called (default: the module's name)",
      force: "Replace the command that is there, whoever made it",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "A launcher is written that starts this very program with a copy of the module. Both the copy and",
      "what it may do are checked by their hashes at each start.",
      ...TOOL_NOTES,
    ],
    examples: [
      { line: "aegis install grep.wasm --allow-cwd", doc: "Then: grep TODO notes.md" },
      { line: "aegis install fetch.wasm --name wx --allow-net api.example.com", doc: "Under another name" },
    ],
  },
  uninstall: {
    summary: "Take away what aegis install has made",
    operand: { metavar: "NAME", doc: "What the command is called" },
    flags: ["root", "config", "quiet", "help"],
    examples: [{ line: "aegis uninstall grep", doc: "Its launcher and its files" }],
  },
} as const satisfies Record<string, CommandRow>;
