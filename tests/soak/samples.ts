/** What a soak looks at, every few seconds, and how it looks. Linux only. */
import type { Done, Tally } from "./work.ts";

/** A line of `library_main.ts`. */
export interface LibraryReport extends Done {
  /** The longest time that its event loop was late since the last line, in milliseconds. */
  readonly delay: number;
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly wrong: readonly string[];
}

/** What a process uses; memory in bytes, that of its children apart. */
export interface ProcessFacts {
  readonly memory: number;
  readonly childMemory: number;
  readonly threads: number;
  readonly descriptors: number;
  readonly children: number;
}

/** Milliseconds; undefined where nothing was measured. */
export interface Latency {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** One look. */
export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly server: ProcessFacts;
  readonly library: ProcessFacts;
  /** Bytes of the server's data on disk. */
  readonly disk: number;
  /** How late the event loop of the process with the library was, in milliseconds. */
  readonly delay: number;
  readonly health: Latency;
  /** From asking for an honest task to its result. */
  readonly task: Latency;
  /** Pieces of work a second. */
  readonly honest: number;
  readonly hostile: number;
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // it ended between two looks
  }
}

function names(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch {
    return []; // likewise
  }
}

function residentMemory(pid: number): number {
  return 1024 * Number(/\nVmRSS:\s*(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function childrenOf(pid: number): number[] {
  return names(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).trim().split(" ").filter(Boolean).map(Number)
  );
}

/** What a process and those that it started use. Threads of the pool for blocking work, which comes and goes, are left out. */
export function processFacts(pid: number): ProcessFacts {
  const children = childrenOf(pid);
  return {
    memory: residentMemory(pid),
    childMemory: children.reduce((sum, child) => sum + residentMemory(child), 0),
    threads: names(`/proc/${pid}/task`)
      .filter((task) => !read(`/proc/${pid}/task/${task}/comm`).startsWith("tokio-")).length,
    descriptors: names(`/proc/${pid}/fd`).length,
    children: children.length,
  };
}

/** Bytes of the files in a folder. */
export function sizeOf(folder: string): number {
  return names(folder).reduce((sum, name) => {
    try {
      return sum + Deno.statSync(`${folder}/${name}`).size;
    } catch {
      return sum; // it is gone by now
    }
  }, 0);
}

/** The value below which a part of them lies. */
export function quantile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export function latencyOf(times: readonly number[]): Latency {
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
