/** `aegis install` and `aegis uninstall`: a module becomes a command of its own, of a launcher and two files. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { join } from "../sandbox/path.ts";
import { hostArguments } from "./host_command.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { hostPlaces, programPlaces } from "./program_places.ts";
import { styleFor } from "./style.ts";
import { checkApart, programParts, resolvedPath } from "./tool/apart.ts";
import { bakeTool, toolName } from "./tool/bake.ts";
import { type BakedTool, encodeTool, sha256 } from "./tool/baked_tool.ts";
import { denoDirectory } from "./tool/deno_directory.ts";
import { callersHomes } from "./tool/homes.ts";
import { cmdLauncher, type LauncherWords, shLauncher } from "./tool/launcher.ts";
import { checkReplaceable, makeRoot, putTool, removeTool, toolPlaces } from "./tool/tool_files.ts";
import { grantedText } from "./tool/tool_help.ts";
import { planTool } from "./tool/tool_run.ts";
import { readToolWords } from "./tool/tool_words.ts";

/** Where tools are put when no place is named. @throws {AegisError} `InvalidOption` */
function defaultRoot(): string {
  const { HOME, LOCALAPPDATA } = Deno.env.toObject();
  if (LOCALAPPDATA) return join(LOCALAPPDATA, "aegis");
  if (HOME) return join(HOME, ".local");
  throw new AegisError("InvalidOption", "Cannot tell where to put the tool: this user has no home", {
    suggestion: "Name a directory with --root.",
  });
}

/** Runs the command; the result is its exit status. */
export async function install(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const windows = Deno.build.os === "windows";
  const baked = await bakeTool("install", parsed, {
    io,
    name: (module) => toolName(module.flags.name, module),
  });
  const { root: wanted = defaultRoot(), force = false, quiet = false } = baked.flags;
  const { name } = baked.tool, secret = Object.keys(baked.tool.values).length > 0;
  checkReplaceable(toolPlaces(wanted, name).launcher, force);
  const root = makeRoot(wanted, name), { launcher, folder } = toolPlaces(root, name);
  const moduleName = `${baked.tool.sha256}.wasm`;
  const tool: BakedTool = {
    ...baked.tool,
    home: callersHomes()[0] ?? null,
    guest: { ...baked.tool.guest, module: { path: join(folder, moduleName), shown: name, sha256: null } },
  };
  const places = programPlaces(import.meta.resolve("./tool/installed_main.ts"));
  const denoDir = resolvedPath(await denoDirectory(places));
  checkStart(tool, io, [launcher, folder, ...programParts(places, denoDir)]);
  const text = encodeTool(tool),
    hash = await sha256(new TextEncoder().encode(text)),
    toolFile = `${hash}.json`;
  const words: LauncherWords = {
    name,
    places,
    tool: join(folder, toolFile),
    hash,
    denoDir,
    variables: tool.guest.grants.env.map(({ from }) => from).filter((from) =>
      !Object.hasOwn(tool.values, from)
    ),
  };
  const script = windows ? cmdLauncher(words) : shLauncher(words);
  putTool({ launcher, folder }, {
    module: { name: moduleName, bytes: baked.bytes },
    tool: { name: toolFile, text },
    script,
    secret,
  });
  if (!quiet) {
    io.out(`Installed ${printable(launcher)}\n${grantedText(tool)}`);
  }
  tell({ tool, root, quiet, io });
  return 0;
}

/** What would fail at every start fails now. */
function checkStart(tool: BakedTool, io: CommandIo, parts: readonly string[]): void {
  checkApart(tool.guest.grants.directories, parts);
  const start = { parent: io.pid, colour: false, cwd: "/started/elsewhere", homes: ["/at/home"], parts: [] };
  hostArguments(
    planTool(tool, readToolWords([]), start),
    hostPlaces(),
  );
}

function tell(
  { tool, root, quiet, io }: {
    readonly tool: BakedTool;
    readonly root: string;
    readonly quiet: boolean;
    readonly io: CommandIo;
  },
): void {
  const style = styleFor(io.colour), names = Object.keys(tool.values).length;
  if (names > 0) {
    io.err(`${style.warn("warning:")} The values of --env lie in the tool's file, which only you can read\n`);
  }
  const path = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":"),
    bin = join(root, "bin");
  if (!quiet && !path.includes(bin)) io.err(`${style.hint("hint:")} ${quote(bin)} is not on the PATH\n`);
}

/** Runs the command; the result is its exit status. */
export async function uninstall(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { config, quiet = false } = parsed.flags, { operand = "" } = parsed;
  const root = parsed.flags.root ?? await installRoot(config, io) ?? defaultRoot();
  const name = toolName(operand, { name: operand, shown: operand }), places = toolPlaces(root, name);
  removeTool(places, name);
  if (!quiet) io.out(`Removed ${printable(places.launcher)}\n`);
  return 0;
}

/** Where a manifest has tools installed, which is where they are to be taken away. */
async function installRoot(config: string | undefined, io: CommandIo): Promise<string | undefined> {
  if (config === undefined) return undefined;
  const { readConfigLayer } = await import("./config_file.ts");
  const root = (await readConfigLayer(config, io)).commands.get("install")?.get("root")?.value;
  return root === undefined ? undefined : String(root); // its form reads text
}
