/** Looks for all signs at once. Hot: every byte of data passes through here, so one table says whether to look closer. */
import { byteAt } from "../wasm/cursor.ts";
import { type SignName, signRow, SIGNS } from "./data_signs.ts";

/** Something that was found in a text. */
export interface SignMatch {
  readonly sign: SignName;
  readonly at: number;
  readonly found: string;
}

/** A sign that the bytes at a place may begin. */
interface Candidate {
  readonly sign: SignName;
  readonly expression: RegExp;
  /** How often it was tried in vain. */
  misses: number;
}

/** Tries after which a sign is not looked for any more: data that is made to look like one may be megabytes long. */
const ENOUGH_MISSES = 100_000;

const NAMES = Object.keys(SIGNS) as SignName[]; // a literal's keys are those of its type

/** Bytes that are made text of at a time: what an expression looks at is shorter, and so is what it looks back at. */
const PART = 4096, LONGEST = 1024, BEHIND = 128;

/** Spreads three bytes over 2^16 places. */
function hash(bytes: number): number {
  return Math.imul(bytes, 0x9e3779b1) >>> 16;
}

/** A search that is made in one text after the other, and that can be told to look for less. */
export class SignSearch {
  /** Signs that were begun in vain so often that they are looked for no more. */
  readonly givenUp: Set<SignName> = new Set();
  readonly #byStart = new Map<number, Candidate[]>();
  /** By hash: whether three bytes with that hash begin anything. */
  readonly #marks = new Uint8Array(1 << 16);

  /** @param wide for text whose letters were of two bytes, in which only some signs can stand */
  constructor(wide: boolean) {
    for (const sign of NAMES) {
      const row = signRow(sign);
      if (wide && row.wide !== true) continue;
      const candidate = { sign, expression: new RegExp(row.pattern, "y"), misses: 0 };
      for (const [first, second, third] of row.begins) {
        for (const one of first) {
          for (const two of second) {
            for (const three of third) {
              const start = one.charCodeAt(0) << 16 | two.charCodeAt(0) << 8 | three.charCodeAt(0);
              const known = this.#byStart.get(start);
              if (known === undefined) this.#byStart.set(start, [candidate]);
              else known.push(candidate);
              this.#marks[hash(start)] = 1;
            }
          }
        }
      }
    }
  }

  /**
   * Looks through bytes.
   *
   * @param settled where what begins is not looked at any more
   * @param take is told of what reads as a sign, and says whether it is one
   */
  search(bytes: Uint8Array, settled: number, take: (match: SignMatch) => boolean): void {
    const marks = this.#marks, end = Math.min(bytes.length, settled + 2);
    let start = 0, text = "", from = 0, to = 0;
    for (let at = 0; at < end; at++) {
      start = (start << 8 | byteAt(bytes, at)) & 0xffffff;
      if (marks[Math.imul(start, 0x9e3779b1) >>> 16] === 0 || at < 2) continue;
      const candidates = this.#byStart.get(start);
      if (candidates === undefined) continue;
      if (at + LONGEST > to && to < bytes.length) {
        from = Math.max(0, at - BEHIND);
        to = Math.min(bytes.length, from + PART);
        text = String.fromCharCode.apply(null, bytes.subarray(from, to) as unknown as number[]); // takes any list
      }
      for (const candidate of candidates) {
        const { expression, sign } = candidate;
        expression.lastIndex = at - 2 - from;
        const found = expression.exec(text)?.[0];
        if (found === undefined || !take({ sign, at: at - 2, found })) {
          if (++candidate.misses >= ENOUGH_MISSES) {
            this.givenUp.add(sign);
            this.drop(sign);
          }
          continue;
        }
        break; // what was found is looked through all the same: an address may have a key in it
      }
    }
  }

  /** Does not look for a sign any more. */
  drop(sign: SignName): void {
    this.#marks.fill(0);
    for (const [start, candidates] of this.#byStart) {
      const left = candidates.filter((candidate) => candidate.sign !== sign);
      if (left.length === 0) this.#byStart.delete(start);
      else {
        this.#byStart.set(start, left);
        this.#marks[hash(start)] = 1;
      }
    }
  }
}
