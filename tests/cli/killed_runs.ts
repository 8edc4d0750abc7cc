/** Runs of the command that are saved, killed with SIGKILL at random moments, and resumed in new processes. */
import { Random } from "../wasm/random.ts";

const ENTRY = new URL("../../cli.ts", import.meta.url).pathname;

/** What a run and its rests are given. */
export interface KilledRun {
  /** A folder of its own. */
  readonly folder: string;
  /** Words behind `aegis run`: the module, limits, grants, arguments behind `--`. */
  readonly run: readonly string[];
  /** Words behind `aegis resume FILE`. */
  readonly resume: readonly string[];
  /** Time between two checkpoints. */
  readonly every: string;
  readonly kills: number;
  readonly random: Random;
  /** Milliseconds within which a process is killed, after its first checkpoint at the earliest. */
  readonly within: number;
}

export interface KilledRunEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  /** Kills that hit a process that was running. */
  readonly kills: number;
  /** Processes in all. */
  readonly processes: number;
}

function start(words: readonly string[], folder: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ENTRY, ...words],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs to the end, however often it is killed on the way. */
export async function runKilled(of: KilledRun): Promise<KilledRunEnd> {
  const { folder, every, random } = of, file = `${folder}/job.snapshot`;
  const saves = ["--checkpoint", file, "--checkpoint-every", every];
  let kills = 0;
  for (let processes = 1;; processes++) {
    const resumes = await exists(file);
    const words = resumes ? ["resume", file, ...saves, ...of.resume] : ["run", ...saves, ...of.run];
    const before = await modified(file), child = start(words, folder), output = child.output();
    if (kills < of.kills) {
      const hit = await killLater(child, { file, before, delay: random.below(of.within) });
      if (hit) kills++;
    }
    const { code, signal, stdout, stderr } = await output;
    if (signal === "SIGKILL" || code === 137 && signal !== null) continue;
    const decoder = new TextDecoder();
    return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), status: code, kills, processes };
  }
}

/** Kills the process some time after it has saved for the first time; false when it ended before. */
async function killLater(
  child: Deno.ChildProcess,
  { file, before, delay }: { readonly file: string; readonly before: number; readonly delay: number },
): Promise<boolean> {
  let ended = false;
  void child.status.then(() => ended = true);
  while (!ended && await modified(file) === before) await pause(5);
  await pause(delay);
  if (ended) return false;
  child.kill("SIGKILL");
  return (await child.status).signal === "SIGKILL";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function exists(path: string): Promise<boolean> {
  return await modified(path) > 0;
}

/** When a file was written, with its size; 0 where there is none. */
async function modified(path: string): Promise<number> {
  try {
    const { mtime, ino } = await Deno.stat(path);
    return (mtime?.getTime() ?? 0) + (ino ?? 0) / 1e9;
  } catch {
    return 0;
  }
}
