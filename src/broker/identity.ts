/**
 * Hides what numbers the host's files have, since they tell where a directory lies, and what was made before or after
 * what. Equal files get equal numbers as long as the key is the same. No table is kept: the numbers are HalfSipHash-2-4
 * with a result of 64 bits (Aumasson, Bernstein: SipHash), whose key does not follow from results.
 */

/** A file, as the host numbers it. */
export interface HostIdentity {
  readonly device: number;
  readonly inode: number;
}

/** What kinds of numbers are made, so that none tells of another. */
const DOMAINS = { inode: 1, device: 2, place: 3 } as const;

/** The identity in what the host says of a file. A system without inode numbers is refused before it comes to this. */
export function hostIdentity(stat: Pick<Deno.FileInfo, "dev" | "ino">): HostIdentity {
  return { device: stat.dev, inode: stat.ino ?? -1 };
}

/** Whether two are one file. */
export function sameIdentity(one: HostIdentity, other: HostIdentity): boolean {
  return one.device === other.device && one.inode === other.inode;
}

export class IdentityMask {
  readonly #key: Uint32Array;

  /** @param key at least two words; those past the second are hashed in front of everything */
  constructor(key: Uint32Array) {
    if (key.length < 2) throw new RangeError("The key of an identity mask is too short");
    this.#key = key.slice();
  }

  /** The inode number that guests see; never 0, which would say that it is unknown. */
  inode({ device, inode }: HostIdentity): bigint {
    return this.#hash(DOMAINS.inode, device, inode) || 1n;
  }

  /** The device number that guests see. */
  device({ device }: HostIdentity): bigint {
    return this.#hash(DOMAINS.device, device, 0);
  }

  /** Numbers of a directory that is made up: the `index`th of sandbox `slot`. */
  place(slot: number, index: number): bigint {
    return this.#hash(DOMAINS.place, slot, index) || 1n;
  }

  /** 32 bits that are the same for all that have the file open. */
  token(identity: HostIdentity): number {
    return Number(this.inode(identity) & 0xffffffffn);
  }

  #hash(domain: number, first: number, second: number): bigint {
    const state = new HalfSip(this.#key[0] ?? 0, this.#key[1] ?? 0);
    for (let i = 2; i < this.#key.length; i++) state.absorb(this.#key[i] ?? 0);
    state.absorb(domain);
    for (const number of [first, second]) {
      state.absorb(number);
      state.absorb(Math.floor(number / 2 ** 32));
    }
    return state.finish((this.#key.length + 3) * 4);
  }
}

/** The state of one hash: four words. */
class HalfSip {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(low: number, high: number) {
    this.#a = low;
    this.#b = high ^ 0xee;
    this.#c = 0x6c796765 ^ low;
    this.#d = 0x74656462 ^ high;
  }

  absorb(word: number): void {
    this.#d ^= word;
    this.#rounds(2);
    this.#a ^= word;
  }

  finish(length: number): bigint {
    this.absorb(length << 24);
    this.#c ^= 0xee;
    this.#rounds(4);
    const low = (this.#b ^ this.#d) >>> 0;
    this.#b ^= 0xdd;
    this.#rounds(4);
    return BigInt((this.#b ^ this.#d) >>> 0) << 32n | BigInt(low);
  }

  #rounds(count: number): void {
    let a = this.#a, b = this.#b, c = this.#c, d = this.#d;
    for (; count > 0; count--) {
      a = a + b | 0;
      b = (b << 5 | b >>> 27) ^ a;
      a = a << 16 | a >>> 16;
      c = c + d | 0;
      d = (d << 8 | d >>> 24) ^ c;
      a = a + d | 0;
      d = (d << 7 | d >>> 25) ^ a;
      c = c + b | 0;
      b = (b << 13 | b >>> 19) ^ c;
      c = c << 16 | c >>> 16;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}
