/** What an execution is and came to, in words. */
import type { Execution, Task } from "../api_types.ts";
import { badge } from "../badges.ts";
import { element, fill, part } from "../dom.ts";
import { durationText, utcText } from "../format.ts";
import { showFacts } from "./fact_list.ts";
import { outcomeWords, triggerWords } from "./outcome_words.ts";
import { settingsOf } from "./settings_words.ts";

/** Characters of results that stand in a sentence. */
const LONGEST_RESULTS = 80;

/** Shows facts, outcome, inputs and results. */
export function showRunFacts(execution: Execution, task: Task): void {
  const { queuedAt, startedAt, finishedAt, durationUs, cpuUs, status, outcome } = execution;
  showFacts(part("run-facts", HTMLElement), [
    { label: "Came of", text: triggerWords(execution) },
    { label: "Queued", shown: moment(queuedAt) },
    { label: "Started", shown: [moment(startedAt), ` after ${durationText((startedAt - queuedAt) * 1000)}`] },
    { label: "Ended", shown: finishedAt === null ? "it runs" : moment(finishedAt) },
    { label: "Wall time", text: durationText(durationUs) },
    { label: "Processor time", text: durationText(cpuUs) },
    { label: "Outcome", text: outcome ?? "not yet", code: true },
  ]);
  fill(part("run-badge", HTMLElement), badge(status));
  showOutcome(execution);
  fill(
    part("run-values", HTMLElement),
    element("h3", {}, "Function"),
    element("p", {}, element("code", {}, settingsOf(task).function ?? "_start, else main")),
    element("h3", {}, "Inputs"),
    value(execution.inputs, "Its inputs are too large to be kept."),
    element("h3", {}, "Results"),
    status === "succeeded"
      ? value(execution.results, "It returned nothing, or more than is kept.")
      : element("p", { class: "soft" }, status === "running" ? "None yet." : "None: it did not succeed."),
  );
}

function moment(time: number): HTMLElement {
  return element("time", { datetime: new Date(time).toISOString(), title: utcText(time) }, [
    new Date(time).toLocaleString(),
    element("span", { class: "soft" }, `.${String(time % 1000).padStart(3, "0")}`),
  ]);
}

function showOutcome(execution: Execution): void {
  const { status, error, durationUs } = execution, words = outcomeWords(execution);
  const when = durationUs === null ? "" : ` after ${durationText(durationUs)}`;
  const place = part("run-outcome", HTMLElement);
  place.dataset["status"] = status;
  const results = JSON.stringify(execution.results);
  const shown = status === "succeeded" && Array.isArray(execution.results) && execution.results.length > 0 &&
    results.length <= LONGEST_RESULTS;
  fill(
    place,
    element(
      "p",
      { class: "outcome-words" },
      status === "running" ? "It runs." : [words, shown && [" ", element("code", {}, results)], `${when}.`],
    ),
    error !== null && element("pre", { class: "code", tabindex: "0", "aria-label": "Error" }, error),
  );
}

/** JSON, a line for each member of what is large. */
function value(json: unknown, missing: string): HTMLElement {
  if (json === null || json === undefined) return element("p", { class: "soft" }, missing);
  if (Array.isArray(json) && json.length === 0) return element("p", { class: "soft" }, "None.");
  const short = JSON.stringify(json), text = short.length <= 80 ? short : JSON.stringify(json, undefined, 2);
  return element("pre", { class: "code value", tabindex: "0" }, text);
}
