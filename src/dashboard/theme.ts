/** Light and dark: as the system has it, until the person chooses. */
import { part } from "./dom.ts";

const KEY = "aegis.theme";

/** Whether the page is dark now. */
export function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

/** Calls whenever the theme changes. */
export function onThemeChange(listener: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
  document.addEventListener("aegis:theme", listener);
}

/** Makes the button of the page's head work. */
export function startThemeButton(): void {
  const button = part("theme", HTMLButtonElement);
  const show = () => {
    const other = isDark() ? "light" : "dark";
    button.setAttribute("aria-label", `Use the ${other} theme`);
    button.title = `Use the ${other} theme`;
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    localStorage.setItem(KEY, next);
    document.dispatchEvent(new Event("aegis:theme"));
  });
  onThemeChange(show);
  show();
}
