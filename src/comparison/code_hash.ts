/**
 * A number for what a function does, apart from the indices of functions, types and globals, which a new import moves
 * all of. It finds candidates and proves nothing: whoever made a module may have made it collide.
 */
import { BLOCK_KIND, InstructionReader } from "../wasm/instructions.ts";
import type { FunctionBody, Module } from "../wasm/module.ts";
import { ROWS, SHAPE, SHAPES } from "../wasm/opcodes.ts";

/** Bytes of the constants that are as wide as they are. */
const FIXED: Readonly<Record<number, number>> = { [SHAPE.bytes4]: 4, [SHAPE.bytes8]: 8, [SHAPE.bytes16]: 16 };

/** By key: 1 where the first index names something that moves. */
const MOVES: Uint8Array = Uint8Array.from(ROWS, (row) => {
  const [first] = row?.immediates ?? [];
  return first === "function" || first === "type" || first === "global" ? 1 : 0;
});

/** Hashes the code of functions of one module. */
export class CodeHasher {
  readonly #reader: InstructionReader;
  #hash = 0;

  constructor(module: Module) {
    this.#reader = new InstructionReader(module.bytes);
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193) + 0x9e3779b9 | 0;
  }

  /** @throws {ModuleInvalidError} where the bytes are no instructions */
  hash({ code, end }: FunctionBody): number {
    const reader = this.#reader;
    reader.reset(code, end);
    this.#hash = 0x811c9dc5 | 0;
    while (reader.next()) {
      const { key } = reader, shape = SHAPES[key] ?? 0;
      this.#mix(key);
      const fixed = FIXED[shape];
      if (fixed !== undefined) {
        for (let at = 0; at < fixed; at++) this.#mix(reader.bytes[reader.immediate + at] ?? 0);
      } else if (shape === SHAPE.i32) this.#mix(reader.i32);
      else if (shape === SHAPE.i64) this.#mix(Number(BigInt.asIntN(32, reader.i64)));
      else if (shape === SHAPE.index || shape === SHAPE.index2) {
        if (MOVES[key] === 0) this.#mix(reader.index);
      } else if (shape === SHAPE.memarg) this.#mix(reader.memoryOffset);
      else if (shape === SHAPE.blocktype && reader.blockKind === BLOCK_KIND.value) {
        this.#mix(reader.blockType);
      } else if (shape === SHAPE.labels) this.#mix(reader.labelCount);
    }
    return this.#hash;
  }
}
