/** One start of an installed tool: the process of the guest gets what is baked, and nothing that this one has itself. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { dirname } from "../../sandbox/path.ts";
import type { CommandIo } from "../io.ts";
import { hostPlaces } from "../program_places.ts";
import { startPlan } from "../run.ts";
import { programParts, resolvedPath } from "./apart.ts";
import { type BakedTool, decodeTool, sha256 } from "./baked_tool.ts";
import { callersHomes, homesOf } from "./homes.ts";
import { PASSED_ON } from "./launcher.ts";
import { rootOf, toolPlaces } from "./tool_files.ts";
import { toolHelp } from "./tool_help.ts";
import { planTool } from "./tool_run.ts";
import { readToolWords } from "./tool_words.ts";

/** Bytes past which a file is no tool. */
const LARGEST_TOOL = 1024 * 1024;

/** @throws {AegisError} `InvalidOption` for another file than the one that was installed */
async function readTool(file: string, hash: string, io: Pick<CommandIo, "read">): Promise<BakedTool> {
  const bytes = await io.read(file, LARGEST_TOOL);
  if (await sha256(bytes) === hash) return decodeTool(new TextDecoder().decode(bytes));
  throw new AegisError("InvalidOption", `Cannot use ${quote(file)}: it is not the file that was installed`, {
    suggestion: "Install the tool again.",
  });
}

/**
 * Runs a tool; the result is its exit status.
 *
 * @param words the file of the tool, its hash, then those of the command line
 */
export async function runInstalled(words: readonly string[], io: CommandIo): Promise<number> {
  const [file = "", hash = "", ...typed] = words;
  const tool = await readTool(file, hash, io), said = readToolWords(typed), { env } = tool.guest.grants;
  if (said.help) {
    io.out(toolHelp(tool));
    return 0;
  }
  const places = toolPlaces(rootOf(file), tool.name), variable = (name: string) => Deno.env.get(name);
  const named = variable("DENO_DIR"), denoDir = named === undefined ? undefined : resolvedPath(named);
  const plan = planTool(tool, said, {
    parent: io.pid,
    colour: io.colour,
    cwd: tool.cwd === null ? "" : Deno.cwd(), // which may be gone
    homes: [...homesOf(tool.home), ...callersHomes()],
    parts: [
      places.launcher,
      dirname(file),
      ...programParts(hostPlaces(), denoDir),
    ],
  });
  return await startPlan(plan, {
    // What was looked at is what it is started with.
    environment: { ...tool.values, ...denoDir === undefined ? {} : { DENO_DIR: denoDir } },
    inherit: [
      ...PASSED_ON,
      ...env.map(({ from }) => from).filter((name) => !Object.hasOwn(tool.values, name)),
    ],
    io,
  });
}
