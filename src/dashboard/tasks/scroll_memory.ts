/** Brings a list back to where somebody has left it: the browser does so before the list is there, and so to no effect. */

/** Milliseconds after the last movement. */
const REST = 200;

export class ScrollMemory {
  #left: number | undefined = scrollOf(history.state);

  constructor() {
    let timer: ReturnType<typeof setTimeout> | undefined;
    history.scrollRestoration = "manual";
    addEventListener("scroll", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (this.#left === undefined) history.replaceState({ ...history.state, scroll: scrollY }, "");
      }, REST);
    });
  }

  /** Goes there, once: when the list is shown for the first time. */
  restore(): void {
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined) scrollTo({ top: left });
  }
}

/** What this page has put there; other pages put nothing. */
function scrollOf(state: unknown): number | undefined {
  if (typeof state !== "object" || state === null || !("scroll" in state)) return undefined;
  return typeof state.scroll === "number" ? state.scroll : undefined;
}
