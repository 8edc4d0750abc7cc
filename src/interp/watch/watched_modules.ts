import type { Instance } from "../run/instance.ts";
import { WatchedModule } from "./watched_module.ts";

/** What is known of the modules that instances can be watched of. */
export class WatchedModules {
  readonly #known = new WeakMap<object, WatchedModule>();

  /** The module of an instance; undefined where its code is fast. */
  readonly of = ({ module }: Instance): WatchedModule | undefined => {
    const { watch } = module;
    if (watch === undefined) return undefined;
    let known = this.#known.get(watch);
    if (known === undefined) this.#known.set(watch, known = new WatchedModule(module, watch));
    return known;
  };
}
