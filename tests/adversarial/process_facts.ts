/** What the operating system says of this process: what a hostile guest may leave behind. Linux only. */

/** Whether this system has what is read here. */
export const HAS_PROC = Deno.build.os === "linux";

function taskStatistics(): string[] {
  const lines: string[] = [];
  for (const task of Deno.readDirSync("/proc/self/task")) {
    try {
      lines.push(Deno.readTextFileSync(`/proc/self/task/${task.name}/stat`));
    } catch {
      // The thread ended between the two looks.
    }
  }
  return lines;
}

/** Milliseconds that all threads together have computed, user and system time, in steps of 10. */
export function cpuTime(): number {
  let ticks = 0;
  for (const line of taskStatistics()) {
    // The name in parentheses may hold anything; what follows are fields 3 and up: utime is 14, stime is 15.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}

/** Threads of this process, but for the pool in which Deno does blocking work: that grows and shrinks as it likes. */
export function threadCount(): number {
  return taskStatistics().filter((line) => !line.includes("(tokio-")).length;
}

export function descriptorCount(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** Resident memory in MiB. */
export function residentMemory(): number {
  return Math.round(Deno.memoryUsage().rss / 2 ** 20);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Milliseconds that all threads compute during the next `window` milliseconds, in which this one sleeps. */
export async function cpuTimeDuring(window: number): Promise<number> {
  const before = cpuTime();
  await sleep(window);
  return cpuTime() - before;
}

/** Runs work while an interval of 5 ms ticks; `stall` is the longest time between two ticks. */
export async function withTicks<T>(work: () => Promise<T>): Promise<{ result: T; stall: number }> {
  let last = performance.now(), stall = 0;
  const look = () => {
    const now = performance.now();
    stall = Math.max(stall, now - last);
    last = now;
  };
  const interval = setInterval(look, 5);
  try {
    const result = await work();
    look();
    return { result, stall };
  } finally {
    clearInterval(interval);
  }
}
