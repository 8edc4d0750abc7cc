/**
 * THE table of flags: the parser, the help texts, the keys of the configuration file and the suggestions for a
 * mistyped flag derive from it.
 */
import { SEVERITIES, type Severity } from "../audit/kinds.ts";
import { ALERT_LEVELS, type AlertLevel } from "../core/alert_level.ts";
import { ENGINES } from "../core/engine.ts";
import type { ManifestValues } from "../manifest/values.ts";
import type { PolicyPresetName } from "../policy/presets.ts";
import { PRIORITIES, type Priority } from "../tasks/run_queue.ts";
import { type PresetName, PRESETS } from "../core/limits.ts";
import { ON_DENIAL } from "../core/on_denial.ts";
import { HTTP_FORMS } from "../core/http_forms.ts";
import { LANGUAGE_NAMES } from "../toolchain/languages.ts";

/** Forms of output. `human` is for reading, the others are one JSON document on stdout. */
export const FORMATS = ["human", "json", "json-compact"] as const;

/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** What a scan is printed as, beside these: SARIF is what code scanners read. */
const SCAN_FORMATS = [...FORMATS, "sarif"] as const;

/** Clients of MCP whose configuration is known; `json` is what most others take. */
export const MCP_CLIENTS = ["json", "claude", "vscode", "cursor"] as const;

/** One of {@linkcode MCP_CLIENTS}. */
export type McpClientName = typeof MCP_CLIENTS[number];

/** Forms in which a graph is written. */
export const GRAPH_FORMATS = ["text", "dot", "svg"] as const;

/** One of {@linkcode GRAPH_FORMATS}. */
export type GraphFormat = typeof GRAPH_FORMATS[number];

/** What a trace has a line for, as in the library. */
const TRACES = ["functions", "instructions"] as const;

/** How a log of requests is written. */
const ACCESS_LOGS = ["human", "json", "off"] as const;

/** Where a guest may be asked to run, as in the library. */
const ISOLATIONS = ["auto", "worker", "process"] as const;

const ALERT_NAMES = Object.keys(ALERT_LEVELS) as readonly AlertLevel[]; // as below

const SEVERITY_NAMES = Object.keys(SEVERITIES) as readonly Severity[]; // as below

/** What may be done where a tool is started. */
const CWD_RIGHTS = ["read", "write"] as const;

const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[]; // a literal's keys are those of its type

/** Their table stands beside all capabilities, which a command is not to load for their names. */
const POLICIES: Readonly<Record<PolicyPresetName, true>> = { permissive: true, sandbox: true, strict: true };

const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyPresetName[]; // as above

const PRIORITY_NAMES = Object.keys(PRIORITIES) as readonly Priority[]; // as above

/**
 * How the value of a flag is read.
 *
 *     text     as it is                          size    bytes, or with a unit: 65536, 64MiB
 *     count    a whole number, or with a unit    time    seconds, or with a unit: 10, 500ms, 2m
 *     choice   one of `choices`                  switch  no value      level   no value, counts its repetitions
 *     list     text, as often as it is given     number  a whole number
 */
export type FlagKind = "text" | "size" | "count" | "time" | "choice" | "switch" | "level" | "list" | "number";

/** A row of {@linkcode FLAGS}. */
export interface FlagRow {
  /** Long name, without dashes. */
  readonly long: string;
  /** One letter. */
  readonly short?: string;
  readonly kind: FlagKind;
  readonly metavar?: string;
  readonly choices?: readonly string[];
  /** The value that it has where none stands behind a "="; the next word is none. */
  readonly alone?: string;
  /** Whether the configuration file may set it, under its long name with `_` for `-`. */
  readonly config?: true;
  readonly doc: string;
}

/** Keys are the names that the library gives the same thing, so that an error's `field` finds its flag. */
export const FLAGS = {
  function: {
    long: "function",
    short: "e",
    kind: "text",
    metavar: "NAME",
    config: true,
    doc: "Function to call (default: _start, else main)",
  },
  memoryLimit: {
    long: "memory-limit",
    kind: "size",
    metavar: "SIZE",
    config: true,
    doc: "Most memory, in bytes or as 512KiB, 64MiB (default: 64MiB)",
  },
  fuelLimit: {
    long: "fuel-limit",
    kind: "count",
    metavar: "UNITS",
    config: true,
    doc: 'Most instructions, as 10M (default: 1B; "unlimited" with --timeout)',
  },
  timeout: {
    long: "timeout",
    kind: "time",
    metavar: "TIME",
    config: true,
    doc: "Most wall time, in seconds or as 500ms, 2m (default: 30s)",
  },
  stackLimit: {
    long: "stack-limit",
    kind: "size",
    metavar: "SIZE",
    config: true,
    doc: "Largest call stack (default: 512KiB)",
  },
  cpuTime: {
    long: "cpu-time",
    kind: "time",
    metavar: "TIME",
    config: true,
    doc: "Most time at work, waiting left out (default: none)",
  },
  fileSize: {
    long: "file-size",
    kind: "size",
    metavar: "SIZE",
    config: true,
    doc: "Largest file that may be written (default: 1GiB)",
  },
  writeBytes: {
    long: "write-bytes",
    kind: "size",
    metavar: "SIZE",
    config: true,
    doc: "Most that may be written in all (default: 1GiB)",
  },
  allowRead: {
    long: "allow-read",
    kind: "list",
    metavar: "PATH",
    config: true,
    doc: "Let the guest read a directory or a file",
  },
  allowWrite: {
    long: "allow-write",
    kind: "list",
    metavar: "PATH",
    config: true,
    doc: "Let it write, make and remove files there",
  },
  dir: {
    long: "dir",
    kind: "list",
    metavar: "HOST::GUEST[:ro]",
    config: true,
    doc: "Give it a directory under another name, to read alone with :ro",
  },
  allowNet: {
    long: "allow-net",
    kind: "list",
    metavar: "HOST[:PORT]",
    config: true,
    doc: "Let it send HTTP requests to a host",
  },
  allowClock: {
    long: "allow-clock",
    kind: "switch",
    config: true,
    doc: "Let it see the time; without, its clock is the same in each run",
  },
  allowLogging: {
    long: "allow-logging",
    kind: "switch",
    config: true,
    doc: "Print on stderr what it logs",
  },
  sensor: {
    long: "sensor",
    kind: "list",
    metavar: "ID=VALUE",
    config: true,
    doc: "What a sensor reads: ID=21, ID=21,22,23 over and over, ID=@FILE",
  },
  allowAlert: {
    long: "allow-alert",
    kind: "choice",
    choices: ALERT_NAMES,
    alone: "info",
    metavar: "LEVEL",
    config: true,
    doc: `Print its alerts on stderr, from ${ALERT_NAMES.join(", ")} on`,
  },
  onDenial: {
    long: "on-denial",
    kind: "choice",
    choices: ON_DENIAL,
    metavar: "ACTION",
    config: true,
    doc: `When it is denied something: ${ON_DENIAL.join(", ")} (default: continue)`,
  },
  allowRandom: {
    long: "allow-random",
    kind: "switch",
    config: true,
    doc: "Give it true random bytes; without, they are the same in each run",
  },
  allowEnv: {
    long: "allow-env",
    kind: "list",
    metavar: "NAME",
    config: true,
    doc: "Let it see a variable of the environment",
  },
  env: {
    long: "env",
    kind: "list",
    metavar: "NAME[=VALUE]",
    config: true,
    doc: "Set a variable for it; without a value, as --allow-env",
  },
  seed: {
    long: "seed",
    kind: "number",
    metavar: "NUMBER",
    config: true,
    doc: "Start of its random bytes, instead of --allow-random",
  },
  preset: {
    long: "preset",
    kind: "choice",
    choices: PRESET_NAMES,
    metavar: "NAME",
    config: true,
    doc: `Set of limits: ${PRESET_NAMES.join(", ")} (default: standard)`,
  },
  isolation: {
    long: "isolation",
    kind: "choice",
    choices: ISOLATIONS,
    metavar: "PLACE",
    config: true,
    doc: "Where the guest runs: worker, process, auto (default: auto)",
  },
  engine: {
    long: "engine",
    kind: "choice",
    choices: ENGINES,
    metavar: "ENGINE",
    config: true,
    doc: `What runs the module: ${ENGINES.join(", ")} (default: v8)`,
  },
  checkpoint: {
    long: "checkpoint",
    kind: "text",
    metavar: "FILE",
    config: true,
    doc: "Save the running guest there, for aegis resume; removed at the end",
  },
  checkpointEvery: {
    long: "checkpoint-every",
    kind: "time",
    metavar: "TIME",
    config: true,
    doc: "Time between checkpoints, in seconds or as 500ms, 2m (default: 5s)",
  },
  metrics: {
    long: "metrics",
    kind: "switch",
    config: true,
    doc: "Print what the run used: time, fuel, memory, host calls",
  },
  trace: {
    long: "trace",
    kind: "choice",
    choices: TRACES,
    alone: "functions",
    metavar: "LEVEL",
    doc: `Write what it does: ${TRACES.join(", ")} (default: functions)`,
  },
  traceFilter: {
    long: "trace-filter",
    kind: "text",
    metavar: "NAMES",
    doc: "Trace these functions alone: main,parse*,17",
  },
  traceLines: {
    long: "trace-lines",
    kind: "number",
    metavar: "NUMBER",
    doc: "Most lines of a trace (default: 10000)",
  },
  traceFile: {
    long: "trace-file",
    kind: "text",
    metavar: "FILE",
    doc: "Write the trace there (default: stderr)",
  },
  profile: {
    long: "profile",
    kind: "text",
    metavar: "FILE",
    doc: "Count fuel by function; write stacks for flame graphs",
  },
  config: {
    long: "config",
    short: "c",
    kind: "text",
    metavar: "FILE",
    doc: "Read flags from a TOML or JSON file; those given here win",
  },
  strict: { long: "strict", kind: "switch", doc: "Fail on warnings too" },
  all: { long: "all", kind: "switch", doc: "Show everything" },
  exports: { long: "exports", kind: "switch", doc: "Show what the module offers" },
  imports: { long: "imports", kind: "switch", doc: "Show what the module needs" },
  memory: { long: "memory", kind: "switch", doc: "Show memories" },
  tables: { long: "tables", kind: "switch", doc: "Show tables" },
  globals: { long: "globals", kind: "switch", doc: "Show globals" },
  tags: { long: "tags", kind: "switch", doc: "Show exception tags" },
  segments: { long: "segments", kind: "switch", doc: "Show data and element segments" },
  sections: { long: "sections", kind: "switch", doc: "Show sections with their sizes, custom ones included" },
  producers: { long: "producers", kind: "switch", doc: "Show the tools that made the module" },
  features: { long: "features", kind: "switch", doc: "Show the proposals that the module uses" },
  names: { long: "names", kind: "switch", doc: "Show functions with their names" },
  needs: { long: "needs", kind: "switch", doc: "Show the capabilities that the module asks for" },
  port: {
    long: "port",
    kind: "number",
    metavar: "PORT",
    doc: "Where to listen; 0 for any free one (default: 8080)",
  },
  host: { long: "host", kind: "text", metavar: "NAME", doc: "Address to listen on (default: 127.0.0.1)" },
  form: {
    long: "form",
    kind: "choice",
    choices: HTTP_FORMS,
    metavar: "FORM",
    doc: `How it is asked: ${HTTP_FORMS.join(", ")} (default: found)`,
  },
  route: {
    long: "route",
    kind: "text",
    metavar: "PATH",
    doc: "It answers that path, and what is below (default: /)",
  },
  reuse: {
    long: "reuse",
    kind: "switch",
    doc: "An instance answers more requests than one, and keeps its state",
  },
  concurrency: {
    long: "concurrency",
    kind: "number",
    metavar: "NUMBER",
    doc: "Requests that are worked on at once (default: 4)",
  },
  waiting: {
    long: "waiting",
    kind: "number",
    metavar: "NUMBER",
    doc: "Requests that may wait for a guest; others get 503 (default: 256)",
  },
  requestSize: {
    long: "request-size",
    kind: "size",
    metavar: "SIZE",
    doc: "The largest body of a request (default: 8MiB)",
  },
  responseSize: {
    long: "response-size",
    kind: "size",
    metavar: "SIZE",
    doc: "The largest body of an answer (default: 64MiB)",
  },
  heldSize: {
    long: "held-size",
    kind: "size",
    metavar: "SIZE",
    doc: "Most that all bodies hold; others get 503 (default: 128MiB)",
  },
  passAuthorization: {
    long: "pass-authorization",
    kind: "switch",
    doc: "The guest sees the header Authorization",
  },
  static: {
    long: "static",
    kind: "text",
    metavar: "[PATH=]DIR",
    doc: "Serve the files of a directory below a path (default: /static)",
  },
  accessLog: {
    long: "access-log",
    kind: "choice",
    choices: ACCESS_LOGS,
    metavar: "FORM",
    doc: `A line for each request: ${ACCESS_LOGS.join(", ")} (default: human)`,
  },
  reload: { long: "reload", kind: "switch", doc: "Take a module anew when its file changes" },
  data: {
    long: "data",
    kind: "text",
    metavar: "DIR",
    doc: "Where tasks are kept (default: aegis in the user's state)",
  },
  policy: {
    long: "policy",
    kind: "text",
    metavar: "FILE",
    doc: "What tasks may use at most: limits and grants, as in --config of run",
  },
  noAuth: { long: "no-auth", kind: "switch", doc: "Ask for no token; on this machine alone" },
  newToken: { long: "new-token", kind: "switch", doc: "Make all tokens worthless, and print a new one" },
  allowHost: {
    long: "allow-host",
    kind: "list",
    metavar: "NAME",
    doc: "A name under which the server is asked, beside localhost",
  },
  cors: {
    long: "cors",
    kind: "list",
    metavar: "ORIGIN",
    doc: "Pages of that origin may ask: https://board.example",
  },
  alertWebhook: {
    long: "alert-webhook",
    kind: "text",
    metavar: "URL",
    doc: "Post the alerts of tasks there, as JSON (default: $AEGIS_ALERT_WEBHOOK)",
  },
  grace: {
    long: "grace",
    kind: "time",
    metavar: "TIME",
    doc: "What running tasks have at the end (default: 10s)",
  },
  server: {
    long: "server",
    kind: "text",
    metavar: "URL",
    doc: "The server (default: $AEGIS_SERVER, else http://127.0.0.1:8080)",
  },
  tokenFile: {
    long: "token-file",
    kind: "text",
    metavar: "FILE",
    doc: "A file with the token in its first line (default: $AEGIS_TOKEN)",
  },
  state: { long: "state", kind: "list", metavar: "STATE", doc: "Only tasks in that state" },
  group: { long: "group", kind: "text", metavar: "NAME", doc: "Of a group of tasks" },
  taskName: {
    long: "name",
    kind: "text",
    metavar: "NAME",
    doc: "What the task is called (default: as the file)",
  },
  priority: {
    long: "priority",
    kind: "choice",
    choices: PRIORITY_NAMES,
    metavar: "NAME",
    doc: `Who comes first: ${PRIORITY_NAMES.join(", ")} (default: normal)`,
  },
  taskPolicy: {
    long: "policy",
    kind: "choice",
    choices: POLICY_NAMES,
    metavar: "NAME",
    doc: `Its part of the grants: ${POLICY_NAMES.join(", ")}`,
  },
  retries: {
    long: "retries",
    kind: "number",
    metavar: "NUMBER",
    doc: "Tries after one that failed (default: 0)",
  },
  cron: {
    long: "cron",
    kind: "text",
    metavar: "EXPRESSION",
    doc: "Start it by itself: '*/5 * * * *', in UTC",
  },
  start: { long: "start", kind: "switch", doc: "Start it at once" },
  follow: { long: "follow", kind: "switch", doc: "Go on until the task ends" },
  http: { long: "http", kind: "switch", doc: "Serve over HTTP, instead of on stdin and stdout" },
  keep: {
    long: "keep",
    kind: "switch",
    doc: "Keep a guest's state for each session; else each call has a new one",
  },
  tool: {
    long: "tool",
    kind: "list",
    metavar: "NAME",
    doc: "Offer this tool, and none that is not named (default: all)",
  },
  registry: {
    long: "registry",
    kind: "text",
    metavar: "DIR",
    doc: "A registry, or a folder with plugins in it or below (default: here)",
  },
  recordPolicy: {
    long: "record-policy",
    kind: "text",
    metavar: "FILE",
    doc: "Write a manifest there: the grants that the run used",
  },
  audit: {
    long: "audit",
    kind: "text",
    metavar: "FILE",
    doc: "Record what happens there: lines of JSON, chained by hashes",
  },
  auditKey: {
    long: "audit-key",
    kind: "text",
    metavar: "FILE",
    doc: "The key of the chain: 32 bytes or more, for its owner alone to read",
  },
  expect: {
    long: "expect",
    kind: "list",
    metavar: "HASH|COUNT",
    doc: "It must hold the record with that hash, or as many records",
  },
  since: {
    long: "since",
    kind: "text",
    metavar: "TIME",
    doc: "From then on, in UTC: 2026-03-01T12:00, or 2h ago as 2h",
  },
  until: { long: "until", kind: "text", metavar: "TIME", doc: "Before that moment, in the same forms" },
  ofSandbox: {
    long: "sandbox",
    kind: "text",
    metavar: "ID",
    doc: "Of that sandbox: its id, or the beginning of it",
  },
  auditKind: {
    long: "kind",
    kind: "list",
    metavar: "KIND",
    doc: "Of that kind, or of one of several: grant_denied, limit_hit, threat …",
  },
  severity: {
    long: "severity",
    kind: "choice",
    choices: SEVERITY_NAMES,
    metavar: "NAME",
    doc: `As bad as that at least: ${SEVERITY_NAMES.join(", ")}`,
  },
  printConfig: {
    long: "print-config",
    kind: "choice",
    choices: MCP_CLIENTS,
    alone: "json",
    metavar: "CLIENT",
    doc: `Print a client's configuration: ${MCP_CLIENTS.join(", ")}`,
  },
  out: { long: "out", kind: "text", metavar: "DIR", doc: "Where to write (default: here)" },
  name: { long: "name", kind: "text", metavar: "NAME", doc: "Name of the files (default: the module's)" },
  import: {
    long: "import",
    kind: "text",
    metavar: "SPECIFIER",
    doc: "Where the types import the library from (default: jsr:@aegis/core)",
  },
  output: {
    long: "output",
    short: "o",
    kind: "text",
    metavar: "FILE",
    doc: "Where to write (default: the module's name, here)",
  },
  root: {
    long: "root",
    kind: "text",
    metavar: "DIR",
    doc: "Where tools lie: bin/NAME, lib/aegis/NAME (default: ~/.local)",
  },
  allowCwd: {
    long: "allow-cwd",
    kind: "choice",
    choices: CWD_RIGHTS,
    alone: "read",
    metavar: "RIGHTS",
    doc: "Give it the directory of each start: read, write (default: read)",
  },
  lang: {
    long: "lang",
    kind: "choice",
    choices: LANGUAGE_NAMES,
    metavar: "LANG",
    doc: `Language: ${LANGUAGE_NAMES.join(", ")}`,
  },
  release: { long: "release", kind: "switch", doc: "Optimise (default, unless the manifest says otherwise)" },
  debug: { long: "debug", kind: "switch", doc: "Do not optimise, and keep what debuggers read" },
  timeLimit: {
    long: "time-limit",
    kind: "time",
    metavar: "TIME",
    doc: "Most wall time of the compiler, in seconds or as 2m (default: 2m)",
  },
  compilerMemory: {
    long: "compiler-memory",
    kind: "size",
    metavar: "SIZE",
    doc: "Most memory of each of the compiler's processes (default: 4GiB)",
  },
  force: { long: "force", kind: "switch", doc: "Replace files, whoever wrote them" },
  format: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: FORMATS,
    metavar: "FORMAT",
    config: true,
    doc: `Form of the output: ${FORMATS.join(", ")} (default: human)`,
  },
  scanFormat: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: SCAN_FORMATS,
    metavar: "FORMAT",
    doc: `Form of the output: ${SCAN_FORMATS.join(", ")} (default: human)`,
  },
  suggestPolicy: {
    long: "suggest-policy",
    kind: "switch",
    doc: "Print the smallest manifest for it instead, by what reaches its imports",
  },
  json: { long: "json", kind: "switch", doc: "The same as --format json" },
  graphFormat: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: GRAPH_FORMATS,
    metavar: "FORMAT",
    doc: `Form of the graph: ${GRAPH_FORMATS.join(", ")} (default: text)`,
  },
  section: { long: "section", kind: "text", metavar: "NAME", doc: "Only this section: code, data, name" },
  range: {
    long: "range",
    kind: "text",
    metavar: "FROM:TO",
    doc: "Only these bytes: 0x10:0x40, 16:64, 0x10:",
  },
  minLength: {
    long: "min-length",
    short: "n",
    kind: "number",
    metavar: "NUMBER",
    doc: "Least characters of a text (default: 4)",
  },
  verbose: {
    long: "verbose",
    short: "v",
    kind: "level",
    doc: "Say more on stderr; -vv and -vvv say still more",
  },
  quiet: { long: "quiet", short: "q", kind: "switch", doc: "Print results alone" },
  help: { long: "help", short: "h", kind: "switch", doc: "Print help" },
} as const satisfies Record<string, FlagRow>;

/** A key of {@linkcode FLAGS}. */
export type FlagName = keyof typeof FLAGS;

type ReadValue = {
  text: string;
  choice: string;
  size: number;
  count: bigint | "unlimited";
  time: number;
  switch: true;
  level: number;
  list: readonly string[];
  number: bigint;
};

/** Values of flags that are no keys of a manifest. */
type OwnFlagValues = {
  readonly [Name in Exclude<FlagName, keyof ManifestValues>]?: (typeof FLAGS)[Name] extends
    { choices: readonly (infer Choice)[] } ? Choice
    : ReadValue[(typeof FLAGS)[Name]["kind"]];
};

/**
 * Flags after they were read, and keys of a manifest, some of which no command has a flag for; sizes in bytes, times in
 * milliseconds. What was not given is absent.
 */
export type FlagValues = OwnFlagValues & ManifestValues;

/** A flag as a person types it: `--memory-limit`. */
export function flagText(name: FlagName): string {
  return `--${FLAGS[name].long}`;
}

function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/**
 * The flag that sets what the `field` of an error names, where there is one. Flags that only a command line can have
 * set nothing: `--tables` shows tables, and `tables` is a limit.
 */
export function flagOfField(field: string | undefined): string | undefined {
  if (field === undefined || !isFlagName(field)) return undefined;
  const row: FlagRow = FLAGS[field];
  return row.config ? flagText(field) : undefined;
}
