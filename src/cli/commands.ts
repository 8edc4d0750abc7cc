/** The commands, in the order in which help lists them. */
import { AUDIT_KINDS } from "../audit/kinds.ts";
import { PRESETS } from "../core/limits.ts";
import { LANGUAGE_NAMES } from "../toolchain/languages.ts";
import { TEMPLATE_KINDS } from "../toolchain/template_kinds.ts";
import type { FlagName } from "./flags.ts";
import { SHELLS } from "./shells.ts";
import { GRANT_FLAGS, HTTP_FLAGS, LIMIT_FLAGS } from "./limit_flags.ts";

/** A row of {@linkcode COMMANDS}. */
export interface CommandRow {
  readonly summary: string;
  /** Positional arguments; `undefined` when there is none. */
  readonly operand?: {
    readonly metavar: string;
    readonly doc: string;
    readonly optional?: true;
    /** All that it can be. */
    readonly choices?: readonly string[];
  };
  /** A second one, which may be left out unless it is required. */
  readonly second?: { readonly metavar: string; readonly doc: string; readonly required?: true };
  /** Whether arguments for the guest may follow a `--`. */
  readonly passesArguments?: true;
  /** What they are. @default arguments of the function */
  readonly argumentsDoc?: string;
  readonly flags: readonly FlagName[];
  /** What a flag does here, where that is not what it does elsewhere. */
  readonly flagDocs?: { readonly [Flag in FlagName]?: string };
  /** Whether a manifest may set every limit here, those included that have no flag. */
  readonly limits?: true;
  /** Exit statuses beside 0, 1 and 2. */
  readonly statuses?: readonly (readonly [status: string, meaning: string])[];
  /** What else help says, a line each. */
  readonly notes?: readonly string[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
}

/** The operand of commands that take a module: a manifest may name it. */
export const MODULE = { metavar: "MODULE", doc: "A .wasm or .wat file, or - for stdin" } as const;

const MANIFEST = {
  metavar: "FILE",
  doc: "An aegis.toml or a JSON file (default: aegis.toml)",
  optional: true,
} as const;

/** Kinds of records, but for the log's own. */
const KINDS_OF_RECORDS = Object.entries(AUDIT_KINDS).flatMap(([kind, { log }]) => log ? [] : [kind]);

const LOG = { metavar: "FILE", doc: "What --audit has written" } as const;

const TASK = { metavar: "TASK", doc: "Its id, the beginning of it, or its name" } as const;

/** A project that is to be made: what is said of all kinds. */
const NEW = {
  operand: { metavar: "NAME", doc: "Its name: small letters, digits, hyphens" },
  flags: ["lang", "out", "quiet", "help"],
  flagDocs: { out: "Where to make its folder (default: here)" },
} as const;

/** Flags of commands that ask a server. */
const CLIENT_FLAGS = [
  "server",
  "tokenFile",
  "config",
  "format",
  "quiet",
  "help",
] as const satisfies readonly FlagName[];

/** Flags of commands that look at a folder of plugins. */
const PLUGIN_FLAGS = ["registry", "format", "quiet", "help"] as const satisfies readonly FlagName[];

const PLUGIN = { metavar: "NAME", doc: "A plugin, or NAME@RANGE: counter@^1.2" } as const;

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

export const COMMANDS = {
  run: {
    summary: "Run a function of a module in a sandbox",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "function",
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      "checkpoint",
      "checkpointEvery",
      ...GRANT_FLAGS,
      "onDenial",
      "metrics",
      "trace",
      "traceFilter",
      "traceLines",
      "traceFile",
      "profile",
      "recordPolicy",
      "audit",
      "auditKey",
      "config",
      "format",
      "verbose",
      "quiet",
      "help",
    ],
    statuses: [
      ["65", "the module is invalid, or refused"],
      ["77", "an import is missing, or a denial stopped the guest"],
      ["124", "the timeout, or its time at work, has passed"],
      ["134", "the guest trapped"],
      ["137", "the guest trapped after it was refused memory"],
      ["139", "the guest's stack overflowed"],
      ["152", "the guest ran out of fuel or host calls"],
    ],
    notes: [
      "--timeout without --fuel-limit or --preset lifts the default fuel limit: time is the bound.",
      "A guest that exits by itself gives its own status.",
      "The arguments of a program, which starts at _start, are text. It finds the files, hosts and",
      "variables that are granted, and no other; stdin, stdout and stderr are passed on.",
      "--isolation process gives the guest a process of its own, with a bounded heap: modules with GC",
      "types, exception references or shared memories run there. It takes some 50 ms longer to start.",
      "--isolation auto takes a worker, since the command turns on what workers need.",
      "--engine interpreter keeps the module's bytes away from V8: the same results, fuel and limits, many",
      "times slower, and without GC types and threads.",
      "--trace and --profile need --engine interpreter. What they tell of fuel is what a run without them",
      "consumes. speedscope, inferno and flamegraph.pl open the file of --profile.",
      'In JSON, i64 values are text, and so are "nan", "inf", "-inf" and "-0". Bytes are',
      "hexadecimal digits, as arguments and as results; text is text, structured values are JSON.",
    ],
    examples: [
      { line: "aegis run add.wasm --function add -- 5 10", doc: "Call a function with arguments" },
      { line: "aegis run program.wasm --timeout 500ms --memory-limit 16MiB", doc: "Run with tighter limits" },
      { line: "aegis run fib.wat -e fib --metrics -- 30", doc: "Show what the run used" },
      {
        line: "aegis run fib.wat -e fib --engine interpreter --profile fib.folded -- 20",
        doc: "See who used it",
      },
      { line: "aegis run grep.wasm --allow-read=src -- TODO src", doc: "Run a program on a directory" },
      {
        line: "aegis run grep.wasm --allow-read=. --record-policy grep.toml -- fox src",
        doc: "See what it needs of that",
      },
      { line: "aegis run tool.wasm --dir in::/in:ro --dir out::/out -- /in /out", doc: "Under other names" },
      {
        line: "aegis run job.wasm --engine interpreter --checkpoint job.snap --checkpoint-every 1m",
        doc: "Save it every minute, for aegis resume",
      },
      { line: "cat add.wasm | aegis run - -e add -f json -- 2 3", doc: "Read the module from stdin" },
    ],
  },
  resume: {
    summary: "Go on with a run from its checkpoint",
    operand: { metavar: "FILE", doc: "What aegis run --checkpoint has written" },
    flags: [
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "checkpoint",
      "checkpointEvery",
      ...GRANT_FLAGS,
      "onDenial",
      "metrics",
      "audit",
      "auditKey",
      "config",
      "format",
      "verbose",
      "quiet",
      "help",
    ],
    statuses: [["65", "the checkpoint is damaged, or of another version"], ["…", "as of aegis run"]],
    notes: [
      "The checkpoint holds the module and all that the guest had computed, and no grants: give those of",
      "the run again. Files that were open are opened again by their paths; what cannot be is told.",
      "The fuel limit is for the run as a whole, the timeout for the rest of it.",
    ],
    examples: [
      { line: "aegis run job.wasm --engine interpreter --checkpoint job.snap", doc: "Saved every 5 s" },
      { line: "aegis resume job.snap --checkpoint job.snap", doc: "Go on, and be saved on" },
    ],
  },
  validate: {
    summary: "Check that a module is valid, without running it",
    operand: MODULE,
    flags: ["strict", "config", "format", "quiet", "help"],
    statuses: [["65", "the module is invalid, or refused"]],
    examples: [
      { line: "aegis validate plugin.wasm", doc: "Exit status 65 when it is not" },
      { line: "aegis validate plugin.wasm --strict", doc: "Fail on warnings too" },
    ],
  },
  inspect: {
    summary: "Show what a module contains and needs, without running it",
    operand: MODULE,
    flags: [
      "all",
      "exports",
      "imports",
      "memory",
      "tables",
      "globals",
      "tags",
      "segments",
      "sections",
      "producers",
      "features",
      "names",
      "needs",
      "config",
      "format",
      "quiet",
      "help",
    ],
    statuses: [["65", "the module is invalid"]],
    notes: ["JSON has every part, whatever parts are asked for."],
    examples: [
      { line: "aegis inspect plugin.wasm", doc: "Exports, imports and a summary" },
      { line: "aegis inspect plugin.wasm --exports --memory", doc: "Only these" },
      { line: "aegis inspect plugin.wasm --format json", doc: "Everything, for programs" },
    ],
  },
  scan: {
    summary: "Find what is suspicious or noteworthy in a module, without running it",
    operand: MODULE,
    flags: ["policy", "scanFormat", "json", "suggestPolicy", "quiet", "help"],
    flagDocs: {
      policy: "What the module has to meet, in TOML or JSON; status 1 where it does not",
      quiet: "Leave out what is only worth knowing",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "Without --policy findings alone are no failure. Its keys are min_grade, min_score, max_severity,",
      "max_size, features, forbid, imports, exports, require_exports and [complexity]; docs/scanning.md",
      "has them all. An invalid module has no score.",
    ],
    examples: [
      { line: "aegis scan plugin.wasm", doc: "Findings, a score and a grade" },
      { line: "aegis scan plugin.wasm --policy check.toml", doc: "Fail where it does not meet the file" },
      { line: "aegis scan plugin.wasm --suggest-policy", doc: "What to grant it at most, as TOML" },
      { line: "aegis scan plugin.wasm --format sarif", doc: "For code scanners of forges and editors" },
    ],
  },
  diff: {
    summary: "Compare two modules: what they ask for, offer, can do and contain",
    operand: { ...MODULE, doc: "The older one: a .wasm or .wat file, or - for stdin" },
    second: { metavar: "OTHER", doc: "The newer one", required: true },
    flags: ["function", "all", "format", "quiet", "help"],
    flagDocs: {
      function: "Compare the code of this function, line by line: its index or name",
      all: "Print every entry of long lists",
      quiet: "Print nothing: the exit status says whether they differ",
    },
    statuses: [["1", "the modules differ, or with --function its code does"], [
      "65",
      "a module is invalid, or refused",
    ]],
    notes: [
      "Functions are found again by their names, exports, code or place. Their numbers alone, which a new",
      "import moves, make no difference.",
    ],
    examples: [
      { line: "aegis diff old.wasm new.wasm", doc: "Imports, exports, findings, sizes, functions" },
      { line: "aegis diff old.wasm new.wasm --function parse", doc: "The code of one function" },
      { line: "aegis diff old.wasm new.wasm --format json", doc: "For programs" },
    ],
  },
  disasm: {
    summary: "Print the instructions of a module, with offsets and names",
    operand: MODULE,
    flags: ["function", "format", "json", "help"],
    flagDocs: {
      function: "Only this function: its index or name",
      format: "json is one document, json-compact a line for each item (default: human)",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: ["Offsets are from the first byte of the module, as in traps and in errors."],
    examples: [
      { line: "aegis disasm plugin.wasm", doc: "Every function" },
      { line: "aegis disasm plugin.wasm --function parse", doc: "One function" },
      { line: "aegis disasm plugin.wasm --json", doc: "For programs" },
    ],
  },
  wat: {
    summary: "Print a module in the text format",
    operand: MODULE,
    flags: ["help"],
    statuses: [["65", "the module is invalid, or refused"]],
    notes: ["What is printed compiles to the same module again, but for its custom sections."],
    examples: [{ line: "aegis wat plugin.wasm > plugin.wat", doc: "Into a file" }],
  },
  graph: {
    summary: "Show who calls whom, or the control flow of a function",
    operand: MODULE,
    flags: ["function", "graphFormat", "all", "quiet", "help"],
    flagDocs: {
      function: "The control flow of this function: its index or name",
      all: "Leave nothing out of a graph that is large",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "DOT is for Graphviz. SVG is a picture by itself: it has no scripts, and is dark on dark pages.",
      "Calls through tables and references lead to all functions of their type that can be meant.",
    ],
    examples: [
      { line: "aegis graph plugin.wasm", doc: "Who calls whom, as text" },
      { line: "aegis graph plugin.wasm --format svg > calls.svg", doc: "As a picture" },
      { line: "aegis graph plugin.wasm --function parse -f dot | dot -Tpdf > parse.pdf", doc: "By Graphviz" },
    ],
  },
  hex: {
    summary: "Print the bytes of a module, section by section",
    operand: MODULE,
    flags: ["section", "range", "help"],
    statuses: [["65", "the module is invalid: its bytes are shown without sections"]],
    examples: [
      { line: "aegis hex plugin.wasm --section data", doc: "One section" },
      { line: "aegis hex plugin.wasm --range 0x10:0x40", doc: "What stands at an offset" },
    ],
  },
  strings: {
    summary: "List the texts in a module's data",
    operand: MODULE,
    flags: ["minLength", "format", "json", "help"],
    flagDocs: { format: "json is one document, json-compact a line for each (default: human)" },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "UTF-8 and UTF-16LE, with their offsets in the file and, in active segments, their addresses. Texts",
      "of custom sections, which no guest sees, come last.",
    ],
    examples: [
      { line: "aegis strings plugin.wasm -n 8", doc: "Of eight characters and more" },
      { line: "aegis strings plugin.wasm --format json-compact", doc: "For programs, a line each" },
    ],
  },
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
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      ...GRANT_FLAGS,
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
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      ...GRANT_FLAGS,
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
  serve: {
    summary: "Have modules answer HTTP requests",
    operand: { metavar: MODULE.metavar, doc: "A .wasm or .wat file", optional: true },
    passesArguments: true,
    argumentsDoc: "Arguments of a program that answers by CGI, behind its name",
    flags: [
      "port",
      "host",
      ...HTTP_FLAGS,
      "static",
      "allowHost",
      "reload",
      "accessLog",
      "grace",
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      ...GRANT_FLAGS,
      "onDenial",
      "audit",
      "auditKey",
      "config",
      "format",
      "help",
    ],
    flagDocs: {
      timeout: "Wall time of one request (default: 30s)",
      fuelLimit: "Fuel of one request (default: 1B; unlimited with --timeout)",
      allowHost: "A name under which it is asked, beside localhost; * for any",
      grace: "How long requests may go on at the end (default: 10s)",
      format: "json prints one line when it listens (default: human)",
    },
    notes: [
      "A program for WASI answers by CGI: variables, the body on stdin, the answer on stdout. Others export",
      "handle, for JSON, MessagePack or bytes, or handle_stream. Each request has an instance of its own.",
      "Without MODULE all modules of the file of --config are served, each at the route of its table http.",
      "A request that takes too long, or too much fuel, gets 504; a guest that fails 502; 503 while all are",
      "busy, or bodies hold too much. What guests print on stderr, and why they failed, goes to stderr.",
      "There is no TLS and nobody is asked who they are: put a proxy in front for other machines.",
      "SIGINT and SIGTERM end it: requests that are under way may go on for the time of --grace.",
    ],
    examples: [
      { line: "aegis serve hello.wasm --port 8080", doc: "On this machine" },
      { line: "aegis serve shop.wasm --route /shop --static /=public", doc: "Beside a folder of files" },
      { line: "aegis serve -c aegis.toml --reload", doc: "All modules of a manifest, anew when they change" },
    ],
  },
  build: {
    summary: "Build a module from source",
    operand: {
      metavar: "PATH",
      doc: "A source, or a folder with aegis.toml (default: here)",
      optional: true,
    },
    flags: [
      "output",
      "lang",
      "release",
      "debug",
      "timeLimit",
      "compilerMemory",
      "config",
      "format",
      "quiet",
      "help",
    ],
    flagDocs: {
      output: "The module's file (default: the source's name with .wasm)",
      config: "The manifest with the table [build] (default: aegis.toml there)",
    },
    statuses: [["65", "the source is invalid"], ["124", "the compiler took too long"]],
    notes: [
      "WebAssembly text needs nothing, AssemblyScript's compiler is fetched once. C, Rust, Go and Zig take",
      "the compilers of this machine; where one is missing, it is said how to get it.",
      "Compilers run as you, with your files, but for AssemblyScript's: build what you would run.",
    ],
    examples: [
      { line: "aegis build", doc: "What aegis.toml says" },
      { line: "aegis build greet.c -o greet.wasm", doc: "One source" },
    ],
  },
  "new http": {
    summary: TEMPLATE_KINDS.http.summary,
    ...NEW,
    examples: [{ line: "aegis new http hello --lang rust", doc: "In ./hello" }],
  },
  "new mcp": {
    summary: TEMPLATE_KINDS.mcp.summary,
    ...NEW,
    examples: [{ line: "aegis new mcp tools --lang go", doc: "In ./tools" }],
  },
  "new command": {
    summary: TEMPLATE_KINDS.command.summary,
    ...NEW,
    examples: [{ line: "aegis new command greet --lang c", doc: "In ./greet" }],
  },
  "new plugin": {
    summary: TEMPLATE_KINDS.plugin.summary,
    ...NEW,
    examples: [{ line: "aegis new plugin greeter --out plugins", doc: "In plugins/greeter" }],
  },
  server: {
    summary: "Run tasks for others, over HTTP",
    flags: [
      "port",
      "host",
      "data",
      "policy",
      "engine",
      "noAuth",
      "newToken",
      "allowHost",
      "cors",
      "alertWebhook",
      "grace",
      "config",
      "format",
      "help",
    ],
    flagDocs: {
      format: "json prints one line when it listens: {url, token} (default: human)",
      grace: "How long running tasks may go on at the end (default: 10s)",
    },
    notes: [
      "The first start makes a token and prints it. Every request but those for health needs one:",
      '-H "Authorization: Bearer TOKEN". There is no TLS: put a proxy in front for other machines.',
      "The file of --policy says what tasks may use at most, in the keys that a configuration of run has:",
      "memory_limit, allow_read, allow_net, sensor … Without it, tasks may compute within the limits of",
      "the preset standard, and reach nothing.",
      "SIGINT and SIGTERM end it: what runs may go on for the time of --grace, and is cut off then; what",
      "the interpreter runs is saved, and goes on at the next start. A second signal ends it at once.",
    ],
    examples: [
      { line: "aegis server --port 8080", doc: "On this machine, with a token" },
      { line: "aegis server --no-auth --data tasks", doc: "Without, and with its data in a directory" },
      { line: "aegis server --policy policy.toml", doc: "With sensors, files or hosts for tasks" },
    ],
  },
  mcp: {
    summary: "Offer a module's functions as tools, over MCP",
    operand: { ...MODULE, doc: "A .wasm or .wat file, or a module of the manifest", optional: true },
    flags: [
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      ...GRANT_FLAGS,
      "onDenial",
      "tool",
      "keep",
      "http",
      "port",
      "host",
      "tokenFile",
      "allowHost",
      "cors",
      "audit",
      "auditKey",
      "printConfig",
      "name",
      "config",
      "format",
      "quiet",
      "help",
    ],
    flagDocs: {
      name: "What the server calls itself (default: what the module says)",
      port: "Where to listen; 0 for any free one (default: 3000)",
      tokenFile: "Ask for the token in its first line (default: $AEGIS_MCP_TOKEN)",
      format: "json prints one line when it listens: {url, pid} (default: human)",
    },
    statuses: [
      ["65", "a module is invalid, or refused, or what it says of its tools is"],
      ["77", "an import is missing"],
    ],
    notes: [
      'Tools are the exported functions, or those that the section "aegis:mcp" describes; docs/mcp.md has',
      "all of it. Each call has a guest as new, with the limits and grants given here; a manifest can give",
      "a tool its own. Without an operand, all modules of the manifest are served: MODULE.TOOL.",
      "Each call is a line of JSON on stderr: who, which tool, hash of its arguments, how it ended; with",
      "--audit a record among all that its guest did.",
      "--http listens on 127.0.0.1, and takes no request that a page of another origin has sent. There is",
      "no TLS: put a proxy in front for other machines.",
    ],
    examples: [
      { line: "aegis mcp examples/mcp/notes.wasm", doc: "On stdin and stdout, for a client that starts it" },
      { line: "aegis mcp tool.wasm --allow-read=/data --timeout 5s", doc: "With a grant and a limit" },
      {
        line: "aegis mcp --config aegis.toml --http --port 3000",
        doc: "All modules of a manifest, over HTTP",
      },
      { line: "aegis mcp notes.wasm --print-config=claude", doc: "What goes into a client's configuration" },
    ],
  },
  schedule: {
    summary: "Schedule tasks by hand, at a prompt",
    flags: ["server", "tokenFile", "policy", "engine", "config", "help"],
    flagDocs: {
      server: "A server that runs (default: one of its own, in memory)",
      policy: "What tasks of its own server may use at most, as of aegis server",
      engine: "What runs them there: v8, interpreter (default: v8)",
    },
    notes: [
      "Commands: load, start, pause, resume, stop, restart, rm, list, show, logs, history, stats, help,",
      "quit. Tab completes commands, files and tasks. What comes from a pipe is done line by line; the",
      "status is 1 if any of it failed.",
    ],
    examples: [
      { line: "aegis schedule", doc: "Then: load examples/simple.wasm my-task; start my-task; stats; quit" },
      { line: "aegis schedule --server http://127.0.0.1:8080", doc: "At a server that runs" },
    ],
  },
  "plugin list": {
    summary: "List the plugins of a folder",
    flags: PLUGIN_FLAGS,
    notes: ["JSON has {plugins: [{name, version, description, …}], problems: [{file, message}]}."],
    examples: [
      { line: "aegis plugin list --registry plugins", doc: "Names, versions and what they are" },
    ],
  },
  "plugin search": {
    summary: "Find plugins by words in what they say of themselves",
    operand: { metavar: "WORDS", doc: "All of them in its name, description, keywords or functions" },
    flags: PLUGIN_FLAGS,
    statuses: [["1", "no plugin has these words, or an error"]],
    examples: [{ line: 'aegis plugin search "json totals" --registry plugins', doc: "Both words" }],
  },
  "plugin show": {
    summary: "Show what a plugin provides, needs and depends on",
    operand: PLUGIN,
    flags: PLUGIN_FLAGS,
    examples: [{ line: "aegis plugin show greeter@^1 --registry plugins", doc: "The newest of these" }],
  },
  "plugin check": {
    summary: "Say what a host would refuse when a version takes the place of another",
    operand: { metavar: "OLD", doc: "A .wasm or .wat file, or NAME@RANGE of the folder" },
    second: { metavar: "NEW", doc: "What is to take its place" },
    flags: PLUGIN_FLAGS,
    statuses: [["1", "it would break what uses the old one, or an error"], ["65", "a module is invalid"]],
    notes: [
      "Functions and their types, schemas, imports that the host of the old one may not have, the state,",
      "and what the new one needs beyond the old one.",
      "JSON has {old, new, compatible, problems: [{kind, message}]}.",
    ],
    examples: [
      { line: "aegis plugin check old/greeter.wasm greeter.wasm", doc: "Before it is given to others" },
      { line: "aegis plugin check greeter@1.0.0 greeter@1.1.0 --registry plugins", doc: "Two of a folder" },
    ],
  },
  "plugin call": {
    summary: "Call a function of a plugin, with what it depends on",
    operand: PLUGIN,
    second: { metavar: "FUNCTION", doc: "One that it provides" },
    passesArguments: true,
    flags: [
      "registry",
      ...LIMIT_FLAGS,
      "preset",
      "isolation",
      "engine",
      ...GRANT_FLAGS,
      "config",
      "format",
      "quiet",
      "help",
    ],
    statuses: [
      ["65", "a module is invalid, or refused"],
      ["77", "an import is missing, or a denial stopped the plugin"],
      ["124", "the timeout has passed"],
      ["134", "the plugin trapped"],
      ["152", "the plugin ran out of fuel or host calls"],
    ],
    notes: [
      "The plugins that it depends on are started before it, each in a runtime of its own, with the same",
      "limits; what is granted is granted to this one alone.",
      "JSON has {plugin, version, function, started, outcome, result}.",
    ],
    examples: [
      { line: "aegis plugin call greeter greet --registry plugins -- Ada", doc: "Words as its types say" },
      { line: "aegis plugin call counter@1.0.0 count --timeout 1s -- 5", doc: "One version, with a limit" },
    ],
  },
  "config check": {
    summary: "Say everything that is wrong with a manifest",
    operand: MANIFEST,
    flags: ["config", "format", "quiet", "help"],
    statuses: [["65", "the manifest has mistakes"]],
    notes: [
      "Files that it includes are read, too. Modules are not, and paths need not be there yet.",
      "JSON has {file, valid, mistakes: [{message, file, line, field, suggestion}]}.",
    ],
    examples: [
      { line: "aegis config check aegis.toml", doc: "Every mistake, with its file and line" },
      { line: "aegis config check aegis.toml --format json", doc: "For programs" },
    ],
  },
  "config explain": {
    summary: "Say what holds for the modules of a manifest, and why",
    operand: MANIFEST,
    second: { metavar: "NAME", doc: "A module of it (default: all of them, and the top of the file)" },
    flags: ["all", "config", "format", "quiet", "help"],
    flagDocs: { all: "Show keys that are not given, too, with what holds without them" },
    notes: [
      "For each key: its value, the file and line that set it, what it means, and the flag of run that",
      "means the same. Then what the guest may reach, in words.",
    ],
    examples: [
      { line: "aegis config explain aegis.toml", doc: "The top of the file, and every module" },
      { line: "aegis config explain aegis.toml greeter", doc: "One module" },
    ],
  },
  "config schema": {
    summary: "Print the JSON Schema of manifests",
    flags: ["help"],
    examples: [{ line: "aegis config schema", doc: "For an editor" }],
  },
  "audit verify": {
    summary: "Check that an audit log is as it was written",
    operand: { ...LOG, optional: true },
    flags: ["data", "auditKey", "expect", "format", "quiet", "help"],
    flagDocs: { data: "Check who did what at the server that kept its data there" },
    statuses: [["1", "it was altered or cut, or cannot be checked"]],
    notes: [
      "Every record is checked, in FILE and the older FILE.1 to FILE.3, and where they end with FILE.head.",
      "Who can write all of these files can make them anew: --expect finds that, by a hash or a count that",
      "was noted elsewhere, and so does a key that only you have. docs/audit.md says what each proves.",
    ],
    examples: [
      { line: "aegis audit verify audit.jsonl", doc: "The line of the first flaw, and what it is" },
      {
        line: "aegis audit verify audit.jsonl --audit-key key --expect 1200",
        doc: "With a key, and no record less",
      },
    ],
  },
  "audit query": {
    summary: "Print records of an audit log",
    operand: LOG,
    flags: ["since", "until", "ofSandbox", "auditKind", "severity", "format", "help"],
    flagDocs: { format: "json is one document, json-compact a line for each record (default: human)" },
    notes: [
      `Kinds: ${KINDS_OF_RECORDS.slice(0, 6).join(", ")},`,
      `${KINDS_OF_RECORDS.slice(6).join(", ")};`,
      "and of the log itself log_opened, log_recovered, log_rotated, log_full, log_closed.",
    ],
    examples: [
      { line: "aegis audit query audit.jsonl --severity warning --since 1h", doc: "What went wrong lately" },
      { line: "aegis audit query audit.jsonl --kind threat --format json", doc: "Threats, for programs" },
    ],
  },
  "task add": {
    summary: "Load a module as a task",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "taskName",
      "function",
      "group",
      "priority",
      "retries",
      "cron",
      "preset",
      "fuelLimit",
      "memoryLimit",
      "timeout",
      "engine",
      "taskPolicy",
      "allowRead",
      "allowWrite",
      "allowNet",
      "allowClock",
      "allowLogging",
      "sensor",
      "allowAlert",
      "allowRandom",
      "allowEnv",
      "start",
      ...CLIENT_FLAGS,
    ],
    limits: true,
    flagDocs: {
      group: "Put it into a group of tasks",
      preset: `Set of limits: ${Object.keys(PRESETS).join(", ")} (default: os)`,
      fuelLimit: `Most instructions, as 10M, or "unlimited" (default: ${PRESETS.os.fuelLimit})`,
      timeout: `Most wall time, in seconds or as 500ms, 2m (default: ${PRESETS.os.timeout})`,
      engine: "What runs the module: v8, interpreter (default: the server's)",
      allowRead: "List a path of the server that it may read",
      allowWrite: "List a path of the server where it may write, make and remove files",
      allowNet: "List a host that it may send HTTP requests to",
      allowClock: "List the time",
      allowLogging: "List the log",
      sensor: "List a sensor: ID as the server has it, ID=21, ID=21,22,23",
      allowAlert: "List its alerts, from that level on",
      allowRandom: "List true random bytes",
      allowEnv: "List a variable of the server's environment",
      taskPolicy: "Its part of the grants: permissive (default), sandbox, strict",
    },
    notes: [
      "No limit can be above the server's own, which its --policy sets, and no grant goes beyond it. What",
      "is listed of a kind takes the place of all that the server grants of it; with --policy strict,",
      "nothing else is granted.",
      "The arguments of a program, which starts at _start, are text; those of other functions are values.",
    ],
    examples: [
      { line: "aegis task add job.wasm --name nightly --cron '0 4 * * *'", doc: "Run it each night" },
      { line: "aegis task add add.wasm -e add --start -- 5 10", doc: "Run it now" },
    ],
  },
  "task list": {
    summary: "List tasks",
    flags: ["state", "group", ...CLIENT_FLAGS],
    flagDocs: { group: "Only tasks of that group" },
    examples: [{ line: "aegis task list --state running", doc: "Those that run" }],
  },
  "task show": {
    summary: "Show a task",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task show nightly", doc: "By its name, or the beginning of its id" }],
  },
  "task start": {
    summary: "Start a task",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task start nightly", doc: "Once more, now" }],
  },
  "task pause": {
    summary: "Have a task stand still",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task pause nightly", doc: "In the midst of what it does" }],
  },
  "task resume": {
    summary: "Let a paused task go on",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task resume nightly", doc: "From where it was" }],
  },
  "task stop": {
    summary: "End what a task does",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task stop nightly", doc: "For good, until it is started" }],
  },
  "task restart": {
    summary: "Start a task anew, whatever it does",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task restart nightly", doc: "From its beginning" }],
  },
  "task rm": {
    summary: "Forget a task and its history",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task rm nightly", doc: "It is stopped first" }],
  },
  "task logs": {
    summary: "Print what a task has logged",
    operand: TASK,
    flags: ["follow", ...CLIENT_FLAGS],
    examples: [{ line: "aegis task logs nightly --follow", doc: "As it comes" }],
  },
  "task history": {
    summary: "List what a task has done",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task history nightly", doc: "The latest first" }],
  },
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

/** A key of {@linkcode COMMANDS}. */
export type CommandName = keyof typeof COMMANDS;

/** First words of commands that have two. */
export const COMMAND_GROUPS = {
  audit: {
    summary: "Check and search audit logs",
    notes: [
      "aegis run, serve and mcp write one with --audit FILE: every decision about a grant, limit, stop and",
      "call of the host, and who asked for what, a line each. docs/audit.md says what it proves.",
    ],
  },
  config: {
    summary: "Check and explain manifests",
    notes: [
      "A manifest is the file of --config: limits, grants and options, and modules by name. Its keys are",
      "in docs/manifest.md.",
    ],
  },
  new: {
    summary: "Make a project from a template",
    notes: [`Languages of --lang: ${LANGUAGE_NAMES.join(", ")}; AssemblyScript, unless told.`],
  },
  plugin: {
    summary: "Look at plugins, check new versions of them, call them",
    notes: [
      "A plugin is a module with a manifest, in its section aegis:plugin or in plugin.toml or plugin.json",
      "beside it: docs/plugins.md. The folder is a registry that a program keeps, or any other one.",
    ],
  },
  task: {
    summary: "Load, start, watch and end tasks of a server",
    notes: [
      "They ask the server of --server or $AEGIS_SERVER, else the one at http://127.0.0.1:8080, with the",
      "token in the file of --token-file or in $AEGIS_TOKEN. aegis server starts a server.",
    ],
  },
} as const satisfies Record<string, { readonly summary: string; readonly notes: readonly string[] }>;

/** A key of {@linkcode COMMAND_GROUPS}. */
export type GroupName = keyof typeof COMMAND_GROUPS;

/** Whether a word is the name of a command. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** Whether a word is the first one of commands that have two. */
export function isGroupName(word: string): word is GroupName {
  return Object.hasOwn(COMMAND_GROUPS, word);
}

/** The commands of a group. */
export function commandsOf(group: GroupName): CommandName[] {
  return (Object.keys(COMMANDS) as CommandName[]).filter((name) => name.startsWith(`${group} `)); // its own keys
}

/** What can be typed behind `aegis`: commands of one word and groups, in the order in which help lists them. */
export function firstWords(): (CommandName | GroupName)[] {
  const words = Object.keys(COMMANDS).map((name) => name.split(" ", 1)[0]) as (CommandName | GroupName)[]; // as the tables say
  return [...new Set(words)];
}
