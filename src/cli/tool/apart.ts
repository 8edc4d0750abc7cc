/** What runs a tool must not be what the tool may write: else it would choose itself what it is at the next start. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { basename, dirname, fromFileUrl, join } from "../../sandbox/path.ts";
import { isWritable, type PlanDirectory } from "../../manifest/grants.ts";
import type { ProgramPlaces } from "../program_places.ts";

/**
 * The parts of this program, and of the Deno that runs it.
 *
 * @param denoDir where Deno keeps what it has fetched and compiled, which it runs again unseen
 */
export function programParts(places: ProgramPlaces, denoDir: string | undefined): string[] {
  const { entry, config, lock, deno } = places;
  const source = entry.startsWith("file:") && config !== undefined
    ? [join(dirname(config), "src"), fromFileUrl(entry)]
    : [];
  const parts = config === undefined || lock === undefined ? [] : [config, lock];
  return [deno, ...parts, ...source, ...denoDir === undefined ? [] : [denoDir]];
}

/**
 * A path as it is on disk, links followed; of what is not there yet, as far as it is. Two names of one folder are one then.
 *
 * @param path absolute
 */
export function resolvedPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    const parent = dirname(path);
    // A compiled tool may look at nothing but its grants: what it names is what its system told it.
    if (!(error instanceof Deno.errors.NotFound) || parent === path) return path;
    return join(resolvedPath(parent), basename(path));
  }
}

/** Whether a path is another one, or lies below it. Both absolute. */
export function isIn(inner: string, outer: string): boolean {
  return inner === outer ||
    inner.startsWith(outer.replace(/[\\/]?$/, Deno.build.os === "windows" ? "\\" : "/"));
}

/**
 * Refuses to let a tool write what runs it.
 *
 * @param parts absolute paths of files and folders @throws {AegisError} `InvalidOption`
 */
export function checkApart(directories: readonly PlanDirectory[], parts: readonly string[]): void {
  const resolved = parts.map(resolvedPath);
  for (const directory of directories) {
    const host = resolvedPath(directory.host);
    const part = !isWritable(directory)
      ? undefined
      : resolved.find((path) => isIn(path, host) || isIn(host, path));
    if (part === undefined) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot let the tool write ${quote(host)}: what runs it lies there, as ${quote(part)}`,
      { suggestion: "Grant a directory of its own." },
    );
  }
}
