/** What was seen with defences switched off: kept beside the rows, so that one row can be tried by itself. */

const PLACE = new URL("./seen.json", import.meta.url);

/** Names of tests by file. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** What the tests of a row came to. */
export interface SeenRow {
  /** Of what was switched off, as `digestOf` has it. */
  readonly digest: string;
  readonly failed: Names;
}

export interface Seen {
  readonly rows: Readonly<Record<string, SeenRow>>;
}

export function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => one < other ? -1 : 1));
}

export async function readSeen(): Promise<Seen> {
  return JSON.parse(await Deno.readTextFile(PLACE));
}

/** Changes what stands in the file now: another run may have written to it. */
export async function updateSeen(change: (seen: Seen) => Seen): Promise<Seen> {
  const changed = change(await readSeen());
  await writeSeen(changed);
  return changed;
}

async function writeSeen({ rows }: Seen): Promise<void> {
  const text = JSON.stringify({ rows: sortKeys(rows) }, null, 2);
  await Deno.writeTextFile(PLACE, text + "\n");
}
