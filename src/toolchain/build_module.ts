/** Source to module: compiles in a folder of its own, checks what came of it, and puts it in its place at once. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize, formatDuration } from "../core/unit_text.ts";
import { basename, join } from "../sandbox/path.ts";
import type { Module } from "../wasm/module.ts";
import { readModule } from "../wasm/read_module.ts";
import { validateModule } from "../wasm/validate_module.ts";
import { type BuildPlan, LARGEST_SOURCE, type SectionSource } from "./build_plan.ts";
import { CompileError } from "./compile_error.ts";
import { ASSEMBLYSCRIPT, COMPILE_STEPS } from "./compile_steps.ts";
import { fetchAssemblyScript } from "./fetch_assemblyscript.ts";
import { findTool, siblingOf, type Tool, toolEnvironment } from "./find_tool.ts";
import type { LanguageName } from "./languages.ts";
import { type AddedSection, LARGEST_SECTION, withSections } from "./module_sections.ts";
import type { ToolchainPorts, ToolEnd } from "./ports.ts";

/** What was built. */
export interface Built {
  /** The module's file. */
  readonly out: string;
  /** Bytes of it. */
  readonly size: number;
  /** What compiled it, with its version. */
  readonly by: string;
  /** What the compiler said without failing; not safe to print. */
  readonly said: string;
}

/** What compiles text modules: a package of ours. */
const WATR = "watr";

/** Bytes of a module at most: V8's own limit. */
const LARGEST_MODULE = 2 ** 30;

/**
 * Bytes that Deno may write to beside the heap and the memories of what it runs. Most of them is the range for machine code,
 * 512 MiB, which the kernel counts from the start; AssemblyScript's compiler starts with 750 MiB in all.
 */
const BESIDE_HEAP = 768 * 1024 * 1024;

interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly by: string;
  readonly said: string;
}

async function compileText(plan: BuildPlan, ports: ToolchainPorts): Promise<Compiled> {
  const { compileWat } = await import("../sandbox/wat.ts");
  const text = new TextDecoder().decode(ports.read(plan.sources[0], LARGEST_SOURCE));
  return { bytes: await compileWat(text), by: WATR, said: "" };
}

/** @throws {AegisError} for what is no success */
function checkEnd(end: ToolEnd, plan: BuildPlan, tool: string): void {
  const what = `Cannot build ${quote(basename(plan.sources[0]))}`,
    printed = [end.err, end.out].join("\n").trim();
  if (end.interrupted) throw new AegisError("Cancelled", `${what}: it was ended`);
  if (end.overdue) {
    throw new AegisError("Timeout", `${what}: ${tool} was stopped after ${formatDuration(plan.time)}`, {
      suggestion: "Allow more with --time-limit.",
    });
  }
  if (end.status === 0) return;
  const died = end.status > 128 ||
    /out of memory|bad_alloc|cannot allocate|allocation failed|heap limit|failed to map/i.test(printed);
  throw new CompileError(
    `${what}: ${tool} ended with status ${end.status}`,
    printed,
    died
      ? { suggestion: `It may have ${formatByteSize(plan.memory)} of memory; --compiler-memory allows more.` }
      : {},
  );
}

/** The one module in a folder, or the file itself. */
function productPath(product: string, plan: BuildPlan, ports: ToolchainPorts): string {
  if (product.endsWith(".wasm")) return product;
  const modules = ports.list(product).filter((name) => name.endsWith(".wasm")), [only] = modules;
  if (only !== undefined && modules.length === 1) return join(product, only);
  const what = modules.length === 0
    ? "no module"
    : `${modules.length} modules: ${modules.map(quote).join(", ")}`;
  throw new CompileError(
    `Cannot build ${quote(basename(plan.sources[0]))}: it makes ${what}`,
    "",
    plan.language === "rust"
      ? { suggestion: 'A library needs crate-type = ["cdylib"] in its Cargo.toml.' }
      : {},
  );
}

async function compile(
  plan: BuildPlan & { readonly language: Exclude<LanguageName, "wat"> },
  scratch: string,
  ports: ToolchainPorts,
): Promise<Compiled> {
  const { language, type } = plan, tool = await findTool(language, type, { ports, directory: scratch });
  const step = COMPILE_STEPS[language]({ ...plan, scratch, tool: tool.row.name, targets: tool.targets });
  if (language === "assemblyscript") {
    for (const folder of [plan.directory, scratch]) {
      if (!folder.includes(",")) continue;
      // It would be two paths in the list of what the compiler may read and write.
      throw new AegisError(
        "InvalidOption",
        `Cannot build in ${quote(folder)}: Deno takes no path with a comma`,
        {
          suggestion: folder === scratch
            ? "Name another folder for temporary files, by the variable TMPDIR."
            : "Build in another folder.",
        },
      );
    }
    await fetchAssemblyScript(tool.program, { scratch, time: plan.time, ports });
  }
  const end = await ports.run({
    program: step.program === undefined ? tool.program : siblingOf(tool, step.program, language, ports),
    args: [...step.program === undefined ? tool.row.before : [], ...step.args],
    directory: step.inProject ? plan.directory : scratch,
    environment: {
      ...toolEnvironment(language, ports),
      TMPDIR: scratch,
      TMP: scratch,
      TEMP: scratch,
      LC_ALL: "C.UTF-8",
      ...step.environment,
    },
    time: plan.time,
    ...(step.boundsItself
      ? { memory: undefined, writable: plan.memory + BESIDE_HEAP }
      : { memory: plan.memory }),
  });
  checkEnd(end, plan, tool.row.name);
  return {
    bytes: ports.read(productPath(step.product, plan, ports), LARGEST_MODULE),
    by: toolText(tool, language),
    said: [end.err, end.out].join("\n").trim(),
  };
}

/** A tool with its version, as it is told. */
function toolText(tool: Tool, language: LanguageName): string {
  if (language === "assemblyscript") return ASSEMBLYSCRIPT.replace(/^npm:|\/asc$/g, "").replace("@", " ");
  return tool.version.startsWith(tool.row.name) ? tool.version : `${tool.row.name} ${tool.version}`;
}

/** What our own reader says of it, and V8: a compiler is not believed. */
function checked(bytes: Uint8Array<ArrayBuffer>, plan: BuildPlan): Module {
  const module = readModule(bytes);
  validateModule(module);
  if (WebAssembly.validate(bytes)) return module;
  throw new CompileError(
    `Cannot build ${quote(basename(plan.sources[0]))}: V8 does not accept the module`,
    "",
  );
}

function textOf(source: SectionSource, ports: ToolchainPorts): AddedSection {
  const { name, origin } = source;
  if ("text" in source) return { name, origin, text: source.text };
  try {
    const bytes = ports.read(source.path, LARGEST_SECTION);
    return { name, origin, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new AegisError(
      "InvalidOption",
      `Cannot write section ${quote(name)} from ${quote(origin)}: it is no UTF-8`,
    );
  }
}

/** What may be replaced: nothing, an empty file, or a module. */
function checkReplaceable(out: string, ports: ToolchainPorts): void {
  const real = ports.real(out);
  if (real === undefined) return;
  const head = ports.read(real, LARGEST_MODULE).subarray(0, 4);
  if (head.length === 0 || [0x00, 0x61, 0x73, 0x6d].every((byte, index) => head[index] === byte)) return;
  throw new AegisError("InvalidOption", `Cannot write ${quote(out)}: it is there, and no module`);
}

/**
 * Builds a module. The folder of the build is removed, however it ends.
 *
 * @throws {CompileError} when the compiler refuses the source
 * @throws {AegisError} `UnsupportedPlatform` without a compiler, `Timeout`, `Cancelled`, `InvalidOption`, `ModuleInvalid`
 */
export async function buildModule(plan: BuildPlan, ports: ToolchainPorts): Promise<Built> {
  checkReplaceable(plan.out, ports);
  const sections = plan.sections.map((section) => textOf(section, ports)), { language } = plan;
  const scratch = ports.makeFolder();
  try {
    const { bytes, by, said } = language === "wat"
      ? await compileText(plan, ports)
      : await compile({ ...plan, language }, scratch, ports);
    const module = checked(bytes, plan);
    const whole = sections.length === 0 ? bytes : withSections(module, sections);
    if (whole !== bytes) checked(whole, plan);
    checkReplaceable(plan.out, ports); // a compiler takes its time, and others may have put something there
    ports.write(plan.out, whole);
    return { out: plan.out, size: whole.length, by, said };
  } finally {
    ports.removeFolder(scratch);
  }
}
