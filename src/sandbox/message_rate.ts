/** How many messages of a guest are taken in a second: a window that begins anew with each second of the clock. */
export class MessageRate {
  #left = 0;
  #second = -1;

  /** Whether one more is within the rate. @param time milliseconds since 1970 */
  take(rate: number, time: number): boolean {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = rate;
    }
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** Text of at most so many bytes of UTF-8, cut between two characters. */
export function cutToBytes(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd+$/, "");
}
