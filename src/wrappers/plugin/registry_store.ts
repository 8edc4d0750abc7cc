/**
 * A registry on disk.
 *
 *     DIR/index.json               what is registered; replaced in one step
 *     DIR/modules/<sha256>.wasm    modules, by what they are
 *     DIR/lock                     held while the index is changed, by whichever process
 *
 * Whoever may write there is the host. What is read is checked all the same: a damaged disk is no reason to run other code.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { join } from "../../sandbox/path.ts";
import { type PluginManifest, readPluginManifest } from "./plugin_manifest.ts";

/** Grows with every change of the index. */
const INDEX_VERSION = 1;

/** A plugin as it is registered. */
export interface PluginRecord {
  /** Of its manifest. */
  readonly name: string;
  /** Of its manifest. */
  readonly version: string;
  /** Of its module, in hexadecimal digits. */
  readonly sha256: string;
  /** Bytes of its module. */
  readonly size: number;
  /** What it says of itself. */
  readonly manifest: PluginManifest;
  /** Whether the manifest is a file's, and not the module's own. */
  readonly beside: boolean;
  /** When it was registered: ISO 8601, UTC. */
  readonly registered: string;
}

/** Where a registry keeps what it knows. */
export interface RegistryStore {
  /** Reads all records. */
  readonly read: () => Promise<readonly PluginRecord[]>;
  /** Reads, changes and writes, while nobody else does. */
  readonly change: (
    next: (records: readonly PluginRecord[]) => readonly PluginRecord[],
    module?: { readonly sha256: string; readonly bytes: Uint8Array<ArrayBuffer> },
  ) => Promise<readonly PluginRecord[]>;
  /** The bytes of a module; undefined when they are gone. */
  readonly module: (sha256: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** A registry that is forgotten with the process. */
export class MemoryStore implements RegistryStore {
  #records: readonly PluginRecord[] = [];
  readonly #modules: Map<string, Uint8Array<ArrayBuffer>> = new Map();

  readonly read = (): Promise<readonly PluginRecord[]> => Promise.resolve(this.#records);

  readonly change: RegistryStore["change"] = (next, module) => {
    this.#records = next(this.#records);
    if (module !== undefined) this.#modules.set(module.sha256, module.bytes);
    const used = new Set(this.#records.map(({ sha256 }) => sha256));
    for (const hash of this.#modules.keys()) if (!used.has(hash)) this.#modules.delete(hash);
    return Promise.resolve(this.#records);
  };

  readonly module = (sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
    Promise.resolve(this.#modules.get(sha256)?.slice());
}

/** A registry in a directory. */
export class DirectoryStore implements RegistryStore {
  /** Made by {@linkcode DirectoryStore.open}. */
  private constructor(readonly path: string, readonly readOnly: boolean) {}

  /**
   * Opens a directory, and makes it where it is not there yet, unless it is to be read alone.
   *
   * @throws {AegisError} `InvalidOption`
   */
  static async open(path: string, readOnly = false): Promise<DirectoryStore> {
    try {
      if (!readOnly) await Deno.mkdir(join(path, "modules"), { recursive: true });
      return new DirectoryStore(await Deno.realPath(path), readOnly);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AegisError("InvalidOption", `Cannot use ${quote(path)} as a registry: ${reason}`, {
        cause: error,
      });
    }
  }

  readonly read = async (): Promise<readonly PluginRecord[]> => {
    let text: string;
    try {
      text = await Deno.readTextFile(this.#index);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
    return decodeIndex(text, this.#index);
  };

  readonly change: RegistryStore["change"] = async (next, module) => {
    if (this.readOnly) {
      throw new AegisError(
        "WrongState",
        `Cannot change the registry ${quote(this.path)}: it was opened to be read`,
      );
    }
    using lock = await Deno.open(join(this.path, "lock"), { create: true, write: true });
    await lock.lock(true);
    const before = await this.read(), after = next(before);
    // The module first: an index never names what is not there.
    if (module !== undefined) await replaceFile(this.#module(module.sha256), module.bytes);
    const index = { version: INDEX_VERSION, plugins: after };
    await replaceFile(this.#index, new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`));
    const used = new Set(after.map(({ sha256 }) => sha256));
    for (const { sha256 } of before) {
      if (!used.has(sha256)) await Deno.remove(this.#module(sha256)).catch(() => {}); // it takes room, and nothing else
    }
    return after;
  };

  readonly module = async (sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    try {
      return await Deno.readFile(this.#module(sha256));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };

  get #index(): string {
    return join(this.path, "index.json");
  }

  #module(sha256: string): string {
    return join(this.path, "modules", `${sha256}.wasm`);
  }
}

/** Makes a file appear whole, on the disk before it has its name. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    {
      using file = await Deno.open(part, { createNew: true, write: true });
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    }
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {}); // it may not have come to be
    throw error;
  }
}

/** Reads an index and checks every field. @throws {AegisError} `InvalidOption` */
function decodeIndex(text: string, path: string): readonly PluginRecord[] {
  const refuse = (reason: string) =>
    new AegisError("InvalidOption", `Cannot read the registry's index ${quote(path)}: ${reason}`, {
      suggestion: "Register the plugins again in another directory.",
    });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw refuse("it is not JSON");
  }
  const { version, plugins } = fieldsOf(document);
  if (version !== INDEX_VERSION || !Array.isArray(plugins)) {
    throw refuse(`it is not of version ${INDEX_VERSION}`);
  }
  return plugins.map((item: unknown, at): PluginRecord => {
    const { sha256, size, manifest, beside, registered } = fieldsOf(item);
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
      throw refuse(`plugin ${at} has no hash`);
    }
    if (typeof size !== "number" || typeof registered !== "string" || typeof beside !== "boolean") {
      throw refuse(`plugin ${at} is not whole`);
    }
    const read = readPluginManifest(manifest, `of plugin ${at} in ${quote(path)}`);
    return { name: read.name, version: read.version, sha256, size, manifest: read, beside, registered };
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {}; // any object admits reading keys
}
