import type { Sandbox } from "./sandbox.ts";

/** The sandboxes of a runtime that are alive, those of its pools included, the oldest first. */
export class SandboxRegistry implements Iterable<Sandbox> {
  readonly #byId: ReadonlyMap<string, Sandbox>;

  /** Made by a runtime; see `Aegis.sandboxes`. It shows the map as it changes. */
  constructor(byId: ReadonlyMap<string, Sandbox>) {
    this.#byId = byId;
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The sandbox with that id; undefined when it is closed, or never was. */
  get(id: string): Sandbox | undefined {
    return this.#byId.get(id);
  }

  /** Whether a sandbox with that id is alive. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Those that are alive at this moment. */
  list(): readonly Sandbox[] {
    return [...this.#byId.values()];
  }

  /** One after the other, as they are when it comes to each. */
  [Symbol.iterator](): Iterator<Sandbox> {
    return this.#byId.values();
  }
}
