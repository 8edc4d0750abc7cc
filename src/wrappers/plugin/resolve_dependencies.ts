/** Which versions of plugins go together: the newest that every range admits, one version for each name. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { inRange } from "./semver.ts";

/** A version that could be chosen. */
export interface Candidate {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Versions by the name of the plugin, the newest first. */
export type Catalogue = ReadonlyMap<string, readonly Candidate[]>;

/** A range that somebody asks for. */
export interface Requirement {
  /** Of the plugin. */
  readonly name: string;
  /** The versions that will do: `^1.2`. */
  readonly range: string;
}

/** A version that was chosen. */
export interface Chosen {
  readonly name: string;
  readonly version: string;
}

/** Steps after which a search is given up: ranges can be written that leave no other way than trying all. */
const MOST_STEPS = 10_000;

interface Asked extends Requirement {
  /** Who asks; `null` for the person. */
  readonly by: string | null;
}

class Search {
  #steps = 0;
  /** The last thing that kept versions from going together; the deepest is the most telling. */
  #reason: { readonly depth: number; readonly text: string } | undefined;

  constructor(readonly catalogue: Catalogue) {}

  run(
    asked: readonly Asked[],
    chosen: ReadonlyMap<string, Candidate>,
  ): ReadonlyMap<string, Candidate> | undefined {
    if (++this.#steps > MOST_STEPS) {
      throw new AegisError(
        "InvalidOption",
        `Cannot resolve dependencies: given up after ${MOST_STEPS} steps`,
        {
          suggestion: "Name exact versions.",
        },
      );
    }
    const open = asked.find(({ name }) => !chosen.has(name));
    if (open === undefined) return chosen;
    const { name } = open, wishes = asked.filter((one) => one.name === name);
    const versions = this.catalogue.get(name) ?? [];
    const fitting = versions.filter(({ version }) => wishes.every(({ range }) => inRange(version, range)));
    if (fitting.length === 0) this.#note(chosen.size, { name, wishes, versions });
    for (const candidate of fitting) {
      const more = Object.entries(candidate.dependencies).map(([other, range]) => ({
        name: other,
        range,
        by: `${name} ${candidate.version}`,
      }));
      const broken = more.find((wish) => {
        const taken = wish.name === name ? candidate : chosen.get(wish.name);
        return taken !== undefined && !inRange(taken.version, wish.range);
      });
      if (broken !== undefined) {
        const others = [...asked, ...more].filter((one) => one.name === broken.name);
        this.#note(chosen.size, {
          name: broken.name,
          wishes: others,
          versions: this.catalogue.get(broken.name) ?? [],
        });
        continue;
      }
      const found = this.run([...asked, ...more], new Map([...chosen, [name, candidate]]));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #note(
    depth: number,
    { name, wishes, versions }: {
      readonly name: string;
      readonly wishes: readonly Asked[];
      readonly versions: readonly Candidate[];
    },
  ): void {
    if (this.#reason !== undefined && this.#reason.depth > depth) return;
    const asked = [
      ...new Set(wishes.map(({ range, by }) => by === null ? quote(range) : `${quote(range)} by ${by}`)),
    ];
    const known = versions.map(({ version }) => version).slice(0, 10);
    const near = suggest(name, this.catalogue.keys());
    const text = known.length === 0
      ? `there is no plugin ${quote(name)}, which is asked for as ${asked.join(" and ")}` +
        (near.length === 0 ? "" : ` (did you mean ${near.map(quote).join(" or ")}?)`)
      : `${quote(name)} is asked for as ${asked.join(" and ")}, and there ${
        known.length === 1 ? "is" : "are"
      } ${known.join(", ")}`;
    this.#reason = { depth, text };
  }

  failure(roots: readonly Requirement[]): AegisError {
    const names = roots.map(({ name }) => quote(name)).join(", ");
    return new AegisError("NotFound", `Cannot resolve ${names}: ${this.#reason?.text ?? "nothing fits"}`);
  }
}

/** The names in an order in which each comes after what it depends on. @throws {AegisError} `InvalidOption` for a circle */
export function dependencyOrder(
  dependencies: ReadonlyMap<string, readonly string[]>,
): string[] {
  const order: string[] = [], done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    const at = above.indexOf(name);
    if (at >= 0) {
      const circle = [...above.slice(at), name].map((one) => quote(one)).join(" -> ");
      throw new AegisError("InvalidOption", `Cannot resolve dependencies: they go in a circle, ${circle}`);
    }
    if (done.has(name)) return;
    for (const other of dependencies.get(name) ?? []) visit(other, [...above, name]);
    done.add(name);
    order.push(name);
  };
  for (const name of dependencies.keys()) visit(name, []);
  return order;
}

/**
 * Chooses versions.
 *
 * @returns them in an order in which each comes after what it depends on
 * @throws {AegisError} `NotFound` where none go together, with who asks for what; `InvalidOption` for a circle
 */
export function resolveDependencies(roots: readonly Requirement[], catalogue: Catalogue): readonly Chosen[] {
  const search = new Search(catalogue);
  const found = search.run(roots.map((root) => ({ ...root, by: null })), new Map());
  if (found === undefined) throw search.failure(roots);
  const order = dependencyOrder(
    new Map([...found].map(([name, { dependencies }]) => [name, Object.keys(dependencies)])),
  );
  return order.map((name) => ({ name, version: found.get(name)?.version ?? "" }));
}
