/** Operations on values alone, derived from the opcode table. */
import type { CoreWriter } from "./core_writer.ts";
import { COMPARISON, MAY_TRAP, signatureOf, typeOf } from "./instruction_facts.ts";
import type { Operation } from "./operation.ts";
import type { OpcodeRow } from "../../wasm/opcode.ts";
import { OPCODES } from "../../wasm/opcodes.ts";
import { F32, F64, I32, V128 } from "../../wasm/types.ts";

/** Instructions on values alone: their operands are registers, their result is one. */
function isPlain(row: OpcodeRow): boolean {
  const signature = signatureOf(row);
  return row.cost === "plain" && row.immediates.length === 0 && signature?.result !== undefined;
}

function plainOperations(row: OpcodeRow): Operation[] {
  const { operands, result = I32 } = signatureOf(row) ?? { operands: [] }, { mnemonic } = row;
  const types = operands.map(typeOf), made: Operation[] = [];
  const mark = (core: CoreWriter) => MAY_TRAP.test(mnemonic) ? core.mark() : core;
  made.push({
    name: mnemonic,
    words: 2 + types.length,
    write: (core) => {
      mark(core).into(1);
      types.forEach((type, place) => core.operand(type, 2 + place));
      core.plain(mnemonic).result(result).next(2 + types.length);
    },
  });
  const [first = I32, second] = types;
  const scalar = second !== undefined && types.length === 2 && first === second && first !== V128;
  const wide = second === F64, words = wide ? 5 : 4;
  if (scalar) {
    made.push({
      name: `${mnemonic} #`,
      words,
      write: (core) =>
        mark(core).into(1).operand(first, 2).immediate(second, 3).plain(mnemonic).result(result).next(
          words,
        ),
    });
  }
  if (!COMPARISON.test(mnemonic)) return made;
  const length = 2 + types.length;
  made.push({
    name: `if ${mnemonic}`,
    words: length,
    write: (core) => {
      types.forEach((type, place) => core.operand(type, 2 + place));
      core.plain(mnemonic).jumpIf(1, length);
    },
  });
  const isFloat = first === F32 || first === F64;
  if (isFloat) {
    made.push({
      name: `unless ${mnemonic}`,
      words: length,
      write: (core) => {
        types.forEach((type, place) => core.operand(type, 2 + place));
        core.plain(mnemonic, "i32.eqz").jumpIf(1, length);
      },
    });
  } else if (scalar) {
    made.push({
      name: `if ${mnemonic} #`,
      words: length,
      write: (core) => core.operand(first, 2).immediate(second, 3).plain(mnemonic).jumpIf(1, length),
    });
  }
  return made;
}

export const PLAIN_OPERATIONS: readonly Operation[] = OPCODES.filter(isPlain).flatMap(plainOperations);
