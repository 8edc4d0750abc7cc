/** A program that runs in a Worker or in a browser, and travels as text: its entry point, and the file that holds the text. */
export interface Bundle {
  /** The entry point, from the repository's root. */
  readonly source: string;
  /** The generated file, from the repository's root. */
  readonly target: string;
  /** The constant that the generated file exports. */
  readonly constant: string;
  /** What the constant is, as its doc comment. */
  readonly doc: string;
  /** Paths of the server from which the program loads more when it needs it. @default none */
  readonly loads?: readonly string[];
}

/** Everything that `deno task gen` writes. */
export const BUNDLES: readonly Bundle[] = [
  {
    source: "src/guest/main.ts",
    target: "src/sandbox/guest_worker.gen.ts",
    constant: "GUEST_WORKER_TEXT",
    doc: "The program of a guest's Worker.",
  },
  {
    source: "src/guest/watch_main.ts",
    target: "src/sandbox/watch_program.gen.ts",
    constant: "WATCH_PROGRAM_TEXT",
    doc: "What watches a guest, sent with modules that are to be watched.",
  },
  {
    source: "src/guest/prepare_main.ts",
    target: "src/sandbox/prepare_worker.gen.ts",
    constant: "PREPARE_WORKER_TEXT",
    doc: "The program of the Worker that checks and instruments modules.",
  },
  {
    source: "src/broker/files_main.ts",
    target: "src/sandbox/files_worker.gen.ts",
    constant: "FILES_WORKER_TEXT",
    doc: "The program of the files broker's Worker.",
  },
  {
    source: "src/broker/net_main.ts",
    target: "src/sandbox/net_worker.gen.ts",
    constant: "NET_WORKER_TEXT",
    doc: "The program of the network broker's Worker.",
  },
  {
    source: "src/broker/process_main.ts",
    target: "src/sandbox/process_worker.gen.ts",
    constant: "PROCESS_WORKER_TEXT",
    doc: "The program of the process broker's Worker.",
  },
  {
    source: "src/relay/relay_main.ts",
    target: "src/sandbox/relay_worker.gen.ts",
    constant: "RELAY_WORKER_TEXT",
    doc: "The program of the Worker that stands between the host and its child processes.",
  },
  {
    source: "src/relay/child_main.ts",
    target: "src/sandbox/child_program.gen.ts",
    constant: "CHILD_PROGRAM_TEXT",
    doc: "The program of a child process.",
  },
  {
    source: "src/dashboard/theme_main.ts",
    target: "src/server/assets/theme.gen.ts",
    constant: "THEME_SCRIPT",
    doc: "Runs before a page is painted.",
  },
  {
    source: "src/dashboard/inspector/inspector_main.ts",
    target: "src/server/assets/inspector.gen.ts",
    constant: "INSPECTOR_SCRIPT",
    doc: "The program of the Worker that looks into modules.",
  },
  {
    source: "src/dashboard/inspector/wat_main.ts",
    target: "src/server/assets/wat.gen.ts",
    constant: "WAT_SCRIPT",
    doc: "The program of the Worker that turns text into modules.",
    loads: ["/assets/watr.js"],
  },
  {
    source: "src/dashboard/dashboard_main.ts",
    target: "src/server/assets/dashboard.gen.ts",
    constant: "DASHBOARD_SCRIPT",
    doc: "The program of the page Dashboard.",
  },
  {
    source: "src/dashboard/tasks_main.ts",
    target: "src/server/assets/tasks.gen.ts",
    constant: "TASKS_SCRIPT",
    doc: "The program of the page Tasks.",
  },
  {
    source: "src/dashboard/execute_main.ts",
    target: "src/server/assets/execute.gen.ts",
    constant: "EXECUTE_SCRIPT",
    doc: "The program of the page Execute.",
  },
  {
    source: "src/dashboard/inspect_main.ts",
    target: "src/server/assets/inspect.gen.ts",
    constant: "INSPECT_SCRIPT",
    doc: "The program of the page Inspect.",
  },
  {
    source: "src/dashboard/monitor_main.ts",
    target: "src/server/assets/monitor.gen.ts",
    constant: "MONITOR_SCRIPT",
    doc: "The program of the page Monitor.",
  },
];

/** A process of the command as one module: one that loads each of its files by itself starts later. */
export interface Program {
  /** The entry point, from the repository's root. */
  readonly source: string;
  /** The generated module, from the repository's root. */
  readonly target: string;
  /** What stays a module of its own: how the sources name it, and how the generated module has to. */
  readonly beside: Readonly<Record<string, string>>;
}

const WORKER_TEXTS = [
  ...["guest_worker", "watch_program", "prepare_worker", "files_worker", "net_worker", "process_worker"],
  ...["relay_worker", "child_program"],
].map((name) => [`./${name}.gen.ts`, `../sandbox/${name}.gen.ts`] as const);

/** Packages are loaded when they are needed, and built-in modules that take as long to load as all of ours. */
const LOADED_LATER = [
  ...["../audit/digest_with.ts", "node:async_hooks"],
  ...["smol-toml", "@msgpack/msgpack", "watr"],
].map((name) => [name, name] as const);

/** Programs that `deno task gen` writes. */
export const PROGRAMS: readonly Program[] = [
  {
    source: "src/cli/host_main.ts",
    target: "src/cli/host_main.gen.js",
    beside: Object.fromEntries([...WORKER_TEXTS, ...LOADED_LATER]),
  },
];
