/**
 * A place for an attack: a directory that is granted, one beside it that nobody granted, and a canary in the latter that is
 * looked at when the attack is over.
 */
import { assert, assertEquals } from "../../assert.ts";

/** What stands in the canary. No guest may ever see it. */
export const SECRET = "canary: nobody granted this";

/** A name that stands in every directory outside, before all others, and in none inside. */
export const OUTSIDE_NAME = "!outside";

export interface Tree {
  /** To be granted. */
  readonly inside: string;
  /** Beside it. */
  readonly outside: string;
  /** A file in `outside` that holds {@linkcode SECRET}. */
  readonly canary: string;
}

/** What of a directory an intruder could have changed: names, contents, sizes and times, below and of itself. */
function stateOf(path: string): string {
  const { isDirectory, isFile, size, mtime, mode, nlink } = Deno.lstatSync(path);
  const self = [path, isDirectory, isFile, size, mtime?.getTime(), mode, nlink];
  if (!isDirectory) return JSON.stringify([...self, isFile ? Deno.readTextFileSync(path) : ""]);
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).toSorted();
  return JSON.stringify([...self, names.map((name) => stateOf(`${path}/${name}`))]);
}

/** Runs an attack in a tree, and asserts that it left what is outside alone. */
export async function withTree<Result>(attack: (tree: Tree) => Promise<Result>): Promise<Result> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "aegis-hostile-" }));
  const inside = `${root}/inside`, outside = `${root}/outside`, canary = `${outside}/canary`;
  try {
    await Deno.mkdir(inside);
    await Deno.mkdir(outside);
    await Deno.writeTextFile(canary, SECRET);
    await Deno.writeTextFile(`${outside}/${OUTSIDE_NAME}`, SECRET);
    await Deno.mkdir(`${outside}/folder`);
    await Deno.writeTextFile(`${outside}/folder/${OUTSIDE_NAME}`, SECRET);
    await Deno.writeTextFile(`${outside}/folder/canary`, SECRET);
    const before = stateOf(outside);
    const result = await attack({ inside, outside, canary });
    assertEquals(stateOf(outside), before, "something outside has changed");
    return result;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Asserts that nothing that a guest got to see tells of the canary. */
export function assertUnseen(...seen: readonly unknown[]): void {
  const text = JSON.stringify(seen, (_, value) => typeof value === "bigint" ? String(value) : value);
  assert(!text.includes(SECRET) && !text.includes(OUTSIDE_NAME), `what nobody granted was read: ${text}`);
}
