import type { InstructionReader } from "../instructions.ts";
import type { FunctionBody } from "../module.ts";
import type { ValueType } from "../types.ts";

/** The operand stack as it is before an instruction; its object is the same for all calls. */
export interface OperandView {
  /** The type of an operand, 0 being the top; BOTTOM past the innermost block's own operands in dead code. */
  typeAt(depth: number): ValueType;
}

/** Sees what the validator knows while it goes through the bodies, so that nobody has to work it out again. */
export interface FunctionObserver {
  /** Before a body; the index counts imported functions. */
  begin?(functionIndex: number, body: FunctionBody): void;
  /**
   * Before an instruction is checked: it is decoded, but may prove invalid. `height` counts all operands of the
   * function. In code that is not `reachable` heights mean nothing beyond the innermost block.
   */
  instruction(reader: InstructionReader, height: number, reachable: boolean, operands: OperandView): void;
  /** After a body that is valid. */
  end?(functionIndex: number): void;
}
