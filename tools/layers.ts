/** One folder of `src/`: where it stands, what it may import, what its code never names. */
export interface Layer {
  readonly folder: string;
  readonly layer: number;
  /** Folders it may import besides itself; every one has to be of a strictly lower layer. */
  readonly imports: readonly string[];
  /** Folders of which it may import types alone: their code reaches it in another form. */
  readonly importsTypes?: readonly string[];
  /** Global names that its code never uses, be it as an identifier or as a string. */
  readonly never?: readonly string[];
  /** False where code must run to its end in one go. @default true */
  readonly async?: boolean;
  /** Packages it may import; an entry that ends in `/` admits what is below it. */
  readonly packages?: readonly string[];
}

const TIMERS = ["setTimeout", "setInterval", "queueMicrotask"] as const;
const UP_TO_SANDBOX = ["@std/path/"] as const;

/** The folders of `src/`, from the ground up. What is not here is not allowed. */
export const LAYERS: readonly Layer[] = [
  { folder: "core", layer: 0, imports: [], never: ["Deno", ...TIMERS] },
  { folder: "wasm", layer: 1, imports: ["core"], never: ["Deno", ...TIMERS], async: false },
  { folder: "protocol", layer: 1, imports: ["core"], never: ["Deno"] },
  { folder: "audit", layer: 1, imports: ["core"], never: ["Deno", ...TIMERS], async: false },
  { folder: "policy", layer: 2, imports: ["core", "protocol"], never: ["Deno", "fetch"], async: false },
  { folder: "analysis", layer: 2, imports: ["core", "wasm"], never: ["Deno", ...TIMERS], async: false },
  { folder: "wasi", layer: 2, imports: ["core", "protocol"], never: ["Deno", ...TIMERS], async: false },
  {
    folder: "instrument",
    layer: 3,
    imports: ["core", "wasm", "analysis"],
    never: ["Deno", "Worker", ...TIMERS],
    async: false,
  },
  {
    folder: "interp",
    layer: 3,
    imports: ["core", "wasm", "analysis"],
    never: ["Deno", ...TIMERS],
    async: false,
  },
  {
    folder: "inspection",
    layer: 3,
    imports: ["core", "wasm", "analysis", "wasi"],
    never: ["Deno", ...TIMERS],
    async: false,
  },
  {
    folder: "broker",
    layer: 3,
    imports: ["core", "protocol", "policy"],
    never: ["WebAssembly"],
    packages: UP_TO_SANDBOX,
  },
  {
    folder: "guest",
    layer: 4,
    imports: ["core", "wasm", "protocol", "analysis", "wasi", "instrument", "interp"],
    never: ["Deno"],
  },
  {
    folder: "listing",
    layer: 4,
    imports: ["core", "wasm", "inspection"],
    never: ["Deno", ...TIMERS],
    async: false,
  },
  {
    folder: "graph",
    layer: 4,
    imports: ["core", "wasm", "inspection"],
    never: ["Deno", ...TIMERS],
    async: false,
  },
  {
    folder: "comparison",
    layer: 5,
    imports: ["core", "wasm", "analysis", "inspection", "listing"],
    never: ["Deno", ...TIMERS],
    async: false,
  },
  // Programs of the browser: nothing of Deno's, and nothing of the server's but what comes over HTTP.
  {
    folder: "dashboard",
    layer: 4,
    imports: ["core", "wasm", "analysis", "wasi", "inspection"],
    never: ["Deno"],
    packages: ["uplot"],
  },
  // Of its programs one runs beside the host, the other in child processes that are not believed.
  { folder: "relay", layer: 4, imports: ["core", "protocol", "broker"], never: ["WebSocket", "fetch"] },
  // The code of guest and brokers reaches it as bundled text; the types of their messages are shared.
  {
    folder: "sandbox",
    layer: 5,
    imports: [
      "core",
      "audit",
      "wasm",
      "protocol",
      "policy",
      "analysis",
      "wasi",
      "instrument",
      "interp",
      "relay",
    ],
    importsTypes: ["guest", "broker"],
    packages: UP_TO_SANDBOX,
  },
  // Compilers are started by it, and nothing else: it runs no guest.
  { folder: "toolchain", layer: 6, imports: ["core", "wasm", "sandbox"] },
  { folder: "tasks", layer: 6, imports: ["core", "audit", "policy", "sandbox"] },
  { folder: "manifest", layer: 6, imports: ["core", "policy", "sandbox"], packages: ["smol-toml"] },
  {
    folder: "wrappers",
    layer: 7,
    imports: ["core", "wasm", "protocol", "policy", "analysis", "sandbox", "tasks", "manifest"],
    packages: ["hono/utils/mime"],
  },
  {
    folder: "server",
    layer: 8,
    imports: ["core", "wasm", "protocol", "policy", "analysis", "sandbox", "tasks", "wrappers"],
    packages: [
      "@hono/node-server",
      "@hono/zod-openapi",
      "hono",
      "hono/html",
      "node:buffer",
      "node:crypto",
      "node:http",
      "node:net",
    ],
  },
  {
    folder: "cli",
    layer: 9,
    imports: [
      "core",
      "audit",
      "wasm",
      "protocol",
      "policy",
      "analysis",
      "wasi",
      "instrument",
      "interp",
      "inspection",
      "listing",
      "graph",
      "comparison",
      "broker",
      "sandbox",
      "tasks",
      "manifest",
      "wrappers",
      "server",
      "toolchain",
    ],
    packages: ["@std/path/", "node:process", "node:readline/promises", "node:util"],
  },
];

/** What single files may do beyond their folder's row, with the reason. */
export interface FileException {
  readonly packages?: readonly string[];
  readonly names?: readonly string[];
  readonly computedImport?: true;
  readonly reason: string;
}

/** Keyed by path from the repository's root. */
export const FILE_EXCEPTIONS: Readonly<Record<string, FileException>> = {
  "src/audit/digest_with.ts": {
    packages: ["node:crypto"],
    reason: "records are hashed at once, before the call goes on, which crypto.subtle cannot do",
  },
  "src/cli/late_files.ts": {
    computedImport: true,
    reason:
      "what is named in full is read before anything runs; its types name each file, and every_file.ts does",
  },
  "src/dashboard/inspector/wat_main.ts": {
    packages: ["/assets/watr.js"],
    reason: "text modules are parsed by watr, which browsers load from the server",
  },
  "src/guest/scrub.ts": {
    names: ["Deno"],
    reason: "the list of globals that the guest loses before anything runs in it",
  },
  "src/sandbox/content.ts": {
    packages: ["@msgpack/msgpack"],
    reason: "MessagePack is encoded and decoded by its package, when somebody wants it",
  },
  "src/sandbox/telemetry.ts": {
    packages: ["@opentelemetry/api"],
    reason: "traces and metrics go where its API says, when somebody switches them on",
  },
  "src/sandbox/host_stack.ts": {
    packages: ["node:async_hooks"],
    reason: "who waits for whom is followed through promises, and nowhere else",
  },
  "src/tasks/schedules.ts": {
    packages: ["croner"],
    reason: "cron expressions are read by croner, and nowhere else",
  },
  "src/tasks/store/database.ts": {
    packages: ["node:sqlite"],
    reason: "the one file that speaks to the database; the others speak to it",
  },
  "src/wrappers/mcp/sdk.ts": {
    packages: [
      "npm:@modelcontextprotocol/sdk@1.32.2/server/index",
      "npm:@modelcontextprotocol/sdk@1.32.2/server/index.js",
      "npm:@modelcontextprotocol/sdk@1.32.2/server/webStandardStreamableHttp",
      "npm:@modelcontextprotocol/sdk@1.32.2/server/webStandardStreamableHttp.js",
      "npm:@modelcontextprotocol/sdk@1.32.2/shared/transport",
      "npm:@modelcontextprotocol/sdk@1.32.2/types",
      "npm:@modelcontextprotocol/sdk@1.32.2/types.js",
    ],
    reason: "the protocol is spoken by its official SDK, which is loaded when a server is made",
  },
  "src/server/pages/assets.ts": {
    packages: ["uplot/dist/uPlot.iife.min.js", "uplot/dist/uPlot.min.css", "watr/dist/watr.min.js"],
    reason: "what browsers run of packages is sent to them as it is, as text",
  },
  "src/wrappers/plugin/semver.ts": {
    packages: ["@std/semver"],
    reason: "versions and their ranges are read by its package, and nowhere else",
  },
  "src/wrappers/plugin/plugin_manifest.ts": {
    packages: ["smol-toml"],
    reason: "a manifest beside a module may be TOML",
  },
  "src/sandbox/wat.ts": { packages: ["watr"], reason: "text modules are parsed by watr, and nowhere else" },
};

/** Names of files and folders that say nothing: what would go there belongs to the noun it serves. */
export const EMPTY_NAMES: readonly string[] = ["util", "utils", "helper", "helpers", "common", "misc"];

/** The only folder that imports generated text. */
export const GENERATED_TEXT_READERS: readonly string[] = ["sandbox", "server", "toolchain"];
