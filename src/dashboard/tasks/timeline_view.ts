/** A timeline as a picture and as a list, from the moment of queueing or from the start. */
import { element, fill, part } from "../dom.ts";
import type { Timeline } from "./timeline.ts";
import { TimelineList } from "./timeline_list.ts";
import { TimelinePicture } from "./timeline_picture.ts";

/** Part of the whole time that waiting may take before the picture leaves it out. */
const MOST_WAIT = 0.5;

export class TimelineView {
  readonly #picture: TimelinePicture;
  readonly #list: TimelineList;
  readonly #whole: HTMLInputElement;
  /** Whether the person has chosen what is shown. */
  #chosen = false;
  #timeline: Timeline | undefined;
  #cut = 0;

  constructor() {
    this.#list = new TimelineList(part("timeline-list", HTMLElement));
    this.#picture = new TimelinePicture(
      part("timeline-picture", HTMLElement),
      (entry) => this.#list.reveal(entry),
    );
    this.#whole = element("input", {
      type: "checkbox",
      onchange: () => {
        this.#chosen = true;
        this.#draw();
      },
    });
    fill(
      part("timeline-tools", HTMLElement),
      element("label", { class: "check" }, this.#whole, "With the time in the queue"),
    );
  }

  /** @param cut entries that were not kept */
  show(timeline: Timeline, cut: number): void {
    const { queuedAt, startedAt, endedAt } = timeline;
    this.#timeline = timeline;
    this.#cut = cut;
    if (!this.#chosen) this.#whole.checked = startedAt - queuedAt <= MOST_WAIT * (endedAt - queuedAt);
    this.#draw();
  }

  #draw(): void {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    const { queuedAt, startedAt, endedAt } = timeline;
    this.#picture.show(timeline, { from: this.#whole.checked ? queuedAt : startedAt, to: endedAt });
    this.#list.show(timeline, this.#cut);
  }
}
