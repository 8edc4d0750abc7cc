/** `aegis build`: source to module, by the compilers of this machine. Runs no guest. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { basename, join, resolve } from "../sandbox/path.ts";
import { buildModule, type Built } from "../toolchain/build_module.ts";
import { type BuildPlan, type BuildRequest, planBuild } from "../toolchain/build_plan.ts";
import { decodeDocument, LARGEST_MANIFEST } from "../manifest/document.ts";
import { readBuildTable } from "../toolchain/build_table.ts";
import { CompileError } from "../toolchain/compile_error.ts";
import type { ToolchainPorts } from "../toolchain/ports.ts";
import { systemPorts } from "../toolchain/system_ports.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable, printableLines } from "./printable.ts";

/** Names of manifests that a folder is looked at for. */
const MANIFESTS = ["aegis.toml", "aegis.json"] as const;

/** Bounds of a compiler, unless told otherwise. */
const TIME = 120_000, MEMORY = 4 * 2 ** 30;

/** The manifest that counts: that of --config, the operand, or the one in the folder. */
function manifestPath(parsed: ParsedCommand, ports: ToolchainPorts): string | undefined {
  const { operand = ".", flags: { config } } = parsed;
  if (config !== undefined) return config;
  if (/\.(?:toml|json)$/.test(operand) && basename(operand) !== "Cargo.toml") return operand;
  return MANIFESTS.map((name) => join(operand, name)).find((path) => ports.real(resolve(path)) !== undefined);
}

async function requestOf(parsed: ParsedCommand, io: CommandIo, ports: ToolchainPorts): Promise<BuildRequest> {
  const { operand = ".", flags } = parsed, manifest = manifestPath(parsed, ports);
  if (flags.release && flags.debug) {
    throw new AegisError("InvalidOption", "Cannot build with both --release and --debug: use one");
  }
  const request = {
    path: resolve(operand),
    ...(flags.lang === undefined ? {} : { language: flags.lang }),
    ...(flags.output === undefined ? {} : { out: resolve(flags.output) }),
    ...(flags.release || flags.debug ? { optimise: flags.release === true } : {}),
    time: flags.timeLimit ?? TIME,
    memory: flags.compilerMemory ?? MEMORY,
  };
  if (manifest === undefined) return request;
  const { table: { build } } = await decodeDocument(
    await io.read(manifest, LARGEST_MANIFEST, "regular"),
    manifest,
  );
  if (build !== undefined) {
    return { ...request, manifest: { path: resolve(manifest), table: readBuildTable(build, manifest) } };
  }
  if (flags.config === undefined && manifest !== operand) return request;
  throw new AegisError("InvalidOption", `Cannot build by ${quote(manifest)}: it has no table [build]`);
}

/** What the compiler printed, a line each, without what a terminal would obey. */
function said(text: string, io: CommandIo): void {
  if (text !== "") io.err(`${printableLines(text)}\n`);
}

async function built(plan: BuildPlan, io: CommandIo, ports: ToolchainPorts): Promise<Built> {
  try {
    return await buildModule(plan, ports);
  } catch (error) {
    if (error instanceof CompileError) said(error.output, io);
    throw error;
  }
}

/** Runs the command; the result is its exit status. */
export async function build(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human", quiet = false } = parsed.flags, ports = systemPorts();
  const plan = planBuild(await requestOf(parsed, io, ports), ports), made = await built(plan, io, ports);
  if (!quiet) said(made.said, io);
  if (format !== "human") {
    const { language, type, optimise, sources, sections } = plan;
    io.out(jsonText({
      out: made.out,
      size: made.size,
      language,
      type,
      optimise,
      compiler: made.by,
      sources: [...sources],
      sections: sections.map(({ name }) => name),
    }, format));
  } else if (!quiet) {
    const shown = parsed.flags.output ?? basename(made.out);
    io.out(`Wrote ${printable(shown)}: ${formatByteSize(made.size)}, by ${printable(made.by)}\n`);
  }
  return 0;
}
