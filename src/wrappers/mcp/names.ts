/** Names of tools and prompts: what they may be made of, and that none can be taken for another. */
import { ModuleRefusedError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";

/** What the specification allows, and what clients pass on to models as it is. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Whether a tool or a prompt can have that name. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/**
 * What two names have in common that a person or a client would mix up: case, and `.`, `-` and `_`, of which many clients
 * make one, since models know fewer characters than the specification.
 */
export function nameSkeleton(name: string): string {
  return name.toLowerCase().replace(/[.-]/g, "_");
}

/** Names that are taken, each with who has it. */
export class TakenNames {
  readonly #what: string;
  readonly #skeletonOf: (name: string) => string;
  readonly #taken = new Map<string, { readonly name: string; readonly owner: string }>();

  /** @param what they are names of: `tool` */
  constructor(what: string, skeletonOf: (name: string) => string = nameSkeleton) {
    this.#what = what;
    this.#skeletonOf = skeletonOf;
  }

  /** @throws {ModuleRefusedError} for a name that somebody has, or that could be mixed up with one */
  take(name: string, owner: string): void {
    const skeleton = this.#skeletonOf(name), before = this.#taken.get(skeleton);
    if (before !== undefined) {
      const same = before.name === name ? "" : `, which could be mixed up with ${quote(before.name)}`;
      throw new ModuleRefusedError(
        `Cannot offer ${this.#what} ${quote(name)} of module ${quote(owner)}${same}: module ${
          quote(before.owner)
        } has that name`,
        { suggestion: "Give one of them another name: in its module, or the modules in the manifest." },
      );
    }
    this.#taken.set(skeleton, { name, owner });
  }
}
