/** What one execution says: its log, its output, its alerts, what it was denied. Bounded, with a notice where it is cut. */

/** Where a line comes from: what the guest logs, prints or warns of, what it was denied, what was done to it. */
export const LOG_SOURCES = ["log", "stdout", "stderr", "alert", "denial", "system"] as const;

/** One of {@linkcode LOG_SOURCES}. */
export type LogSource = typeof LOG_SOURCES[number];

/** A line. Its text is the guest's: data, wherever it is shown. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Where it comes from. */
  readonly source: LogSource;
  /** How important the guest says that it is: of a log or an alert. */
  readonly level?: string;
  /** What it says. */
  readonly text: string;
  /** Whether the line is longer than is kept. */
  readonly cut?: true;
}

/** How much is kept of one execution. */
export interface LogBounds {
  readonly lines: number;
  /** UTF-16 code units of all texts together. */
  readonly size: number;
  /** The same of one line. */
  readonly lineSize: number;
}

/** Room for what is said about the guest, which what the guest itself says must not take. */
export const NOTICES = { lines: 50, lineSize: 1000 } as const;

/** The first lines, as far as they fit, and how many came after. */
export class CapturedLog {
  readonly #bounds: LogBounds;
  readonly #onLine: (line: LogLine, index: number) => void;
  readonly #lines: LogLine[] = [];
  readonly #partial: Map<LogSource, string> = new Map();
  /** Of what the guest says: lines, and their size. */
  #said = 0;
  #size = 0;
  #notices = 0;
  #cut = 0;

  /** @param onLine told of each line that is kept, and of its place among them */
  constructor(bounds: LogBounds, onLine: (line: LogLine, index: number) => void) {
    this.#bounds = bounds;
    this.#onLine = onLine;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Lines that were not kept. */
  get cut(): number {
    return this.#cut;
  }

  /** Adds what the guest says. */
  add(line: LogLine): void {
    const { lines, size, lineSize } = this.#bounds, room = Math.min(lineSize, size - this.#size);
    if (this.#said >= lines || room <= 0) {
      this.#cut++;
      return;
    }
    this.#said++;
    this.#size += this.#keep(line, room);
  }

  /** Adds what is said about the guest. */
  addNotice(line: LogLine): void {
    if (this.#notices >= NOTICES.lines) {
      this.#cut++;
      return;
    }
    this.#notices++;
    this.#keep(line, NOTICES.lineSize);
  }

  /** Adds output, which comes in pieces that end anywhere. */
  print(source: "stdout" | "stderr", text: string, time: number): void {
    let from = 0, line = this.#partial.get(source) ?? "";
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.add({ time, source, text: line + text.slice(from, end) });
      line = "";
      from = end + 1;
    }
    line += text.slice(from);
    if (line.length <= this.#bounds.lineSize) this.#partial.set(source, line);
    else {
      this.#partial.delete(source);
      this.add({ time, source, text: line });
    }
  }

  /** Output that no line break has followed is a line, too. */
  finish(time: number): void {
    for (const [source, text] of this.#partial) if (text !== "") this.add({ time, source, text });
    this.#partial.clear();
  }

  /** @returns UTF-16 code units that were kept */
  #keep(line: LogLine, room: number): number {
    const kept: LogLine = line.text.length <= room
      ? line
      : { ...line, text: shortened(line.text, room), cut: true };
    this.#onLine(kept, this.#lines.push(kept) - 1);
    return kept.text.length;
  }
}

/** The beginning of a text, which ends between two characters. */
function shortened(text: string, length: number): string {
  const last = text.charCodeAt(length - 1), isSplit = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, isSplit ? length - 1 : length);
}
