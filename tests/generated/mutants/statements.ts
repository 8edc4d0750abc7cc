/** Finds runs of code that leave the operand stack as they found it, by the heights that the validator sees. */
import type { Instruction, TreeFunction } from "../code_tree.ts";
import { AegisError } from "../../../src/core/errors.ts";
import type { Module } from "../../../src/wasm/module.ts";
import { validateModule } from "../../../src/wasm/validate_module.ts";

/** Operands before the instruction at an offset, where that is reachable. */
export type Heights = ReadonlyMap<number, number>;

/** Undefined for what V8 takes for valid and we do not: the specification is stricter now and then. */
export function heightsOf(module: Module): Heights | undefined {
  const heights = new Map<number, number>();
  try {
    validateModule(module, {
      observe: {
        instruction: (reader, height, reachable) => {
          if (reachable) heights.set(reader.offset, height);
        },
      },
    });
    return heights;
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

/** A place in a function: a sequence and a way to write it anew. */
export interface Sequence {
  readonly code: readonly Instruction[];
  /** Blocks that it stands in. */
  readonly depth: number;
  readonly put: (code: readonly Instruction[]) => TreeFunction;
}

/** Every sequence of a function, its own first. */
export function sequences(item: TreeFunction): Sequence[] {
  const found: Sequence[] = [];
  const visit = (sequence: Sequence) => {
    found.push(sequence);
    for (const [at, instruction] of sequence.code.entries()) {
      for (const [number, part] of instruction.parts?.entries() ?? []) {
        visit({
          code: part.code,
          depth: sequence.depth + 1,
          put: (code) => {
            const parts = (instruction.parts ?? []).with(number, { ...part, code });
            return sequence.put(sequence.code.with(at, { ...instruction, parts }));
          },
        });
      }
    }
  };
  visit({ code: item.code, depth: 0, put: (code) => ({ ...item, code }) });
  return found;
}

/** A run of a sequence, its end not included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Longest run in instructions of its sequence. */
const LONGEST = 40;

/** Runs between two places of the same height, with nothing lower between them. */
export function neutralRuns(sequence: Sequence, heights: Heights): Run[] {
  const runs: Run[] = [];
  const height = (at: number) => heights.get(sequence.code[at]?.offset ?? -1);
  for (let from = 0; from < sequence.code.length; from++) {
    const level = height(from);
    if (level === undefined) continue;
    for (let to = from + 1; to < Math.min(sequence.code.length, from + LONGEST); to++) {
      const reached = height(to);
      if (reached === undefined || reached < level) break;
      if (reached === level) {
        runs.push({ from, to });
        break;
      }
    }
  }
  return runs;
}
