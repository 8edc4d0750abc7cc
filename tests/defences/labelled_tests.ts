/** Finds the test files that have tests which are named after a line of the threats. */

const LABELLED = /["`][^"`\n]*(?<![\w-])[A-H][1-9][0-9]? (?=\S)/;

/** @param root of the repository @returns paths from there, sorted */
export async function labelledFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await look(path);
      else if (name.endsWith("_test.ts") && isLabelled(await Deno.readTextFile(`${root}/${path}`))) {
        found.push(path);
      }
    }
  };
  for (const folder of FOLDERS) await look(folder);
  return found.sort();
}

/** Where tests are named after lines. */
const FOLDERS = [
  "tests/adversarial",
  "tests/isolation",
  "tests/manifest",
  "tests/sandbox",
  "tests/server",
  "tests/terminal",
  "tests/wrappers",
] as const;

function isLabelled(text: string): boolean {
  return LABELLED.test(text);
}
