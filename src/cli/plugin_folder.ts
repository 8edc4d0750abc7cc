/**
 * The plugins of a folder: a registry that `PluginRegistry.open` has made, or modules with their manifests, as projects and
 * builds leave them. Nothing of them runs here, and nothing is written.
 */
import { AegisError } from "../core/errors.ts";
import { resolveLimits } from "../core/limits.ts";
import { quote } from "../core/quote.ts";
import { isOffered } from "../inspection/needs.ts";
import { join } from "../sandbox/path.ts";
import { readModule } from "../wasm/read_module.ts";
import { CALL_IMPORT } from "../wrappers/plugin/plugin_call.ts";
import { PLUGIN_SECTION } from "../wrappers/plugin/plugin_manifest.ts";
import { manifestBeside, PluginRegistry } from "../wrappers/plugin/plugin_registry.ts";
import type { PluginShape } from "../wrappers/plugin/plugin_shape.ts";
import type { PluginRecord } from "../wrappers/plugin/registry_store.ts";
import { messageOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { toBinary } from "./module_input.ts";
import { printable } from "./printable.ts";
import { readInput } from "./read_input.ts";
import { styleFor } from "./style.ts";

/** Folders in each other, and modules in all, that are looked at. */
const DEEPEST = 5, MOST_MODULES = 1000;

/** What kept a module from being one of the plugins. */
export interface FolderProblem {
  readonly file: string;
  readonly error: unknown;
}

/** The plugins of a folder, and what is wrong with others. */
export interface PluginFolder {
  readonly registry: PluginRegistry;
  readonly problems: readonly FolderProblem[];
}

/**
 * Reads a folder of plugins.
 *
 * @param path absolute @throws {AegisError} `InvalidOption` where it cannot be read
 */
export async function openPluginFolder(path: string): Promise<PluginFolder> {
  if (await isRegistry(path)) {
    return { registry: await PluginRegistry.open(path, { readOnly: true }), problems: [] };
  }
  const registry = await PluginRegistry.open(), problems: FolderProblem[] = [];
  for (const modules of await modulesBelow(path)) await registerFolder(registry, modules, problems);
  return { registry, problems };
}

async function isRegistry(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(join(path, "index.json"))).isFile &&
      (await Deno.stat(join(path, "modules"))).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Modules, folder by folder. Links are not followed: they lead where nobody has looked. */
async function modulesBelow(path: string): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let count = 0;
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = [...Deno.readDirSync(folder)].toSorted((one, other) => one.name < other.name ? -1 : 1);
    const files = entries.filter(({ isFile, name }) => isFile && /\.wa(?:sm|t)$/.test(name)).map(({ name }) =>
      name
    );
    // Text beside what was made of it is its source.
    const modules = files.filter((name) =>
      name.endsWith(".wasm") || !files.includes(name.replace(/\.wat$/, ".wasm"))
    );
    count += modules.length;
    if (count > MOST_MODULES) {
      throw new AegisError(
        "InvalidOption",
        `Cannot read ${quote(path)}: it has more than ${MOST_MODULES} modules`,
        {
          suggestion: "Name a folder of plugins with --registry.",
        },
      );
    }
    if (modules.length > 0) found.push(modules.map((name) => join(folder, name)));
    for (const { isDirectory, name } of entries) {
      if (isDirectory && depth < DEEPEST && !name.startsWith(".") && name !== "node_modules") {
        await visit(join(folder, name), depth + 1);
      }
    }
  };
  try {
    await visit(path, 1);
  } catch (error) {
    if (error instanceof AegisError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AegisError("InvalidOption", `Cannot read the folder of plugins ${quote(path)}: ${reason}`, {
      cause: error,
    });
  }
  return found;
}

/** Registers the modules of one folder that are plugins; a manifest beside them is of one of them. */
async function registerFolder(
  registry: PluginRegistry,
  modules: readonly string[],
  problems: FolderProblem[],
): Promise<void> {
  const [first = ""] = modules, tell = (file: string, error: unknown) => problems.push({ file, error });
  try {
    const manifest = await manifestBeside(first);
    if (manifest === undefined) {
      for (const file of modules) await registerEmbedded(registry, file).catch((error) => tell(file, error));
      return;
    }
    const own = modules.length === 1 ? modules : modules.filter((file) => stem(file) === manifest.name);
    const [file] = own;
    if (file === undefined || own.length > 1) {
      const names = modules.map((name) => quote(name.replace(/^.*\//, ""))).join(", ");
      const message = `Cannot tell which module the manifest beside them is of: ${names}`;
      throw new AegisError("InvalidOption", message, { suggestion: `Name one ${manifest.name}.wasm.` });
    }
    await registry.register(await readBytes(file), { manifest, shown: quote(stem(file)) });
  } catch (error) {
    tell(first, error);
  }
}

/** Registers a module with the manifest in it; one without is no plugin. */
async function registerEmbedded(registry: PluginRegistry, file: string): Promise<void> {
  const bytes = await readBytes(file);
  if (readModule(bytes).customs.every(({ name }) => name !== PLUGIN_SECTION)) return;
  await registry.register(bytes, { shown: quote(stem(file)) });
}

async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readInput(file, resolveLimits().moduleSize);
  return (await toBinary(bytes, file)).bytes;
}

function stem(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.wa(?:sm|t)$/, "");
}

/** Tells what keeps modules from being plugins. */
export function tellProblems(
  problems: readonly FolderProblem[],
  io: Pick<CommandIo, "err" | "colour">,
): void {
  for (const { file, error } of problems) {
    io.err(`${styleFor(io.colour).warn("warning:")} ${printable(`${file}: ${messageOf(error)}`)}\n`);
  }
}

/** A plugin by `NAME`, or `NAME@RANGE`. @throws {AegisError} `NotFound` */
export function pluginNamed(registry: PluginRegistry, text: string): PluginRecord {
  const { name, range } = readPluginName(text);
  return registry.get(name, range);
}

/** The parts of `NAME` or `NAME@RANGE`. */
export function readPluginName(text: string): { readonly name: string; readonly range: string } {
  const at = text.indexOf("@");
  return at < 0 ? { name: text, range: "*" } : { name: text.slice(0, at), range: text.slice(at + 1) };
}

/** What a plugin imports that not every host offers, and to whom depends on others the function that calls them. */
export function foreignImports({ imports, manifest }: PluginShape): PluginShape["imports"] {
  const calls = Object.keys(manifest.dependencies).length > 0;
  return imports.filter((item) =>
    !isOffered(item) && !(calls && item.module === CALL_IMPORT.module && item.name === CALL_IMPORT.name)
  );
}
