/** Keys that do something on a page, and the list of them. */
import { element, fill, part } from "./dom.ts";

/** A key, or two after each other, such as `g t`. */
export interface Shortcut {
  readonly keys: string;
  readonly doc: string;
  readonly run: () => void;
}

/** Milliseconds between two keys that belong together. */
const TOGETHER = 1200;

/** Keys of every page. */
const COMMON: readonly Shortcut[] = [
  { keys: "g d", doc: "Dashboard", run: () => location.assign("/") },
  { keys: "g t", doc: "Tasks", run: () => location.assign("/pages/tasks.html") },
  { keys: "g e", doc: "Execute", run: () => location.assign("/pages/execute.html") },
  { keys: "g i", doc: "Inspect", run: () => location.assign("/pages/inspect.html") },
  { keys: "g m", doc: "Monitor", run: () => location.assign("/pages/monitor.html") },
  { keys: "/", doc: "Search", run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() },
  { keys: "?", doc: "This list", run: () => part("shortcuts", HTMLDialogElement).showModal() },
];

/** Whether keys are text for what has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

/** Listens for keys. @param own those of this page alone */
export function startShortcuts(own: readonly Shortcut[]): void {
  const all = [...COMMON, ...own];
  fill(
    part("shortcut-list", HTMLElement),
    all.map(({ keys, doc }) => [
      element("dt", {}, keys.split(" ").map((key) => element("kbd", {}, key))),
      element("dd", {}, doc),
    ]),
  );
  part("shortcuts-close", HTMLButtonElement).addEventListener(
    "click",
    () => part("shortcuts", HTMLDialogElement).close(),
  );
  part("help", HTMLButtonElement).addEventListener(
    "click",
    () => part("shortcuts", HTMLDialogElement).showModal(),
  );
  let before = "", at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const pressed = event.timeStamp - at < TOGETHER ? `${before} ${event.key}` : event.key;
    const found = all.find(({ keys }) => keys === pressed) ?? all.find(({ keys }) => keys === event.key);
    before = event.key;
    at = event.timeStamp;
    if (found === undefined) return;
    before = "";
    event.preventDefault();
    found.run();
  });
}
