/** The dialog that makes a task: what runs, as the page Execute has it, and when it starts. */
import { errorText } from "../api_error.ts";
import type { Task } from "../api_types.ts";
import { element, fill, part } from "../dom.ts";
import { LaunchForm } from "../forms/launch_form.ts";
import type { PageFrame } from "../frame.ts";
import { taskLink } from "../links.ts";
import { notice } from "../notices.ts";
import { ScheduleFields } from "./schedule_fields.ts";

export class NewTaskDialog {
  readonly #frame: PageFrame;
  readonly #dialog: HTMLDialogElement = part("new-task-dialog", HTMLDialogElement);
  readonly #problem: HTMLElement = element("p", { class: "problem", role: "alert", hidden: true });
  readonly #start: HTMLInputElement = element("input", { type: "checkbox", checked: true });
  readonly #make: HTMLButtonElement = element("button", { class: "primary" }, "Make the task");
  readonly #schedule: ScheduleFields = new ScheduleFields();
  #form: LaunchForm | undefined;

  constructor(frame: PageFrame) {
    this.#frame = frame;
  }

  /** @param file the module to begin with */
  async open(file?: File): Promise<void> {
    if (this.#dialog.open && this.#form !== undefined) return void (file && this.#form.pickFile(file));
    const form = this.#build();
    this.#tell("");
    this.#dialog.showModal();
    try {
      await form.refresh();
      // Name and group stand there, which every task has.
      for (const details of this.#dialog.querySelectorAll(":scope .launch-form > details")) {
        details.setAttribute("open", "");
      }
      if (file !== undefined) await form.pickFile(file);
    } catch (error) {
      this.#tell(errorText(error));
    }
  }

  /** A new form: what was said for the last task stays with that task. */
  #build(): LaunchForm {
    const place = element("div"),
      form = new LaunchForm(place, { frame: this.#frame, onChange: () => this.#tell("") });
    this.#form = form;
    this.#schedule.clear();
    fill(
      this.#dialog,
      element(
        "form",
        { class: "stack", novalidate: true, onsubmit: (event) => void this.#submit(event) },
        element("h2", { id: "new-task-title" }, "New task"),
        place,
        element(
          "fieldset",
          { class: "form-section" },
          element("legend", {}, "Start"),
          element("label", { class: "check" }, this.#start, "Start it at once"),
          element("div", { class: "schedule-form" }, this.#schedule.elements),
        ),
        this.#problem,
        element(
          "div",
          { class: "actions" },
          element("button", { type: "button", onclick: () => this.#dialog.close() }, "Cancel"),
          this.#make,
        ),
      ),
    );
    return form;
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.#form === undefined) return;
    this.#make.disabled = true;
    try {
      const asked = await this.#form.newTask();
      const task = await this.#frame.api.send<Task>("POST", "/tasks", {
        ...asked,
        start: this.#start.checked,
      });
      const isScheduled = await this.#addSchedule(task);
      this.#dialog.close();
      notice(`“${task.name}” was made${this.#start.checked ? " and started" : ""}`);
      if (!isScheduled) location.assign(taskLink(task.id)); // where its schedules are
    } catch (error) {
      this.#tell(errorText(error));
    }
    this.#make.disabled = false;
  }

  /** @returns false where it was asked for and refused: the task is there all the same */
  async #addSchedule(task: Task): Promise<boolean> {
    const asked = this.#schedule.schedule();
    if (asked === undefined) return true;
    try {
      await this.#frame.api.send("POST", "/schedules", { task: task.id, ...asked });
      return true;
    } catch (error) {
      notice(`The task was made, its schedule was refused: ${errorText(error)}`, "failed");
      return false;
    }
  }

  #tell(problem: string): void {
    this.#problem.hidden = problem === "";
    this.#problem.textContent = problem;
  }
}
