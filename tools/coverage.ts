/**
 * How much of the sources the tests of the gate reach: lines, as `deno coverage` counts them, by folder of `src/`. What runs
 * in a Worker or in another process is not seen there: it comes from generated text, or leaves no record.
 */

/** Lines of a file, or of a folder. */
export interface Reached {
  readonly lines: number;
  readonly hit: number;
}

/** The least part of its lines that a folder may have reached, in percent: what it had, rounded down, when that was last raised. */
export const LEAST: Readonly<Record<string, number>> = {};

/** Reads the report of `deno coverage --lcov`: lines by file, as it names them. */
export function readLcov(text: string): Map<string, Reached> {
  const files = new Map<string, Reached>();
  let file = "", lines = 0, hit = 0;
  for (const line of text.split("\n")) {
    const [key = "", value = ""] = line.split(/:(.*)/s);
    if (key === "SF") [file, lines, hit] = [value, 0, 0];
    else if (key === "LF") lines = Number(value);
    else if (key === "LH") hit = Number(value);
    else if (key === "end_of_record") files.set(file, { lines, hit });
  }
  return files;
}

/** Sums up by folder of `src/`, generated files left out. @param root without a slash at its end */
export function byFolder(files: ReadonlyMap<string, Reached>, root: string): Map<string, Reached> {
  const folders = new Map<string, Reached>(), source = `${root}/src/`;
  for (const [file, { lines, hit }] of files) {
    if (!file.startsWith(source) || file.endsWith(".gen.ts")) continue;
    const folder = file.slice(source.length).split("/")[0] ?? "", sum = folders.get(folder);
    folders.set(folder, { lines: (sum?.lines ?? 0) + lines, hit: (sum?.hit ?? 0) + hit });
  }
  return new Map([...folders].toSorted(([one], [other]) => one < other ? -1 : 1));
}

/** A line for each folder that was reached less than it has to be; one that nothing reached is one of them. */
export function shortfalls(
  folders: ReadonlyMap<string, Reached>,
  least: Readonly<Record<string, number>> = LEAST,
): string[] {
  return Object.entries(least).flatMap(([folder, percent]) => {
    const { lines, hit } = folders.get(folder) ?? { lines: 0, hit: 0 },
      share = lines === 0 ? 0 : 100 * hit / lines;
    return share >= percent
      ? []
      : [`src/${folder}: ${share.toFixed(1)} % of its lines were reached, ${percent} % have to be`];
  });
}

/** Reads what tests that ran with `--coverage` have left in a folder. @param root without a slash at its end */
export async function readCoverage(folder: string, root: string): Promise<Map<string, Reached>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", "--quiet", "--lcov", `--include=^file://${root}/src/`, folder],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot read the coverage: ${new TextDecoder().decode(stderr)}`);
  return byFolder(readLcov(new TextDecoder().decode(stdout)), root);
}
