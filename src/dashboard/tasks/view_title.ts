/** What the browser's tab and history say. */
export function setTitle(text: string): void {
  document.title = `${text} – Aegis`;
}
