/** docs/errors.md: every code with its statuses, from the tables of the code, and what to do, from `error_guide.ts`. */
import { describeCommand } from "../../src/cli/command_description.ts";
import {
  AegisError,
  CapabilityDeniedError,
  CpuTimeExceededError,
  ERROR_CODES,
  type ErrorCode,
  ExitError,
  FunctionNotFoundError,
  HostCallsExceededError,
  MemoryExceededError,
  MissingImportError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
  TypeMismatchError,
} from "../../src/core/errors.ts";
import { type TrapCode, TRAPS } from "../../src/core/trap.ts";
import { errorAnswer, SERVER_CODES, type ServerCode } from "../../src/server/server_error.ts";
import { ERROR_GROUPS, ERROR_GUIDE, SERVER_GUIDE, TRAP_GUIDE } from "./error_guide.ts";
import { anchor, code, table } from "./markdown_text.ts";

const HEAD = `# Errors

What to do when something fails, by its code. Everything that Aegis throws is an \`AegisError\`: its \`code\` stays what it
is while messages become better, \`suggestion\` is a way out in one sentence, \`field\` the option, flag or key that is to
blame. Some codes have a class of their own, with figures. \`tryCall\` gives what a guest comes to as a value instead.

- **The command** prints the message and a hint on stderr and ends with the status of the code. With
  \`--format json\`, \`aegis run\` has the error in \`outcome.error\`: \`code\`, \`message\`, \`hint\`, and the fields of its
  class.
- **The HTTP API** answers with a status and \`{"error": {code, message, field, suggestion}}\`. An execution that fails is
  no error of a request: its \`outcome\` and \`error\` say why ([server.md](server.md#errors)).
- **Over MCP** a tool's answer begins with the code; \`InvalidArguments\` and \`InvalidResult\` are its own
  ([mcp.md](mcp.md#what-goes-wrong)).
- **Modules that answer HTTP requests** tell a client a status and nothing else: [http.md](http.md#what-a-client-gets).
- **A guest** gets error numbers for what it asked for, and never a code: [wasi.md](wasi.md#error-numbers),
  [guest_http.md](guest_http.md#error-numbers).

Two kinds of error are not Aegis's own and pass through as they are: Deno's for a file that cannot be read, and what a
host function throws.

This page is made of the tables of the code, by \`deno task reference\`.

## All codes

`;

/** An error of each class, with figures as they may be. */
export const SAMPLES: readonly AegisError[] = [
  new OutOfFuelError(1_003_771n, 1_000_000n),
  new TimeoutError(1000.5, 1000),
  new CpuTimeExceededError(1000.5, 1000),
  new MemoryExceededError(2 ** 20, 2 ** 20),
  new StackOverflowError(2 ** 19),
  new HostCallsExceededError(1000),
  new TrapError("unreachable", TRAPS.unreachable.message, []),
  new ExitError(3),
  new FunctionNotFoundError("ad", ["add"], ["add", "multiply"]),
  new TypeMismatchError('Cannot call function "add" of type (i32, i32) -> (i32)', "2 arguments", "1"),
  new MissingImportError("env", "send", "nothing provides this function of type (i32) -> ()"),
  new ModuleInvalidError('Cannot read section "code": it ends early', 0x1f),
  new ModuleRefusedError("Cannot run the module: it has 2 memories, memories is 1"),
  new CapabilityDeniedError("custom", "use", 'no custom grant names "mail"'),
];

/** Fields that every error has, or an embedder has no use for. */
const COMMON_FIELDS: readonly string[] = ["name", "code", "suggestion", "field"];

/** Class, fields and message of a code that has a class of its own. */
function classText(name: ErrorCode): string | undefined {
  const sample = SAMPLES.find((error) => error.code === name);
  if (sample === undefined) return undefined;
  const fields = Object.keys(sample).filter((field) => !COMMON_FIELDS.includes(field)).map(code);
  const last = fields.pop(), list = fields.length === 0 ? last : `${fields.join(", ")} and ${last}`;
  return `${code(sample.name)} with ${list}: ${code(sample.message)}`;
}

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[]; // its own keys

/** `Exit` stands for whatever status a program ends with. */
function exitStatus(name: ErrorCode): string {
  return name === "Exit" ? "its own" : String(ERROR_CODES[name].status);
}

function httpStatus(name: ErrorCode): string {
  return String(errorAnswer(new AegisError(name, ""), () => {}).status);
}

function link(name: string): string {
  return `[${code(name)}](${anchor(name)})`;
}

/** The first sentence of what happened: enough to see which code it is. */
function inShort(text: string): string {
  return text.split(/(?<=[.:;]) /, 1)[0]?.replace(/[.:;]$/, "") ?? "";
}

function section(name: ErrorCode): string {
  const { what, remedy } = ERROR_GUIDE[name], itsClass = classText(name);
  return [
    `### ${name}`,
    `Exit status ${exitStatus(name)}, HTTP ${httpStatus(name)}.`,
    ...itsClass === undefined ? [] : [`${itsClass}.`],
    what,
    `**What to do:** ${remedy}`,
  ].join("\n\n");
}

function groups(): string[] {
  return (Object.keys(ERROR_GROUPS) as (keyof typeof ERROR_GROUPS)[]).flatMap((group) => [ // its own keys
    `## ${ERROR_GROUPS[group]}`,
    ...CODES.filter((name) => ERROR_GUIDE[name].group === group).map(section),
  ]);
}

/** The status of what has none of its own. */
const ERROR_STATUS = "1";

/** Statuses of `aegis run`, with the codes that lead to them. */
function statusRows(): string[][] {
  const { statuses } = describeCommand("run");
  return statuses.map(([status, meaning]) => {
    if (status === ERROR_STATUS) return [status, meaning, "all others"];
    const names = CODES.filter((name) => exitStatus(name) === status);
    return [status, meaning, names.map(link).join(", ")];
  });
}

function serverRows(): string[][] {
  return (Object.keys(SERVER_CODES) as ServerCode[]).map((name) => { // its own keys
    const { what, remedy } = SERVER_GUIDE[name];
    return [code(name), String(SERVER_CODES[name]), what, remedy];
  });
}

function trapRows(): string[][] {
  return (Object.keys(TRAPS) as TrapCode[]).map((name) => // its own keys
  [code(name), TRAPS[name].message, TRAP_GUIDE[name]]);
}

/** The document, not yet formatted. */
export function renderErrors(): string {
  const index = CODES.map((
    name,
  ) => [link(name), exitStatus(name), httpStatus(name), inShort(ERROR_GUIDE[name].what)]);
  return [
    HEAD + table(["code", "exit status", "HTTP", "what happened"], index),
    "## Exit statuses",
    "Of `aegis run`, and of the other commands where they come to the same. A program that exits by itself gives its own " +
    "status, and a command whose output nobody reads any more ends with 141; servers go on.",
    table(["exit status", "it ended with", "codes"], statusRows()),
    ...groups(),
    "## Traps",
    "The `trap` of a `TrapError`, and what it mostly comes from.",
    table(["trap", "message", "where it comes from"], trapRows()),
    "## Codes of the HTTP API alone",
    table(["code", "HTTP", "what happened", "what to do"], serverRows()),
  ].join("\n\n") + "\n";
}
