/** Light and dark: as the system has it, until the person chooses. */
import { part } from "./dom.ts";

const KEY = "aegis.theme";

/** Whether the page is dark now. */
function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

/**
 * A colour of the style sheet as the theme has it now, for what is painted: the sheet itself has both of each.
 *
 * @param name as `--colour-running`
 * @param opacity percent
 */
export function colourOf(name: string, opacity = 100): string {
  const probe = document.createElement("span");
  probe.style.color = opacity === 100
    ? `var(${name})`
    : `color-mix(in srgb, var(${name}) ${opacity}%, transparent)`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
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
