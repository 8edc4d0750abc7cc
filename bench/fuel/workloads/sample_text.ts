/** Made-up input that is the same in every run: nothing is read from anywhere. */

/** Marsaglia's 32-bit xorshift. */
export function randomNumbers(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const LETTERS = "etaoinshrdlucmfwypvbgkqjxz";

/** Words of a vocabulary of 2,000, frequent ones more often, with punctuation and lines: packs about as prose does. */
export function proseBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const next = randomNumbers(seed);
  const word = () =>
    Array.from({ length: 2 + next() % 9 }, () => LETTERS[Math.min(next() % 26, next() % 26)]).join("");
  const words = Array.from({ length: 2000 }, word);
  let text = "";
  while (text.length < length) {
    const r = next();
    text += words[Math.min(r % 2000, (r >>> 11) % 2000, next() % 2000)];
    text += r >>> 28 === 0 ? ".\n" : r >>> 28 === 1 ? ", " : " ";
  }
  return new TextEncoder().encode(text.slice(0, length));
}

/** A sum over bytes in which their order counts. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}
