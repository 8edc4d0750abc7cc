/** One constructor for each thing that can be wrong with the bytes of a module, so that the readers stay readable. */
import { ModuleInvalidError } from "../core/errors.ts";

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** The bytes end, or their section or body does; `offset` is that of the first missing byte. */
export function truncated(what: string, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot read ${what}: the bytes end`, offset);
}

/** A length points past the end of its section. */
export function outOfBounds(what: string, length: number, left: number, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(
    `Cannot read ${what}: length ${length} exceeds the ${left} bytes left`,
    offset,
  );
}

/** `offset` is that of the byte that should have been the last. */
export function lebTooLong(what: string, bytes: number, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(
    `Cannot read ${what}: its LEB128 number takes more than ${bytes} bytes`,
    offset,
  );
}

/** `offset` is that of the last byte. */
export function lebTooLarge(what: string, bits: number, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(
    `Cannot read ${what}: its LEB128 number takes more than ${bits} bits`,
    offset,
  );
}

export function malformedUtf8(what: string, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot read ${what}: it is not valid UTF-8`, offset);
}

/** A byte that must be one of a few is none of them. `allowed` completes the sentence: "0 or 1". */
export function unexpectedByte(
  what: string,
  byte: number,
  allowed: string,
  offset: number,
): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot read ${what}: byte ${hex(byte)} must be ${allowed}`, offset);
}

export function unknownOpcode(prefix: number, sub: number | undefined, offset: number): ModuleInvalidError {
  const opcode = sub === undefined ? hex(prefix) : `${hex(prefix)} ${hex(sub)}`;
  return new ModuleInvalidError(`Cannot read instruction: no instruction has the opcode ${opcode}`, offset);
}

/** An index that names nothing. */
export function indexOutOfRange(
  what: string,
  index: number,
  size: number,
  offset: number,
): ModuleInvalidError {
  return new ModuleInvalidError(
    `Cannot read ${what}: index ${index} is out of range, ${
      size === 0 ? "there are none" : `there are ${size}`
    }`,
    offset,
  );
}

/** A count or size above a limit that V8 has as well. */
export function tooMany(
  what: string,
  noun: string,
  count: number | bigint,
  limit: number,
  offset: number,
): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot read ${what}: ${noun} ${count} exceeds ${limit}`, offset);
}

/** Two numbers that must agree do not. */
export function mismatch(what: string, reason: string, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(`Cannot read ${what}: ${reason}`, offset);
}
