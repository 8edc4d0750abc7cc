/** Another task like one that there is: the same module and settings under another name. */
import type { Api } from "../api.ts";
import { errorText } from "../api_error.ts";
import type { Task } from "../api_types.ts";
import { element } from "../dom.ts";
import { taskLink } from "../links.ts";

/** Characters of a name. */
const LONGEST = 200;

/** Asks for its name, and goes to it once it is made. */
export function duplicateTask(api: Api, task: Task): void {
  const name = element("input", { maxlength: LONGEST, required: true, autocomplete: "off" });
  const group = element("input", { maxlength: LONGEST, autocomplete: "off" });
  const start = element("input", { type: "checkbox" });
  const problem = element("p", { class: "problem", role: "alert", hidden: true });
  const make = element("button", { class: "primary" }, "Make it");
  name.value = `${task.name} copy`.slice(0, LONGEST);
  group.value = task.group ?? "";
  const submit = async (event: Event) => {
    event.preventDefault();
    make.disabled = true;
    try {
      const made = await api.send<Task>("POST", "/tasks", {
        ...task.settings,
        module: task.module,
        priority: task.priority,
        name: name.value,
        ...(group.value === "" ? {} : { group: group.value }),
        start: start.checked,
      });
      location.assign(taskLink(made.id));
    } catch (error) {
      problem.textContent = errorText(error);
      problem.hidden = false;
      make.disabled = false;
    }
  };
  const dialog = element(
    "dialog",
    { "aria-labelledby": "duplicate-title" },
    element(
      "form",
      { class: "stack", onsubmit: (event) => void submit(event) },
      element("h2", { id: "duplicate-title" }, "Duplicate the task"),
      element("p", { class: "soft" }, "It gets the same module, arguments, limits and grants."),
      element("label", {}, "Name", name),
      element("label", {}, "Group", group),
      element("label", { class: "check" }, start, "Start it at once"),
      problem,
      element(
        "div",
        { class: "actions" },
        element("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        make,
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  name.select();
}
