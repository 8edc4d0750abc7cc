const DECODER = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Text of bytes that a guest gave; null when they are no UTF-8, undefined when there are none. */
export function guestText(bytes: Uint8Array | undefined): string | null | undefined {
  if (bytes === undefined) return undefined;
  try {
    return DECODER.decode(bytes);
  } catch {
    return null;
  }
}
