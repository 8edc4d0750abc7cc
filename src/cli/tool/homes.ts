/** Where people are at home: what lies there is too much to be given to a tool as a whole. */

/** Variables that tell of a home. */
export const HOMES = ["HOME", "USERPROFILE"] as const;

/**
 * Homes as they are on disk, absolute, links followed. One that is not there says nothing of where somebody is at home.
 *
 * @param named by variables or when the tool was made
 */
export function homesOf(...named: readonly (string | null | undefined)[]): string[] {
  return named.flatMap((home) => {
    if (!home) return [];
    try {
      return [Deno.realPathSync(home)];
    } catch {
      return [];
    }
  });
}

/** Homes of who started this process. */
export function callersHomes(): string[] {
  return homesOf(...HOMES.map((name) => Deno.env.get(name)));
}
