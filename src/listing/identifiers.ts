/**
 * What the items of a module are called in text: `$name`, as the name section says, else as they are exported or
 * imported. Names are chosen by whoever made the module; an identifier has letters that text admits in one, is never
 * long, and no two items of a space share one.
 */
import type { ImmediateKind } from "../wasm/opcode.ts";
import type { IndexText } from "../wasm/disassemble.ts";
import type { NamedSpace } from "../wasm/names.ts";
import type { ItemNames } from "../inspection/item_names.ts";

/** Characters of a name that are kept: a call of two bytes may name a function of 100,000. */
const LONGEST = 128;

/** What cannot stand in an identifier (specification, section 6.3.5). */
const FOREIGN = /[^0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~]/gu;

/** A name as an identifier, which need not be its own. */
function identifier(name: string): string {
  return `$${name.slice(0, LONGEST).replace(FOREIGN, "_")}`;
}

/**
 * Identifiers of the items that have a name, by their index. One that is taken gets its index behind it: that is its own,
 * unless a module has foreseen it, and then it gets it again.
 */
function uniqueIdentifiers(
  names: Iterable<readonly [index: number, name: string]>,
): Map<number, string> {
  const taken = new Set<string>(), identifiers = new Map<number, string>();
  for (const [index, name] of names) {
    if (name === "") continue;
    let own = identifier(name);
    while (taken.has(own)) own += `#${index}`;
    taken.add(own);
    identifiers.set(index, own);
  }
  return identifiers;
}

/** Spaces by the immediates that name their items. */
const SPACES: Readonly<Partial<Record<ImmediateKind, NamedSpace>>> = {
  function: "function",
  type: "type",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
  data: "data",
  element: "element",
};

/** How many items a module has in each space. */
export type SpaceSizes = Readonly<Record<NamedSpace, number>>;

/** The identifiers of one module. */
export class Identifiers {
  readonly #names: ItemNames;
  readonly #spaces: Readonly<Record<NamedSpace, ReadonlyMap<number, string>>>;
  #locals: ReadonlyMap<number, string> = new Map();

  constructor(names: ItemNames, sizes: SpaceSizes) {
    this.#names = names;
    const space = (name: NamedSpace) => uniqueIdentifiers(namesIn(names, name, sizes[name]));
    this.#spaces = {
      function: space("function"),
      type: space("type"),
      table: space("table"),
      memory: space("memory"),
      global: space("global"),
      element: space("element"),
      data: space("data"),
      tag: space("tag"),
    };
  }

  /** The identifier of an item with a space behind it, where it is declared; empty without a name. */
  declared(space: NamedSpace, index: number): string {
    const identifier = this.#spaces[space].get(index);
    return identifier === undefined ? "" : `${identifier} `;
  }

  /** An item where it is named. */
  of(space: NamedSpace, index: number): string {
    return this.#spaces[space].get(index) ?? String(index);
  }

  /**
   * Says whose locals come next, parameters included.
   *
   * @param named the indices of those that may have a name, half-open
   * @returns their identifiers
   */
  enter(
    functionIndex: number,
    named: { readonly from: number; readonly to: number },
  ): ReadonlyMap<number, string> {
    const own = [...this.#names.locals(functionIndex)].filter(([index]) =>
      index >= named.from && index < named.to
    );
    return this.#locals = uniqueIdentifiers(own);
  }

  /** How instructions write indices. */
  readonly text: IndexText = (kind, index) => {
    if (kind === "local") return this.#locals.get(index) ?? String(index);
    const space = SPACES[kind];
    return space === undefined ? String(index) : this.of(space, index);
  };
}

function* namesIn(names: ItemNames, space: NamedSpace, size: number): Generator<readonly [number, string]> {
  for (let index = 0; index < size; index++) {
    const name = names.of(space, index);
    if (name !== undefined) yield [index, name];
  }
}
