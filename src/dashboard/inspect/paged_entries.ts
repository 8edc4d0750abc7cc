/** The entries of a list that a Worker has, asked for in parts as they are looked at. */
import { type ListEntry, type ListPart, MOST } from "../inspector/inspector_protocol.ts";

/** Parts that are kept; the oldest goes first. */
const MOST_PARTS = 20;

export interface PagedEntriesOptions {
  readonly ask: (
    question: { readonly from: number; readonly count: number; readonly text: string },
  ) => Promise<
    ListPart<ListEntry>
  >;
  /** Told when the number of entries is known for another text. */
  readonly onTotal: (total: number) => void;
  /** Told of entries that have become known. */
  readonly onPart: (from: number, count: number) => void;
  readonly onError: (error: unknown) => void;
}

export class PagedEntries {
  readonly #options: PagedEntriesOptions;
  readonly #parts = new Map<number, readonly ListEntry[] | undefined>();
  #text = "";

  constructor(options: PagedEntriesOptions) {
    this.#options = options;
  }

  /** Asks for the beginning of what has a text. */
  search(text: string): void {
    this.#text = text;
    this.#parts.clear();
    this.#ask(0, true);
  }

  /** An entry; undefined while it is on its way. */
  at(index: number): ListEntry | undefined {
    const part = Math.floor(index / MOST.entries);
    if (!this.#parts.has(part)) this.#ask(part, false);
    return this.#parts.get(part)?.[index % MOST.entries];
  }

  #ask(part: number, isFirst: boolean): void {
    const text = this.#text, { ask, onTotal, onPart, onError } = this.#options;
    this.#parts.set(part, undefined);
    for (const old of this.#parts.keys()) {
      if (this.#parts.size <= MOST_PARTS) break;
      this.#parts.delete(old);
    }
    ask({ from: part * MOST.entries, count: MOST.entries, text }).then(({ total, from, entries }) => {
      if (text !== this.#text || !this.#parts.has(part)) return; // somebody has gone on
      this.#parts.set(part, entries);
      if (isFirst) onTotal(total);
      else onPart(from, entries.length);
    }, (error) => {
      if (text === this.#text) onError(error);
    });
  }
}
