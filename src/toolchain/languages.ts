/**
 * THE table of languages: what `aegis build` compiles, by what, and how that is had. Flags, help and docs derive from it.
 */

/** A way to start a compiler. */
export interface ToolRow {
  /** How people call it. */
  readonly name: string;
  /** The program on the path. */
  readonly program: string;
  /** Words that come before all others. */
  readonly before: readonly string[];
  /** What makes it tell its version, which is also the proof that it starts. */
  readonly version: readonly string[];
}

/** A row of {@linkcode LANGUAGES}. */
export interface LanguageRow {
  readonly title: string;
  /** Endings of its sources, without the dot. */
  readonly extensions: readonly string[];
  /** The file that makes a folder a project of it. */
  readonly project?: string;
  /** What compiles it, the best first; none where a package of ours does. */
  readonly tools: readonly ToolRow[];
  /** Variables of the environment that its tools may see, beside those of {@linkcode ANY_TOOL_VARIABLES}. */
  readonly variables: readonly string[];
  /** How the tools are had. */
  readonly get: string;
}

/** The languages, in the order in which help lists them. */
export const LANGUAGES = {
  wat: {
    title: "WebAssembly text",
    extensions: ["wat"],
    tools: [],
    variables: [],
    get: "Nothing is needed: Aegis compiles it.",
  },
  assemblyscript: {
    title: "AssemblyScript",
    extensions: ["ts"],
    tools: [{ name: "asc", program: "deno", before: [], version: ["--version"] }],
    variables: ["DENO_CERT", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
    get: "Its compiler is fetched at the first build, which takes the network: 100 MB.",
  },
  c: {
    title: "C",
    extensions: ["c"],
    tools: [
      { name: "clang", program: "clang", before: [], version: ["--version"] },
      { name: "zig cc", program: "zig", before: ["cc"], version: ["--version"] },
    ],
    variables: ["ZIG_GLOBAL_CACHE_DIR", "XDG_CACHE_HOME"],
    get:
      "Debian, Ubuntu: apt install clang lld wasi-libc libclang-rt-dev-wasm32. Elsewhere: wasi-sdk, with its " +
      "bin on the PATH.",
  },
  rust: {
    title: "Rust",
    extensions: ["rs"],
    project: "Cargo.toml",
    tools: [{ name: "rustc", program: "rustc", before: [], version: ["--version"] }],
    variables: ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"],
    get: "https://rustup.rs, then: rustup target add wasm32-wasip1 wasm32-unknown-unknown",
  },
  go: {
    title: "Go",
    extensions: ["go"],
    project: "go.mod",
    tools: [
      { name: "go", program: "go", before: [], version: ["version"] },
      { name: "tinygo", program: "tinygo", before: [], version: ["version"] },
    ],
    variables: [
      "GOROOT",
      "GOPATH",
      "GOCACHE",
      "GOMODCACHE",
      "GOPROXY",
      "GOSUMDB",
      "GOPRIVATE",
      "XDG_CACHE_HOME",
    ],
    get: "https://go.dev/dl, 1.24 or later; or TinyGo: https://tinygo.org/getting-started/install",
  },
  zig: {
    title: "Zig",
    extensions: ["zig"],
    tools: [
      { name: "zig", program: "zig", before: [], version: ["version"] },
      { name: "ziglang", program: "python3", before: ["-m", "ziglang"], version: ["version"] },
      { name: "ziglang", program: "python", before: ["-m", "ziglang"], version: ["version"] },
    ],
    variables: ["ZIG_GLOBAL_CACHE_DIR", "XDG_CACHE_HOME"],
    get: "https://ziglang.org/download, or: pip install ziglang",
  },
} as const satisfies Record<string, LanguageRow>;

/** A key of {@linkcode LANGUAGES}. */
export type LanguageName = keyof typeof LANGUAGES;

/** All of them. */
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as readonly LanguageName[]; // a literal's keys are those of its type

/** Variables that every tool may see: where programs are, where a person's files are, how the network is reached. */
export const ANY_TOOL_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "SystemRoot",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "https_proxy",
  "http_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** The language of a file by its ending. */
export function languageOfFile(path: string): LanguageName | undefined {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return LANGUAGE_NAMES.find((name) =>
    extension !== undefined && (LANGUAGES[name].extensions as readonly string[]).includes(extension)
  );
}
