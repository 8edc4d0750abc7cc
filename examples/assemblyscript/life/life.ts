// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * Conway's Game of Life on a torus, written with classes, arrays and strings, so that the language's own allocator and
 * garbage collector run in the guest. Patterns are text: a row a line, "#" is alive.
 */

class Board {
  cells: Uint8Array;

  constructor(readonly width: i32, readonly height: i32) {
    this.cells = new Uint8Array(width * height);
  }

  at(x: i32, y: i32): i32 {
    const column = (x + this.width) % this.width;
    const row = (y + this.height) % this.height;
    return this.cells[row * this.width + column];
  }

  neighbours(x: i32, y: i32): i32 {
    return this.at(x - 1, y - 1) + this.at(x, y - 1) + this.at(x + 1, y - 1) +
      this.at(x - 1, y) + this.at(x + 1, y) +
      this.at(x - 1, y + 1) + this.at(x, y + 1) + this.at(x + 1, y + 1);
  }

  /** The next generation, as a new board: the old one is left to the collector. */
  next(): Board {
    const board = new Board(this.width, this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const count = this.neighbours(x, y);
        if (count == 3 || (count == 2 && this.at(x, y))) board.cells[y * this.width + x] = 1;
      }
    }
    return board;
  }

  put(pattern: string): void {
    const rows = pattern.split("\n");
    const top = (this.height - rows.length) / 2;
    for (let row = 0; row < rows.length; row++) {
      const left = (this.width - rows[row].length) / 2;
      for (let column = 0; column < rows[row].length; column++) {
        if (rows[row].charAt(column) == "#") this.cells[(top + row) * this.width + left + column] = 1;
      }
    }
  }

  population(): i32 {
    let alive = 0;
    for (let i = 0; i < this.cells.length; i++) alive += this.cells[i];
    return alive;
  }
}

const PATTERNS: string[] = [
  "###", // blinker: period 2
  ".#.\n..#\n###", // glider: moves one cell diagonally every 4 generations
  "......#.\n##......\n.#...###", // diehard: dies out in generation 130
];

/** The board of the last run, kept for `alive`. */
let board = new Board(1, 1);

/** Runs a pattern (0 blinker, 1 glider, 2 diehard) on a square torus; returns how many cells live at the end. */
export function population(pattern: i32, side: i32, generations: i32): i32 {
  board = new Board(side, side);
  board.put(PATTERNS[pattern % PATTERNS.length]);
  for (let i = 0; i < generations; i++) board = board.next();
  return board.population();
}

/** Whether a cell of the board that the last run left behind is alive: 1 or 0. */
export function alive(x: i32, y: i32): i32 {
  return board.at(x, y);
}
