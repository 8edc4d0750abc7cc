/** Chooses what is looked at: a file, which stays in this browser, or a module that the server keeps. */
import type { Module } from "../api_types.ts";
import { element } from "../dom.ts";
import { bytesText, shortText } from "../format.ts";
import { Combobox } from "../forms/combobox.ts";
import { takeDroppedFiles } from "./dropped_files.ts";

export interface ModuleChooserOptions {
  readonly onFile: (file: File) => void;
  readonly onKept: (hash: string) => void;
}

export class ModuleChooser {
  readonly element: HTMLDetailsElement;
  readonly #kept: Combobox<string>;
  readonly #summary = element("summary", {}, "Choose a module");

  constructor({ onFile, onKept }: ModuleChooserOptions) {
    const file: HTMLInputElement = element("input", {
      type: "file",
      id: "inspected-file",
      accept: ".wasm,.wat,application/wasm",
      class: "visually-hidden",
      onchange: () => {
        const [chosen] = file.files ?? [];
        if (chosen !== undefined) onFile(chosen);
        file.value = ""; // the same file can be chosen again
      },
    });
    const drop = element(
      "div",
      { class: "drop" },
      element(
        "p",
        {},
        "Drop a ",
        element("code", {}, ".wasm"),
        " or ",
        element("code", {}, ".wat"),
        " file here, or",
      ),
      file,
      element("label", { for: "inspected-file", class: "button" }, "Choose a file"),
      element(
        "p",
        { class: "hint" },
        "It is not uploaded: it is looked into in this browser, and never run.",
      ),
    );
    takeDroppedFiles(drop, onFile);
    this.#kept = new Combobox({
      label: "Or a module that the server keeps",
      placeholder: "Search by name or hash",
      empty: "No module of that name or hash is kept",
      onChoose: onKept,
    });
    this.element = element(
      "details",
      { class: "panel chooser", open: true },
      this.#summary,
      element("div", { class: "chooser-ways" }, drop, this.#kept.element),
    );
  }

  /** What the server keeps. @param chosen hash of the one that is shown */
  show(modules: readonly Module[], chosen: string | undefined): void {
    this.#kept.show(
      modules.map(({ hash, name, size }) => ({
        value: hash,
        label: name ?? shortText(hash),
        detail: `${shortText(hash)} · ${bytesText(size)}`,
      })),
      chosen,
    );
  }

  /** Makes room for what was chosen. */
  fold(): void {
    this.element.open = false;
    this.#summary.textContent = "Choose another module";
  }
}
