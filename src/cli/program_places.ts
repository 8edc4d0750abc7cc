/** Where the parts of this program lie. */
export interface ProgramPlaces {
  /** The `deno` to start. */
  readonly deno: string;
  /** Whether that is no `deno`, but this program as a binary of its own. */
  readonly compiled: boolean;
  /** URL of the entry of the process to start. */
  readonly entry: string;
  /** The configuration that maps its imports, and the lock; absent where the entry was published, and its imports. */
  readonly config: string | undefined;
  readonly lock: string | undefined;
}

/**
 * Where they lie for a process of this entry.
 *
 * @param entry its URL, of a file of this program @param lock which lock has its packages
 */
export function programPlaces(entry: string, lock: "deno.lock" | "mcp.lock" = "deno.lock"): ProgramPlaces {
  // A compiled program has its own files inside, and no need of a configuration.
  const compiled = Deno.build.standalone, cloned = !compiled && entry.startsWith("file:");
  return {
    deno: Deno.execPath(),
    compiled,
    entry,
    config: cloned ? Deno.realPathSync(new URL("../../deno.json", import.meta.url)) : undefined,
    lock: cloned ? Deno.realPathSync(new URL(`../../${lock}`, import.meta.url)) : undefined,
  };
}

/** The same for the process that runs a guest; `host_main.ts` as one module, which is loaded in half the time of its files. */
export function hostPlaces(): ProgramPlaces {
  return programPlaces(import.meta.resolve("./host_main.gen.js"));
}
