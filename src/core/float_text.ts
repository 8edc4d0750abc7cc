/** The shortest decimal that reads back to the same single-precision number; a double's text would show its noise. */
function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** A number of type `f32` or `f64` as text that reads back to it: `0.1`, `-0`, `nan`, `-inf`. */
export function floatText(value: number, type: string): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0";
  return String(type === "f32" ? shortestFloat32(value) : value);
}
