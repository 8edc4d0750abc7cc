import { DEFAULT_SLICE } from "../../src/core/limits.ts";
import type { RunOptions } from "./guest/program.ts";
import type { NaNRule } from "./pattern.ts";

/** A way in which every script of the suite runs. */
export interface Mode extends RunOptions, NaNRule {
  readonly name: string;
  /** Whether the modules of a script must be refused, because this mode does not run what they use. */
  readonly refuses: (script: string) => boolean;
}

const PLAIN = { budget: "unlimited", prepare: {}, canonicalNaN: false, refuses: () => false } as const;

const IN_V8: readonly Mode[] = [
  { ...PLAIN, name: "default slices", slice: DEFAULT_SLICE },
  { ...PLAIN, name: "slices of 1,000", slice: 1000n },
  // Every place where code can refuel does.
  { ...PLAIN, name: "slices of 1", slice: 1n },
  // With what it consumed as its budget, an action ends as without one.
  { ...PLAIN, name: "exact budgets", slice: 1000n, budget: "exact" },
  // Where the specification leaves the bits of a NaN open, they are the canonical ones.
  {
    ...PLAIN,
    name: "deterministic",
    slice: DEFAULT_SLICE,
    prepare: { deterministic: true },
    canonicalNaN: true,
    refuses: usesRelaxedVectors,
  },
];

function inInterpreter(mode: Mode): Mode {
  return {
    ...mode,
    name: `interpreter, ${mode.name}`,
    prepare: { ...mode.prepare, engine: "interpreter" },
  };
}

/**
 * All modes. The first is what the others are compared with: outcomes and fuel have to be the same. What the
 * interpreter refuses since it lacks a proposal is excepted, see `engine_refusals.ts`.
 */
export const MODES: readonly Mode[] = [...IN_V8, ...IN_V8.map(inInterpreter)];

/** What the gate leaves to `deno task test:spec`: they take most of its time, and share their code with the others. */
const SLOW: ReadonlySet<string> = new Set([
  "interpreter, slices of 1,000",
  "interpreter, exact budgets",
  "interpreter, deterministic",
]);

/** The modes of the gate. */
export const GATE_MODES: readonly Mode[] = MODES.filter(({ name }) => !SLOW.has(name));

/** Whether a script is one of those of relaxed vector instructions, whose results depend on the machine. */
export function usesRelaxedVectors(script: string): boolean {
  return script.includes("relaxed");
}
