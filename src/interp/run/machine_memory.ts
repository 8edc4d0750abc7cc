/** The memory of the machine: where its parts are given room, and how the outside reads and writes it. */
import { HEADER, MOST_FUNCTIONS, RECORD, STACK_START } from "../machine_layout.ts";
import { PAGE_SIZE } from "../../wasm/page_size.ts";

/** Beyond the end of the stack: what a call writes before the frame is seen not to fit. */
const STACK_MARGIN = PAGE_SIZE;

export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  words: Int32Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the next part begins. */
  #free: number;
  readonly stackEnd: number;
  /** Address of the first record of a function. */
  readonly records: number;
  #recordCount = 0;

  /** @param stackBytes room for frames */
  constructor(stackBytes: number) {
    this.stackEnd = STACK_START + stackBytes;
    this.records = this.stackEnd + STACK_MARGIN;
    this.records += -this.records & 15;
    // What is reserved and not used takes no memory.
    this.#free = this.records + MOST_FUNCTIONS * RECORD.size;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.#free / PAGE_SIZE) });
    this.words = new Int32Array(this.#buffer);
    this.view = new DataView(this.#buffer);
    this.bytes = new Uint8Array(this.#buffer);
    this.setWord(HEADER.stackEnd, this.stackEnd);
    this.setWord(HEADER.records, this.records);
  }

  get #buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer; // it is not shared
  }

  /** Room for the record of the function that comes next. @throws {RangeError} when there are too many */
  allocateRecord(): number {
    if (this.#recordCount === MOST_FUNCTIONS) {
      throw new RangeError(`Cannot hold more than ${MOST_FUNCTIONS} functions`);
    }
    const record = this.records + RECORD.size * this.#recordCount++;
    this.setWord(HEADER.recordBytes, RECORD.size * this.#recordCount);
    return record;
  }

  /** Room for so many bytes, all 0. @returns its address @throws {RangeError} when the machine has no more */
  allocate(bytes: number): number {
    const address = this.#free, end = address + bytes;
    this.#free = end + (-end & 15);
    const missing = Math.ceil(this.#free / PAGE_SIZE) - this.memory.buffer.byteLength / PAGE_SIZE;
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
