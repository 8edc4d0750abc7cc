/**
 * The launcher of an installed tool: a script that starts this program's own entry with the file of the tool and its hash.
 * Nothing that a person chose stands in it but inside of quotes, and no variable decides what it starts.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { ProgramPlaces } from "../program_places.ts";
import { VERSION } from "../version.ts";
import { HOMES } from "./homes.ts";

/** How a launcher's second line begins: what has no such line is no tool of ours. */
export const LAUNCHER_MARK = "aegis tool:";

/**
 * Variables that a tool gets beside those that are granted: to find its cache, and to print. All others are of the caller's
 * choosing, and by some of them Deno runs another program than is written, asks another who may do what, or tells others.
 */
export const PASSED_ON: readonly string[] = [
  "DENO_DIR",
  "LANG",
  "NO_COLOR",
  "SystemRoot",
  "TEMP",
  "TERM",
  "TMP",
  "TMPDIR",
];

/** Variables that are known to change what Deno runs. A command file of Windows can but take away what it knows. */
const TAKEN_AWAY_ON_WINDOWS = [
  "DENO_AUDIT_PERMISSIONS",
  "DENO_AUTH_TOKENS",
  "DENO_AUTO_SERVE",
  "DENO_CERT",
  "DENO_COMPAT",
  "DENO_CONDITIONS",
  "DENO_COVERAGE_DIR",
  "DENO_EMIT_CACHE_MODE",
  "DENO_LOG",
  "DENO_NODE_TRACE_EVENT_CATEGORIES",
  "DENO_NO_PACKAGE_JSON",
  "DENO_NO_PROMPT",
  "DENO_PERMISSION_BROKER_PATH",
  "DENO_SERVE_ADDRESS",
  "DENO_TLS_CA_STORE",
  "DENO_TOKIO_MAX_BLOCKING_THREADS",
  "DENO_TOKIO_WORKER_THREADS",
  "DENO_TRACE_PERMISSIONS",
  "DENO_UNSTABLE_CONTROL_SOCK",
  "DENO_UNSTABLE_OTEL_DETERMINISTIC",
  "DENO_USR2_MEMORY_TRIM",
  "DENO_V8_FLAGS",
  "JSR_URL",
  "NODE_CHANNEL_FD",
  "NODE_DEBUG",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_V8_COVERAGE",
  "NPM_CONFIG_REGISTRY",
  "OTEL_DENO",
] as const;

/** Names of variables that a shell can hand on. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Those by which Deno, Node or the loader of programs goes: for the guest they would come to Deno, too. */
const OF_THE_RUNTIME = /^(?:DENO|NODE|NPM|JSR|OTEL|V8|LD|DYLD)_/i;

/** Those by which the launcher itself goes. */
const OF_THE_LAUNCHER = /^(?:aegis_launcher_.*|IFS)$/;

/** @throws {AegisError} `InvalidOption` for a variable that no launcher can hand on */
function checkVariable(name: string): void {
  const reason = OF_THE_RUNTIME.test(name) || OF_THE_LAUNCHER.test(name)
    ? "what runs the tool goes by it itself"
    : VARIABLE.test(name)
    ? undefined
    : "no script can name it";
  if (reason === undefined) return;
  throw new AegisError("InvalidOption", `Cannot hand variable ${quote(name)} on to a tool: ${reason}`, {
    field: "allowEnv",
    suggestion: "Set its value with --env, or hand on a variable of another name.",
  });
}

/** A word of a POSIX shell that stands for exactly this text, whatever is in it. */
export function shWord(text: string): string {
  if (text.includes("\0")) throw unquotable(text);
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same in a command file of Windows, which has no way to quote some characters: those are refused. */
export function cmdWord(text: string): string {
  if (text.includes('"') || /\p{Cc}/u.test(text)) throw unquotable(text);
  return `"${text.replaceAll("%", "%%").replace(/\\+$/, "$&$&")}"`;
}

function unquotable(text: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot write ${quote(text)} into a launcher: no script can hold it`,
    {
      suggestion: "Choose another directory.",
    },
  );
}

/** The words that start the entry, of which the tool's own words follow. */
export interface LauncherWords {
  readonly name: string;
  readonly places: ProgramPlaces;
  /** The file of the tool, absolute. */
  readonly tool: string;
  /** Of that file. */
  readonly hash: string;
  /** Where Deno keeps what it has fetched and compiled. */
  readonly denoDir: string;
  /** Variables of the caller's that the guest is granted. */
  readonly variables: readonly string[];
}

function commandWords({ places, tool, hash }: LauncherWords): string[] {
  return [
    places.deno,
    "run",
    "--quiet",
    "--no-prompt",
    // It reads the tool's file, passes variables on and starts the process of the guest, which gets what is baked.
    "--allow-read",
    "--allow-env",
    "--allow-run",
    // Whatever lies where the tool is started configures nothing.
    ...(places.config === undefined ? ["--no-config"] : [`--config=${places.config}`]),
    ...(places.lock === undefined ? ["--no-lock"] : ["--frozen", `--lock=${places.lock}`]),
    places.entry,
    tool,
    hash,
  ];
}

/** What the script keeps its own words in; a variable of the caller's of that name ends there. */
const OWN = ["aegis_launcher_line", "aegis_launcher_name"] as const;

/** Variables of bash's own, which it lets nobody take away, and by which nothing goes that is started. */
const OF_THE_SHELL = ["BASHOPTS", "EUID", "PPID", "SHELLOPTS", "UID"] as const;

/**
 * The launcher for a POSIX shell. It takes away every variable but those that it names, and starts Deno; so no value stands
 * on a command line. It uses nothing but keywords and special built-in commands, which no function of the environment hides.
 * `export -p` prints a line for each variable, in words that differ from shell to shell; a line of a value that looks like
 * one takes away a variable that is not to be handed on either.
 */
export function shLauncher(words: LauncherWords): string {
  const { name, denoDir, variables } = words, [line, taken] = OWN;
  variables.forEach(checkVariable);
  const kept = [...new Set([...PASSED_ON, ...HOMES, ...variables])].filter((one) => one !== "DENO_DIR");
  return [
    "#!/bin/sh",
    `# ${LAUNCHER_MARK} ${name}, made by aegis ${VERSION}. --aegis-help tells what it may do; aegis uninstall takes it away.`,
    "set -f",
    "IFS='",
    "'",
    `for ${line} in $(export -p); do`,
    `  case $${line} in`,
    `    'export '*|'declare -'*' '*|'typeset -'*' '*) ${taken}=\${${line}%%=*} ${taken}=\${${taken}##* } ;;`,
    "    *) continue ;;",
    "  esac",
    `  case $${taken} in`,
    `    ''|[0-9]*|*[!A-Za-z0-9_]*|${[...OWN, ...OF_THE_SHELL].join("|")}) ;;`,
    `    ${kept.join("|")}) ;;`,
    `    *) unset -v "$${taken}" ;;`,
    "  esac",
    "done",
    `unset -v IFS ${OWN.join(" ")}`,
    `export DENO_DIR=${shWord(denoDir)}`,
    `exec ${commandWords(words).map(shWord).join(" ")} "$@"`,
  ].map((one) => `${one}\n`).join("");
}

/** The launcher for Windows. */
export function cmdLauncher(words: LauncherWords): string {
  const { name, denoDir, variables } = words;
  variables.forEach(checkVariable);
  cmdWord(denoDir); // refuses what cannot stand there
  const lines = [
    "@echo off",
    `rem ${LAUNCHER_MARK} ${name}, made by aegis ${VERSION}. --aegis-help tells what it may do.`,
    "setlocal DisableDelayedExpansion",
    ...TAKEN_AWAY_ON_WINDOWS.map((variable) => `set "${variable}="`),
    `set "DENO_DIR=${denoDir.replaceAll("%", "%%")}"`,
    `${commandWords(words).map(cmdWord).join(" ")} %*`,
    "exit /b %ERRORLEVEL%",
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}
