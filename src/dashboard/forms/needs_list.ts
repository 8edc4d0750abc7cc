/** What a module needs, beside whether the server grants it; what is missing is said with the line that grants it. */
import type { Policy } from "../api_types.ts";
import { element } from "../dom.ts";
import { type JudgedNeed, judgeNeeds } from "./capabilities.ts";
import type { ModuleFacts } from "./module_facts.ts";

/** Imports that are named of one need. */
const MOST_IMPORTS = 8;

const MARKS: Readonly<Record<JudgedNeed["verdict"], readonly [mark: string, word: string]>> = {
  free: ["✓", "always there"],
  granted: ["✓", "granted"],
  missing: ["✕", "not granted"],
  none: ["✕", "not to be had"],
};

/** The list as an element. */
export function needsList({ needs }: Pick<ModuleFacts, "needs">, policy: Policy): HTMLElement {
  if (needs.length === 0) {
    return element("p", { class: "soft" }, "It imports nothing that has to be granted.");
  }
  return element("ul", { class: "needs" }, judgeNeeds(needs, policy).map(needItem));
}

function needItem({ need, verdict, details, without, line }: JudgedNeed): HTMLElement {
  const [mark, word] = MARKS[verdict], { capability, doc, imports } = need;
  const named = imports.slice(0, MOST_IMPORTS).join(", "), more = imports.length - MOST_IMPORTS;
  return element(
    "li",
    { class: `need need-${verdict}` },
    element(
      "p",
      { class: "need-head" },
      element("span", { class: "need-mark" }, element("span", { "aria-hidden": "true" }, mark), ` ${word}`),
      element("strong", {}, capability),
      ` – ${doc}`,
    ),
    element("p", { class: "hint" }, "Imports ", element("code", {}, named), more > 0 && ` and ${more} more`),
    details.map((detail) =>
      element("p", { class: "hint" }, `On this server: ${capability === "sensor" ? "sensor " : ""}${detail}`)
    ),
    verdict === "missing" &&
      element(
        "p",
        {},
        `Without it, ${without}. To grant it, put `,
        element("code", {}, line),
        " into the policy file of the server (aegis server --policy FILE) and start it again.",
      ),
    verdict === "none" && element("p", {}, `${without[0]?.toUpperCase()}${without.slice(1)}.`),
  );
}
