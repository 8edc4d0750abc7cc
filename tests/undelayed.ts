/** Tests that measure how soon something happens, on a machine whose processors others use as well. */

/** Milliseconds of a tick in `/proc/stat`. */
const TICK = 10;

/** How often an attempt is made at most. */
const MOST_ATTEMPTS = 5;

/**
 * Milliseconds for which something of this process could have run and did not: the threads that are there now waited for a
 * processor, or another machine on the same hardware had one. 0 where Linux is not there to say so.
 */
export function delaySoFar(): number {
  try {
    let nanoseconds = 0;
    for (const { name } of Deno.readDirSync("/proc/self/task")) {
      nanoseconds += waitOf(name);
    }
    const stolen = Number(Deno.readTextFileSync("/proc/stat").split(/\s+/, 9)[8]);
    return nanoseconds / 1e6 + stolen * TICK;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function waitOf(thread: string): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/self/task/${thread}/schedstat`).split(" ")[1]);
  } catch {
    return 0; // it has ended
  }
}

/**
 * Makes an attempt, and makes it again when it failed while this process was kept waiting for at least `least` ms. What is
 * too slow by itself fails each time, and nothing becomes right by being tried where nobody was in its way.
 */
export async function undelayed<T>(least: number, attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1;; attempts++) {
    const before = delaySoFar();
    try {
      return await attempt();
    } catch (error) {
      if (attempts >= MOST_ATTEMPTS || delaySoFar() - before < least) throw error;
    }
  }
}
