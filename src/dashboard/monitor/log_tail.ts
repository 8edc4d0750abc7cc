/**
 * The end of the logs of all tasks, as they are written. It is bounded, keeps to the end unless somebody has scrolled away
 * from it, and stands still while it is paused. Its texts are the guests'.
 */
import type { LogLine } from "../api_types.ts";
import { element, part } from "../dom.ts";
import { executionLink } from "../links.ts";
import { isShown, LOG_SOURCES, LOG_THRESHOLDS, type LogFilter } from "../log_filter.ts";
import { linesText, logLineElement } from "../log_line.ts";
import { soon } from "../soon.ts";
import type { EventData } from "../task_events.ts";
import type { TaskNames } from "../task_names.ts";
import { HeardLines } from "./heard_lines.ts";

/** Lines that are kept, those that wait included; then the oldest go. */
export const MOST_LINES = 1000;

/** Milliseconds between two times that lines are shown. */
const PAUSE = 150;

/** Pixels from the end that count as the end. */
const NEAR = 24;

/** A line, and where in which log it stands. */
export type LoggedLine = Pick<EventData["log"], "task" | "execution" | "index" | "line">;

/** A line that is shown. */
interface Shown {
  readonly line: LogLine;
  readonly name: string;
  readonly root: HTMLElement;
}

export class LogTail {
  readonly #names: TaskNames;
  readonly #list: HTMLElement = part("log", HTMLElement);
  readonly #notice: HTMLElement = part("log-notice", HTMLElement);
  readonly #pause: HTMLButtonElement = part("log-pause", HTMLButtonElement);
  readonly #end: HTMLButtonElement = part("log-end", HTMLButtonElement);
  readonly #source: HTMLSelectElement = part("log-source", HTMLSelectElement);
  readonly #level: HTMLSelectElement = part("log-level", HTMLSelectElement);
  readonly #text: HTMLInputElement = part("log-text", HTMLInputElement);
  readonly #heard: HeardLines = new HeardLines();
  readonly #drawSoon: () => void = soon(() => this.#draw(), PAUSE);
  #missed = 0;
  #shown: Shown[] = [];
  #waiting: LoggedLine[] = [];
  #paused = false;
  #follows = true;

  constructor(names: TaskNames) {
    this.#names = names;
    this.#source.append(...LOG_SOURCES.map((source) => element("option", { value: source }, source)));
    this.#level.append(
      ...LOG_THRESHOLDS.map((level) => element("option", { value: level }, `${level} and worse`)),
    );
    for (const field of [this.#source, this.#level, this.#text]) {
      field.addEventListener("input", () => this.#filter());
    }
    this.#pause.addEventListener("click", () => this.toggle());
    this.#end.addEventListener("click", () => this.#toEnd());
    part("log-clear", HTMLButtonElement).addEventListener("click", () => this.#clear());
    this.#list.addEventListener("scroll", () => {
      this.#follows = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < NEAR;
      this.#end.hidden = this.#follows;
    });
    this.#tell();
  }

  /** Adds a line, unless it is there. */
  add(event: LoggedLine): void {
    if (!this.#heard.isNew(event.execution, event.index)) return;
    this.#waiting.push(event);
    // Twice as many at most, so that not every line costs a cut.
    if (this.#waiting.length > 2 * MOST_LINES) this.#waiting = this.#waiting.slice(-MOST_LINES);
    this.#drawSoon();
  }

  /** Events came faster than the page could take them, lines of logs among them. */
  addMissed(count: number): void {
    this.#missed += count;
    this.#drawSoon();
  }

  /** Stands still, or goes on. */
  toggle(): void {
    this.#paused = !this.#paused;
    this.#pause.setAttribute("aria-pressed", String(this.#paused));
    this.#pause.textContent = this.#paused ? "Resume" : "Pause";
    this.#drawSoon();
  }

  async #draw(): Promise<void> {
    if (!this.#paused && this.#waiting.length > 0) {
      const waiting = this.#waiting.sort((a, b) => a.line.time - b.line.time).slice(-MOST_LINES);
      this.#waiting = [];
      await this.#names.load(waiting.map(({ task }) => task));
      this.#append(waiting);
    }
    this.#tell();
  }

  #append(events: readonly LoggedLine[]): void {
    const filter = this.#filterNow();
    const added = events.map((event): Shown => {
      const { line, task } = event, name = this.#names.of(task), root = lineElement(event, name);
      root.hidden = !isShown(line, filter, name);
      return { line, name, root };
    });
    this.#shown.push(...added);
    this.#list.append(...added.map(({ root }) => root));
    const tooMany = Math.max(0, this.#shown.length - MOST_LINES);
    for (const { root } of this.#shown.splice(0, tooMany)) root.remove();
    if (this.#follows) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #filterNow(): LogFilter {
    return { source: this.#source.value, level: this.#level.value, text: this.#text.value };
  }

  #filter(): void {
    const filter = this.#filterNow();
    for (const { line, name, root } of this.#shown) root.hidden = !isShown(line, filter, name);
    if (this.#follows) this.#list.scrollTop = this.#list.scrollHeight;
    this.#tell();
  }

  #toEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#list.focus();
  }

  #clear(): void {
    this.#shown = [];
    this.#waiting = [];
    this.#list.replaceChildren();
    this.#tell();
  }

  #tell(): void {
    const all = this.#shown.length, shown = this.#shown.filter(({ root }) => !root.hidden).length;
    const words = [
      all === 0
        ? "No line yet. Lines of guests that have ended stand on the pages of their tasks."
        : shown < all
        ? `${shown.toLocaleString()} of ${linesText(all)} fit the filter.`
        : `${linesText(all)}${all === MOST_LINES ? ", the latest" : ""}.`,
      ...(this.#missed > 0
        ? [`${this.#missed.toLocaleString()} events came too fast and were left out.`]
        : []),
      ...(this.#paused ? [`Paused: ${linesText(Math.min(this.#waiting.length, MOST_LINES))} wait.`] : []),
    ].join(" ");
    if (this.#notice.textContent !== words) this.#notice.textContent = words;
  }
}

/** A line, and whose it is. */
function lineElement({ line, execution }: LoggedLine, name: string): HTMLElement {
  const from = element("a", { href: executionLink(execution), class: "log-task", title: name }, name);
  return logLineElement(line, from);
}
