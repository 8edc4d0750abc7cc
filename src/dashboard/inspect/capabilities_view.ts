/** What a module will ask for, by what it imports, and who grants it: a run of the command, and this server. */
import type { Policy } from "../api_types.ts";
import { type Child, element } from "../dom.ts";
import { type JudgedNeed, judgeNeeds } from "../forms/capabilities.ts";
import type { ModuleSummary } from "../inspector/inspector_protocol.ts";
import { named } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";

/** Imports that are named of one capability. */
const MOST_IMPORTS = 10;

const VERDICTS: Readonly<
  Record<JudgedNeed["verdict"], readonly [kind: string, mark: string, word: string]>
> = {
  free: ["good", "✓", "always there"],
  granted: ["good", "✓", "granted"],
  missing: ["doubtful", "✕", "not granted"],
  none: ["bad", "✕", "not to be had"],
};

export function capabilitiesView({ inspector: { summary }, policy }: ViewContext): ModuleView {
  const { needs } = summary;
  return {
    element: element(
      "section",
      { class: "panel" },
      element("h2", {}, "Capabilities that its imports ask for"),
      needs.length === 0
        ? element(
          "p",
          { class: "empty" },
          "It imports nothing that has to be granted: it computes, and nothing else.",
        )
        : needsTable(needs, policy),
    ),
  };
}

function needsTable(needs: ModuleSummary["needs"], policy: Policy | undefined): HTMLElement {
  const judged = policy === undefined ? [] : judgeNeeds(needs, policy);
  return element(
    "div",
    { class: "table-frame", role: "region", "aria-label": "Capabilities", tabindex: 0 },
    element(
      "table",
      { class: "needs-table" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ["Capability", "Imports", "Flag of aegis run", "This server"].map((title) =>
            element("th", { scope: "col" }, title)
          ),
        ),
      ),
      element(
        "tbody",
        {},
        needs.map((need, index) =>
          element(
            "tr",
            {},
            element(
              "th",
              { scope: "row" },
              need.capability,
              element("span", { class: "hint" }, need.doc),
            ),
            element("td", {}, importWords(need)),
            element(
              "td",
              {},
              need.flags.length > 0
                ? words(need.flags)
                : element("span", { class: "soft" }, flagWords(need.capability)),
            ),
            element("td", {}, serverWords(judged[index])),
          )
        ),
      ),
    ),
  );
}

function words(texts: readonly string[]): HTMLElement {
  return element("span", { class: "words" }, texts.map((text) => element("code", { class: "word" }, text)));
}

function importWords({ imports, importCount }: ModuleSummary["needs"][number]): Child {
  const shown = imports.slice(0, MOST_IMPORTS), more = importCount - shown.length;
  return [
    element("span", { class: "words" }, shown.map((name) => element("code", { class: "word" }, named(name)))),
    more > 0 && element("span", { class: "hint" }, ` and ${more.toLocaleString()} more`),
  ];
}

/** Where no flag grants it. */
function flagWords(capability: ModuleSummary["needs"][number]["capability"]): string {
  return capability === "streams" || capability === "args" ? "none needed" : "none: see the library";
}

function serverWords(judged: JudgedNeed | undefined): Child {
  if (judged === undefined) return element("span", { class: "soft" }, "unknown");
  const { verdict, details, without, line } = judged, [kind, mark, word] = VERDICTS[verdict];
  return [
    element(
      "span",
      { class: `verdict verdict-${kind}` },
      element("span", { "aria-hidden": "true" }, mark),
      ` ${word}`,
    ),
    details.map((detail) => element("span", { class: "hint" }, detail)),
    verdict === "missing" && element("span", { class: "hint" }, `Without it, ${without}.`),
    verdict === "none" &&
    element("span", { class: "hint" }, `${without[0]?.toUpperCase()}${without.slice(1)}.`),
    verdict === "missing" && line !== undefined &&
    element("span", { class: "hint" }, "Policy file: ", element("code", {}, line)),
  ];
}
