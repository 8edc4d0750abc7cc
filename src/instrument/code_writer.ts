import { Column } from "../analysis/column.ts";
import { ByteWriter } from "../wasm/encoder.ts";

/** Writes one function body, and remembers which of its branches are hardly ever taken. */
export class CodeWriter extends ByteWriter {
  /** Positions of `if` and `br_if` instructions. */
  readonly unlikely: Column = new Column();

  /** Writes the opcode of a branch that is hardly ever taken. */
  unlikelyBranch(opcode: number): void {
    this.unlikely.push(this.position);
    this.u8(opcode);
  }

  /** Forgets what was written. */
  clear(): void {
    this.position = 0;
    this.unlikely.length = 0;
  }
}
