/**
 * The blocks around the instruction that a pass over a function is at, and whether control can leave the loops among them.
 * It is told of every instruction that opens, closes or leaves a block; the code has to be valid.
 */
import { Column } from "../analysis/column.ts";

/** A loop that has been closed. */
export interface ClosedLoop {
  /** Of the loop instruction. */
  readonly offset: number;
  /** How many loops deep the loops inside of it are. */
  readonly height: number;
  /** Whether nothing in it leads out: no branch, return or throw, no end that is reached, no call that may not return. */
  readonly staysIn: boolean;
  /**
   * Whether one branch in it leads to its beginning, and none out of it, code that is not reached included: a loop of which
   * this is not true is none that counts, whatever else is in it.
   */
  readonly mayCount: boolean;
}

/** Bits of a block. */
const BIT = {
  loop: 1,
  /** Its end counts as reached although its last instruction is not: an if, which need not have an else; a handler. */
  skips: 2,
  /** A branch leads to its end. */
  targeted: 4,
  /** It could not be reached when it was opened. */
  dead: 8,
} as const;

/** Counts that are kept of each loop. */
const COUNTS = 4;

/** Past every block: the place that nothing inside leads to. */
const STAYS = 0x7fffffff;

export class BlockWalk {
  /** Most blocks that were open at a time since the function began. */
  deepest = 0;
  /** What had been counted when the loop was opened that was closed last. */
  readonly before: Int32Array = new Int32Array(COUNTS);
  readonly #bits = new Column();
  readonly #offsets = new Column();
  /** By block: the outermost block that something inside leads to, -1 for the caller; {@linkcode STAYS} for none. */
  readonly #least = new Column();
  readonly #heights = new Column();
  /** By block: the outermost block that a branch inside leads to, and how many lead to its label; reached or not. */
  readonly #exits = new Column();
  readonly #back = new Column();
  readonly #counts = new Column();
  #depth = 0;
  #dead = false;

  /** Begins a function, which is a block of its own. */
  begin(offset: number): void {
    this.#depth = this.deepest = 0;
    this.#counts.length = 0;
    this.#dead = false;
    this.open(offset);
  }

  /** @param loop what has been counted so far, for a loop @param skips whether the end is reached in any case */
  open(offset: number, loop?: ArrayLike<number>, skips = false): void {
    const bits = (loop === undefined ? 0 : BIT.loop) | (skips ? BIT.skips : 0) | (this.#dead ? BIT.dead : 0);
    for (let at = 0; loop !== undefined && at < COUNTS; at++) this.#counts.push(loop[at] ?? 0);
    put(this.#bits, this.#depth, bits);
    put(this.#offsets, this.#depth, offset);
    put(this.#least, this.#depth, STAYS);
    put(this.#heights, this.#depth, 0);
    put(this.#exits, this.#depth, STAYS);
    put(this.#back, this.#depth, 0);
    this.#depth++;
    if (this.#depth > this.deepest) this.deepest = this.#depth;
  }

  /** The other arm of an if, or a handler. */
  divide(): void {
    this.#dead = (this.#bits.at(this.#depth - 1) & BIT.dead) !== 0;
  }

  /** A branch over that many blocks. */
  branch(label: number): void {
    const target = this.#depth - 1 - label;
    lower(this.#exits, this.#depth - 1, target);
    if (target >= 0) put(this.#back, target, this.#back.at(target) + 1);
    if (this.#dead) return;
    if (target < 0) return this.mayLeave();
    this.#leadsTo(target);
    put(this.#bits, target, this.#bits.at(target) | BIT.targeted);
  }

  /** What follows is not reached. */
  die(): void {
    this.#dead = true;
  }

  /** The function may end here. */
  mayLeave(): void {
    if (!this.#dead) this.#leadsTo(-1);
  }

  /** The function ends here. */
  leaves(): void {
    this.mayLeave();
    this.die();
  }

  /** Closes the innermost block. */
  close(): ClosedLoop | undefined {
    const top = --this.#depth;
    if (top < 0) {
      this.#depth = 0;
      return undefined;
    }
    const bits = this.#bits.at(top), isLoop = (bits & BIT.loop) !== 0;
    if (!this.#dead && isLoop) lower(this.#least, top, top - 1);
    const least = this.#least.at(top), height = this.#heights.at(top);
    // The label of a loop is its beginning.
    const reached = !this.#dead || !isLoop && (bits & BIT.targeted) !== 0 || (bits & BIT.skips) !== 0;
    this.#dead = (bits & BIT.dead) !== 0 || !reached;
    if (top > 0) {
      lower(this.#least, top - 1, least);
      lower(this.#exits, top - 1, this.#exits.at(top));
      const above = height + (isLoop ? 1 : 0);
      if (above > this.#heights.at(top - 1)) put(this.#heights, top - 1, above);
    }
    if (!isLoop) return undefined;
    this.#counts.length -= COUNTS;
    for (let at = 0; at < COUNTS; at++) this.before[at] = this.#counts.at(this.#counts.length + at);
    return {
      offset: this.#offsets.at(top),
      height,
      staysIn: least >= top && (bits & BIT.dead) === 0,
      mayCount: this.#exits.at(top) >= top && this.#back.at(top) === 1,
    };
  }

  #leadsTo(target: number): void {
    lower(this.#least, this.#depth - 1, target);
  }
}

function lower(column: Column, place: number, target: number): void {
  if (target < column.at(place)) put(column, place, target);
}

function put(column: Column, place: number, value: number): void {
  if (place < column.length) column.values[place] = value;
  else column.push(value);
}
