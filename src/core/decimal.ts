/**
 * Reads a decimal as the nearest single-precision number. `Math.fround(Number(text))` rounds twice, and is one unit
 * off where the double lands exactly between two singles while the decimal does not.
 *
 * @param text digits with optional sign, point and exponent; checked by the caller
 * @returns the nearest, ties to even; infinite past the range
 */
export function decimalToFloat32(text: string): number {
  const double = Number(text);
  const single = Math.fround(double);
  if (single === double || Number.isNaN(double) || !Number.isFinite(double)) return single;
  const other = neighbour(single, double > single);
  if (middle(single, other) !== double) return single;
  const side = compareDecimal(text, double);
  if (side === 0) return single;
  return side > 0 === other > single ? other : single;
}

/** Past the largest single-precision number stands 2^128: rounding treats it as one more, and it reads as infinite. */
const PAST_LARGEST = 2 ** 128;

function middle(a: number, b: number): number {
  const finite = (value: number) => Number.isFinite(value) ? value : Math.sign(value) * PAST_LARGEST;
  return finite(a) / 2 + finite(b) / 2;
}

/** The next single-precision number above or below. */
function neighbour(single: number, above: boolean): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, single);
  if (single === 0) {
    view.setUint32(0, above ? 1 : 0x8000_0001);
  } else {
    const away = above === single > 0;
    view.setUint32(0, view.getUint32(0) + (away ? 1 : -1));
  }
  return view.getFloat32(0);
}

/** The sign of `text - double`, both taken exactly. */
function compareDecimal(text: string, double: number): number {
  const match = /^([+-]?)([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?$/i.exec(text);
  const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
  let left = BigInt(sign + "0" + whole + fraction); // times ten to the power of `ten`
  const ten = Number(power) - fraction.length;
  // A double is a whole number times 2^-1074.
  let right = 0n;
  let rest = Math.abs(double), two = 0;
  while (!Number.isInteger(rest)) {
    rest *= 2;
    two++;
  }
  right = BigInt(rest) * (double < 0 ? -1n : 1n);
  if (ten >= 0) left *= 10n ** BigInt(ten);
  else right *= 10n ** BigInt(-ten);
  left *= 2n ** BigInt(two);
  return left < right ? -1 : left > right ? 1 : 0;
}
