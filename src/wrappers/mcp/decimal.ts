/** Numbers as JSON writes them, in decimal: 0.3 is a multiple of 0.1 there, though not as a double. */

/** A number as a whole one, times a power of ten. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

function decimalOf(value: number): Decimal {
  const [, whole = "0", fraction = "", exponent = "0"] = DECIMAL.exec(String(value)) ?? [];
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Whether a number is a multiple of another. @param value finite @param step above 0 */
export function isMultiple(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  const a = decimalOf(value), b = decimalOf(step), exponent = Math.min(a.exponent, b.exponent);
  const whole = (one: Decimal) => one.digits * 10n ** BigInt(one.exponent - exponent);
  return whole(a) % whole(b) === 0n;
}
