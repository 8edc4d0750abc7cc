/**
 * Processes that a compiler has started and that have left its group: Linux tells by the environment which they are. A
 * process that was started with another environment is not found; other systems do not tell.
 */

/** The variable whose value is of one compiler alone. */
export const MARK = "AEGIS_BUILD";

/** Rounds of looking, in each of which a process may have started another one. */
const MOST_ROUNDS = 64;

/** The processes whose environment has the mark; empty where nobody tells. */
function marked(mark: string): number[] {
  const wanted = `${MARK}=${mark}`, decoder = new TextDecoder(), own = String(Deno.pid);
  let names: string[];
  try {
    names = [...Deno.readDirSync("/proc")].map(({ name }) => name);
  } catch {
    return [];
  }
  return names.filter((name) => /^[0-9]+$/.test(name) && name !== own && isMarked(name)).map(Number);

  function isMarked(name: string): boolean {
    try {
      return decoder.decode(Deno.readFileSync(`/proc/${name}/environ`)).split("\0").includes(wanted);
    } catch {
      return false; // it has ended, or is another person's
    }
  }
}

/** Kills them all, and what they start meanwhile. @param mark the value of {@linkcode MARK} */
export function killMarked(mark: string): void {
  if (Deno.build.os !== "linux") return;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // One that is dead has no environment any more, also before somebody has waited for it.
    const found = marked(mark);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
}
