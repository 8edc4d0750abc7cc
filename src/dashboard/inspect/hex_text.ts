/** Bytes as people read and write them. */

/** The bytes of a row: `00 61 73 6d`. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** ASCII as it is, a dot for everything else. */
export function asciiText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".").join("");
}

/** Bytes that are looked for at most. */
const LONGEST = 1000;

/**
 * What somebody looks for, as bytes: hexadecimal digits in pairs, spaces between them or not, or text as UTF-8.
 *
 * @returns why not, where it is neither
 */
export function readPattern(text: string, kind: "hex" | "text"): Uint8Array<ArrayBuffer> | string {
  const digits = text.replace(/0x|[\s,]/gi, "");
  const bytes = kind === "text" ? new TextEncoder().encode(text) : digitsOf(digits);
  if (bytes === undefined) return "Give bytes as pairs of hexadecimal digits, as in 00 61 73 6d.";
  if (bytes.length === 0) return "Say what to look for.";
  if (bytes.length > LONGEST) return `That is longer than ${LONGEST} bytes.`;
  return bytes;
}

function digitsOf(digits: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Positions that are looked at before others of the page get their turn. */
const STEP = 4 * 1024 * 1024;

/**
 * Where a pattern stands next, from an offset on; undefined where it does not. Lets the page breathe in between.
 *
 * @throws what the signal was aborted with
 */
export async function findBytes(
  bytes: Uint8Array,
  { pattern, from, signal }: {
    readonly pattern: Uint8Array;
    readonly from: number;
    readonly signal: AbortSignal;
  },
): Promise<number | undefined> {
  const [first = 0] = pattern, last = bytes.length - pattern.length;
  for (let begin = Math.max(0, from); begin <= last; begin += STEP) {
    // One more than the step, so that `indexOf` ends within it.
    const part = bytes.subarray(begin, Math.min(begin + STEP, last + 1));
    for (let at = part.indexOf(first); at >= 0; at = part.indexOf(first, at + 1)) {
      if (pattern.every((byte, index) => bytes[begin + at + index] === byte)) return begin + at;
    }
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return undefined;
}
