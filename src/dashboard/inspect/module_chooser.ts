/** Chooses what is looked at: a file, which stays in this browser, or a module that the server keeps. */
import type { Module } from "../api_types.ts";
import { element } from "../dom.ts";
import { KeptModules } from "../forms/kept_modules.ts";
import { moduleDropBox } from "../forms/module_drop_box.ts";
import { takeDroppedFiles } from "./dropped_files.ts";

export interface ModuleChooserOptions {
  readonly onFile: (file: File) => void;
  readonly onKept: (hash: string) => void;
}

export class ModuleChooser {
  readonly element: HTMLDetailsElement;
  readonly #kept: KeptModules;
  readonly #summary = element("summary", {}, "Choose a module");

  constructor({ onFile, onKept }: ModuleChooserOptions) {
    const drop = moduleDropBox({
      id: "inspected-file",
      hint: "It is not uploaded: it is looked into in this browser, and never run.",
      onFile,
    });
    takeDroppedFiles(drop, onFile);
    this.#kept = new KeptModules(onKept);
    this.element = element(
      "details",
      { class: "panel chooser", open: true },
      this.#summary,
      element("div", { class: "chooser-ways" }, drop, this.#kept.element),
    );
  }

  /** What the server keeps. @param chosen hash of the one that is shown */
  show(modules: readonly Module[], chosen: string | undefined): void {
    this.#kept.show(modules, chosen);
  }

  /** Makes room for what was chosen. */
  fold(): void {
    this.element.open = false;
    this.#summary.textContent = "Choose another module";
  }
}
