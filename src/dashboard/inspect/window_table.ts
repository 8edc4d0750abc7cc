/**
 * A table of any length of which only the rows exist that are seen. Rows keep their elements while they are seen, and with
 * them the focus. A table that is taller than browsers can scroll has a scroll bar that stands for more than its pixels.
 */
import { type Child, element, fill } from "../dom.ts";

/** A column. */
export interface Column {
  readonly title: string;
  /** Its width, as a track of a grid. */
  readonly track: string;
  readonly class?: string;
}

/** What stands in a row. */
export interface RowContent {
  readonly cells: readonly Child[];
  readonly class?: string | undefined;
}

export interface WindowTableOptions {
  readonly label: string;
  readonly columns: readonly Column[];
  /** Least width of the whole, as in CSS; in less it scrolls to the side. */
  readonly minWidth: string;
  /** Pixels. @default 30 */
  readonly rowHeight?: number;
  readonly class?: string;
  /** A row; undefined while it is not known. */
  readonly row: (index: number) => RowContent | undefined;
}

/** Pixels that every browser scrolls. */
const TALLEST = 8_000_000;

/** Rows that exist beyond each edge, so that keys reach what comes next. */
const BEYOND = 2;

export class WindowTable {
  readonly element: HTMLElement;
  readonly #options: Required<Pick<WindowTableOptions, "rowHeight" | "row" | "columns">>;
  readonly #head: HTMLElement;
  readonly #layer: HTMLElement;
  readonly #rows: HTMLElement = element("div", { role: "rowgroup", class: "window-rows" });
  readonly #sizer: HTMLElement;
  readonly #drawn = new Map<number, HTMLElement>();
  #count = 0;
  /** The row at the top, with the part of it that is above. */
  #top = 0;
  #scrolled = 0;
  #wanted: number | undefined;

  constructor({ label, columns, minWidth, rowHeight = 30, class: kind = "", row }: WindowTableOptions) {
    this.#options = { columns, rowHeight, row };
    this.#head = element(
      "div",
      { role: "rowgroup", class: "window-head" },
      element(
        "div",
        { role: "row", "aria-rowindex": 1, class: "window-row" },
        columns.map(({ title, class: of }) => element("span", { role: "columnheader", class: of }, title)),
      ),
    );
    this.#layer = element("div", { class: "window-layer" }, this.#head, this.#rows);
    this.#sizer = element("div", { class: "window-sizer" }, this.#layer);
    this.element = element("div", {
      role: "table",
      class: `window ${kind}`,
      "aria-label": label,
      tabindex: 0,
      onscroll: () => this.#onScroll(),
    }, this.#sizer);
    this.element.style.setProperty("--columns", columns.map(({ track }) => track).join(" "));
    this.element.style.setProperty("--row-height", `${rowHeight}px`);
    this.#sizer.style.minWidth = minWidth;
    new ResizeObserver(() => this.#onResize()).observe(this.element);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Draws all rows anew. */
  show(count: number): void {
    this.#count = count;
    this.element.setAttribute("aria-rowcount", String(count + 1));
    this.#sizer.style.height = `${Math.min(this.#whole, TALLEST)}px`;
    for (const row of this.#drawn.values()) row.remove();
    this.#drawn.clear();
    this.#draw();
  }

  /** Draws rows anew that have changed, such as those that have become known. */
  update(first: number, count: number): void {
    for (const [index, row] of this.#drawn) {
      if (index >= first && index < first + count) this.#fillRow(row, index);
    }
  }

  /** Adds rows to the end. */
  grow(count: number): void {
    this.#count = count;
    this.element.setAttribute("aria-rowcount", String(count + 1));
    this.#sizer.style.height = `${Math.min(this.#whole, TALLEST)}px`;
    this.#draw();
  }

  /** Brings a row into sight, a third down where that is possible. */
  scrollTo(row: number): void {
    if (this.element.clientHeight === 0) {
      this.#wanted = row; // when it is shown
      return;
    }
    const visible = this.#visible, last = Math.max(0, this.#count - visible);
    this.#top = Math.min(Math.max(0, row - Math.floor(visible / 3)), last);
    const range = this.element.scrollHeight - this.element.clientHeight;
    this.element.scrollTop = this.#isScaled
      ? last === 0 ? 0 : this.#top / last * range
      : this.#top * this.#options.rowHeight;
    this.#scrolled = this.element.scrollTop;
    this.#draw();
  }

  get #whole(): number {
    return this.#count * this.#options.rowHeight + this.#head.offsetHeight;
  }

  get #isScaled(): boolean {
    return this.#whole > TALLEST;
  }

  get #visible(): number {
    return Math.max(1, (this.element.clientHeight - this.#head.offsetHeight) / this.#options.rowHeight);
  }

  #onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element, moved = scrollTop - this.#scrolled;
    if (moved === 0) return;
    this.#scrolled = scrollTop;
    const last = Math.max(0, this.#count - this.#visible), range = scrollHeight - clientHeight;
    if (!this.#isScaled) this.#top = scrollTop / this.#options.rowHeight;
    // A wheel or a key moves by rows, the scroll bar by its share of the whole; the ends are the ends for both.
    else if (Math.abs(moved) < clientHeight && scrollTop > 0 && scrollTop < range) {
      this.#top += moved / this.#options.rowHeight;
    } else this.#top = range <= 0 ? 0 : scrollTop / range * last;
    this.#draw();
  }

  #onResize(): void {
    if (this.element.clientHeight === 0) return;
    this.#sizer.style.height = `${Math.min(this.#whole, TALLEST)}px`;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted === undefined) this.#draw();
    else this.scrollTo(wanted);
  }

  #draw(): void {
    const { clientHeight } = this.element, { rowHeight } = this.#options;
    if (clientHeight === 0) return;
    const last = Math.max(0, this.#count - this.#visible);
    this.#top = Math.min(Math.max(0, this.#top), last);
    const first = Math.max(0, Math.floor(this.#top) - BEYOND);
    const end = Math.min(this.#count, Math.ceil(this.#top + this.#visible) + BEYOND);
    for (const [index, row] of this.#drawn) {
      if (index >= first && index < end) continue;
      row.remove();
      this.#drawn.delete(index);
    }
    let before = this.#rows.firstElementChild;
    for (let index = first; index < end; index++) {
      const known = this.#drawn.get(index);
      if (known !== undefined) {
        before = known.nextElementSibling;
        continue;
      }
      const row = element("div", { role: "row", "aria-rowindex": index + 2 });
      this.#fillRow(row, index);
      this.#drawn.set(index, row);
      this.#rows.insertBefore(row, before);
    }
    this.#layer.style.height = `${Math.min(clientHeight, this.#whole)}px`;
    this.#rows.style.transform = `translateY(${(first - this.#top) * rowHeight}px)`;
  }

  #fillRow(row: HTMLElement, index: number): void {
    const { columns } = this.#options, { cells, class: kind } = this.#options.row(index) ?? UNKNOWN;
    row.className = `window-row ${kind ?? ""}`;
    fill(
      row,
      columns.map(({ class: of }, at) => element("span", { role: "cell", class: of }, cells[at])),
    );
  }
}

const UNKNOWN: RowContent = { cells: ["…"], class: "window-unknown" };
