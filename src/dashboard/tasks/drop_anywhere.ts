/** Takes a file that is dropped anywhere on the page. */
import { element } from "../dom.ts";

/** @param onFile told of the first file; who drops it on a field that takes files means that field */
export function takeDroppedFiles(onFile: (file: File) => void): void {
  const veil = element(
    "div",
    { class: "drop-veil", hidden: true },
    element("p", {}, "Drop the module to make a task of it"),
  );
  document.body.append(veil);
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const show = (isShown: boolean) => veil.hidden = !isShown;
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // the browser would open the file in place of the page
    show(document.querySelector("dialog[open]") === null);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false); // it has left the window
  });
  document.addEventListener("drop", (event) => {
    show(false);
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) onFile(file);
  });
}
