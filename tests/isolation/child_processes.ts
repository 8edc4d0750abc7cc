/** What the operating system says of the children of this process. Linux only. */

/** Whether this system has what is read here. */
export const HAS_PROC = Deno.build.os === "linux";

export interface FoundChild {
  readonly pid: number;
  readonly args: readonly string[];
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // it ended between two looks
  }
}

/** The processes that one has started and that run a program of ours. */
export function childrenOf(parent: number): FoundChild[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).map(({ name }) => ({
    pid: Number(name),
    parent: Number(/\nPPid:\s*(\d+)/.exec(read(`/proc/${name}/status`))?.[1]),
    state: /\nState:\s*(\w)/.exec(read(`/proc/${name}/status`))?.[1],
    args: read(`/proc/${name}/cmdline`).replace(/\0$/, "").split("\0"),
  })).filter((found) => found.parent === parent && found.state !== "Z" && found.args.includes("--no-prompt"))
    .map(({ pid, args }) => ({ pid, args }));
}

/** Guests' processes, the spare one with them: they have the smallest heap, and no permission. */
export function guestsOf(parent: number): FoundChild[] {
  return childrenOf(parent).filter(({ args }) => args.includes("--v8-flags=--max-old-space-size=64"));
}

/** Waits until something is as it should be; the answer of the last look. */
export async function becomes(look: () => boolean, milliseconds = 3000): Promise<boolean> {
  const until = performance.now() + milliseconds;
  while (!look() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  return look();
}

export function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split("\0").filter((line) => line !== "");
}

export function residentMemoryOf(pid: number): number {
  return Number(/\nVmRSS:\s*(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}
