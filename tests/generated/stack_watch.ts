/**
 * Looks at the stack counter wherever a frame is counted. What it must be follows from who is on the stack, and from the
 * bytes that the plan gives each function's frame.
 */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { PASS } from "../../src/analysis/passed_counters.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { planStack } from "../../src/analysis/stack_plan.ts";
import type { OriginMap } from "../../src/instrument/origin_map.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { namesOfFrames, withAllFrames } from "./frames.ts";

/** Traces are slow: so many are looked at one by one, and then one of a few, up to a total. */
const FIRST = 100, ONE_OF = 8, MOST = 250;

export class StackWatch {
  /** Bytes that a frame adds, by its name. */
  readonly #bytes: ReadonlyMap<string, number>;
  /** What was wrong when it first was. */
  fault: string | undefined;
  /** Entries that were compared. */
  compared = 0;
  #seen = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, readonly origin: OriginMap) {
    this.#bytes = frameBytes(bytes);
  }

  /** A function has counted its frame. */
  entered(used: number): void {
    const number = this.#seen++;
    if (this.fault !== undefined || this.compared >= MOST || number > FIRST && number % ONE_OF > 0) return;
    this.compared++;
    const stack = withAllFrames(() => new Error().stack), names = namesOfFrames(stack, this.origin);
    const sum = names.reduce((sum, name) => sum + (this.#bytes.get(name) ?? NaN), 0);
    if (used !== sum) this.fault = `${used} bytes in use instead of ${sum}, on the stack: ${names}`;
  }
}

function frameBytes(bytes: Uint8Array<ArrayBuffer>): Map<string, number> {
  const module = readModule(bytes), plan = planModule(module, DEFAULT_COSTS);
  const { frame, counted, entry } = planStack(module, { ...validateModule(module), plan });
  const all = new Map<string, number>();
  let entries = 0;
  for (const index of module.bodies.keys()) {
    all.set(`function ${module.imported.function + index}`, counted[index] === 1 ? frame[index] ?? 0 : 0);
    if (((plan.passed[index] ?? 0) & PASS.entry) !== 0) all.set(`entry ${entries++}`, entry[index] ?? 0);
  }
  return all;
}
