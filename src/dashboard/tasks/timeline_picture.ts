/** A timeline to scale: a lane for each kind of thing. The list below it says the same in words. */
import { element, fill } from "../dom.ts";
import { durationText } from "../format.ts";
import { type Lane, LANES, marksOf, type Timeline, type TimelineMark } from "./timeline.ts";

/** Marks that a lane has room for. */
const MOST_MARKS = 250;

/** Part of the width from which a bar has room for words. */
const LEAST_TEXT = 0.15;

/** Parts of the axis. */
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

/** What part of the time is shown. Milliseconds since 1970. */
export interface TimelineSpan {
  readonly from: number;
  readonly to: number;
}

export class TimelinePicture {
  readonly #place: HTMLElement;
  readonly #onPick: (entry: number) => void;

  /** @param onPick told of the first entry of a mark that is clicked */
  constructor(place: HTMLElement, onPick: (entry: number) => void) {
    this.#place = place;
    this.#onPick = onPick;
    place.classList.add("timeline");
  }

  show(timeline: Timeline, { from, to }: TimelineSpan): void {
    const length = Math.max(to - from, 1),
      share = (time: number) => Math.min(Math.max((time - from) / length, 0), 1);
    const lanes = (Object.keys(LANES) as Lane[]) // its own keys
      .filter((lane) => lane !== "life" && timeline.entries.some((entry) => entry.lane === lane));
    const picture = element(
      "div",
      { class: "timeline-lanes", role: "img", "aria-label": summary(timeline, lanes) },
      this.#lane("Life", life(timeline, share)),
      lanes.map((lane) =>
        this.#lane(
          LANES[lane],
          marksOf(timeline, lane, length / MOST_MARKS).map((mark) => this.#mark(mark, share)),
        )
      ),
      this.#lane("", TICKS.map((part) => tick(part, length))),
    );
    fill(this.#place, picture);
  }

  #lane(label: string, content: readonly HTMLElement[]): HTMLElement {
    return element(
      "div",
      { class: label === "" ? "timeline-lane timeline-axis" : "timeline-lane" },
      element("span", { class: "timeline-label" }, label),
      element("div", { class: "timeline-track" }, content),
    );
  }

  #mark({ lane, at, until, entries, bad }: TimelineMark, share: (time: number) => number): HTMLElement {
    const first = entries[0];
    const mark = element("span", {
      class: `timeline-mark timeline-${lane}${bad ? " timeline-bad" : ""}`,
      title: entries.length === 1 ? undefined : `${entries.length.toLocaleString()} entries`,
      onclick: () => first !== undefined && this.#onPick(first),
    });
    mark.style.left = `${share(at) * 100}%`;
    mark.style.width = `${(share(until) - share(at)) * 100}%`;
    return mark;
  }
}

/** How long it waited, and how long it ran. */
function life(
  { queuedAt, startedAt, endedAt, running }: Timeline,
  share: (time: number) => number,
): HTMLElement[] {
  const bar = (from: number, to: number, kind: string, word: string) => {
    const text = `${word} ${durationText((to - from) * 1000)}`;
    const width = share(to) - share(from);
    const made = element(
      "span",
      { class: `timeline-bar timeline-${kind}`, title: text },
      width >= LEAST_TEXT && text,
    );
    made.style.left = `${share(from) * 100}%`;
    made.style.width = `${width * 100}%`;
    return made;
  };
  return [
    bar(queuedAt, startedAt, "queued", "queued"),
    bar(startedAt, endedAt, "ran", running ? "runs" : "ran"),
  ].filter((made) => made.style.width !== "0%");
}

function tick(part: number, length: number): HTMLElement {
  const made = element(
    "span",
    { class: "timeline-tick" },
    part === 0 ? "0" : durationText(part * length * 1000),
  );
  made.style.left = `${part * 100}%`;
  return made;
}

function summary(
  { queuedAt, startedAt, endedAt, running, entries }: Timeline,
  lanes: readonly Lane[],
): string {
  const counts = lanes.map((lane) =>
    `${LANES[lane]}: ${entries.filter((entry) => entry.lane === lane).length.toLocaleString()}`
  );
  const times = [
    `queued for ${durationText((startedAt - queuedAt) * 1000)}`,
    `${running ? "runs for" : "ran for"} ${durationText((endedAt - startedAt) * 1000)}`,
  ];
  return `Timeline: ${[...times, ...counts].join(", ")}. The list has each.`;
}
