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
 *
 * Its optimising compiler works in the background, where it cannot be stopped either. There
 *
 *     C catch clauses in a function               6 bytes × C²    20,000: 2.3 GB; 60,000: V8 ends the process
 *     E edges into one label or handler           3.4 ns × E²     30,000: 3.1 s; from 65,536 on V8 ends the process
 *     E of them out of br_tables                  0.2 to 0.4 ns × E²   24,000: 0.2 s
 *     a branch that leaves L loops                27 ns × L       40,000 nested loops: 21.8 s
 *     a byte of a function, beyond 64 KiB         0.5 to 1.5 µs   60 functions of 500 KB: 32 s
 *
 * The sum, in units of 11 ns, is bounded for a function (0.11 s) and for a module (1.1 s). Large programs are far below:
 * SQLite has 4·10^5 in its worst function and 3·10^6 in sum, at 0.77 MB.
 */
export const COMPILE_COST_LIMITS = { function: 1e7, module: 1e8 } as const;

/** Units a local or operand. */
const UNITS = {
  branchPoint: 1,
  byte: 1 / 24,
  callResult: 0.3,
  clauseSquare: 0.5,
  mergeSquare: 0.3,
  loopExit: 2.5,
  largeByte: 20,
} as const;

/** Bytes of code up to which a function is not large. */
const LARGE = 64 * 1024;

/** Locals that instrumentation adds to a function at most. */
const ADDED_LOCALS = 2;

/** Least bytes of an operand: the bytes of the highest operand stack, divided by this, bound its count. */
const LEAST_OPERAND_BYTES = 8;

/**
 * Refuses a module that would keep V8's compiler busy for too long.
 *
 * @throws {ModuleRefusedError} with the function that is too expensive
 */
export function checkCompileCost(
  module: Module,
  facts: { plan: ModulePlan; maxOperandBytes: ArrayLike<number> },
): void {
  const { plan, maxOperandBytes } = facts;
  let sum = 0;
  for (const [index, body] of module.bodies.entries()) {
    const functionIndex = module.imported.function + index;
    const type = module.types[module.functions[functionIndex] ?? 0]?.composite;
    const locals = (type?.kind === "func" ? type.params.length : 0) + body.localCount + ADDED_LOCALS;
    const operands = Math.ceil((maxOperandBytes[index] ?? 0) / LEAST_OPERAND_BYTES);
    const { branchPoints, callResults, callResultSquares } = plan.compile, state = locals + operands;
    const cost = Math.ceil(
      state * (UNITS.branchPoint * (branchPoints[index] ?? 0) + UNITS.byte * (body.end - body.code)) +
        UNITS.callResult * (state * (callResults[index] ?? 0) + (callResultSquares[index] ?? 0)) +
        UNITS.clauseSquare * (plan.compile.clauses[index] ?? 0) ** 2 +
        UNITS.mergeSquare * (plan.compile.mergeSquares[index] ?? 0) +
        UNITS.largeByte * Math.max(0, body.end - body.code - LARGE) +
        UNITS.loopExit * (plan.compile.loopExits[index] ?? 0),
    );
    if (cost > COMPILE_COST_LIMITS.function) {
      throw new ModuleRefusedError(
        `Cannot run function ${functionIndex}: compiling it costs ${cost} (locals and operands × branches and code), the limit is ${COMPILE_COST_LIMITS.function}`,
      );
    }
    sum += cost;
  }
  if (sum > COMPILE_COST_LIMITS.module) {
    throw new ModuleRefusedError(
      `Cannot run the module: compiling it costs ${sum} (locals and operands × branches and code), the limit is ${COMPILE_COST_LIMITS.module}`,
    );
  }
}
