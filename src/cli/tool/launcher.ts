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

/** Where the program is that starts another one with no variables but those that it is told. */
const ENV_PROGRAMS = ["/usr/bin/env", "/bin/env"] as const;

/** @throws {AegisError} `UnsupportedPlatform` for a system without one */
export function envProgram(exists: (path: string) => boolean): string {
  const found = ENV_PROGRAMS.find(exists);
  if (found !== undefined) return found;
  throw new AegisError(
    "UnsupportedPlatform",
    `Cannot make a launcher: there is neither ${ENV_PROGRAMS.map(quote).join(" nor ")}`,
  );
}

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

/** @throws {AegisError} `InvalidOption` for a variable that no launcher can hand on */
function checkVariable(name: string): void {
  const reason = OF_THE_RUNTIME.test(name)
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

/**
 * The launcher for a POSIX shell. It uses nothing but special built-in commands, which no function of the environment hides,
 * and starts Deno with the variables that it names and no other.
 *
 * @param env absolute path of the program "env"
 */
export function shLauncher(words: LauncherWords, env: string): string {
  const { name, denoDir, variables } = words;
  variables.forEach(checkVariable);
  const handed = [...new Set([...PASSED_ON, ...HOMES, ...variables])].filter((one) => one !== "DENO_DIR")
    .map((one) => `\${${one}+"${one}=$${one}"}`);
  return "#!/bin/sh\n" +
    `# ${LAUNCHER_MARK} ${name}, made by aegis ${VERSION}. --aegis-help tells what it may do; aegis uninstall takes it away.\n` +
    `exec ${shWord(env)} -i ${handed.join(" ")} ${shWord(`DENO_DIR=${denoDir}`)} ` +
    `${commandWords(words).map(shWord).join(" ")} "$@"\n`;
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
