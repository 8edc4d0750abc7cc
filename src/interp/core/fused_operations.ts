/** Operations that do what two instructions do of which the second takes what the first gives. */
import { COMPARISON, typeOf } from "./instruction_facts.ts";
import type { Operation } from "./operation.ts";
import { OPCODES } from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64 } from "../../wasm/types.ts";

const FLOAT_TYPES = [["f32", F32], ["f64", F64]] as const;
const INTEGER_TYPES = [["i32", I32], ["i64", I64]] as const;

/** Products that are added or subtracted: which of the two operands the product is matters for the bits of a NaN. */
const PRODUCTS: readonly Operation[] = FLOAT_TYPES.flatMap(([name, type]) =>
  ["add", "sub"].flatMap((sum): Operation[] => [
    // dst, a, b, c: a × b and c
    {
      name: `${name}.mul ${sum}`,
      words: 5,
      write: (core) =>
        core.into(1).operand(type, 2).operand(type, 3).plain(`${name}.mul`).operand(type, 4).plain(
          `${name}.${sum}`,
        )
          .result(type).next(5),
    },
    // dst, a, b, c: c and a × b
    {
      name: `${name}.${sum} mul`,
      words: 5,
      write: (core) =>
        core.into(1).operand(type, 4).operand(type, 2).operand(type, 3).plain(
          `${name}.mul`,
          `${name}.${sum}`,
        )
          .result(type).next(5),
    },
  ])
);

/** dst, a, number of bits, b: a shifted, combined with b. */
const SHIFTED: readonly Operation[] = INTEGER_TYPES.flatMap(([name, type]) =>
  ["shl", "shr_u"].flatMap((shift) =>
    ["xor", "or"].map((combine): Operation => ({
      name: `${name}.${shift} # ${combine}`,
      words: 5,
      write: (core) =>
        core.into(1).operand(type, 2).immediate(type, 3).plain(`${name}.${shift}`).operand(type, 4)
          .plain(`${name}.${combine}`).result(type).next(5),
    }))
  )
);

/** Steps of a loop: distance, dst, a, number, b: dst is a plus the number, and is compared with b. */
const STEPS: readonly Operation[] = OPCODES.filter(({ mnemonic }) =>
  mnemonic.startsWith("i32.") && COMPARISON.test(mnemonic) && mnemonic !== "i32.eqz"
).flatMap(({ mnemonic }) =>
  ["", " #"].map((form): Operation => ({
    name: `add # if ${mnemonic}${form}`,
    words: 6,
    write: (core) => {
      core.register(2).operand(I32, 3).word(4).plain("i32.add").tee("a").store(I32).get("a");
      if (form === "") core.operand(I32, 5);
      else core.word(5);
      core.plain(mnemonic).jumpIf(1, 6);
    },
  }))
);

/** dst, x, y, a, b: x if a compares with b, else y. */
const CHOICES: readonly Operation[] = OPCODES.filter(({ mnemonic }) =>
  COMPARISON.test(mnemonic) && !mnemonic.endsWith(".eqz")
).flatMap(({ mnemonic }) => {
  const type = typeOf(mnemonic.slice(0, 3)), forms = type === I32 ? ["", " #"] : [""];
  return forms.map((form): Operation => ({
    name: `select ${mnemonic}${form}`,
    words: 6,
    write: (core) => {
      core.into(1).operand(I64, 2).operand(I64, 3).operand(type, 4);
      if (form === "") core.operand(type, 5);
      else core.word(5);
      core.plain(mnemonic, "select").result(I64).next(6);
    },
  }));
});

export const FUSED_OPERATIONS: readonly Operation[] = [
  ...CHOICES,
  ...PRODUCTS,
  ...SHIFTED,
  ...STEPS,
  // dst, a, index, factor: a + index × factor
  {
    name: "i32.add mul #",
    words: 5,
    write: (core) =>
      core.into(1).operand(I32, 2).operand(I32, 3).word(4).plain("i32.mul", "i32.add").result(I32).next(5),
  },
  // dst, a, b, number
  {
    name: "i32.add add #",
    words: 5,
    write: (core) =>
      core.into(1).operand(I32, 2).operand(I32, 3).plain("i32.add").word(4).plain("i32.add").result(I32)
        .next(5),
  },
  // dst, a, number of bits, mask
  {
    name: "i32.shr_u # and #",
    words: 5,
    write: (core) =>
      core.into(1).operand(I32, 2).word(3).plain("i32.shr_u").word(4).plain("i32.and").result(I32).next(5),
  },
  // dst, place, number
  {
    name: "owned.get add #",
    words: 4,
    write: (core) => core.into(1).owned(2).access("i32.load").word(3).plain("i32.add").result(I32).next(4),
  },
  // dst, src, dst, src
  {
    name: "copy copy",
    words: 5,
    write: (core) =>
      core.register(1).operand(I64, 2).store(I64).register(3).operand(I64, 4).store(I64).next(5),
  },
];
