/** A copy of the sources in which defences are switched off, one at a time, and the generated programs made anew. */
import { type Bundle, BUNDLES } from "../../tools/bundles.ts";
import { generate } from "../../tools/gen.ts";
import { type Defence, editsOf, switchOff } from "./defence.ts";

/** Folders that no test needs. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "coverage"]);

/** Programs of pages: only tests with a browser run them. */
const PAGES = "src/server/assets/";

const IMPORT = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

export class TreeCopy {
  /** The copy, and what its tests may write beside it; without a slash at its end. */
  readonly root: string;
  readonly folder: string;
  readonly #origin: string;
  readonly #sources = new Map<string, Promise<ReadonlySet<string>>>();

  private constructor(origin: string, folder: string) {
    this.#origin = origin;
    this.folder = folder;
    this.root = `${folder}/tree`;
  }

  /** Copies the tree; what stands at the place is removed. The same place each time: what Deno has compiled, it finds again. */
  static async make(origin: string, folder: string): Promise<TreeCopy> {
    await Deno.remove(folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    const copy = new TreeCopy(origin, folder);
    await copyFolder(origin, copy.root);
    return copy;
  }

  /** Runs work without a defence, and puts it back. */
  async without<T>(defence: Defence, work: () => Promise<T>): Promise<T> {
    const edits = editsOf(defence), texts = new Map<string, string>();
    for (const edit of edits) {
      const before = texts.get(edit.file) ?? await Deno.readTextFile(`${this.root}/${edit.file}`);
      texts.set(edit.file, switchOff(before, edit));
    }
    const bundles = defence.direct === true ? [] : await this.#bundlesOf([...texts.keys()]);
    try {
      for (const [file, text] of texts) await Deno.writeTextFile(`${this.root}/${file}`, text);
      await Promise.all(bundles.map(async (bundle) => {
        await Deno.writeTextFile(`${this.root}/${bundle.target}`, await generate(this.root, bundle));
      }));
      return await work();
    } finally {
      for (const file of [...texts.keys(), ...bundles.map(({ target }) => target)]) {
        await Deno.copyFile(`${this.#origin}/${file}`, `${this.root}/${file}`);
      }
    }
  }

  /** The programs that hold one of the files. */
  async #bundlesOf(files: readonly string[]): Promise<Bundle[]> {
    const pages = files.some((file) => file.startsWith("src/dashboard/")), found: Bundle[] = [];
    for (const bundle of BUNDLES) {
      if (bundle.target.startsWith(PAGES) && !pages) continue;
      let sources = this.#sources.get(bundle.source);
      if (sources === undefined) this.#sources.set(bundle.source, sources = this.#importsOf(bundle.source));
      const held = await sources;
      if (files.some((file) => held.has(file))) found.push(bundle);
    }
    return found;
  }

  /** A file and all that it imports. */
  async #importsOf(entry: string): Promise<ReadonlySet<string>> {
    const reached = new Set([entry]);
    for (const file of reached) {
      const text = await Deno.readTextFile(`${this.#origin}/${file}`);
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
