/**
 * Looks through what a module carries beside its code: for what reads as something that somebody should know of, for
 * encoded text, and for bytes that are as good as random. Linear in the bytes, and in a bounded memory.
 */
import { byteAt } from "../wasm/cursor.ts";
import type { Module } from "../wasm/module.ts";
import { type SignName, signRow } from "./data_signs.ts";
import { type DataWindow, dataWindows, WINDOW } from "./data_windows.ts";
import { SignSearch } from "./sign_search.ts";

/** One place where something is. */
export interface DataHit {
  readonly sign: SignName;
  readonly offset: number;
  /** Cut where it is long; of what is secret only the beginning. */
  readonly text: string;
}

/** Bytes of one kind. */
export interface DataAmount {
  bytes: number;
  /** Of the first of them. */
  offset: number;
}

/** What was found. */
export interface DataSurvey {
  /** Of each sign the first {@linkcode MOST_HITS}. */
  readonly hits: ReadonlyMap<SignName, { readonly first: readonly DataHit[]; readonly count: number }>;
  /** Signs that were begun in vain so often that the rest of the data was not looked through for them. */
  readonly givenUp: ReadonlySet<SignName>;
  /** Long runs of base64 or of hexadecimal digits. */
  readonly encoded: DataAmount;
  /** Blocks in which all bytes are about equally frequent. */
  readonly dense: DataAmount;
  /** Bytes that were looked through. */
  readonly size: number;
}

/** Hits of a sign that are kept. */
const MOST_HITS = 5;

/** Hits of a sign after which it is not looked for any more. */
const ENOUGH_HITS = 1000;

/** UTF-16 units of a text that are kept. */
const LONGEST_TEXT = 80;

/** Shown of a secret: enough to find it. */
const SECRET_TEXT = 8;

/** Bytes of a block whose entropy is told, and the bits of a byte from which on it counts; 7.95 is random. */
const BLOCK = 4096, DENSE_BITS = 7.85;

/** Characters of a run that may be encoded data: shorter ones are alphabets and keys. */
const LEAST_RUN = 1024;

/** Bytes of a run of letters of two bytes. */
const LEAST_WIDE = 15;

class Sign {
  readonly first: DataHit[] = [];
  count = 0;
}

/** Looks through the data of a module. */
export function surveyData(module: Module): DataSurvey {
  const survey = new Survey();
  for (const window of dataWindows(module)) survey.add(window);
  return {
    hits: new Map([...survey.signs].filter(([, { count }]) => count > 0)),
    givenUp: survey.givenUp,
    encoded: survey.encoded,
    dense: survey.dense,
    size: survey.size,
  };
}

class Survey {
  readonly signs = new Map<SignName, Sign>();
  readonly encoded: DataAmount = { bytes: 0, offset: 0 };
  readonly dense: DataAmount = { bytes: 0, offset: 0 };
  size = 0;
  readonly #histogram = new Int32Array(256);
  #counted = 0;
  /** First and last byte of each run of letters of two bytes in the window. */
  readonly #wideRuns: number[] = [];
  readonly #letters = new Uint8Array(WINDOW);
  readonly #narrow = new SignSearch(false);
  readonly #wide = new SignSearch(true);

  get givenUp(): ReadonlySet<SignName> {
    return this.#narrow.givenUp.union(this.#wide.givenUp);
  }

  add(window: DataWindow): void {
    const { bytes, fresh } = window;
    this.size += bytes.length - fresh;
    const { settled } = window;
    this.#search(this.#narrow, bytes, { settled, window, placeOf: (place) => place });
    this.#countBlocks(window);
    this.#findEncoded(window);
    this.#findWide(window);
    if (this.#wideRuns.length > 0) this.#addWide(window);
  }

  /** Runs a search over letters that stand at places of the window. */
  #search(
    search: SignSearch,
    letters: Uint8Array,
    { settled, window, placeOf }: {
      readonly settled: number;
      readonly window: DataWindow;
      readonly placeOf: (at: number) => number;
    },
  ): void {
    search.search(letters, settled, ({ sign, at, found }) => {
      const place = placeOf(at), { holds, secret } = signRow(sign);
      if (holds?.(found, window.bytes.subarray(place)) === false) return false;
      const known = this.signs.get(sign) ?? new Sign();
      this.signs.set(sign, known);
      if (++known.count >= ENOUGH_HITS) search.drop(sign);
      if (known.first.length < MOST_HITS) {
        const shown = secret ? `${found.slice(0, SECRET_TEXT)}…` : found.slice(0, LONGEST_TEXT);
        known.first.push({ sign, offset: window.offsetOf(place), text: shown });
      }
      return true;
    });
  }

  /** Counts the new bytes into blocks. */
  #countBlocks({ bytes, fresh, offsetOf }: DataWindow): void {
    const histogram = this.#histogram;
    for (let at = fresh; at < bytes.length;) {
      const end = Math.min(bytes.length, at + BLOCK - this.#counted);
      this.#counted += end - at;
      for (; at < end; at++) {
        const byte = byteAt(bytes, at);
        histogram[byte] = (histogram[byte] as number) + 1; // there is one for each byte
      }
      if (this.#counted < BLOCK) return;
      if (entropy(histogram) >= DENSE_BITS) note(this.dense, BLOCK, offsetOf(Math.max(0, end - BLOCK)));
      histogram.fill(0);
      this.#counted = 0;
    }
  }

  /** Finds runs of letters of encoded text: from the far end of where one could be, so that few bytes are looked at. */
  #findEncoded(window: DataWindow): void {
    const { bytes, fresh } = window;
    for (let run = fresh; run + LEAST_RUN <= bytes.length;) {
      let at = run + LEAST_RUN - 1;
      while (at >= run && IN_RUN[byteAt(bytes, at)] === 1) at--;
      if (at >= run) {
        run = at + 1;
        continue;
      }
      let end = run + LEAST_RUN;
      while (end < bytes.length && IN_RUN[byteAt(bytes, end)] === 1) end++;
      this.#addRun(window, run, end);
      run = end + 1;
    }
  }

  /** Finds runs of text of two bytes a letter. */
  #findWide({ bytes }: DataWindow): void {
    const wide = this.#wideRuns;
    let end = -1, start = 0;
    wide.length = 0;
    for (let at = 1; at < bytes.length; at++) {
      if (byteAt(bytes, at) !== 0 || LETTER[byteAt(bytes, at - 1)] !== 1) continue;
      if (at !== end + 2) {
        if (end - start >= LEAST_WIDE) wide.push(start, end);
        start = at - 1;
      }
      end = at;
    }
    if (end - start >= LEAST_WIDE) wide.push(start, end);
  }

  #addRun({ bytes, offsetOf }: DataWindow, start: number, end: number): void {
    if (isEncoded(bytes.subarray(start, end))) note(this.encoded, end - start, offsetOf(start));
  }

  /** Text of two bytes a letter, the second of them 0, as AssemblyScript and Windows have it: all of a window as one. */
  #addWide(window: DataWindow): void {
    const { bytes, settled: settledBytes } = window, wide = this.#wideRuns, letters = this.#letters;
    const starts: number[] = []; // of runs among the letters
    let length = 0, settled = -1;
    for (let run = 0; run < wide.length; run += 2) {
      const end = wide[run + 1] ?? 0;
      letters[length++] = 0;
      starts.push(length);
      for (let at = wide[run] ?? 0; at < end; at += 2) {
        if (at >= settledBytes && settled < 0) settled = length;
        letters[length++] = bytes[at] ?? 0;
      }
    }
    const placeOf = (letter: number) => {
      let low = 0, high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= letter) low = middle;
        else high = middle - 1;
      }
      return (wide[2 * low] ?? 0) + 2 * (letter - (starts[low] ?? 0));
    };
    this.#search(this.#wide, letters.subarray(0, length), {
      settled: settled < 0 ? length : settled,
      window,
      placeOf,
    });
  }
}

function note(amount: DataAmount, bytes: number, offset: number): void {
  if (amount.bytes === 0) amount.offset = offset;
  amount.bytes += bytes;
}

/** `n log2 n` for the counts of a block. */
const LOGS: Float64Array = Float64Array.from(
  { length: BLOCK + 1 },
  (_, count) => count === 0 ? 0 : count * Math.log2(count),
);

function entropy(histogram: Int32Array): number {
  let sum = 0;
  for (const count of histogram) sum += LOGS[count] ?? 0;
  return Math.log2(BLOCK) - sum / BLOCK;
}

const DIGITS = "0123456789", LOWER = "abcdefghijklmnopqrstuvwxyz", UPPER = LOWER.toUpperCase();

/** By byte: whether it can stand in encoded text, broken into lines or not. */
const IN_RUN: Uint8Array = marked(`${DIGITS}${LOWER}${UPPER}+/=\r\n`);

/** By byte: whether it is a letter, a digit or a sign. */
const LETTER: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte >= 0x20 && byte < 0x7f ? 1 : 0);

const HEXADECIMAL = marked(`${DIGITS}abcdefABCDEF\r\n`),
  DIGIT = marked(DIGITS),
  SMALL = marked(LOWER),
  BIG = marked(UPPER);

function marked(letters: string): Uint8Array {
  const marks = new Uint8Array(256);
  for (const letter of letters) marks[letter.charCodeAt(0)] = 1;
  return marks;
}

/** Whether a run of letters is mixed as encoded data is: words have few capitals and digits, filling has few letters. */
function isEncoded(run: Uint8Array): boolean {
  const counts = new Int32Array(256);
  for (let at = 0; at < run.length; at++) { // some ten times as fast as of the list's own iterator
    const byte = run[at] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const share = (marks: Uint8Array) =>
    counts.reduce((sum, count, byte) => sum + (marks[byte] === 1 ? count : 0), 0) / run.length;
  const different = counts.filter((count) => count > 0).length, most = Math.max(...counts) / run.length;
  if (most > 0.2) return false;
  if (share(HEXADECIMAL) === 1) return different >= 14;
  return different >= 48 && share(BIG) > 0.15 && share(SMALL) > 0.15 && share(DIGIT) > 0.04;
}
