/** What `aegis new` copies, as a module: the published package has no other files than modules. */

/** The folder that holds the templates, from the repository's root. */
const TEMPLATES = "templates";

/** The generated file. */
export const TEMPLATES_TARGET = "src/toolchain/templates.gen.ts";

async function collect(folder: string, below: string, files: Map<string, string>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) await collect(folder, path, files);
    else files.set(path, await Deno.readTextFile(`${folder}/${path}`));
  }
}

/** The text of the generated file. @param root the repository's root, without a slash at its end */
export async function renderTemplates(root: string): Promise<string> {
  const files = new Map<string, string>();
  await collect(`${root}/${TEMPLATES}`, "", files);
  const rows = [...files].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([path, text]) => `  ${JSON.stringify(path)}: ${JSON.stringify(text)},\n`);
  return `// Generated from ${TEMPLATES}; do not edit: run "deno task gen".
/** The files of all templates, by their paths. */
export const TEMPLATE_FILES: Readonly<Record<string, string>> = {
${rows.join("")}};
`;
}
