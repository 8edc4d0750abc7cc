/** Runs a target in a process of its own, which may die of an input or stand still on one. */
import { TextLineStream } from "./engine/text_lines.ts";
import { keepCrash, TriedFile } from "./engine/fuzz_folder.ts";
import type { Line, Progress, RunOptions } from "./run_counted.ts";

/** Milliseconds in which a process that begins, and one that works, says something. */
const BEGINNING = 240_000, WORKING = 60_000;

/** Characters of what a process that died has said. */
const LAST_WORDS = 3000;

export interface FuzzReport {
  readonly name: string;
  readonly progress: Progress;
  readonly crashes: number;
}

type ProcessOptions = Omit<RunOptions, "counters" | "literals">;

export async function fuzzInProcess(options: ProcessOptions): Promise<FuzzReport> {
  const { name, seconds, seed, blind, fresh } = options;
  const root = new URL("../../", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", "--no-check", "--frozen", "--lock=tests/deno.lock"],
      "--v8-flags=--max-old-space-size=3000",
      ...["tests/fuzz/run_target.ts", name, "--seconds", String(seconds), "--seed", String(seed)],
      ...blind ? ["--blind"] : [],
      ...fresh ? ["--fresh"] : [],
    ],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const words = lastWords(child.stderr);
  let progress: Progress = { executions: 0, seconds: 0, corpus: 0, reached: 0, branches: 0 };
  let crashes = 0, done = false, still = false;
  const silent = () => {
    still = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(silent, BEGINNING);
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
  ) {
    clearTimeout(timer);
    timer = setTimeout(silent, WORKING);
    const line = readLine(text);
    if (line?.kind === "crash") {
      crashes++;
      console.error(`${name}: ${line.why}\n  ${line.file}`);
    } else if (line !== undefined) {
      progress = line.progress;
      done = line.kind === "done";
    }
  }
  clearTimeout(timer);
  const { code, signal } = await child.status;
  if (!done) {
    crashes++;
    const why = still
      ? `Hung: nothing came for ${WORKING} ms`
      : `Died: status ${code}, signal ${signal}\n${await words}`;
    console.error(`${name}: ${why}\n  ${await keepCrash(name, TriedFile.read(name), why)}`);
  }
  return { name, progress, crashes };
}

/** A line of the child's; what the product prints is none. */
function readLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line; // of run_counted.ts
  } catch {
    return undefined;
  }
}

async function lastWords(stream: ReadableStream<Uint8Array>): Promise<string> {
  let words = "";
  const decoder = new TextDecoder();
  for await (const part of stream) {
    words = (words + decoder.decode(part, { stream: true })).slice(-LAST_WORDS);
  }
  return words;
}
