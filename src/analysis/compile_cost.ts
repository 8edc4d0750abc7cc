import type { ModulePlan } from "./plan.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";

/**
 * V8 15 compiles a function at its first call, in one go that nothing can stop. Its baseline compiler carries the state
 * of every local and operand along. With H for their number, it takes (measured on shapes written for it)
 *
 *     a branch, block end or br_table target     11 ns × H    49,000 locals × 10,000 branches: 5.5 s
 *     a call, or an instruction that spills      0.4 ns × H a byte of code
 *     a call with R results                      3.3 ns × R × (H + R)
 *     a throw of W 64-bit words                  0.6 µs × W       50,000 throws of 64 numbers: 1.1 s
 *
 * Its optimising compiler works in the background, where it cannot be stopped either. There
 *
 *     C catch clauses in a function               6 bytes × C²    20,000: 2.3 GB; 60,000: V8 ends the process
 *     E edges into one label or handler           3.4 ns × E²     30,000: 3.1 s; from 65,536 on V8 ends the process
 *     E of them out of br_tables                  0.2 to 0.4 ns × E²   24,000: 0.2 s
 *     a branch that leaves L loops                27 ns × L       40,000 nested loops: 21.8 s
 *
 * The sum, in units of 11 ns, is bounded for a function (0.11 s) and for a module (2.2 s). Large programs are below:
 * SQLite has 4·10^5 in its worst function and 3·10^6 in sum, at 0.77 MB; Clang, at 31 MB, 1.3·10^8 in sum.
 */
export const COMPILE_COST_LIMITS = { function: 1e7, module: 2e8 } as const;

/** Units a local or operand. */
const UNITS = {
  branchPoint: 1,
  byte: 1 / 24,
  callResult: 0.3,
  payloadWord: 50,
  clauseSquare: 0.5,
  mergeSquare: 0.3,
  loopExit: 2.5,
} as const;

/**
 * What the optimising compiler takes over a function, in milliseconds, measured: 20,000 loops in a row 7.1 s, 80,000 calls
 * through a table 5.6 s, 250,000 direct calls 5.5 s, 500 KB of loads 0.5 s. It goes on after the guest was stopped, so
 * one function may take half a second; and functions of more than a tenth of a second 4 s together, since they queue.
 */
const OPTIMISER_LIMITS = { function: 500, large: 100, module: 4000 } as const;

/** Milliseconds an item. */
const OPTIMISER_COSTS = { loop: 0.4, unknownCall: 0.07, call: 0.022, byte: 0.001 } as const;

/** Locals that instrumentation adds to a function at most. */
const ADDED_LOCALS = 11;

/** Least bytes of an operand: the bytes of the highest operand stack, divided by this, bound its count. */
const LEAST_OPERAND_BYTES = 8;

/** What is known of a module, and of where it is compiled. */
export interface CompileFacts {
  /** Of a plan, all that is looked at; or what is never below it. */
  readonly plan: Pick<ModulePlan, "compile">;
  readonly maxOperandBytes: ArrayLike<number>;
  /** Whether it is compiled in a process that can be killed: then time is no matter, memory still is. @default false */
  readonly killable?: boolean;
}

/**
 * Refuses a module that would keep V8's compiler busy for too long.
 *
 * @throws {ModuleRefusedError} with the function that is too expensive
 */
export function checkCompileCost(module: Module, facts: CompileFacts): void {
  const { plan, maxOperandBytes, killable = false } = facts;
  if (killable) return checkCompileMemory(module, facts);
  let sum = 0, optimiser = 0;
  for (const [index, body] of module.bodies.entries()) {
    const functionIndex = module.imported.function + index;
    const { branchPoints, callResults, callResultSquares } = plan.compile;
    const state = stateOf(module, index, { body, maxOperandBytes });
    const cost = Math.ceil(
      state * (UNITS.branchPoint * (branchPoints[index] ?? 0) + UNITS.byte * (body.end - body.code)) +
        UNITS.callResult * (state * (callResults[index] ?? 0) + (callResultSquares[index] ?? 0)) +
        UNITS.payloadWord * (plan.compile.payloadWords[index] ?? 0) +
        UNITS.clauseSquare * (plan.compile.clauses[index] ?? 0) ** 2 +
        UNITS.mergeSquare * (plan.compile.mergeSquares[index] ?? 0) +
        UNITS.loopExit * (plan.compile.loopExits[index] ?? 0),
    );
    if (cost > COMPILE_COST_LIMITS.function) {
      throw new ModuleRefusedError(
        `Cannot run function ${functionIndex}: compiling it costs ${cost} (locals and operands × branches and code), the limit is ${COMPILE_COST_LIMITS.function}`,
      );
    }
    sum += cost;
    const time = optimiserTime(plan, index, body.end - body.code);
    if (time > OPTIMISER_LIMITS.function) {
      throw new ModuleRefusedError(
        `Cannot run function ${functionIndex}: optimising it takes about ${
          Math.ceil(time)
        } ms, the limit is ${OPTIMISER_LIMITS.function}`,
      );
    }
    if (time > OPTIMISER_LIMITS.large) optimiser += time;
  }
  if (sum > COMPILE_COST_LIMITS.module) {
    throw new ModuleRefusedError(
      `Cannot run the module: compiling it costs ${sum} (locals and operands × branches and code), the limit is ${COMPILE_COST_LIMITS.module}`,
    );
  }
  if (optimiser > OPTIMISER_LIMITS.module) {
    throw new ModuleRefusedError(
      `Cannot run the module: optimising its large functions takes about ${
        Math.ceil(optimiser)
      } ms, the limit is ${OPTIMISER_LIMITS.module}`,
    );
  }
}

/**
 * What one function may cost in a process that can be killed: units of the compiler's memory, which lies outside of V8's
 * heap, so that nothing else bounds it. Measured: 8 bytes for each local and operand at each branch or block end (20,000
 * operands in 20,000 nested blocks: 3.2 GB within 1.2 s), 6 bytes for each pair of catch clauses.
 */
const COMPILE_MEMORY_LIMITS = { states: 5e7, clausePairs: 2e7 } as const;

function checkCompileMemory(module: Module, { plan, maxOperandBytes }: CompileFacts): void {
  const { branchPoints, clauses } = plan.compile;
  for (const [index, body] of module.bodies.entries()) {
    const costs = {
      states: stateOf(module, index, { body, maxOperandBytes }) * (branchPoints[index] ?? 0),
      clausePairs: (clauses[index] ?? 0) ** 2,
    };
    for (const [what, limit] of Object.entries(COMPILE_MEMORY_LIMITS)) {
      const cost = costs[what as keyof typeof costs]; // the tables have the same keys
      if (cost <= limit) continue;
      throw new ModuleRefusedError(
        `Cannot run function ${module.imported.function + index}: compiling it takes memory for ${cost} ${
          MEMORY_WORDS[what as keyof typeof costs]
        }, the limit is ${limit}`,
      );
    }
  }
}

const MEMORY_WORDS = {
  states: "locals and operands at branches",
  clausePairs: "pairs of catch clauses",
} as const;

/** Locals and operands that the compiler carries along in a function. */
function stateOf(
  module: Module,
  index: number,
  { body, maxOperandBytes }:
    & { readonly body: Module["bodies"][number] }
    & Pick<CompileFacts, "maxOperandBytes">,
): number {
  const type = module.types[module.functions[module.imported.function + index] ?? 0]?.composite;
  const locals = (type?.kind === "func" ? type.params.length : 0) + body.localCount + ADDED_LOCALS;
  return locals + Math.ceil((maxOperandBytes[index] ?? 0) / LEAST_OPERAND_BYTES);
}

function optimiserTime({ compile }: CompileFacts["plan"], body: number, bytes: number): number {
  return OPTIMISER_COSTS.loop * (compile.loops[body] ?? 0) +
    OPTIMISER_COSTS.unknownCall * (compile.unknownCalls[body] ?? 0) +
    OPTIMISER_COSTS.call * (compile.calls[body] ?? 0) +
    OPTIMISER_COSTS.byte * bytes;
}
