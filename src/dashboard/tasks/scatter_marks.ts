/** The mark of each status in a scatter: its shape tells it apart where its colour does not. */

export const SCATTER_MARKS = {
  succeeded: { shape: "circle", sign: "○" },
  failed: { shape: "cross", sign: "✕" },
  stopped: { shape: "square", sign: "□" },
  interrupted: { shape: "triangle", sign: "△" },
} as const;

type Shape = typeof SCATTER_MARKS[keyof typeof SCATTER_MARKS]["shape"];

/** Where a mark is, and half of its width, in pixels of the canvas. */
interface Spot {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

const PATHS: Readonly<Record<Shape, (path: Path2D, spot: Spot) => void>> = {
  circle: (path, { x, y, size }) => path.arc(x, y, size, 0, 2 * Math.PI),
  cross: (path, { x, y, size }) => {
    path.moveTo(x - size, y - size);
    path.lineTo(x + size, y + size);
    path.moveTo(x + size, y - size);
    path.lineTo(x - size, y + size);
  },
  square: (path, { x, y, size }) => path.rect(x - size, y - size, 2 * size, 2 * size),
  triangle: (path, { x, y, size }) => {
    path.moveTo(x, y - size);
    path.lineTo(x + size, y + size);
    path.lineTo(x - size, y + size);
    path.closePath();
  },
};

export function markPath(shape: Shape, spot: Spot): Path2D {
  const path = new Path2D();
  PATHS[shape](path, spot);
  return path;
}
