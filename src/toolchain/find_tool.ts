/** Which compiler of this machine takes a source, and what it lacks for that. */
import { AegisError } from "../core/errors.ts";
import { dirname, join } from "../sandbox/path.ts";
import { RUST_TARGETS } from "./compile_steps.ts";
import { ANY_TOOL_VARIABLES, type LanguageName, LANGUAGES, type ToolRow } from "./languages.ts";
import type { OutputType } from "./output_type.ts";
import type { ToolchainPorts } from "./ports.ts";

/** A compiler that starts. */
export interface Tool {
  readonly row: ToolRow;
  /** The absolute path of its program. */
  readonly program: string;
  /** The first line of what it says of its version. */
  readonly version: string;
  /** Targets that it has, where it was asked. */
  readonly targets: readonly string[];
}

/** Milliseconds for a question to a tool: on a busy machine the first start of one takes seconds. */
const ASKING_TIME = 20_000;

/** Asks a tool something. @returns what it prints; undefined where it fails */
async function ask(
  tool: { readonly program: string; readonly row: ToolRow },
  args: readonly string[],
  to: { readonly language: LanguageName; readonly ports: ToolchainPorts; readonly directory: string },
): Promise<string | undefined> {
  const { status, out } = await to.ports.run({
    program: tool.program,
    args: [...tool.row.before, ...args],
    directory: to.directory,
    environment: toolEnvironment(to.language, to.ports),
    time: ASKING_TIME,
    memory: undefined,
  });
  return status === 0 ? out.trim() : undefined;
}

/** All that the tools of a language see of this process's environment. */
export function toolEnvironment(language: LanguageName, ports: ToolchainPorts): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...ANY_TOOL_VARIABLES, ...LANGUAGES[language].variables]) {
    const value = ports.variable(name);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function missing(language: LanguageName, what: string): AegisError {
  const { title, get } = LANGUAGES[language];
  return new AegisError("UnsupportedPlatform", `Cannot build ${title}: ${what}`, { suggestion: get });
}

/** What clang answers where it has a file of that name: its path. */
function hasFile(answer: string | undefined, name: string): boolean {
  return answer !== undefined && answer !== name && answer !== "";
}

/** What a tool lacks for a type of output; a text says what. */
type Check = (
  tool: Tool,
  type: OutputType,
  asked: (args: readonly string[]) => Promise<string | undefined>,
) => Promise<
  string | undefined
>;

const CHECKS: { readonly [Name in LanguageName]?: Check } = {
  c: async ({ row }, type, asked) => {
    if (row.name !== "clang") return undefined; // Zig brings all of it
    if (!hasFile(await asked(["--target=wasm32", "-print-prog-name=wasm-ld"]), "wasm-ld")) {
      return "clang is there, its linker wasm-ld is not";
    }
    if (type === "library") return undefined;
    const library = await asked(["--target=wasm32-wasi", "-print-file-name=libc.a"]);
    return hasFile(library, "libc.a") ? undefined : "clang is there, wasi-libc, which programs need, is not";
  },
  rust: (tool, type) => {
    const fitting = RUST_TARGETS[type];
    return Promise.resolve(
      fitting.some((name) => tool.targets.includes(name))
        ? undefined
        : `rustc is there, its target ${fitting[0]} is not`,
    );
  },
};

/** Targets of Rust whose libraries are there. */
function rustTargets(sysroot: string, ports: ToolchainPorts): string[] {
  const every = [...RUST_TARGETS.program, ...RUST_TARGETS.library];
  return every.filter((name) => ports.real(join(sysroot, "lib", "rustlib", name, "lib")) !== undefined);
}

/**
 * Finds what compiles a language to a type of output. Compilers are started to be asked for their version, and for
 * nothing of the source.
 *
 * @param directory where they are started
 * @throws {AegisError} `UnsupportedPlatform`, with how the tool is had
 */
export async function findTool(
  language: Exclude<LanguageName, "wat">,
  type: OutputType,
  { ports, directory }: { readonly ports: ToolchainPorts; readonly directory: string },
): Promise<Tool> {
  const rows: readonly ToolRow[] = LANGUAGES[language].tools;
  let lacking: string | undefined;
  for (const row of rows) {
    const program = language === "assemblyscript" ? ports.deno() : ports.find(row.program);
    if (program === undefined) continue;
    const asked = (args: readonly string[]) => ask({ program, row }, args, { language, ports, directory });
    const version = await asked(row.version);
    if (version === undefined) continue;
    const sysroot = language === "rust" ? await asked(["--print", "sysroot"]) : undefined;
    const targets = sysroot === undefined ? [] : rustTargets(sysroot, ports);
    const tool = { row, program, version: version.split("\n", 1)[0] ?? "", targets };
    const lacks = await CHECKS[language]?.(tool, type, asked);
    if (lacks === undefined) return tool;
    lacking ??= lacks;
  }
  const names = [...new Set(rows.map(({ program }) => program))].join(" or ");
  throw missing(language, lacking ?? `there is no ${names} on the PATH`);
}

/** The path of another program of a tool's folder, or of the path. @throws {AegisError} `UnsupportedPlatform` */
export function siblingOf(tool: Tool, name: string, language: LanguageName, ports: ToolchainPorts): string {
  const beside = ports.real(join(dirname(tool.program), name)) === undefined
    ? undefined
    : join(dirname(tool.program), name);
  const program = beside ?? ports.find(name);
  if (program === undefined) throw missing(language, `there is no ${name} on the PATH`);
  return program;
}
