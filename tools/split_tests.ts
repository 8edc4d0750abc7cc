/** Which test files may run beside others in one process. */

/**
 * What tests look at the whole process with: its threads, descriptors, memory, processor time, what it has not got to yet.
 * Files that import one of these, directly or not, would see what others do.
 */
const WHOLE_PROCESS = [
  "hostile/process_facts.ts",
  "isolation/child_processes.ts",
  "broker/net_floods.ts",
] as const;

/** What is a crowd of processes by itself: a browser and a server. Beside all other tests, it and they would wait too long. */
const CROWDS = ["browser/browser.ts"] as const;

const IMPORT = /(?:from|import) "(\.{1,2}\/[^"]+)"/g;

/** Test files of a folder, by path. */
export interface SplitTests {
  readonly together: readonly string[];
  readonly alone: readonly string[];
}

/** @param root path of the folder with the tests */
export async function splitTests(root: string): Promise<SplitTests> {
  const files = await listFiles(root), importers = new Map<string, string[]>();
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    for (const [, specifier = ""] of text.matchAll(IMPORT)) {
      const target = new URL(specifier, `file://${file}`).pathname;
      importers.set(target, [...importers.get(target) ?? [], file]);
    }
  }
  const alone = new Set<string>();
  const add = (file: string) => {
    if (alone.has(file)) return;
    alone.add(file);
    importers.get(file)?.forEach(add);
  };
  for (const file of [...WHOLE_PROCESS, ...CROWDS]) add(`${root}/${file}`);
  const tests = files.filter((file) => file.endsWith("_test.ts"));
  return {
    together: tests.filter((file) => !alone.has(file)),
    alone: tests.filter((file) => alone.has(file)),
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await listFiles(path));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}
