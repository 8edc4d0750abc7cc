/** Register code as it grows: words of 32 bits. */
import { ModuleRefusedError } from "../../core/errors.ts";

/** Words that a module's code may take, and more for each of its bytes: a few bytes can move a thousand values. */
const MOST_WORDS = 1 << 24, WORDS_PER_BYTE = 16;

/** Room that one instruction needs at most, tables of branches apart. */
const MARGIN = 16;

export class CodeBuffer {
  words: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  /** Of the next word. */
  position = 0;
  readonly #most: number;

  /** @param moduleBytes size of the module that is compiled */
  constructor(moduleBytes: number) {
    this.#most = MOST_WORDS + WORDS_PER_BYTE * moduleBytes;
  }

  /** Makes room for an instruction. @throws {ModuleRefusedError} when the code has become too long */
  reserve(words: number = MARGIN): void {
    const needed = this.position + words;
    if (needed <= this.words.length) return;
    if (needed > this.#most) {
      throw new ModuleRefusedError(
        `Cannot interpret the module: its code would take more than ${4 * this.#most} bytes`,
        { suggestion: "Use fewer values in blocks, calls and branch tables." },
      );
    }
    const larger = new Int32Array(Math.min(this.#most, Math.max(2 * this.words.length, needed)));
    larger.set(this.words.subarray(0, this.position));
    this.words = larger;
  }

  emit1(a: number): void {
    this.reserve();
    this.words[this.position++] = a;
  }

  emit2(a: number, b: number): void {
    this.reserve();
    const { words } = this;
    words[this.position++] = a;
    words[this.position++] = b;
  }

  emit3(a: number, b: number, c: number): void {
    this.reserve();
    const { words } = this;
    words[this.position++] = a;
    words[this.position++] = b;
    words[this.position++] = c;
  }

  emit4(a: number, b: number, c: number, d: number): void {
    this.emit3(a, b, c);
    this.words[this.position++] = d;
  }

  emit5(a: number, b: number, c: number, d: number, e: number): void {
    this.emit4(a, b, c, d);
    this.words[this.position++] = e;
  }

  emit6(a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.emit5(a, b, c, d, e);
    this.words[this.position++] = f;
  }

  /** A word that was emitted before. */
  at(position: number): number {
    return this.words[position] ?? 0;
  }
}

/** Numbers that grow at the end. */
export class IntList {
  values: Int32Array<ArrayBuffer> = new Int32Array(64);
  length = 0;

  push(value: number): number {
    if (this.length === this.values.length) {
      const larger = new Int32Array(2 * this.values.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return this.values[index] ?? 0;
  }

  taken(): Int32Array<ArrayBuffer> {
    return this.values.slice(0, this.length);
  }
}
