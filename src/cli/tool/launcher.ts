/**
 * The launcher of an installed tool: a script that starts this program's own entry with the file of the tool and its hash.
 * Nothing that a person chose stands in it but inside of quotes, and no variable decides what it starts.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { ProgramPlaces } from "../program_places.ts";
import { VERSION } from "../version.ts";

/** How a launcher's second line begins: what has no such line is no tool of ours. */
export const LAUNCHER_MARK = "aegis tool:";

/**
 * Variables by which Deno would run something else than is written, or tell others what it runs. They are taken away before
 * it starts; the process of the guest gets none but those of {@linkcode PASSED_ON}.
 */
export const TAKEN_AWAY = [
  "DENO_AUDIT_PERMISSIONS",
  "DENO_AUTH_TOKENS",
  "DENO_CERT",
  "DENO_COMPAT",
  "DENO_CONDITIONS",
  "DENO_COVERAGE_DIR",
  "DENO_EMIT_CACHE_MODE",
  "DENO_NO_PACKAGE_JSON",
  "DENO_NO_PROMPT",
  "DENO_NODE_TRACE_EVENT_CATEGORIES",
  "DENO_SERVE_ADDRESS",
  "DENO_TLS_CA_STORE",
  "DENO_TRACE_PERMISSIONS",
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

/** Variables that the process of the guest gets beside those that are granted: to find its cache, and to print. */
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

/** The launcher for a POSIX shell. It uses nothing but what is built into one. */
export function shLauncher(words: LauncherWords): string {
  const { name, denoDir } = words;
  return "#!/bin/sh\n" +
    `# ${LAUNCHER_MARK} ${name}, made by aegis ${VERSION}. --aegis-help tells what it may do; aegis uninstall takes it away.\n` +
    `unset ${TAKEN_AWAY.join(" ")}\n` +
    `DENO_DIR=${shWord(denoDir)}\nexport DENO_DIR\n` +
    `exec ${commandWords(words).map(shWord).join(" ")} "$@"\n`;
}

/** The launcher for Windows. */
export function cmdLauncher(words: LauncherWords): string {
  const { name, denoDir } = words;
  cmdWord(denoDir); // refuses what cannot stand there
  const lines = [
    "@echo off",
    `rem ${LAUNCHER_MARK} ${name}, made by aegis ${VERSION}. --aegis-help tells what it may do.`,
    "setlocal DisableDelayedExpansion",
    ...TAKEN_AWAY.map((variable) => `set "${variable}="`),
    `set "DENO_DIR=${denoDir.replaceAll("%", "%%")}"`,
    `${commandWords(words).map(cmdWord).join(" ")} %*`,
    "exit /b %ERRORLEVEL%",
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}
