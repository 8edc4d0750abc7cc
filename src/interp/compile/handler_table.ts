/** Which code an exception goes on in: for each protected range its clauses, and which handlers come after it. */
import { IntList } from "./code_buffer.ts";

/** What a clause catches and hands on: the values of `CATCH_KIND`. */
export interface Clause {
  readonly kind: number;
  /** Of the module; 0 where it names none. */
  readonly tag: number;
  /** Where it goes on. */
  readonly position: number;
  /** Where in the frame the payload goes. */
  readonly top: number;
  /** Where in the frame the exception itself is kept for `rethrow`; -1 for nowhere. */
  readonly slot: number;
}

/** Plain data, in words of code. Ranges lie within one another or apart, in the order of their starts. */
export interface HandlerData {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The range around it; -1 for none. */
  readonly outers: Int32Array;
  /** The range whose clauses are asked next; -1 for none. */
  readonly nexts: Int32Array;
  readonly clauses: readonly (readonly Clause[])[];
}

export class HandlerTable {
  readonly #starts = new IntList();
  readonly #ends = new IntList();
  readonly #outers = new IntList();
  readonly #nexts = new IntList();
  readonly #clauses: Clause[][] = [];

  open(start: number, outer: number): number {
    const node = this.#starts.push(start);
    this.#ends.push(start);
    this.#outers.push(outer);
    this.#nexts.push(outer);
    this.#clauses.push([]);
    return node;
  }

  close(node: number, end: number): void {
    this.#ends.values[node] = end;
  }

  /** Leaves exceptions to the handlers of another range. */
  delegate(node: number, to: number): void {
    this.#nexts.values[node] = to;
  }

  add(node: number, clause: Clause): void {
    this.#clauses[node]?.push(clause);
  }

  taken(): HandlerData {
    return {
      starts: this.#starts.taken(),
      ends: this.#ends.taken(),
      outers: this.#outers.taken(),
      nexts: this.#nexts.taken(),
      clauses: this.#clauses,
    };
  }
}
