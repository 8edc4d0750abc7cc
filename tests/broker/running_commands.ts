/** Commands that run on this machine, as `/proc` tells. Linux only. */

/** Whether this system has what is read here, and the programs that the tests run. */
export const HAS_PROGRAMS = Deno.build.os === "linux";

/** Numbers of the processes that have a word on their command line, those that have ended left out. */
export function processesWith(word: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0").includes(word)) found.push(Number(name));
    } catch {
      // It ended between the two looks.
    }
  }
  return found;
}

/** Waits until as many processes have the word as are expected; how many there are in the end. */
export async function processesBecome(word: string, expected: number): Promise<number> {
  for (let tries = 0; tries < 200 && processesWith(word).length !== expected; tries++) {
    await new Promise((again) => setTimeout(again, 10));
  }
  return processesWith(word).length;
}

/** A number of seconds that no other command sleeps for, those of tests in other threads of this process neither. */
export function longTime(): string {
  return `600.${crypto.getRandomValues(new BigUint64Array(1)).join()}`;
}
