/** Formats a byte offset the way every error of this project does: lower-case hexadecimal, `0x1f`. */
export function formatOffset(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** Formats bytes as lower-case hexadecimal without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
