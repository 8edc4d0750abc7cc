/** How each language is compiled: command lines as a function of what is asked for, so that they are tested without a compiler. */
import { join, relative } from "../sandbox/path.ts";
import type { LanguageName } from "./languages.ts";
import type { OutputType } from "./output_type.ts";

/** What is asked for. Paths are absolute. */
export interface CompileInput {
  readonly type: OutputType;
  /** The first one is the main one; more than one is for C alone. A project's file stands for the project. */
  readonly sources: readonly [string, ...string[]];
  /** The folder that the sources belong to, and beyond which they need nothing of the person's. */
  readonly directory: string;
  readonly optimise: boolean;
  /** A folder for this build alone. */
  readonly scratch: string;
  /** Bytes of memory for the compiler. */
  readonly memory: number;
  /** How people call the tool: a key in the table of languages. */
  readonly tool: string;
  /** Targets that the tool has, where it was asked. */
  readonly targets: readonly string[];
}

/** What is to be run. */
export interface CompileStep {
  /** Another program of the same toolchain than the one in the table. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The module: a file, or the one module that lies in a folder. */
  readonly product: string;
  /** Whether the arguments bound its memory, so that its address space need not be. */
  readonly boundsItself?: true;
  /** Whether it works in the sources' folder, where files can tell it what to do; else in the one of the build. */
  readonly inProject?: true;
}

/** AssemblyScript's compiler, exactly: its lock names what it is made of. */
export const ASSEMBLYSCRIPT = "npm:assemblyscript@0.28.20/asc";

/** The name of the file in a build's folder that holds the lock of {@linkcode ASSEMBLYSCRIPT}. */
export const ASSEMBLYSCRIPT_LOCK = "assemblyscript.lock";

/** Variables that asc asks for, all about colours; it is shown no other. */
const ASC_VARIABLES = ["CI", "COLORTERM", "FORCE_COLOR", "NO_COLOR", "TERM"] as const;

const MIB = 1024 * 1024, PAGE = 64 * 1024;

/** Largest memory that a module of 32 bits can have, in pages. */
const MOST_PAGES = 65536;

function assemblyScript(input: CompileInput): CompileStep {
  const { sources: [source], directory, scratch, memory, optimise } = input;
  const product = join(scratch, "module.wasm");
  return {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-remote",
      "--cached-only",
      "--node-modules-dir=none",
      `--lock=${join(scratch, ASSEMBLYSCRIPT_LOCK)}`,
      "--frozen",
      `--v8-flags=--max-old-space-size=${Math.floor(memory / MIB)},--wasm-max-mem-pages=${
        Math.min(Math.floor(memory / PAGE), MOST_PAGES)
      }`,
      `--allow-read=${directory},${scratch}`,
      `--allow-write=${scratch}`,
      `--allow-env=${ASC_VARIABLES.join(",")}`,
      ASSEMBLYSCRIPT,
      `./${relative(directory, source).replaceAll("\\", "/")}`,
      "--baseDir",
      directory,
      "--outFile",
      product,
      ...(optimise ? ["-O3"] : ["--debug"]),
      "--use",
      "abort=",
    ],
    environment: { NO_COLOR: "1" },
    product,
    boundsItself: true,
  };
}

function c({ type, sources, scratch, optimise }: CompileInput): CompileStep {
  const product = join(scratch, "module.wasm");
  return {
    args: [
      ...(type === "program"
        ? ["--target=wasm32-wasi"]
        : ["--target=wasm32", "-ffreestanding", "-nostdlib", "-Wl,--no-entry"]),
      "-std=c11",
      "-Wall",
      ...(optimise ? ["-O2", "-Wl,--strip-debug"] : ["-O0", "-g"]),
      "-fno-color-diagnostics",
      "-o",
      product,
      ...sources,
    ],
    environment: {},
    product,
  };
}

/** Targets of Rust in the order in which they suit. */
export const RUST_TARGETS: Readonly<Record<OutputType, readonly [string, ...string[]]>> = {
  program: ["wasm32-wasip1", "wasm32-wasi"],
  library: ["wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasi"],
};

/** Another toolchain than the one that is here would be fetched because a source says so. */
const RUST_ENVIRONMENT = { RUSTUP_AUTO_INSTALL: "0" };

function rust({ type, sources: [source], scratch, optimise, targets }: CompileInput): CompileStep {
  const target = RUST_TARGETS[type].find((name) => targets.includes(name)) ?? RUST_TARGETS[type][0];
  if (source.endsWith(".toml")) {
    const made = join(scratch, "target");
    return {
      program: "cargo",
      args: [
        "build",
        "--quiet",
        "--color=never",
        `--manifest-path=${source}`,
        `--target=${target}`,
        `--target-dir=${made}`,
        ...(optimise ? ["--release"] : []),
      ],
      environment: RUST_ENVIRONMENT,
      inProject: true,
      product: join(made, target, optimise ? "release" : "debug"),
    };
  }
  const product = join(scratch, "module.wasm");
  return {
    args: [
      "--edition=2021",
      "--color=never",
      `--target=${target}`,
      `--crate-type=${type === "program" ? "bin" : "cdylib"}`,
      "--crate-name=module",
      ...(optimise ? ["-Copt-level=s", "-Cstrip=debuginfo", "-Cpanic=abort"] : ["-Copt-level=0", "-g"]),
      "-o",
      product,
      source,
    ],
    environment: RUST_ENVIRONMENT,
    product,
  };
}

function go({ type, sources: [source], scratch, optimise, tool }: CompileInput): CompileStep {
  const product = join(scratch, "module.wasm"),
    library = type === "library",
    project = source.endsWith(".mod");
  const args = tool === "tinygo"
    ? [
      "build",
      "-target=wasip1",
      ...(library ? ["-buildmode=c-shared"] : []),
      ...(optimise ? ["-opt=z", "-no-debug"] : ["-opt=0"]),
    ]
    : [
      "build",
      "-trimpath",
      ...(library ? ["-buildmode=c-shared"] : []),
      ...(optimise ? ["-ldflags=-s -w"] : ["-gcflags=all=-N -l"]),
    ];
  return {
    args: [...args, "-o", product, project ? "." : source],
    // Another version than the one that is here would be fetched and run because a source says so.
    environment: { GOOS: "wasip1", GOARCH: "wasm", CGO_ENABLED: "0", GOTOOLCHAIN: "local" },
    product,
    ...(project ? { inProject: true } : {}),
  };
}

function zig({ type, sources: [source], scratch, optimise }: CompileInput): CompileStep {
  const product = join(scratch, "module.wasm");
  return {
    args: [
      "build-exe",
      ...(type === "program"
        ? ["-target", "wasm32-wasi"]
        : ["-target", "wasm32-freestanding", "-fno-entry", "-rdynamic"]),
      "-O",
      optimise ? "ReleaseSmall" : "Debug",
      "--color",
      "off",
      "--cache-dir",
      join(scratch, "cache"),
      `-femit-bin=${product}`,
      source,
    ],
    environment: {},
    product,
  };
}

/** The way of each language that a tool compiles; text modules are parsed in this process. */
export const COMPILE_STEPS: Readonly<
  Record<Exclude<LanguageName, "wat">, (input: CompileInput) => CompileStep>
> = { assemblyscript: assemblyScript, c, rust, go, zig };
