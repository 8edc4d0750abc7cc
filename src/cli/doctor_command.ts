/** `aegis doctor`: looks at this machine, tries runs, and says what to do. */
import type { Engine } from "../core/engine.ts";
import { join } from "../sandbox/path.ts";
import { findTool } from "../toolchain/find_tool.ts";
import type { LanguageName } from "../toolchain/languages.ts";
import { systemPorts } from "../toolchain/system_ports.ts";
import { type DoctorPorts, examine, type Finding, type Trial } from "./doctor.ts";
import { messageOf } from "./failure.ts";
import { permissionArguments } from "./guest_permissions.ts";
import type { PlanIsolation } from "./guest_plan.ts";
import { hostArguments } from "./host_command.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { hostPlaces } from "./program_places.ts";
import { planRun } from "./run.ts";
import { styleFor } from "./style.ts";
import { denoDirectory } from "./tool/deno_directory.ts";
import { VERSION } from "./version.ts";

/** `(module (func (export "main") (result i32) i32.const 42))` */
const MODULE = "AGFzbQEAAAABBQFgAAF/AwIBAAcIAQRtYWluAAAKBgEEAEEqCw==";

/** Milliseconds that a trial may take: the first one after an upgrade has everything compiled anew. */
const PATIENCE = 60_000;

/** Runs the module as the command does, in a process whose output is kept. */
async function tryRun(
  { isolation, engine }: { readonly isolation: PlanIsolation; readonly engine: Engine },
  { path, io }: { readonly path: string; readonly io: CommandIo },
): Promise<Trial> {
  const places = hostPlaces();
  if (places.compiled && isolation === "process") {
    return { failure: "a compiled program has no deno to start a guest's process" };
  }
  const flags = { isolation, engine, format: "json-compact" } as const;
  const args = places.compiled
    ? ["run", path, "--isolation", isolation, "--engine", engine, "--format", flags.format]
    : hostArguments(planRun({ operand: path, flags, args: [] }, {}, io).plan, places);
  const started = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(places.deno, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  const time = performance.now() - started,
    [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code === 0 && resultOf(out) === 42) return { time };
  const said = err.split("\n").find((line) => line.trim() !== "") ?? "it said nothing";
  return { failure: `a run ended with status ${code}: ${said.replace(/^error: /, "")}` };
}

function resultOf(out: string): unknown {
  try {
    return (JSON.parse(out) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}

/** Both types of output count: what takes a program may lack what takes a library. */
async function compilerOf(language: LanguageName): Promise<string> {
  if (language === "wat") return "Aegis compiles it";
  const to = { ports: systemPorts(), directory: Deno.cwd() };
  const { version } = await findTool(language, "program", to);
  // Behind its version Deno tells the target that it was built for.
  if (language === "assemblyscript") {
    return `${version.replace(/ \(.*/, "")}; asc is fetched at the first build`;
  }
  await findTool(language, "library", to);
  return version;
}

/** The base binary of `deno compile`, where that looks for it. */
async function baseBinary(): Promise<string | undefined> {
  try {
    const named = Deno.env.get("DENORT_BIN");
    const path = named ?? join(
      await denoDirectory({ deno: Deno.execPath(), compiled: false }),
      "dl",
      "release",
      `v${Deno.version.deno}`,
      `denort-${Deno.build.target}.zip`,
    );
    return (await Deno.stat(path)).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The ports of this machine. @param module writes a module that returns 42 @returns its path */
function machine(module: () => string, io: CommandIo): DoctorPorts {
  const nothing = { read: [], write: [], net: [], env: [], run: [] };
  return {
    deno: Deno.version.deno,
    v8: Deno.version.v8.split(".", 2).join("."),
    compiled: Deno.build.standalone,
    cores: navigator.hardwareConcurrency,
    granted: (name) => Deno.permissions.querySync({ name }).state === "granted",
    variable: (name) =>
      Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
        ? Deno.env.get(name)
        : undefined,
    runFlags: permissionArguments(nothing, []),
    trial: async (isolation, engine) => {
      try {
        return await tryRun({ isolation, engine }, { path: module(), io });
      } catch (error) {
        return { failure: messageOf(error) };
      }
    },
    compiler: compilerOf,
    baseBinary,
  };
}

/** Looks at this machine. */
async function examineMachine(io: CommandIo): Promise<Finding[]> {
  let folder: string | undefined;
  try {
    return await examine(machine(() => {
      folder ??= Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aegis_doctor_" }));
      const path = join(folder, "answer.wasm");
      Deno.writeFileSync(path, Uint8Array.fromBase64(MODULE));
      return path;
    }, io));
  } finally {
    if (folder !== undefined) Deno.removeSync(folder, { recursive: true });
  }
}

/** Runs the command; the result is its exit status. */
export async function doctor(
  { flags }: ParsedCommand,
  io: CommandIo,
  findings?: readonly Finding[],
): Promise<number> {
  const { format = "human" } = flags, quiet = flags.quiet ?? false;
  const found = findings ?? await examineMachine(io), works = !found.some(({ state }) => state === "problem");
  if (format === "human") {
    io.out(findingsText(quiet ? found.filter(({ state }) => state !== "ok") : found, works, io));
  } else {
    io.out(jsonText({
      works,
      version: VERSION,
      findings: found.map(({ advice = null, ...finding }) => ({ ...finding, advice })),
    }, format));
  }
  return works ? 0 : 1;
}

/** A line for each finding, and one below it that says what to do. */
function findingsText(
  findings: readonly Finding[],
  works: boolean,
  { colour }: Pick<CommandIo, "colour">,
): string {
  const { bad, warn, faint } = styleFor(colour && Deno.stdout.isTerminal());
  const paint = { ok: faint, note: warn, problem: bad };
  const width = Math.max(0, ...findings.map(({ name }) => name.length)), indent = " ".repeat(width + 11);
  const lines = findings.map(({ name, state, found, advice }) =>
    `${paint[state](state.padEnd(7))}  ${name.padEnd(width)}  ${printable(found)}\n` +
    (advice === undefined ? "" : `${indent}${printable(advice)}\n`)
  );
  return `${lines.join("")}${works ? "Runs work." : "Runs do not work."}\n`;
}
