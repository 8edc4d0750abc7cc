import { buildCore } from "../interp/core/build_core.ts";
import type { MemoryKind } from "../interp/machine_layout.ts";

/** Lists of memories whose cores are kept; modules choose them, so they are bounded. */
const MOST_CORES = 8;

interface Core {
  readonly bytes: Uint8Array<ArrayBuffer>;
  compiled: Promise<WebAssembly.Module> | undefined;
}

/** Cores of the interpreter: they depend on a module's memories alone, and nearly all modules have the same. */
export class CoreCache {
  readonly #cores: Map<string, Core> = new Map();

  bytes(memories: readonly MemoryKind[]): Uint8Array<ArrayBuffer> {
    return this.#core(memories).bytes;
  }

  compiled(memories: readonly MemoryKind[]): Promise<WebAssembly.Module> {
    const core = this.#core(memories);
    return core.compiled ??= WebAssembly.compile(core.bytes);
  }

  #core(memories: readonly MemoryKind[]): Core {
    const key = memories.join(), known = this.#cores.get(key);
    if (known !== undefined) return known;
    if (this.#cores.size >= MOST_CORES) this.#cores.clear();
    const core = { bytes: buildCore(memories), compiled: undefined };
    this.#cores.set(key, core);
    return core;
  }
}
