/**
 * Buttons for what a task can be asked for. Each has its place for good: a state that changes under the pointer must not put
 * another one there.
 */
import type { TaskState } from "../api_types.ts";
import { element } from "../dom.ts";
import { showAttribute } from "./shown_text.ts";
import { isOffered, TASK_ACTION_NAMES, TASK_ACTIONS, type TaskActionName } from "./task_actions.ts";

/** Said of buttons that do nothing for who may only look. */
export const READ_ONLY = "You may look at everything, and change nothing";

export interface ActionButtonsOptions {
  readonly readOnly: boolean;
  /** With words, or marks alone. */
  readonly size: "words" | "marks";
  readonly onOrder: (action: TaskActionName) => void;
}

export class ActionButtons {
  readonly root: HTMLElement;
  readonly #buttons: ReadonlyMap<TaskActionName, HTMLButtonElement>;
  readonly #options: ActionButtonsOptions;
  #state: TaskState = "ready";

  constructor(options: ActionButtonsOptions) {
    this.#options = options;
    this.#buttons = new Map(TASK_ACTION_NAMES.map((action) => [action, this.#make(action)]));
    this.root = element("div", { class: `task-actions task-actions-${options.size}` }, [
      ...this.#buttons.values(),
    ]);
  }

  /** @param name of the task, which those hear who do not see the row */
  update(state: TaskState, name: string): void {
    this.#state = state;
    for (const [action, button] of this.#buttons) {
      const isOn = isOffered(action, state);
      if (this.#options.size === "marks") {
        showAttribute(button, "aria-label", `${TASK_ACTIONS[action].label} ${name}`);
      }
      // A button that is disabled would lose the focus that it has.
      if (!this.#options.readOnly) showAttribute(button, "aria-disabled", isOn ? undefined : "true");
    }
    // Start and resume are one place: no state takes both.
    this.#show("resume", state === "paused");
    this.#show("start", state !== "paused");
  }

  #show(action: TaskActionName, shown: boolean): void {
    const button = this.#buttons.get(action),
      other = this.#buttons.get(action === "start" ? "resume" : "start");
    if (button === undefined || button.hidden === !shown) return;
    const hadFocus = document.activeElement === button;
    button.hidden = !shown;
    if (hadFocus && other !== undefined) {
      other.hidden = false;
      other.focus();
    }
  }

  #make(action: TaskActionName): HTMLButtonElement {
    const { label, mark } = TASK_ACTIONS[action], { readOnly, size, onOrder } = this.#options;
    const order = () => {
      if (isOffered(action, this.#state)) onOrder(action);
    };
    return element(
      "button",
      {
        type: "button",
        class: `${size === "marks" ? "quiet small" : ""} action-${action}`.trim(),
        disabled: readOnly,
        title: readOnly ? READ_ONLY : size === "marks" ? label : undefined,
        onclick: order,
      },
      element("span", { class: "badge-mark", "aria-hidden": "true" }, mark),
      size === "words" && label,
    );
  }
}
