/** Units of the drawing, as the page's HTML has it. */
const WIDTH = 72, HEIGHT = 18;

/** Values that are shown: a minute of them, where one comes each second. */
export const MOST_POINTS = 60;

/** Corners of the line, from the left edge to the right where there are as many values as are shown. */
export function sparkPoints(values: readonly number[]): string {
  const most = Math.max(...values, 0),
    step = WIDTH / (MOST_POINTS - 1),
    first = WIDTH - step * (values.length - 1);
  return values.map((value, at) => {
    const y = most === 0 ? HEIGHT - 1 : HEIGHT - 1 - value / most * (HEIGHT - 2);
    return `${(first + at * step).toFixed(1)},${y.toFixed(1)}`;
  }).join(" ");
}
