/** Floating-point constants in the text format, from their bits, so that the payload of a NaN is not lost. */

/** The shortest decimal number that rounds to the f32 with these bits; `inf`, `nan`, `nan:0x…`. */
export function formatF32(bits: number): string {
  const sign = bits >>> 31 === 1 ? "-" : "";
  const magnitude = bits & 0x7fffffff;
  if (magnitude === 0x7f800000) return `${sign}inf`;
  if (magnitude === 0x7fc00000) return `${sign}nan`;
  if (magnitude > 0x7f800000) return `${sign}nan:0x${(magnitude & 0x7fffff).toString(16)}`;
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, magnitude);
  const value = view.getFloat32(0);
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return sign + rounded;
  }
  return sign + Number(value.toPrecision(9));
}

/** The same for an f64, given as its low and high word. */
export function formatF64(low: number, high: number): string {
  const sign = high >>> 31 === 1 ? "-" : "";
  const magnitude = high & 0x7fffffff;
  if (magnitude >= 0x7ff00000) {
    const payload = BigInt(magnitude & 0xfffff) << 32n | BigInt(low >>> 0);
    if (payload === 0n) return `${sign}inf`;
    return payload === 1n << 51n ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`;
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, magnitude);
  view.setUint32(4, low);
  return sign + view.getFloat64(0);
}
