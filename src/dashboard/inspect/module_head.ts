/** The head of a module: its name, whether it is any good, and what can be done with it. */
import { element } from "../dom.ts";
import { bytesText, shortText } from "../format.ts";
import { errorText } from "../api_error.ts";
import { named, offsetLink } from "./links.ts";
import type { ShownModule } from "./shown_module.ts";
import { WorkerError } from "../inspector/worker_failure.ts";

export interface ModuleHeadOptions {
  /** Its hash where the server keeps it. */
  readonly kept: string | undefined;
  readonly readOnly: boolean;
  readonly onUpload: () => void;
}

/** The head as an element. */
export function moduleHead(
  module: ShownModule,
  { kept, readOnly, onUpload }: ModuleHeadOptions,
): HTMLElement {
  const { name, bytes, hash, form, inspector } = module, shownHash = kept ?? hash;
  return element(
    "div",
    { class: "title-row module-head" },
    element(
      "div",
      {},
      element("h2", {}, named(name)),
      element(
        "p",
        { class: "soft" },
        `${form === "wat" ? "text form, " : ""}${bytesText(bytes.length)}`,
        shownHash !== undefined && [
          " · ",
          element("span", { class: "mono", title: shownHash }, shortText(shownHash)),
        ],
        kept === undefined ? " · in this browser alone" : " · kept by the server",
      ),
    ),
    stateBadge(module),
    element(
      "div",
      { class: "toolbar" },
      kept === undefined && inspector !== undefined && element(
        "button",
        {
          type: "button",
          class: "primary",
          disabled: readOnly,
          title: readOnly
            ? "You have signed in to look, not to change"
            : "The server keeps it, and can run it",
          onclick: onUpload,
        },
        "Upload",
      ),
      kept !== undefined && [
        element("a", { class: "button", href: `/pages/execute.html?module=${kept}` }, "Execute"),
        element("a", { class: "button", href: `/pages/tasks.html?module=${kept}` }, "Tasks"),
      ],
    ),
  );
}

function stateBadge({ inspector }: ShownModule): HTMLElement {
  const [kind, mark, word] = inspector === undefined
    ? ["bad", "✕", "cannot be read"]
    : inspector.summary.invalid !== undefined
    ? ["bad", "✕", "invalid"]
    : inspector.summary.refusals.length > 0
    ? ["doubtful", "!", "a run refuses it"]
    : ["good", "✓", "valid"];
  return element(
    "span",
    { class: `badge verdict-${kind}` },
    element("span", { class: "badge-mark", "aria-hidden": "true" }, mark),
    word,
  );
}

/** Why a module is not shown, and what can be done about it. @param again reads it again */
export function problemPanel({ form, problem }: ShownModule, again: () => void): HTMLElement {
  const code = problem instanceof WorkerError ? problem.code : "Failed";
  const offset = problem instanceof WorkerError && form === "wasm" ? problem.offset : undefined;
  return element(
    "section",
    { class: "panel unreadable" },
    element(
      "h2",
      {},
      code === "Timeout"
        ? "It takes too long"
        : form === "wat"
        ? "The text is no module"
        : "It cannot be read as a module",
    ),
    element("p", { class: "problem", role: "alert" }, named(errorText(problem))),
    offset !== undefined && element("p", {}, "The byte to blame is at ", offsetLink(offset), "."),
    element("p", { class: "soft" }, "Its bytes can be looked at under Bytes."),
    (code === "Timeout" || code === "Failed") &&
      element("button", { type: "button", onclick: again }, "Try again"),
  );
}
