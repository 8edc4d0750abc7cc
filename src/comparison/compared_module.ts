import { ItemNames } from "../inspection/item_names.ts";
import type { FunctionType, Module } from "../wasm/module.ts";
import { formatType } from "../wasm/types.ts";

/** One of two modules that are compared, with what both matching and comparing ask for. */
export class ComparedModule {
  readonly module: Module;
  readonly names: ItemNames;
  readonly #signatures = new Map<number, string>();

  constructor(module: Module) {
    this.module = module;
    this.names = new ItemNames(module);
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

  /** The type of a function as text; functions of one type share it. */
  signatureOf(index: number): string {
    return this.typeText(this.module.functions[index] ?? 0);
  }

  /** A global by its name, else by its place among the imported ones or among the others. */
  globalText(index: number): string {
    const name = this.names.of("global", index), imported = this.module.imported.global;
    if (name !== undefined) return name;
    return index < imported ? `import ${index}` : `#${index - imported}`;
  }

  /** A type as text: what it is called by index in one module has another index in the other. */
  typeText(index: number): string {
    const known = this.#signatures.get(index);
    if (known !== undefined) return known;
    const type = this.module.types[index]?.composite;
    const text = type?.kind === "func" ? signatureText(type) : `type ${index}`;
    this.#signatures.set(index, text);
    return text;
  }
}

function signatureText({ params, results }: FunctionType): string {
  return `(${params.map(formatType).join(", ")}) -> (${results.map(formatType).join(", ")})`;
}
