import { ItemNames } from "../inspection/item_names.ts";
import type { FunctionType, Module } from "../wasm/module.ts";
import { formatType } from "../wasm/types.ts";

/**
 * Numbers for texts, the same in both modules: a type of a thousand parameters and a name of 100,000 letters are compared
 * once, and not for each instruction of two bytes that names them.
 */
export class TextIds {
  readonly #ids = new Map<string, number>();

  /** The number of a text; above 0. */
  of(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#ids.size + 1);
    return this.#ids.size;
  }
}

/** One of two modules that are compared, with what both matching and comparing ask for. */
export class ComparedModule {
  readonly module: Module;
  readonly names: ItemNames;
  readonly #ids: TextIds;
  readonly #typeTexts = new Map<number, string>();
  /** By index; 0 for what nobody has asked for yet. */
  readonly #typeIds: Int32Array;
  readonly #globalIds: Int32Array;

  constructor(module: Module, ids: TextIds) {
    this.module = module;
    this.names = new ItemNames(module);
    this.#ids = ids;
    this.#typeIds = new Int32Array(module.types.length);
    this.#globalIds = new Int32Array(module.globals.length);
  }

  /** The first function that has code. */
  get firstBody(): number {
    return this.module.imported.function;
  }

  /** Bytes of a function's code and locals. */
  sizeOf(index: number): number {
    const body = this.module.bodies[index - this.firstBody];
    return body === undefined ? 0 : body.end - body.start;
  }

  /** The type of a function as text. */
  signatureOf(index: number): string {
    return this.typeText(this.module.functions[index] ?? 0);
  }

  /** The same as a number that is equal for equal texts. */
  signatureId(index: number): number {
    return this.typeId(this.module.functions[index] ?? 0);
  }

  /** A type as text: what it is called by index in one module has another index in the other. */
  typeText(index: number): string {
    const known = this.#typeTexts.get(index);
    if (known !== undefined) return known;
    const type = this.module.types[index]?.composite;
    const text = type?.kind === "func" ? signatureText(type) : `type ${index}`;
    this.#typeTexts.set(index, text);
    return text;
  }

  /** The same as a number that is equal for equal texts. */
  typeId(index: number): number {
    const known = this.#typeIds[index] ?? 0;
    return known > 0 ? known : this.#typeIds[index] = this.#ids.of(this.typeText(index));
  }

  /** A global by its name, else by its place among the imported ones or among the others. */
  globalText(index: number): string {
    const name = this.names.of("global", index), imported = this.module.imported.global;
    if (name !== undefined) return name;
    return index < imported ? `import ${index}` : `#${index - imported}`;
  }

  /** The same as a number that is equal for equal texts. */
  globalId(index: number): number {
    const known = this.#globalIds[index] ?? 0;
    return known > 0 ? known : this.#globalIds[index] = this.#ids.of(this.globalText(index));
  }
}

function signatureText({ params, results }: FunctionType): string {
  return `(${params.map(formatType).join(", ")}) -> (${results.map(formatType).join(", ")})`;
}
