/**
 * Looks at the stack counter wherever a frame is counted. What it must be follows from who is on the stack: a constant
 * for each function, learnt when a stack has only one function that is not known yet.
 */
import { functionsOf, originalFrames, withAllFrames } from "./frames.ts";
import type { OriginMap } from "../../src/instrument/origin_map.ts";

/** Traces are slow: so many are looked at one by one, and then one of a few, up to a total. */
const FIRST = 100, ONE_OF = 8, MOST = 250;

export class StackWatch {
  readonly #frames = new Map<number, number>();
  /** What was wrong when it first was. */
  fault: string | undefined;
  /** Entries that were compared with what was known. */
  compared = 0;
  #seen = 0;
  #traces = 0;

  constructor(readonly origin: OriginMap) {}

  /** A function has counted its frame. */
  entered(used: number): void {
    const number = this.#seen++;
    if (this.fault !== undefined || this.#traces >= MOST || number > FIRST && number % ONE_OF > 0) return;
    this.#traces++;
    const stack = withAllFrames(() => new Error().stack);
    const functions = functionsOf(originalFrames(stack, this.origin), this.origin);
    const unknown = new Set(functions.filter((index) => !this.#frames.has(index)));
    if (unknown.size > 1) return;
    const known = functions.reduce((sum, index) => sum + (this.#frames.get(index) ?? 0), 0);
    const [only] = unknown;
    if (only === undefined) {
      this.compared++;
      if (used !== known) this.fault = `${used} bytes in use instead of ${known}, on the stack: ${functions}`;
    } else this.#learn(only, (used - known) / functions.filter((index) => index === only).length);
  }

  #learn(index: number, bytes: number): void {
    if (Number.isInteger(bytes) && bytes >= 0) this.#frames.set(index, bytes);
    else this.fault = `function ${index} would have a frame of ${bytes} bytes`;
  }
}
