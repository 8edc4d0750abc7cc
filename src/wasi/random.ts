/** The arithmetic of SplitMix64 is modulo 2^64. */
const MASK = 2n ** 64n - 1n;

/** One step of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). */
function splitMix64(state: bigint): { readonly state: bigint; readonly value: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK;
  let value = next;
  value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return { state: next, value: value ^ (value >> 31n) };
}

/** The state that a sequence starts with. @param seed its lowest 64 bits count */
export function stateOfSeed(seed: bigint): Int32Array {
  const first = splitMix64(seed & MASK), second = splitMix64(first.state);
  const words = [first.value, first.value >> 32n, second.value, second.value >> 32n];
  return new Int32Array(words.map((word) => Number(BigInt.asIntN(32, word))));
}

/** Where a sequence is: its state, the value that is being given out, and how many bytes of it are left. */
export interface RandomState {
  readonly words: Int32Array;
  readonly word: number;
  readonly left: number;
}

/**
 * A reproducible sequence of bytes, the same on every platform and however it is cut into calls: xoshiro128**
 * (Blackman, Vigna: "Scrambled linear pseudorandom number generators", 2018), its state filled by SplitMix64 as its
 * authors advise, its 32-bit values in little-endian order. Not for secrets.
 */
export class SeededRandom {
  readonly #state = new Int32Array(4);
  #word = 0;
  /** Bytes of `#word` that are still to be given out. */
  #left = 0;

  /** @param state four words, not all 0 */
  constructor(state: Int32Array) {
    this.#state.set(state);
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#left === 0) {
        this.#word = this.#next();
        this.#left = 4;
      }
      bytes[at] = this.#word;
      this.#word >>>= 8;
      this.#left--;
    }
  }

  /** Where the sequence is. */
  save(): RandomState {
    return { words: this.#state.slice(), word: this.#word, left: this.#left };
  }

  /** Goes on from there. */
  restore({ words, word, left }: RandomState): void {
    if (words.length === 4 && words.some((each) => each !== 0)) this.#state.set(words);
    this.#word = word;
    this.#left = left >= 0 && left <= 4 ? left : 0;
  }

  #next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = [state[0], state[1], state[2], state[3]];
    const product = Math.imul(b, 5), result = Math.imul((product << 7) | (product >>> 25), 9);
    const third = c ^ a, fourth = d ^ b;
    state[0] = a ^ fourth;
    state[1] = b ^ third;
    state[2] = third ^ (b << 9);
    state[3] = (fourth << 11) | (fourth >>> 21);
    return result;
  }
}
