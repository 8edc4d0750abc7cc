import { ItemNames } from "../../src/inspection/item_names.ts";
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { customSection, leb, name, section, vec } from "../wasm/module_builder.ts";

/** Names that a module gives, by index; of locals by function and index. */
export interface GivenNames {
  readonly functions?: Readonly<Record<number, string>>;
  readonly locals?: Readonly<Record<number, Readonly<Record<number, string>>>>;
  readonly globals?: Readonly<Record<number, string>>;
}

function nameMap(names: Readonly<Record<number, string>>): number[] {
  return vec(Object.entries(names).map(([index, text]) => [...leb(Number(index)), ...name(text)]));
}

/** The bytes of a module's text, with a name section. */
export function namedModule(text: string, given: GivenNames): Uint8Array<ArrayBuffer> {
  const locals = Object.entries(given.locals ?? {}).map(([index, names]) => [
    ...leb(Number(index)),
    ...nameMap(names),
  ]);
  const names = customSection("name", [
    ...section(1, nameMap(given.functions ?? {})),
    ...section(2, vec(locals)),
    ...section(7, nameMap(given.globals ?? {})),
  ]);
  return Uint8Array.from([...compileText(`(module ${text})`), ...names]);
}

/** A module, and what its items are called. */
export function readWithNames(bytes: Uint8Array): { readonly module: Module; readonly names: ItemNames } {
  const module = readModule(bytes);
  return { module, names: new ItemNames(module) };
}
