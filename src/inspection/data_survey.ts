/**
 * Looks through what a module carries beside its code: for what reads as something that somebody should know of, for
 * encoded text, and for bytes that are as good as random. Linear in the bytes, and in a bounded memory.
 */
import type { Module } from "../wasm/module.ts";
import { type SignName, signRow, SignSearch } from "./data_signs.ts";
import { type DataWindow, dataWindows } from "./data_windows.ts";

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
  /** Long runs of base64 or of hexadecimal digits. */
  readonly encoded: DataAmount;
  /** Blocks in which all bytes are about equally frequent. */
  readonly dense: DataAmount;
  /** Bytes that were looked through. */
  readonly size: number;
}

/** Hits of a sign that are kept. */
export const MOST_HITS = 5;

/** Hits of a sign after which it is not looked for any more, and the same for what turned out to be something else. */
const ENOUGH_HITS = 1000, ENOUGH_MISSES = 50_000;

/** UTF-16 units of a text that are kept. */
const LONGEST_TEXT = 80;

/** Shown of a secret: enough to find it. */
const SECRET_TEXT = 8;

/** Bytes of a block whose entropy is told, and the bits of a byte from which on it counts; 7.95 is random. */
const BLOCK = 4096, DENSE_BITS = 7.85;

/** Characters of a run that may be encoded data: shorter ones are alphabets and keys. */
const LEAST_RUN = 1024;

class Sign {
  readonly first: DataHit[] = [];
  count = 0;
  misses = 0;
}

/** Looks through the data of a module. */
export function surveyData(module: Module): DataSurvey {
  const survey = new Survey();
  for (const window of dataWindows(module)) survey.add(window);
  return {
    hits: new Map([...survey.signs].filter(([, { count }]) => count > 0)),
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
  readonly #decoder = new TextDecoder("latin1");
  readonly #histogram = new Int32Array(256);
  #counted = 0;
  readonly #narrow = new SignSearch(1);
  readonly #wide = new SignSearch(2);

  add(window: DataWindow): void {
    const { bytes, fresh } = window;
    this.size += bytes.length - fresh;
    this.#search(this.#narrow, this.#decoder.decode(bytes), window, (place) => place);
    this.#addBlocks(window);
    this.#addRuns(window);
    this.#addWide(window);
  }

  /** Runs the search over a text whose letters stand at places of the window. */
  #search(search: SignSearch, text: string, window: DataWindow, placeOf: (at: number) => number): void {
    search.restart();
    for (let match = search.next(text); match !== undefined; match = search.next(text)) {
      const { sign, at, found } = match, place = placeOf(at);
      if (place >= window.settled) return; // the next window has more of what is behind it
      const { holds, secret } = signRow(sign), known = this.signs.get(sign) ?? new Sign();
      this.signs.set(sign, known);
      if (holds?.(found, window.bytes.subarray(place)) === false) {
        search.goOnAt(at + 1);
        if (++known.misses >= ENOUGH_MISSES) search.drop(sign);
        continue;
      }
      if (++known.count >= ENOUGH_HITS) search.drop(sign);
      if (known.first.length >= MOST_HITS) continue;
      const shown = secret ? `${found.slice(0, SECRET_TEXT)}…` : found.slice(0, LONGEST_TEXT);
      known.first.push({ sign, offset: window.offsetOf(place), text: shown });
    }
  }

  /** Text of two bytes a letter, the second of them 0, as AssemblyScript and Windows have it. */
  #addWide(window: DataWindow): void {
    const { bytes } = window, end = bytes.length - 1;
    for (let at = 0; at < end;) {
      if (!isLetter(bytes, at)) {
        at++;
        continue;
      }
      const start = at;
      while (at < end && isLetter(bytes, at)) at += 2;
      if (at - start < 16) continue;
      const letters = new Uint8Array((at - start) / 2);
      for (let letter = 0; letter < letters.length; letter++) letters[letter] = bytes[start + 2 * letter] ?? 0;
      this.#search(this.#wide, this.#decoder.decode(letters), window, (place) => start + 2 * place);
    }
  }

  #addBlocks({ bytes, fresh, offsetOf }: DataWindow): void {
    const histogram = this.#histogram;
    let counted = this.#counted;
    for (let at = fresh; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      histogram[byte] = (histogram[byte] ?? 0) + 1;
      if (++counted < BLOCK) continue;
      if (entropy(histogram) >= DENSE_BITS) note(this.dense, BLOCK, offsetOf(Math.max(0, at - BLOCK + 1)));
      histogram.fill(0);
      counted = 0;
    }
    this.#counted = counted;
  }

  #addRuns({ bytes, fresh, offsetOf }: DataWindow): void {
    for (let at = fresh; at < bytes.length; at++) {
      if (IN_RUN[bytes[at] ?? 0] !== 1) continue;
      const start = at;
      while (at < bytes.length && IN_RUN[bytes[at] ?? 0] === 1) at++;
      if (at - start < LEAST_RUN) continue;
      if (isEncoded(bytes.subarray(start, at))) note(this.encoded, at - start, offsetOf(start));
    }
  }
}

function note(amount: DataAmount, bytes: number, offset: number): void {
  if (amount.bytes === 0) amount.offset = offset;
  amount.bytes += bytes;
}

function isLetter(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] ?? 0;
  return byte >= 0x20 && byte < 0x7f && bytes[at + 1] === 0;
}

/** `n log2 n` for the counts of a block. */
const LOGS: Float64Array = Float64Array.from({ length: BLOCK + 1 }, (_, count) =>
  count === 0 ? 0 : count * Math.log2(count));

function entropy(histogram: Int32Array): number {
  let sum = 0;
  for (const count of histogram) sum += LOGS[count] ?? 0;
  return Math.log2(BLOCK) - sum / BLOCK;
}

const DIGITS = "0123456789", LOWER = "abcdefghijklmnopqrstuvwxyz", UPPER = LOWER.toUpperCase();

/** By byte: whether it can stand in encoded text, broken into lines or not. */
const IN_RUN: Uint8Array = marked(`${DIGITS}${LOWER}${UPPER}+/=\r\n`);

const HEXADECIMAL = marked(`${DIGITS}abcdefABCDEF\r\n`), DIGIT = marked(DIGITS), SMALL = marked(LOWER), BIG = marked(UPPER);

function marked(letters: string): Uint8Array {
  const marks = new Uint8Array(256);
  for (const letter of letters) marks[letter.charCodeAt(0)] = 1;
  return marks;
}

/** Whether a run of letters is mixed as encoded data is: words have few capitals and digits, filling has few letters. */
function isEncoded(run: Uint8Array): boolean {
  const counts = new Int32Array(256);
  for (const byte of run) counts[byte] = (counts[byte] ?? 0) + 1;
  const share = (marks: Uint8Array) =>
    counts.reduce((sum, count, byte) => sum + (marks[byte] === 1 ? count : 0), 0) / run.length;
  const different = counts.filter((count) => count > 0).length, most = Math.max(...counts) / run.length;
  if (most > 0.2) return false;
  if (share(HEXADECIMAL) === 1) return different >= 14;
  return different >= 48 && share(BIG) > 0.15 && share(SMALL) > 0.15 && share(DIGIT) > 0.04;
}
