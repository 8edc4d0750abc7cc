import type { TrapCode } from "../../src/core/trap.ts";

/**
 * What the suite calls a trap, and the codes that we give it: those of V8's words. A message of the suite may go on
 * after these words.
 */
const MESSAGES: Readonly<Record<string, readonly TrapCode[]>> = {
  "cast failure": ["castFailure"],
  "indirect call type mismatch": ["indirectCall"],
  "integer divide by zero": ["divideByZero"],
  // V8 has one message for all floats that do not fit.
  "integer overflow": ["integerOverflow", "invalidConversion"],
  "invalid conversion to integer": ["invalidConversion"],
  "null array reference": ["nullReference"],
  "null function reference": ["nullReference"],
  "null i31 reference": ["nullReference"],
  "null reference": ["nullReference"],
  "null structure reference": ["nullReference"],
  // Where both ends of a copy are out of bounds, V8 names the segment.
  "out of bounds array access": ["arrayOutOfBounds", "elementOutOfBounds"],
  "out of bounds memory access": ["memoryOutOfBounds", "dataOutOfBounds"],
  "out of bounds table access": ["tableOutOfBounds", "elementOutOfBounds"],
  "undefined element": ["tableOutOfBounds"],
  "uninitialized element": ["indirectCall"],
  "unreachable": ["unreachable"],
};

/** Whether a trap is the one that the suite means; a message that is not in the table is met by none. */
export function isTrap(message: string, trap: TrapCode): boolean {
  return Object.entries(MESSAGES).some(([words, codes]) => message.startsWith(words) && codes.includes(trap));
}
