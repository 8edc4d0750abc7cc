/** Real modules with bytes changed, taken out, put in or moved: most are invalid, in ways that no writer would think of. */
import type { RealModule } from "./real_modules.ts";
import { mutate } from "../../wasm/mutate.ts";
import type { Random } from "../../wasm/random.ts";

/** Bytes that a length in LEB128 is made longer by: the number stays, its form does not. */
const PADDING = [0x80, 0x00];

type Change = (bytes: Uint8Array, random: Random) => Uint8Array<ArrayBuffer>;

/** A position or a length past the end of a module that is hardly longer than its header stands for the end. */
const spliced = (
  bytes: Uint8Array,
  at: number,
  less: number,
  more: ArrayLike<number>,
): Uint8Array<ArrayBuffer> => {
  const from = Math.min(at, bytes.length), rest = bytes.subarray(from + less);
  const copy = new Uint8Array(from + more.length + rest.length);
  copy.set(bytes.subarray(0, from));
  copy.set(Array.from(more), from);
  copy.set(rest, from + more.length);
  return copy;
};

/** A place behind the header. */
const somewhere = (bytes: Uint8Array, random: Random): number =>
  8 + random.below(Math.max(1, bytes.length - 8));

const CHANGES: readonly Change[] = [
  mutate,
  mutate,
  mutate,
  (bytes, random) => Uint8Array.from(bytes.subarray(0, somewhere(bytes, random))),
  (bytes, random) => spliced(bytes, somewhere(bytes, random), 0, [random.below(256)]),
  (bytes, random) => spliced(bytes, somewhere(bytes, random), 1, []),
  (bytes, random) => spliced(bytes, somewhere(bytes, random), 0, PADDING),
  (bytes, random) => {
    const from = somewhere(bytes, random),
      length = random.below(Math.max(1, Math.min(64, bytes.length - from)));
    return spliced(bytes, somewhere(bytes, random), 0, bytes.slice(from, from + length));
  },
  (bytes, random) => {
    const at = somewhere(bytes, random), length = random.below(Math.max(1, Math.min(64, bytes.length - at)));
    return spliced(bytes, at, length, bytes.slice(at, at + length).toReversed());
  },
];

export function byteMutant(module: RealModule, random: Random): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer> = module.bytes;
  for (let count = 1 + random.below(2); count > 0; count--) bytes = random.pick(CHANGES)(bytes, random);
  return bytes;
}
