/** What a module is, at a glance. */
import { type Child, element } from "../dom.ts";
import { countText, exactText } from "../format.ts";
import type { ModuleSummary } from "../inspector/inspector_protocol.ts";
import type { WorkerFailure } from "../inspector/worker_failure.ts";
import { named, offsetLink, placeLink } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { CONTENTS, type ContentsName } from "./place.ts";
import { severityCounts } from "./severity.ts";

/** How the module is called in its two forms. */
const FORMS = { wasm: "binary", wat: "text, shown as the binary module that it becomes" } as const;

export function overviewView({ module, inspector: { summary } }: ViewContext): ModuleView {
  const { invalid, refusals } = summary;
  return {
    element: element(
      "div",
      { class: "stack" },
      element(
        "div",
        { class: "grid" },
        element(
          "section",
          { class: "panel" },
          element("h2", {}, "Module"),
          facts([
            ["File", named(module.name)],
            ["Name", summary.name === undefined ? "none given" : named(summary.name)],
            ["Form", FORMS[module.form]],
            ["Size", `${exactText(summary.size)} bytes`],
            [
              "SHA-256",
              element(
                "span",
                { class: "mono hash" },
                module.hash ?? "this browser counts none on pages without TLS",
              ),
            ],
            ["Start function", startOf(summary)],
          ]),
        ),
        element(
          "section",
          { class: "panel" },
          element("h2", {}, "Verdict"),
          verdictOf(invalid, refusals),
          element("h3", {}, "Findings"),
          element("p", {}, severityCounts(summary.findings)),
          summary.score !== undefined &&
            element("p", {}, `Score ${summary.score.score} of 100, grade ${summary.score.grade}`),
          element("p", {}, placeLink({ tab: "findings" }, "What was found")),
        ),
      ),
      element(
        "section",
        { class: "panel" },
        element("h2", {}, "Contents"),
        element(
          "div",
          { class: "tiles" },
          (Object.keys(CONTENTS) as ContentsName[]).map((list) =>
            // its keys
            tile({ tab: "contents", list } as const, CONTENTS[list], summary.counts[list])
          ),
        ),
      ),
      element(
        "section",
        { class: "panel" },
        element("h2", {}, "Origin"),
        facts([
          ["Features", words(summary.features, "none beyond the first version of WebAssembly")],
          [
            "Producers",
            list(
              summary.producers.map(({ field, name, version }) => [
                `${field}: `,
                named(name),
                version === "" ? "" : [" ", named(version)],
              ]),
              "none noted",
            ),
          ],
          [
            "Noted by a linker",
            words(summary.targetFeatures.map(({ prefix, name }) => `${prefix}${name}`), "no features"),
          ],
          ["Remarks", list(summary.notes.map(named), "none")],
        ]),
      ),
    ),
  };
}

function facts(rows: readonly (readonly [term: string, fact: Child])[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    rows.map(([term, fact]) => [element("dt", {}, term), element("dd", {}, fact)]),
  );
}

function startOf({ start, importedFunctions }: ModuleSummary): Child {
  if (start === undefined) return "none";
  return start < importedFunctions
    ? `function ${start}, which is imported`
    : placeLink({ tab: "code", functionIndex: start }, `function ${start}`);
}

function verdictOf(invalid: WorkerFailure | undefined, refusals: readonly WorkerFailure[]): Child {
  if (invalid !== undefined) {
    const { message, offset } = invalid;
    return [
      verdictLine("bad", "✕", "Invalid"),
      element("p", {}, named(message)),
      offset !== undefined && element("p", {}, "See the bytes at ", offsetLink(offset)),
    ];
  }
  if (refusals.length === 0) {
    return [
      verdictLine("good", "✓", "Valid"),
      element("p", { class: "soft" }, "A run under the default limits takes it."),
    ];
  }
  return [
    verdictLine("doubtful", "!", "Valid, but a run under the default limits refuses it"),
    element(
      "ul",
      {},
      refusals.map(({ message, suggestion }) =>
        element("li", {}, `${message}. `, suggestion !== undefined && suggestion)
      ),
    ),
  ];
}

function verdictLine(kind: "good" | "doubtful" | "bad", mark: string, word: string): HTMLElement {
  return element(
    "p",
    { class: `verdict verdict-${kind}` },
    element("span", { "aria-hidden": "true" }, mark),
    ` ${word}`,
  );
}

function tile(place: Parameters<typeof placeLink>[0], title: string, count: number): HTMLElement {
  const link = placeLink(place, [
    element("span", { class: "tile-label" }, title),
    element("span", { class: "tile-value" }, countText(count)),
  ]);
  link.classList.add("tile");
  return link;
}

function words(texts: readonly string[], none: string): Child {
  if (texts.length === 0) return element("span", { class: "soft" }, none);
  return element("span", { class: "words" }, texts.map((text) => element("code", { class: "word" }, text)));
}

function list(items: readonly Child[], none: string): Child {
  if (items.length === 0) return element("span", { class: "soft" }, none);
  return element("ul", { class: "plain" }, items.map((item) => element("li", {}, item)));
}
