/** What somebody who has to trust a module should know, the gravest first. */
import type { Finding } from "../../inspection/finding_list.ts";
import { element } from "../dom.ts";
import { named, offsetLink, placeLink } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { BY_GRAVITY, findingCount, severityMark } from "./severity.ts";

export function findingsView({ inspector: { summary } }: ViewContext): ModuleView {
  const { findings, importedFunctions } = summary;
  const groups = BY_GRAVITY.flatMap((severity) => {
    const own = findings.filter((finding) => finding.severity === severity);
    if (own.length === 0) return [];
    return [
      element(
        "section",
        { class: "panel" },
        element("h2", {}, severityMark(severity), element("small", {}, ` ${findingCount(own)}`)),
        element("ul", { class: "findings" }, own.map((finding) => findingItem(finding, importedFunctions))),
      ),
    ];
  });
  return {
    element: element(
      "div",
      { class: "stack" },
      element(
        "p",
        { class: "soft" },
        "Facts that the bytes of the module prove, and guesses, which say that they are. That none is told does not make a module safe: what it does is decided by what it is granted.",
      ),
      groups.length > 0 ? groups : element(
        "div",
        { class: "panel" },
        element("p", { class: "empty" }, "Nothing noteworthy was found."),
      ),
    ),
  };
}

function findingItem(
  { severity, title, heuristic, detail, location, advice, further }: Finding,
  importedFunctions: number,
): HTMLElement {
  const { functionIndex, offset } = location ?? {};
  const inCode = functionIndex !== undefined && functionIndex >= importedFunctions;
  return element(
    "li",
    { class: `finding severity-edge-${severity}` },
    element("h3", {}, title, heuristic && element("small", {}, " a guess")),
    element("p", {}, named(detail)),
    (inCode || offset !== undefined) && element(
      "p",
      { class: "finding-place" },
      "Where: ",
      inCode && placeLink(
        { tab: "code", functionIndex, ...(offset === undefined ? {} : { offset }) },
        `function ${functionIndex}`,
      ),
      inCode && offset !== undefined && ", ",
      offset !== undefined && ["offset ", offsetLink(offset)],
    ),
    element("p", { class: "hint" }, advice),
    further !== undefined &&
      element("p", { class: "soft" }, `${further.toLocaleString()} more of this kind are not listed.`),
  );
}
