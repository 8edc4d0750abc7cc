import { CODE, indexed } from "./code.ts";
import type { CodeWriter } from "./code_writer.ts";
import { NAN_SHAPES } from "../analysis/nan_results.ts";
import { F32, F64, V128, type ValueType } from "../wasm/types.ts";

/** Bits of the canonical NaNs, positive and quiet, as they stand in a module. */
const NAN_32 = [0x00, 0x00, 0xc0, 0x7f], NAN_64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
const twice = (bytes: readonly number[]): number[] => [...bytes, ...bytes];

interface Canonical {
  readonly type: ValueType;
  /** Pushes the NaN. */
  readonly constant: readonly number[];
  /** Compares two values: not equal to itself is a NaN. */
  readonly equal: readonly number[];
  /** Chooses the first of two by the third. */
  readonly choose: readonly number[];
}

const BITSELECT = [0xfd, 0x52];

const BY_SHAPE: readonly Canonical[] = Object.entries(
  {
    f32: { type: F32, constant: [0x43, ...NAN_32], equal: [0x5b], choose: [CODE.select] },
    f64: { type: F64, constant: [0x44, ...NAN_64], equal: [0x61], choose: [CODE.select] },
    f32x4: {
      type: V128,
      constant: [0xfd, 0x0c, ...twice(twice(NAN_32))],
      equal: [0xfd, 0x41],
      choose: BITSELECT,
    },
    f64x2: { type: V128, constant: [0xfd, 0x0c, ...twice(NAN_64)], equal: [0xfd, 0x47], choose: BITSELECT },
  } satisfies Record<keyof typeof NAN_SHAPES, Canonical>,
)
  .sort(([a], [b]) => NAN_SHAPES[a as keyof typeof NAN_SHAPES] - NAN_SHAPES[b as keyof typeof NAN_SHAPES])
  .map(([, row]) => row);

/** Type of the local that a shape needs. */
export function canonicalType(shape: number): ValueType {
  return BY_SHAPE[shape]?.type ?? F32;
}

/** Puts the canonical NaN in the place of any other on top of the stack, in each lane of a vector. */
export function writeCanonicalNan(writer: CodeWriter, shape: number, local: number): void {
  const row = BY_SHAPE[shape];
  if (row === undefined) throw new RangeError(`The plan names shape ${shape} of a NaN, which does not exist`);
  indexed(writer, CODE.localTee, local);
  for (const byte of row.constant) writer.u8(byte);
  indexed(writer, CODE.localGet, local);
  indexed(writer, CODE.localGet, local);
  for (const byte of [...row.equal, ...row.choose]) writer.u8(byte);
}
