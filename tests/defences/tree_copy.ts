/** A copy of the sources in which defences are switched off, one at a time, and the generated programs made anew. */
import { type Bundle, BUNDLES, PROGRAMS } from "../../tools/bundles.ts";
import { generate, generateProgram } from "../../tools/gen.ts";
import { type Defence, editsOf, switchOff } from "./defence.ts";

/** Folders that no test needs. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "coverage"]);

/** Programs of pages: only tests with a browser run them. */
const PAGES = "src/server/assets/";

const IMPORT = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** The texts that tests of these files may run. */
function bundlesFor(files: readonly string[]): readonly Bundle[] {
  const pages = files.some((file) => file.startsWith("src/dashboard/"));
  return pages ? BUNDLES : BUNDLES.filter(({ target }) => !target.startsWith(PAGES));
}

export class TreeCopy {
  /** The copy, and what its tests may write beside it; without a slash at its end. */
  readonly root: string;
  readonly folder: string;
  readonly #sources = new Map<string, Promise<ReadonlySet<string>>>();

  private constructor(folder: string) {
    this.folder = folder;
    this.root = `${folder}/tree`;
  }

  /** Copies the tree; what stands at the place is removed. The same place each time: what Deno has compiled, it finds again. */
  static async make(origin: string, folder: string): Promise<TreeCopy> {
    await Deno.remove(folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    const copy = new TreeCopy(folder);
    await copyFolder(origin, copy.root);
    return copy;
  }

  /** Runs work without a defence, and puts it back. */
  async without<T>(defence: Defence, work: () => Promise<T>): Promise<T> {
    const texts = new Map<string, string>();
    for (const edit of editsOf(defence)) {
      texts.set(edit.file, switchOff(texts.get(edit.file) ?? await this.#read(edit.file), edit));
    }
    const changed = [...texts.keys()];
    const bundles = defence.direct === true ? [] : await this.#holding(changed, bundlesFor(changed));
    const programs = defence.direct === true ? [] : await this.#holding(changed, PROGRAMS);
    const before = new Map<string, string>();
    for (const file of [...changed, ...[...bundles, ...programs].map(({ target }) => target)]) {
      before.set(file, await this.#read(file));
    }
    try {
      for (const [file, text] of texts) await this.#write(file, text);
      await Promise.all(bundles.map(async (bundle) => {
        await this.#write(bundle.target, await generate(this.root, bundle));
      }));
      await Promise.all(programs.map(async (program) => {
        await this.#write(program.target, await generateProgram(this.root, program));
      }));
      return await work();
    } finally {
      for (const [file, text] of before) await this.#write(file, text);
    }
  }

  #read(file: string): Promise<string> {
    return Deno.readTextFile(`${this.root}/${file}`);
  }

  #write(file: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.root}/${file}`, text);
  }

  /** Those that hold one of the files. */
  async #holding<Made extends { readonly source: string }>(
    files: readonly string[],
    made: readonly Made[],
  ): Promise<Made[]> {
    const found: Made[] = [];
    for (const one of made) {
      let sources = this.#sources.get(one.source);
      if (sources === undefined) this.#sources.set(one.source, sources = this.#importsOf(one.source));
      const held = await sources;
      if (files.some((file) => held.has(file))) found.push(one);
    }
    return found;
  }

  /** A file and all that it imports. */
  async #importsOf(entry: string): Promise<ReadonlySet<string>> {
    const reached = new Set([entry]);
    for (const file of reached) {
      const text = await this.#read(file);
      for (const [, specifier = ""] of text.matchAll(IMPORT)) {
        reached.add(new URL(specifier, `file:///${file}`).pathname.slice(1));
      }
    }
    return reached;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(from)) {
    const source = `${from}/${name}`, target = `${to}/${name}`;
    if (isSymlink) await Deno.symlink(await Deno.readLink(source), target);
    else if (!isDirectory) await Deno.copyFile(source, target);
    else if (!LEFT_OUT.has(name)) await copyFolder(source, target);
  }
}
