/**
 * Makes a program that fails smaller while it still fails: leaves out calls, functions, statements, blocks, and puts
 * constants in the place of what computes them. Nothing is known of types: what V8 refuses was no good idea.
 */
import {
  type Instruction,
  readTrees,
  size,
  type TreeFunction,
  withBodies,
  writeFunction,
} from "./code_tree.ts";
import type { Program } from "./program.ts";
import type { Bytes } from "../wasm/module_builder.ts";

const constant = (mnemonic: string, bytes: Bytes): Instruction => ({ mnemonic, bytes });

/** What may stand for values that do not matter. */
const SUBSTITUTES: readonly (readonly Instruction[])[] = [
  [],
  [constant("i32.const", [0x41, 0])],
  [constant("i32.const", [0x41, 1])],
  [constant("i64.const", [0x42, 0])],
  [constant("f32.const", [0x43, 0, 0, 0, 0])],
  [constant("f64.const", [0x44, 0, 0, 0, 0, 0, 0, 0, 0])],
  [constant("ref.null", [0xd0, 0x70])],
  [constant("ref.null", [0xd0, 0x6f])],
  [constant("drop", [0x1a])],
];

/** Longest run of instructions that is taken for one expression. */
const LONGEST = 6;

export class Shrinker {
  #module;
  #functions: TreeFunction[];
  #program: Program;
  readonly #end: number;

  /** @param fails whether a program still fails as the first one did */
  constructor(
    program: Program,
    readonly fails: (program: Program) => Promise<boolean>,
    options: { readonly seconds: number },
  ) {
    const { module, functions } = readTrees(program.bytes);
    this.#module = module;
    this.#functions = functions;
    this.#program = program;
    this.#end = performance.now() + options.seconds * 1000;
  }

  async shrink(): Promise<Program> {
    for (let before = Infinity, now = this.#size(); now < before && !this.#late; now = this.#size()) {
      before = now;
      await this.#dropCalls();
      for (const index of this.#functions.keys()) await this.#tryCode(index, [constant("unreachable", [0])]);
      for (const index of this.#functions.keys()) await this.#shrinkFunction(index);
    }
    return this.#program;
  }

  get #late(): boolean {
    return performance.now() > this.#end;
  }

  #size(): number {
    return this.#program.calls.length + this.#functions.reduce((sum, item) => sum + size(item.code), 0);
  }

  async #dropCalls(): Promise<void> {
    for (let at = this.#program.calls.length - 1; at >= 0; at--) {
      const candidate = { ...this.#program, calls: this.#program.calls.toSpliced(at, 1) };
      if (await this.fails(candidate)) this.#program = candidate;
    }
  }

  /** Whether the program still fails with this code in a function; if so it is kept. */
  async #tryCode(index: number, code: readonly Instruction[]): Promise<boolean> {
    const found = this.#functions[index];
    if (found === undefined || this.#late || size(code) > size(found.code)) return false;
    const functions = this.#functions.with(index, { ...found, code });
    const bytes = withBodies(this.#module, functions.map(writeFunction));
    if (!WebAssembly.validate(bytes)) return false;
    const candidate = { ...this.#program, bytes };
    if (!await this.fails(candidate)) return false;
    this.#functions = functions;
    this.#program = candidate;
    return true;
  }

  async #shrinkFunction(index: number): Promise<void> {
    await this.#shrinkSequence({
      get: () => this.#functions[index]?.code ?? [],
      put: (code) => this.#tryCode(index, code),
    });
  }

  /** Takes out runs, long ones first, then looks into what is left. */
  async #shrinkSequence(place: Place): Promise<void> {
    for (let length = place.get().length; length > LONGEST; length = Math.floor(length / 2)) {
      await this.#replaceRuns(place, length, [[]]);
    }
    for (let length = LONGEST; length > 0; length--) await this.#replaceRuns(place, length, SUBSTITUTES);
    for (let at = 0; at < place.get().length && !this.#late; at++) await this.#shrinkBlock(place, at);
  }

  async #replaceRuns(
    place: Place,
    length: number,
    substitutes: readonly (readonly Instruction[])[],
  ): Promise<void> {
    for (let at = place.get().length - length; at >= 0 && !this.#late; at--) {
      const code = place.get();
      if (
        length === 1 &&
        substitutes.some(([only]) => only !== undefined && only.bytes.join() === code[at]?.bytes.join())
      ) {
        if (await place.put(code.toSpliced(at, 1))) continue;
        continue;
      }
      for (const substitute of substitutes) {
        if (substitute.length > length) continue;
        if (await place.put(code.toSpliced(at, length, ...substitute))) break;
      }
    }
  }

  async #shrinkBlock(place: Place, at: number): Promise<void> {
    const block = place.get()[at];
    for (const [number, part] of block?.parts?.entries() ?? []) {
      // What stands inside, without the block; branches out of it find another label, or none.
      if (await place.put(place.get().toSpliced(at, 1, ...part.code))) return;
      const within = (): Instruction | undefined => place.get()[at];
      await this.#shrinkSequence({
        get: () => within()?.parts?.[number]?.code ?? [],
        put: (code) => {
          const now = within(), old = now?.parts?.[number];
          if (now?.parts === undefined || old === undefined) return Promise.resolve(false);
          const parts = now.parts.with(number, { ...old, code });
          return place.put(place.get().with(at, { ...now, parts }));
        },
      });
    }
  }
}

/** A sequence somewhere in a tree: what it is now, and a way to try another. */
interface Place {
  get(): readonly Instruction[];
  put(code: readonly Instruction[]): Promise<boolean>;
}
