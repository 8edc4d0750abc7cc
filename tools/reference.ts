/**
 * `deno task reference`: writes the documents that are made of tables of the code. With `--check` it writes nothing and
 * fails when one of them is not what its tables give.
 */
import { formatMarkdown } from "./format_markdown.ts";
import { withKinds } from "./reference/capabilities.ts";
import { renderCommands } from "./reference/commands.ts";
import { renderErrors } from "./reference/errors.ts";
import { renderLayers } from "./reference/layer_picture.ts";
import { renderLimits } from "./reference/limits.ts";

/** A document, or a part of one. */
export interface Reference {
  /** Path from the repository's root. */
  readonly target: string;
  /** Makes its text. @param text what stands there now */
  readonly render: (text: string) => string | Promise<string>;
}

export const REFERENCES: readonly Reference[] = [
  { target: "docs/commands.md", render: () => formatMarkdown(renderCommands()) },
  { target: "docs/limits.md", render: () => formatMarkdown(renderLimits()) },
  { target: "docs/errors.md", render: () => formatMarkdown(renderErrors()) },
  { target: "docs/capabilities.md", render: (text) => formatMarkdown(withKinds(text)) },
  { target: "docs/pictures/layers.svg", render: renderLayers },
];

/** @returns what stands there, empty where nothing does */
async function readIfThere(path: URL): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/**
 * Makes a document anew.
 *
 * @param root the repository's, with a slash at its end
 * @returns whether it differed; unless `check`, it is now written
 */
export async function refreshReference(
  { target, render }: Reference,
  { root, check }: { readonly root: URL; readonly check: boolean },
): Promise<boolean> {
  const path = new URL(target, root), text = await readIfThere(path), fresh = await render(text);
  if (text === fresh) return false;
  if (!check) await Deno.writeTextFile(path, fresh);
  return true;
}

async function main(args: readonly string[]): Promise<number> {
  const check = args[0] === "--check";
  if (args.length > (check ? 1 : 0)) {
    console.error(`Cannot read ${JSON.stringify(args)}: the only argument is --check`);
    return 2;
  }
  const root = new URL("../", import.meta.url), stale: string[] = [];
  for (const reference of REFERENCES) {
    if (await refreshReference(reference, { root, check })) stale.push(reference.target);
  }
  for (const path of stale) console.log(check ? `stale: ${path}` : `wrote ${path}`);
  if (!check || stale.length === 0) return 0;
  console.error('Documents are not what their tables give: run "deno task reference" and commit them.');
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
