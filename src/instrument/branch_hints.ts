/**
 * The section that tells V8 which branches are hardly ever taken (WebAssembly's branch hinting): those to our hooks. It
 * moves their code out of the way, and keeps in registers what would otherwise be saved around the call.
 */
import type { CodeWriter } from "./code_writer.ts";
import { ByteWriter } from "../wasm/encoder.ts";

const SECTION_NAME = "metadata.code.branch_hint";

/** Of a hint: one byte, "likely not taken". */
const UNLIKELY = [1, 0] as const;

export class BranchHints {
  readonly #functions: ByteWriter = new ByteWriter();
  #count = 0;

  /** Takes the hints of a function; functions come in the order of their indices. */
  add(functionIndex: number, code: CodeWriter): void {
    const { unlikely } = code;
    if (unlikely.length === 0) return;
    this.#count++;
    this.#functions.u32(functionIndex);
    this.#functions.u32(unlikely.length);
    for (let i = 0; i < unlikely.length; i++) {
      this.#functions.u32(unlikely.at(i));
      for (const byte of UNLIKELY) this.#functions.u8(byte);
    }
  }

  /** Writes the section; its place is before the code. */
  write(writer: ByteWriter): void {
    if (this.#count === 0) return;
    writer.section("custom", () => {
      writer.name(SECTION_NAME);
      writer.u32(this.#count);
      writer.bytes(this.#functions.written());
    });
  }
}
