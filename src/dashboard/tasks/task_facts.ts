/** What a task is, what it was made with, what it may use and reach. */
import type { Policy, Task } from "../api_types.ts";
import { element, fill, part } from "../dom.ts";
import { bytesText, exactText, timeElement } from "../format.ts";
import { groupLink, moduleLink } from "../links.ts";
import { showFacts } from "./fact_list.ts";
import { showLimits } from "./limit_table.ts";
import type { ModuleNames } from "./module_names.ts";
import { grantWords, limitWords, settingsOf, settingWords } from "./settings_words.ts";

/** Shows what changes while it runs, too. */
export function showTaskFacts(task: Task, modules: ModuleNames): void {
  const { module, executions, failures, fuel, group, dueAt, error } = task, known = modules.get(module);
  showFacts(part("task-facts", HTMLElement), [
    {
      label: "Module",
      shown: [
        element("a", { href: moduleLink(module) }, modules.text(module)),
        known === undefined ? "" : ` ${bytesText(known.size)}`,
      ],
    },
    { label: "Hash", text: module, code: true },
    { label: "Id", text: task.id, code: true },
    { label: "Made", shown: timeElement(task.createdAt) },
    { label: "Priority", text: task.priority },
    { label: "Group", shown: group === null ? "none" : element("a", { href: groupLink(group) }, group) },
    {
      label: "Executions",
      text: `${executions.toLocaleString()}, of which ${failures.toLocaleString()} failed`,
    },
    { label: "Fuel", text: `${exactText(fuel)} units` },
    ...(dueAt === null || task.state !== "waiting" ? [] : [{ label: "Next try", shown: timeElement(dueAt) }]),
    ...(error === null ? [] : [{ label: "Last error", text: error }]),
  ]);
}

/** Shows what was said when it was made. */
export function showTaskSettings(task: Task, policy: Policy): void {
  const { policy: words, listed, server } = grantWords(task, policy), { preset = "os" } = settingsOf(task);
  showFacts(part("task-settings", HTMLElement), settingWords(task, policy));
  part("task-preset", HTMLElement).textContent = `Preset ${preset}`;
  showLimits(part("task-limits", HTMLElement), limitWords(task, policy));
  fill(
    part("task-grants", HTMLElement),
    element("p", {}, words),
    listed.length > 0 && [element("h3", {}, "Listed for it"), sentences(listed)],
    element("h3", {}, "What the server grants"),
    server.length === 0 ? element("p", { class: "soft" }, "Nothing.") : sentences(server),
  );
}

function sentences(texts: readonly string[]): HTMLElement {
  return element("ul", { class: "sentences" }, texts.map((text) => element("li", {}, text)));
}
