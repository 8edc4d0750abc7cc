/** Whole numbers of 32 bits with a sign, as a guest has them. */
export const SMALLEST_I32 = -(2 ** 31), LARGEST_I32: number = 2 ** 31 - 1;

/** Whether a value is one. */
export function isI32(value: unknown): value is number {
  return Number.isInteger(value) && value === (Number(value) | 0);
}
