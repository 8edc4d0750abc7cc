/** The blocks that are open where the compiler is, and the branches that wait to learn where they lead. */
import { type CodeBuffer, IntList } from "./code_buffer.ts";
import type { FunctionType } from "../../wasm/module.ts";
import type { ValueType } from "../../wasm/types.ts";

export const KIND = { body: 0, block: 1, loop: 2, if: 3, else: 4, try: 5, catch: 6, tryTable: 7 } as const;

/** No branch waits. */
const NONE = -1;

interface Frame {
  kind: number;
  type: FunctionType;
  /** Operands under the block's own. */
  height: number;
  /** Where the first of its own lies. */
  base: number;
  /** Position of a loop. */
  start: number;
  /** First of the branches that lead to its end. */
  waiting: number;
  /** The branch of an `if` to its `else`, or {@linkcode NONE}. */
  otherwise: number;
  /** The handlers that see exceptions thrown directly in it; -1 for none. */
  node: number;
  /** Of an old `try`: its own handlers. */
  ownNode: number;
  /** Of an old `try`: where its exception is kept. */
  slot: number;
  /** Of a `try_table`: its clauses: kinds, tags, labels. */
  clauses: readonly (readonly [kind: number, tag: number, label: number])[];
}

export class Frames {
  readonly #frames: Frame[] = [];
  #depth = 0;
  /** Blocks open in code that cannot be reached. */
  skipped = 0;
  // Branches that wait: the word to write, the instruction from which it counts, the next one.
  readonly #words = new IntList();
  readonly #froms = new IntList();
  readonly #nexts = new IntList();

  constructor(readonly code: CodeBuffer) {}

  begin(type: FunctionType): void {
    this.#depth = 0;
    this.skipped = 0;
    this.#words.length = this.#froms.length = this.#nexts.length = 0;
    this.open(KIND.body, type, { height: 0, base: 0 });
  }

  open(kind: number, type: FunctionType, at: { readonly height: number; readonly base: number }): Frame {
    const node = this.#depth === 0 ? -1 : this.top.node;
    const frame = this.#frames[this.#depth] ??= blank();
    this.#depth++;
    frame.kind = kind;
    frame.type = type;
    frame.height = at.height;
    frame.base = at.base;
    frame.start = this.code.position;
    frame.waiting = frame.otherwise = NONE;
    frame.node = frame.ownNode = node;
    frame.slot = -1;
    frame.clauses = [];
    return frame;
  }

  /** The innermost block. */
  get top(): Frame {
    return this.frame(0);
  }

  frame(label: number): Frame {
    const frame = this.#frames[this.#depth - 1 - label];
    if (frame === undefined) throw new RangeError(`A validated body names label ${label}`);
    return frame;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Operands under those of the innermost block. */
  get height(): number {
    return this.top.height;
  }

  pop(): void {
    this.#depth--;
  }

  isFunction(label: number): boolean {
    return this.#depth - 1 - label === 0;
  }

  isLoop(label: number): boolean {
    return this.frame(label).kind === KIND.loop;
  }

  labelTypes(label: number): readonly ValueType[] {
    const { kind, type } = this.frame(label);
    return kind === KIND.loop ? type.params : type.results;
  }

  baseOf(label: number): number {
    return this.frame(label).base;
  }

  /** Sets the distance in a word, now or when it is known; `at` is the instruction, whose next word it is by default. */
  link(label: number, at: number, word: number = at + 1): void {
    const frame = this.frame(label);
    if (frame.kind === KIND.loop) {
      this.code.words[word] = 4 * (frame.start - at);
      return;
    }
    this.#froms.push(at);
    this.#nexts.push(frame.waiting);
    frame.waiting = this.#words.push(word);
  }

  /** Has the branches that wait for a block's end lead to the current position. @returns whether there were any */
  bind(frame: Frame): boolean {
    const any = frame.waiting !== NONE;
    for (let index = frame.waiting; index !== NONE; index = this.#nexts.at(index)) {
      this.code.words[this.#words.at(index)] = 4 * (this.code.position - this.#froms.at(index));
    }
    frame.waiting = NONE;
    return any;
  }
}

function blank(): Frame {
  return {
    kind: 0,
    type: { kind: "func", params: [], results: [] },
    height: 0,
    base: 0,
    start: 0,
    waiting: NONE,
    otherwise: NONE,
    node: -1,
    ownNode: -1,
    slot: -1,
    clauses: [],
  };
}
