/** Tries one input, and says what was wrong: what it threw, or that it took too long. */
import type { Attempts, Input, Patience } from "../target.ts";

/** One input is given so many chances to be quick: what else runs on the machine, and the collector, make it slow. */
const CHANCES = 4;

/** What came of an input. */
export interface Tried {
  readonly failure: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

export async function tryInput(attempts: Attempts, input: Input, patience: Patience): Promise<Tried> {
  const most = patience.base + patience.perKiB * input.length / 1024;
  let took = Infinity;
  for (let chance = 0; chance < CHANCES && took > most; chance++) {
    const started = performance.now();
    try {
      const answer = attempts.attempt(Uint8Array.from(input));
      if (answer !== undefined) await answer;
    } catch (error) {
      return { failure: failureText(error), took: performance.now() - started };
    }
    took = Math.min(took, performance.now() - started);
  }
  if (took <= most) return { failure: undefined, took };
  return {
    failure: `Slow: ${took.toFixed()} ms for ${input.length} bytes, allowed are ${most.toFixed()} ms`,
    took,
  };
}

/** Frames of a stack that are shown. */
const FRAMES = 8;

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).slice(0, FRAMES);
  return [
    `${error.name}: ${error.message}`,
    ...frames.map((frame) => frame.replace(/file:\/\/\S*?\/(?=src\/|tests\/)/, "")),
  ].join("\n");
}

/** What tells one crash from another: the kind of error and where it was thrown, without figures. */
export function crashKey(failure: string): string {
  const [first = "", frame = ""] = failure.split("\n");
  return `${first.slice(0, 80).replaceAll(/\d+/g, "N").replaceAll(/"[^"]*"/g, '""')} ${
    frame.replaceAll(/:\d+:\d+/g, "").trim()
  }`;
}
