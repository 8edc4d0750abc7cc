import type { MemoryKind } from "../interp/machine_layout.ts";

/** Lists of memories whose cores are kept; modules choose them, so they are bounded. */
const MOST_CORES = 8;

interface Core {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  compiled: Promise<WebAssembly.Module> | undefined;
}

/** Cores of the interpreter: they depend on a module's memories alone, and nearly all modules have the same. */
export class CoreCache {
  readonly #cores: Map<string, Core> = new Map();

  bytes(memories: readonly MemoryKind[]): Promise<Uint8Array<ArrayBuffer>> {
    return this.#core(memories).bytes;
  }

  compiled(memories: readonly MemoryKind[]): Promise<WebAssembly.Module> {
    const core = this.#core(memories);
    return core.compiled ??= core.bytes.then((bytes) => WebAssembly.compile(bytes));
  }

  #core(memories: readonly MemoryKind[]): Core {
    const key = memories.join(), known = this.#cores.get(key);
    if (known !== undefined) return known;
    if (this.#cores.size >= MOST_CORES) this.#cores.clear();
    const core = { bytes: build(memories), compiled: undefined };
    this.#cores.set(key, core);
    return core;
  }
}

/** What builds cores is loaded with the first of them: its tables take longer to make than most modules to prepare. */
async function build(memories: readonly MemoryKind[]): Promise<Uint8Array<ArrayBuffer>> {
  const { buildCore } = await import("../interp/core/build_core.ts");
  return buildCore(memories);
}
