/**
 * Instructions whose result may be a NaN of bits that the specification leaves open. All others give bits that follow
 * from their operands: `abs`, `neg`, `copysign`, `pmin`, `pmax`, loads and reinterpretations touch no payload.
 */
import { op } from "../wasm/opcodes.ts";

/** Shapes of such results; the numbers stand in plans. */
export const NAN_SHAPES = { f32: 0, f64: 1, f32x4: 2, f64x2: 3 } as const;

/** A key of {@linkcode NAN_SHAPES}. */
export type NanShape = keyof typeof NAN_SHAPES;

const ARITHMETIC = [
  "ceil",
  "floor",
  "trunc",
  "nearest",
  "sqrt",
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
] as const;

const CONVERSIONS: Readonly<Record<NanShape, string>> = {
  f32: "f32.demote_f64",
  f64: "f64.promote_f32",
  f32x4: "f32x4.demote_f64x2_zero",
  f64x2: "f64x2.promote_low_f32x4",
};

/** Shapes by the dense key of the instruction. */
export const NAN_RESULTS: ReadonlyMap<number, NanShape> = new Map(
  (Object.keys(NAN_SHAPES) as NanShape[]).flatMap((shape) =>
    [...ARITHMETIC.map((name) => `${shape}.${name}`), CONVERSIONS[shape]].map((mnemonic) =>
      [op(mnemonic), shape] as const
    )
  ),
);
