/**
 * Numbers as the text format writes them, to the bits that they stand for. Floats are rounded from their exact
 * value: going through a JavaScript number would round an f32 twice.
 */

/** A binary floating-point format of IEEE 754. */
interface FloatFormat {
  /** Bits of the significand that are stored. */
  readonly fraction: bigint;
  readonly exponent: bigint;
}

const FORMATS = {
  f32: { fraction: 23n, exponent: 8n },
  f64: { fraction: 52n, exponent: 11n },
} as const satisfies Record<string, FloatFormat>;

export type FloatKind = keyof typeof FORMATS;

/** The bits of the positive canonical NaN. */
export function canonicalNaN(kind: FloatKind): bigint {
  const { fraction, exponent } = FORMATS[kind];
  return ((1n << exponent) - 1n) << fraction | 1n << (fraction - 1n);
}

/** Sign and quiet NaN payload: `canonical` has either sign, `arithmetic` also any payload whose first bit is set. */
export function isNaNOf(kind: FloatKind, form: "canonical" | "arithmetic", bits: bigint): boolean {
  const { fraction, exponent } = FORMATS[kind];
  const magnitude = BigInt.asUintN(Number(fraction + exponent), bits), canonical = canonicalNaN(kind);
  return form === "canonical" ? magnitude === canonical : (magnitude & canonical) === canonical;
}

/** The bits of an integer literal of 8 to 64 bits, which may be written signed or unsigned. */
export function integerBits(text: string, width: number): bigint {
  const match = /^([+-]?)(0[xX][0-9a-fA-F_]+|[0-9_]+)$/.exec(text);
  if (match === null) throw new SyntaxError(`"${text}" is no integer`);
  const magnitude = BigInt((match[2] ?? "").replaceAll("_", ""));
  return BigInt.asUintN(width, match[1] === "-" ? -magnitude : magnitude);
}

/** The bits of a float literal: decimal, hexadecimal, `inf`, `nan`, `nan:0x…`. */
export function floatBits(text: string, kind: FloatKind): bigint {
  const { fraction, exponent } = FORMATS[kind];
  const negative = text.startsWith("-"), body = text.replace(/^[+-]/, "").replaceAll("_", "");
  return (negative ? 1n << (fraction + exponent) : 0n) | magnitudeBits(body, kind);
}

function magnitudeBits(body: string, kind: FloatKind): bigint {
  const { fraction, exponent } = FORMATS[kind], infinity = ((1n << exponent) - 1n) << fraction;
  if (body === "inf") return infinity;
  if (body === "nan") return canonicalNaN(kind);
  if (body.startsWith("nan:0x")) return infinity | BigInt(body.slice(4));
  const [numerator, denominator] = exactValue(body);
  return roundedBits(numerator, denominator, FORMATS[kind]);
}

function exactValue(body: string): [numerator: bigint, denominator: bigint] {
  const hex = /^0[xX]([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/.exec(body);
  const [, whole, part = "", power = "0"] = hex ??
    /^(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(body) ?? [];
  if (whole === undefined) throw new SyntaxError(`"${body}" is no float`);
  const digits = BigInt((hex === null ? "" : "0x") + whole + part);
  const shift = hex === null ? Number(power) - part.length : Number(power) - 4 * part.length;
  const scale = (hex === null ? 10n : 2n) ** BigInt(Math.abs(shift));
  return shift < 0 ? [digits, scale] : [digits * scale, 1n];
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/** Rounds to the nearest, ties to even. A carry out of the significand runs into the exponent, up to infinity. */
function roundedBits(numerator: bigint, denominator: bigint, { fraction, exponent }: FloatFormat): bigint {
  if (numerator === 0n) return 0n;
  const bias = (1 << (Number(exponent) - 1)) - 1, leastUnit = 1 - bias - Number(fraction);
  // The unit of the last place: such that the quotient has one bit more than the fraction, or that of subnormals.
  let unit = bitLength(numerator) - bitLength(denominator) - Number(fraction);
  if (quotient(numerator, denominator, unit).whole >> fraction === 0n) unit--;
  if (unit < leastUnit) unit = leastUnit;
  const { whole, twiceRest, divisor } = quotient(numerator, denominator, unit);
  const up = twiceRest > divisor || (twiceRest === divisor && (whole & 1n) === 1n);
  const significand = up ? whole + 1n : whole;
  const infinity = ((1n << exponent) - 1n) << fraction;
  // A normal significand brings the hidden bit, which is one in the exponent's field.
  const bits = (BigInt(unit - leastUnit) << fraction) + significand;
  return bits > infinity ? infinity : bits;
}

function quotient(
  numerator: bigint,
  denominator: bigint,
  unit: number,
): { whole: bigint; twiceRest: bigint; divisor: bigint } {
  const dividend = unit < 0 ? numerator << BigInt(-unit) : numerator;
  const divisor = unit < 0 ? denominator : denominator << BigInt(unit);
  return { whole: dividend / divisor, twiceRest: 2n * (dividend % divisor), divisor };
}
