/** The modules that the server keeps, as a choice that is searched by name and hash. */
import type { Module } from "../api_types.ts";
import { bytesText, shortText } from "../format.ts";
import { Combobox } from "./combobox.ts";

export class KeptModules {
  readonly element: HTMLElement;
  readonly #box: Combobox<string>;

  /** @param onChoose told of the hash of the one that the person chooses */
  constructor(onChoose: (hash: string) => void) {
    this.#box = new Combobox({
      label: "Or a module that the server keeps",
      placeholder: "Search by name or hash",
      empty: "No module of that name or hash is kept",
      onChoose,
    });
    this.element = this.#box.element;
  }

  /** Hash of the one that is chosen. */
  get chosen(): string | undefined {
    return this.#box.value;
  }

  /** What there is to choose. @param chosen hash of the one that is; undefined for none */
  show(modules: readonly Module[], chosen: string | undefined): void {
    const choices = modules.map(({ hash, name, size }) => ({
      value: hash,
      label: name ?? shortText(hash),
      detail: `${shortText(hash)} · ${bytesText(size)}`,
    }));
    this.#box.show(choices, chosen);
  }
}
