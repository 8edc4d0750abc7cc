/** Short words that come and go: what was done, what failed. */
import { errorText } from "./api_error.ts";
import { element, part } from "./dom.ts";

/** Milliseconds for which good news stand; failures stay until they are closed. */
const SHOWN = 5000;

/** Notices at once. */
const MOST = 5;

/** Tells a person something. */
export function notice(text: string, kind: "done" | "failed" = "done"): void {
  const list = part("notices", HTMLElement);
  while (list.childElementCount >= MOST) list.firstElementChild?.remove();
  const shown: HTMLElement = element(
    "div",
    { class: `notice notice-${kind}`, role: kind === "failed" ? "alert" : "status" },
    element("span", {}, text),
    element("button", {
      type: "button",
      class: "quiet",
      "aria-label": "Close",
      onclick: () => shown.remove(),
    }, "×"),
  );
  list.append(shown);
  if (kind === "done") setTimeout(() => shown.remove(), SHOWN);
}

/** Does what a person has asked for, and tells how that went. @returns whether it went well */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    notice(errorText(error), "failed");
    return false;
  }
  if (done !== undefined) notice(done);
  return true;
}
