/** Takes the first of the files that are dropped anywhere on the page. @param shown shows that they would be taken */
export function takeDroppedFiles(shown: HTMLElement, onFile: (file: File) => void): void {
  const over = (is: boolean) => shown.dataset["over"] = String(is);
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // the browser would open the file in place of the page
    over(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) over(false); // it has left the window
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined && document.querySelector("dialog[open]") === null) onFile(file);
  });
}
