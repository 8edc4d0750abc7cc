/**
 * What structured content of a guest's may take of its host. Bytes that nest, or that make very many small things, take up to
 * 140 times their size of the heap, and seconds of the thread that reads them: 16 MB of MessagePack, each byte a list in the
 * one before, took 2.4 GB and 13 s. So both forms are looked through before anything is made of them.
 */

/** Lists and objects in each other; what goes through a value by recursion goes through that, too. */
const MOST_LEVELS = 1000;

/** What is counted: a list, an object and a key as 8, an element as 1. The most take about 100 MB and half a second. */
const MOST_WORTH = 4_000_000, WORTH_OF_PART = 8;

/** Adds up what content holds, in the order in which it stands there. */
export class ContentTally {
  #worth = 0;
  #levels = 0;

  /** A list or an object begins. */
  open(): void {
    this.#levels++;
    this.#worth += WORTH_OF_PART;
  }

  close(): void {
    this.#levels--;
  }

  /** So many keys and elements. */
  add(keys: number, elements: number): void {
    this.#worth += keys * WORTH_OF_PART + elements;
  }

  /** What is too much so far, if anything is: "of lists and objects …". */
  get excess(): string | undefined {
    if (this.#levels > MOST_LEVELS) return `of lists and objects more than ${MOST_LEVELS} levels deep`;
    if (this.#worth > MOST_WORTH) {
      return `of more than ${MOST_WORTH / WORTH_OF_PART} lists, objects and keys, or ${MOST_WORTH} elements`;
    }
    return undefined;
  }
}

const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a;
const OPENING = new Set([0x5b, 0x7b]), CLOSING = new Set([0x5d, 0x7d]);

/** What is too much in text of JSON, if anything is. Takes time by the byte, and no memory; text that is none is not its business. */
export function jsonExcess(utf8: Uint8Array): string | undefined {
  const tally = new ContentTally();
  for (let at = 0; at < utf8.length; at++) {
    const byte = utf8[at] ?? 0;
    if (byte === QUOTE) {
      for (at++; at < utf8.length && utf8[at] !== QUOTE; at++) if (utf8[at] === BACKSLASH) at++;
      continue;
    }
    if (byte === COMMA) tally.add(0, 1);
    else if (byte === COLON) tally.add(1, 0);
    else if (OPENING.has(byte)) tally.open();
    else if (CLOSING.has(byte)) tally.close();
    else continue;
    const { excess } = tally;
    if (excess !== undefined) return excess;
  }
  return undefined;
}
