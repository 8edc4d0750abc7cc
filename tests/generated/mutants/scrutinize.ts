/** Sends bytes through everything that stands before a guest, and watches over verdicts and time. */
import { AegisError } from "../../../src/core/errors.ts";
import { resolveLimits } from "../../../src/core/limits.ts";
import { instrument } from "../../../src/guest/prepare.ts";
import { WIDE_LIMITS } from "../../instrument/wide_limits.ts";
import { Comparison } from "../../wasm/verdict.ts";

/** Far above what any module takes on a slow machine that is busy, and far below what more than linear time would be. */
const MILLISECONDS = 1500, MILLISECONDS_A_BYTE = 0.02;

const LIMITS = resolveLimits(WIDE_LIMITS);

export class Scrutiny {
  readonly verdicts: Comparison = new Comparison();
  instrumented = 0;
  refused = 0;
  slowest = 0;

  /** @throws {Error} where something is wrong with how the bytes are taken */
  add(bytes: Uint8Array<ArrayBuffer>, source: string): void {
    const start = performance.now(), known = this.verdicts.differences.length;
    this.verdicts.add(bytes, source);
    const [difference] = this.verdicts.differences.slice(known);
    if (difference !== undefined) throw new Error(difference);
    const rewritten = this.#instrument(bytes);
    const took = performance.now() - start;
    this.slowest = Math.max(this.slowest, took);
    if (took > MILLISECONDS + MILLISECONDS_A_BYTE * bytes.length) {
      throw new Error(`${source}: took ${took} ms`);
    }
    if (rewritten === undefined) return;
    this.instrumented++;
    if (WebAssembly.validate(bytes) && !WebAssembly.validate(rewritten)) {
      throw new Error(`${source}: the instrumented module is invalid`);
    }
  }

  #instrument(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    try {
      return Uint8Array.from(instrument(bytes, { limits: LIMITS }).bytes);
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      this.refused++;
      return undefined;
    }
  }

  toString(): string {
    return `${this.verdicts}; ${this.instrumented} instrumented, slowest ${this.slowest.toFixed()} ms`;
  }
}
