/** The memory of the machine: where its parts are given room, and how the outside reads and writes it. */
import { HEADER, STACK_START } from "../machine_layout.ts";

const PAGE = 65536;

/** Beyond the end of the stack: what a call writes before the frame is seen not to fit. */
const STACK_MARGIN = PAGE;

export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  words: Int32Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the next part begins. */
  #free: number;
  readonly stackEnd: number;

  /** @param stackBytes room for frames */
  constructor(stackBytes: number) {
    this.stackEnd = STACK_START + stackBytes;
    this.#free = this.stackEnd + STACK_MARGIN;
    this.#free += -this.#free & 15;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.#free / PAGE) });
    this.words = new Int32Array(this.#buffer);
    this.view = new DataView(this.#buffer);
    this.bytes = new Uint8Array(this.#buffer);
    this.words[HEADER.stackEnd >> 2] = this.stackEnd;
  }

  get #buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer; // it is not shared
  }

  /** Room for so many bytes, all 0. @returns its address @throws {RangeError} when the machine has no more */
  allocate(bytes: number): number {
    const address = this.#free, end = address + bytes;
    this.#free = end + (-end & 15);
    const missing = Math.ceil(this.#free / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) {
      this.memory.grow(missing);
      this.words = new Int32Array(this.#buffer);
      this.view = new DataView(this.#buffer);
      this.bytes = new Uint8Array(this.#buffer);
    }
    return address;
  }

  /** The word at an address. */
  word(address: number): number {
    return this.words[address >> 2] ?? 0;
  }

  setWord(address: number, value: number): void {
    this.words[address >> 2] = value;
  }
}
