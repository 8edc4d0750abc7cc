/** Sections of a module, read without the reader that is measured. */

const HEADER_SIZE = 8, CUSTOM_SECTION = 0;

/** A section: `start` is its identifier's offset, `contents` what comes after its length. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly contents: Uint8Array;
}

/** A number in LEB128, as every length and count of the format. */
export function readUnsigned(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, end: at };
  }
}

export function unsignedBytes(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

/** The sections of a valid module, in order. */
export function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  for (let start = HEADER_SIZE; start < bytes.length;) {
    const { value, end } = readUnsigned(bytes, start + 1);
    const contents = bytes.subarray(end, end + value);
    yield { id: bytes[start] ?? CUSTOM_SECTION, start, contents };
    start = end + value;
  }
}

/** Bytes of a module without its custom sections: instrumentation drops them, which is no merit of its. */
export function sizeOfProgram(bytes: Uint8Array): number {
  let size = bytes.length;
  for (const { id, start, contents } of sectionsOf(bytes)) {
    if (id === CUSTOM_SECTION) size -= contents.byteOffset - bytes.byteOffset - start + contents.length;
  }
  return size;
}
