/** The same run elsewhere: as a command line, and as a program with the library. */
import { element, fill } from "../dom.ts";
import type { LaunchForm } from "../forms/launch_form.ts";
import { attempt } from "../notices.ts";
import { libraryProgram } from "./library_program.ts";
import { localRun } from "./local_run.ts";
import { runCommand } from "./run_command.ts";

export class ElsewhereView {
  readonly #place: HTMLElement;
  readonly #save: (name: string) => void;
  #shown = "";

  /** @param save has the browser save the module as a file of this name */
  constructor(place: HTMLElement, { save }: { readonly save: (name: string) => void }) {
    this.#place = place;
    this.#save = save;
  }

  /** Shows what the form says. */
  show(form: LaunchForm): void {
    const { settings, module, function: called, policy } = form;
    if (settings === undefined || module === undefined || called === undefined || policy === undefined) {
      return this.#fill("", element("p", { class: "empty" }, "Choose a module, and say what is to run."));
    }
    const run = localRun(settings, { fileName: module.name, facts: module.facts, called, policy });
    const command = runCommand(run), program = libraryProgram(run), notes = [...new Set(command.notes)];
    this.#fill(
      JSON.stringify([command, program]),
      element(
        "p",
        { class: "hint" },
        "Both read the module from the file ",
        element("code", {}, run.file),
        ". ",
        element(
          "button",
          { type: "button", class: "small", onclick: () => this.#save(run.file) },
          "Save the module",
        ),
      ),
      codeBlock("Command", { title: "As a command", text: command.text }),
      notes.length > 0 && element("ul", { class: "hint" }, notes.map((note) => element("li", {}, note))),
      codeBlock("Program", { title: "As a program in TypeScript", text: program }),
    );
  }

  /** What is the same stays as it is: somebody may be selecting text in it. */
  #fill(key: string, ...children: Parameters<typeof fill>[1][]): void {
    if (key !== "" && key === this.#shown) return;
    this.#shown = key;
    fill(this.#place, element("h2", {}, "The same run elsewhere"), children);
  }
}

/** A text with a button that copies it. */
function codeBlock(
  label: string,
  { title, text }: { readonly title: string; readonly text: string | undefined },
): HTMLElement {
  return element(
    "div",
    { class: "code-block" },
    element(
      "div",
      { class: "title-row" },
      element("h3", {}, title),
      text !== undefined && element("button", {
        type: "button",
        class: "small",
        "aria-label": `Copy the ${label.toLowerCase()}`,
        onclick: () => void attempt(() => navigator.clipboard.writeText(text), `${label} copied`),
      }, "Copy"),
    ),
    text !== undefined &&
      element("pre", { class: "code", tabindex: "0", role: "region", "aria-label": label }, text),
  );
}
