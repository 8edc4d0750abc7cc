/** The ways to have a guest run by a program of ours: by the command, and by what `aegis compile` makes of it. */
import { failureLines, statusOf } from "../../../src/cli/failure.ts";
import { main } from "../../../src/cli/main.ts";
import { parseCommand } from "../../../src/cli/parse.ts";
import { styleFor } from "../../../src/cli/style.ts";
import { bakeTool } from "../../../src/cli/tool/bake.ts";
import { bakedArguments, compiledEntry } from "../../../src/cli/tool/compiled_entry.ts";
import { AEGIS } from "../../cli/listening_process.ts";
import { keptIo } from "../../cli/tool/tool_folder.ts";

const ROOT = new URL("../../../", import.meta.url);

/** How a program ended, and what it said. Of a flood the first mebibyte is kept. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

const MOST_KEPT = 2 ** 20;

async function readUpTo(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    if (text.length < MOST_KEPT) text += decoder.decode(bytes, { stream: true });
  }
  return text;
}

/** Runs a program in a folder; its input stays open and empty. */
async function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", AEGIS_TEST_SECRET: "not to be told" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code }, out, err] = await Promise.all([
    child.status,
    readUpTo(child.stdout),
    readUpTo(child.stderr),
  ]);
  await child.stdin.close().catch(() => {}); // it has ended
  return { status: code, out, err };
}

/** Runs the module of a path, relative to a folder, with flags of `aegis run`. */
export type Runner = (module: string, flags: readonly string[], cwd: string) => Promise<Ended>;

/** By `aegis run`. */
export const byCommand: Runner = (module, flags, cwd) =>
  run(Deno.execPath(), [...AEGIS, "run", module, ...flags], cwd);

/** Flags as words of `aegis compile`, whose paths are those of the machine. */
function settled(flags: readonly string[], cwd: string): string[] {
  return flags.map((flag) => flag.replace(/^--dir=(?=[^/])/, `--dir=${cwd}/`));
}

/**
 * By the program that `aegis compile` compiles, run by `deno run` with the permissions that it would have: all of a compiled
 * binary but the base binary.
 */
export const byCompiledEntry: Runner = async (module, flags, cwd) => {
  const command = parseCommand("compile", [`${cwd}/${module}`, ...settled(flags, cwd)]);
  const baked = await bakeTool("compile", command, { io: keptIo().io, name: ({ name }) => name })
    .catch((error: unknown) => ({ refused: error }));
  if ("refused" in baked) {
    const { refused } = baked; // of which no executable is made at all
    return { status: statusOf(refused), out: "", err: failureLines(refused, styleFor(false)) };
  }
  const folder = await Deno.makeTempDir({ prefix: "aegis_entry_" });
  try {
    const entry = `${folder}/entry.ts`;
    const library = new URL("src/cli/tool/compiled_run.ts", ROOT).href;
    await Deno.writeTextFile(entry, compiledEntry(baked, library));
    return await run(Deno.execPath(), [
      ...["run", "--quiet", "--no-check", ...bakedArguments(baked.tool)],
      ...[`--config=${new URL("deno.json", ROOT).pathname}`, "--frozen"],
      ...[`--lock=${new URL("deno.lock", ROOT).pathname}`, entry],
    ], cwd);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

/** By the executable that `aegis compile` makes, which takes a base binary. */
export const byBinary: Runner = async (module, flags, cwd) => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_binary_" });
  try {
    const { io, made } = keptIo(), tool = `${folder}/tool`;
    const ended = made(await main(["compile", `${cwd}/${module}`, ...settled(flags, cwd), "-o", tool], io));
    return ended.status === 0 ? await run(tool, [], cwd) : ended;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
