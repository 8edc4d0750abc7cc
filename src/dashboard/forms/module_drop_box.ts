/** A box for the file of a module, in binary or text form. */
import { element } from "../dom.ts";
import { uniqueId } from "./field.ts";

export interface ModuleDropBoxOptions {
  /** Of the file's field, for its label. @default one that no other field has */
  readonly id?: string;
  /** Said below the button. */
  readonly hint?: string;
  /** Told of the file that was chosen by the button. */
  readonly onFile: (file: File) => void;
}

/** The box. Its maker listens for what is dropped: on the box, or anywhere on the page. */
export function moduleDropBox({ id = uniqueId("file"), hint, onFile }: ModuleDropBoxOptions): HTMLElement {
  const field: HTMLInputElement = element("input", {
    type: "file",
    id,
    accept: ".wasm,.wat,application/wasm",
    class: "visually-hidden",
    onchange: () => {
      const [file] = field.files ?? [];
      if (file !== undefined) onFile(file);
      field.value = ""; // the same file can be chosen again
    },
  });
  const wasm = element("code", {}, ".wasm"), wat = element("code", {}, ".wat");
  return element(
    "div",
    { class: "drop" },
    element("p", {}, "Drop a ", wasm, " or ", wat, " file here, or"),
    field,
    element("label", { for: id, class: "button" }, "Choose a file"),
    hint === undefined ? false : element("p", { class: "hint" }, hint),
  );
}
