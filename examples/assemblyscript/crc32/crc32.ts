// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * CRC-32 as in zip, gzip and PNG (ISO-HDLC: reflected polynomial 0xEDB88320). The caller writes up to `capacity()`
 * bytes at `buffer()` and calls `crc32(length)`.
 */

const CAPACITY: i32 = 65536;
const text = memory.data(CAPACITY);
const table = memory.data(1024);

function fillTable(): void {
  for (let index: u32 = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    store<u32>(table + (<usize> index << 2), value);
  }
}

fillTable();

/** Where the bytes go. */
export function buffer(): usize {
  return text;
}

/** How many bytes fit. */
export function capacity(): i32 {
  return CAPACITY;
}

/** CRC-32 of the first `length` bytes of the buffer, as an unsigned number in an i64. */
export function crc32(length: i32): u64 {
  let crc: u32 = 0xffffffff;
  for (let i = 0; i < min(length, CAPACITY); i++) {
    const index = (crc ^ load<u8>(text + i)) & 0xff;
    crc = (crc >>> 8) ^ load<u32>(table + (<usize> index << 2));
  }
  return ~crc;
}

/** The check value of the algorithm's definition: CRC-32 of "123456789" is 0xCBF43926 = 3421780262. */
export function check(): u64 {
  for (let i = 0; i < 9; i++) store<u8>(text + i, 0x31 + i);
  return crc32(9);
}
