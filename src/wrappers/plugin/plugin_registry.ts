/** Which plugins there are, in which versions. */
import { AegisError, ModuleInvalidError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { basename, dirname, join } from "../../sandbox/path.ts";
import { compileWat } from "../../sandbox/wat.ts";
import { LARGEST_MANIFEST, parsePluginManifest, type PluginManifest } from "./plugin_manifest.ts";
import { type PluginShape, readPluginShape } from "./plugin_shape.ts";
import { DirectoryStore, MemoryStore, type PluginRecord, type RegistryStore } from "./registry_store.ts";
import { type Catalogue, type Requirement, resolveDependencies } from "./resolve_dependencies.ts";
import { compareVersions, inRange } from "./semver.ts";

/** Names of a manifest beside a module, the first one that is there counts. */
const BESIDE = ["plugin.toml", "plugin.json"] as const;

/** How bytes are registered. */
export interface RegisterOptions {
  /** A manifest that wins over the one in the module's section. @default the section's */
  readonly manifest?: PluginManifest;
  /** What messages call the module. @default "the module" */
  readonly shown?: string;
}

/** A plugin with the module that was registered. */
export interface RegisteredPlugin {
  /** As it was registered. */
  readonly record: PluginRecord;
  /** Its module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it says and exports. */
  readonly shape: PluginShape;
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Plugins by name and version: several versions of one stand side by side. Nothing of a plugin runs here.
 *
 * @example
 * ```ts
 * import { PluginRegistry } from "jsr:@aegis/core/wrappers";
 *
 * const registry = await PluginRegistry.open("plugins");
 * await registry.registerFile("greeter/greeter.wasm");
 * console.log(registry.list().map(({ name, version }) => `${name} ${version}`));
 * ```
 */
export class PluginRegistry {
  readonly #store: RegistryStore;
  #records: readonly PluginRecord[];

  private constructor(store: RegistryStore, records: readonly PluginRecord[]) {
    this.#store = store;
    this.#records = records;
  }

  /**
   * Opens a registry in a directory, which outlives the process; one that is forgotten where none is named.
   *
   * @param options whether the directory is read alone: then it is not made, and nothing is registered
   * @throws {AegisError} `InvalidOption` for an index that cannot be read
   */
  static async open(path?: string, options: { readonly readOnly?: boolean } = {}): Promise<PluginRegistry> {
    const { readOnly = false } = options;
    const store = path === undefined ? new MemoryStore() : await DirectoryStore.open(path, readOnly);
    return new PluginRegistry(store, await store.read());
  }

  /**
   * Registers a module.
   *
   * @throws {AegisError} `InvalidOption` for a manifest that is wrong or missing, or a version that is there with other
   * bytes; `ModuleInvalid`, `ModuleRefused`
   */
  async register(bytes: Uint8Array, options: RegisterOptions = {}): Promise<PluginRecord> {
    const { shown = "the module", manifest: beside } = options, copy = Uint8Array.from(bytes);
    const { manifest } = await readPluginShape(copy, `of ${shown}`, beside);
    const { name, version } = manifest;
    if (!WebAssembly.validate(copy)) throw new ModuleInvalidError("V8 does not accept the module", 0);
    const record: PluginRecord = Object.freeze({
      name,
      version,
      sha256: await hashOf(copy),
      size: copy.length,
      manifest,
      beside: beside !== undefined,
      registered: new Date().toISOString(),
    });
    this.#records = await this.#store.change((records) => {
      const same = records.find((one) => one.name === name && compareVersions(one.version, version) === 0);
      if (same === undefined) return [...records, record];
      if (same.sha256 === record.sha256 && JSON.stringify(same.manifest) === JSON.stringify(manifest)) {
        return records;
      }
      throw new AegisError(
        "InvalidOption",
        `Cannot register ${quote(name)} ${version}: that version is there, and is another one`,
        {
          suggestion: "Give it a version of its own: what is registered stays what it is.",
        },
      );
    }, { sha256: record.sha256, bytes: copy });
    return this.get(name, version);
  }

  /**
   * Registers a module of a file, with the manifest in `plugin.toml` or `plugin.json` beside it, else the one in it.
   *
   * @param path of a `.wasm` file, or of a `.wat` one @throws {AegisError} as {@linkcode register}
   */
  async registerFile(path: string): Promise<PluginRecord> {
    const shown = quote(basename(path)), read = await Deno.readFile(path);
    const bytes = path.endsWith(".wat") ? await compileWat(new TextDecoder().decode(read)) : read;
    const manifest = await manifestBeside(path);
    return await this.register(bytes, manifest === undefined ? { shown } : { shown, manifest });
  }

  /** Reads what others have registered in the directory since. */
  async refresh(): Promise<void> {
    this.#records = await this.#store.read();
  }

  /** All plugins, by name, the newest version first. */
  list(): readonly PluginRecord[] {
    return this.#records.toSorted((one, other) =>
      one.name === other.name ? compareVersions(other.version, one.version) : one.name < other.name ? -1 : 1
    );
  }

  /** The plugins whose name, description, keywords or functions have all of these words in them. */
  search(words: string): readonly PluginRecord[] {
    const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
    return this.list().filter(({ manifest: { name, description, keywords, provides } }) => {
      const text = [name, description, ...keywords, ...Object.keys(provides)].join("\n").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  }

  /** The newest version in a range. @param range all but trial versions unless it is given @throws {AegisError} `NotFound` */
  get(name: string, range = "*"): PluginRecord {
    const versions = this.list().filter((one) => one.name === name);
    const found = versions.find(({ version }) => inRange(version, range));
    if (found !== undefined) return found;
    const known = [...new Set(this.#records.map((record) => record.name))], near = suggest(name, known);
    throw new AegisError(
      "NotFound",
      versions.length === 0
        ? `Cannot find plugin ${quote(name)}`
        : `Cannot find ${quote(name)} ${range}: there ${versions.length === 1 ? "is" : "are"} ${
          versions.map(({ version }) => version).join(", ")
        }`,
      near.length === 0 || versions.length > 0
        ? {}
        : { suggestion: `Did you mean ${near.map(quote).join(" or ")}?` },
    );
  }

  /**
   * The versions that go together with these, each after what it depends on.
   *
   * @throws {AegisError} `NotFound` where none do, `InvalidOption` where dependencies go in a circle
   */
  resolve(...roots: readonly Requirement[]): readonly PluginRecord[] {
    const catalogue = this.#catalogue();
    return resolveDependencies(roots, catalogue).map(({ name, version }) => this.get(name, version));
  }

  #catalogue(): Catalogue {
    const found = new Map<string, { version: string; dependencies: Readonly<Record<string, string>> }[]>();
    for (const { name, version, manifest: { dependencies } } of this.list()) {
      found.set(name, [...found.get(name) ?? [], { version, dependencies }]);
    }
    return found;
  }

  /**
   * Forgets a version, unless it is the last one that another plugin could use.
   *
   * @throws {AegisError} `NotFound`, `WrongState`
   */
  async unregister(name: string, version: string): Promise<void> {
    this.get(name, version);
    this.#records = await this.#store.change((records) => {
      const left = records.filter((one) => one.name !== name || one.version !== version);
      for (const { name: other, version: of, manifest: { dependencies } } of left) {
        const range = Object.hasOwn(dependencies, name) ? dependencies[name] : undefined;
        if (range === undefined || !inRange(version, range)) continue;
        if (left.some((one) => one.name === name && inRange(one.version, range))) continue;
        throw new AegisError(
          "WrongState",
          `Cannot unregister ${quote(name)} ${version}: ${quote(other)} ${of} needs ${range} of it`,
          {
            suggestion: `Unregister ${quote(other)} first, or register another version of ${quote(name)}.`,
          },
        );
      }
      return left;
    });
  }

  /**
   * The module of a plugin, the one that was registered.
   *
   * @throws {AegisError} `NotFound`; `ModuleRefused` where it is another one by now
   */
  async load(record: Pick<PluginRecord, "name" | "version">): Promise<RegisteredPlugin> {
    const { name, version } = record,
      kept = this.get(name, version),
      bytes = await this.#store.module(kept.sha256);
    const hash = bytes === undefined ? undefined : await hashOf(bytes);
    if (bytes === undefined || hash !== kept.sha256) {
      throw new AegisError(
        "ModuleRefused",
        `Cannot load ${quote(name)} ${version}: ${
          hash === undefined
            ? "its module is gone"
            : `its module's SHA-256 is ${hash}, and was ${kept.sha256}`
        }`,
        { suggestion: "Unregister it, and register it again from where it came." },
      );
    }
    const shape = await readPluginShape(bytes, `of ${quote(name)} ${version}`, kept.manifest);
    return { record: kept, bytes, shape };
  }
}

/**
 * The manifest in a file beside a module; undefined where there is none.
 *
 * @param path of the module @throws {AegisError} `InvalidOption`
 */
export async function manifestBeside(path: string): Promise<PluginManifest | undefined> {
  for (const name of BESIDE) {
    const file = join(dirname(path), name);
    let text: string;
    try {
      text = await readBounded(file);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    return await parsePluginManifest(text, quote(name));
  }
  return undefined;
}

/** The text of a file that is one: a pipe would be waited for without end, and a device has none. */
async function readBounded(path: string): Promise<string> {
  const refuse = (reason: string) =>
    new AegisError("InvalidOption", `Cannot read the manifest ${quote(path)}: ${reason}`);
  if (!(await Deno.stat(path)).isFile) throw refuse("it is no file");
  using file = await Deno.open(path);
  const bytes = new Uint8Array(LARGEST_MANIFEST + 1);
  let size = 0;
  for (let read: number | null = 0; read !== null && size < bytes.length; size += read ?? 0) {
    read = await file.read(bytes.subarray(size));
  }
  if (size > LARGEST_MANIFEST) throw refuse("it is larger than 1MiB");
  return new TextDecoder().decode(bytes.subarray(0, size));
}
