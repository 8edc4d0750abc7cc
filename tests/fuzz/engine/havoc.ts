/** Changes of inputs that know nothing of what is in them: bits, numbers, runs, words, and parts of another input. */
import type { Input } from "../target.ts";
import type { Random } from "../../wasm/random.ts";
import { leb } from "../../wasm/module_builder.ts";

/** Integers where something changes: signs, sizes, ends. */
const EDGES: readonly number[] = [
  ...[
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    100,
    127,
    128,
    255,
    256,
    1000,
    4095,
    4096,
    32_767,
    32_768,
    65_535,
  ],
  ...[65_536, 1_000_000, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff],
];

/** What changes are made with. */
export interface Materials {
  readonly words: readonly Input[];
  /** Another input. */
  readonly other: Input;
  readonly mostBytes: number;
}

type Change = (input: Input, random: Random, materials: Materials) => Input;

/** Bytes in place of those from `start` to `end`. */
export function replaced(
  input: Input,
  [start, end]: readonly [number, number],
  bytes: ArrayLike<number>,
): Input {
  const out = new Uint8Array(input.length - (end - start) + bytes.length);
  out.set(input.subarray(0, start));
  out.set(bytes, start);
  out.set(input.subarray(end), start + bytes.length);
  return out;
}

/** Some place, and one behind it that is mostly near. */
function run(input: Input, random: Random): readonly [number, number] {
  const start = random.below(input.length + 1), most = random.below(3) === 0 ? input.length : 16;
  return [start, Math.min(input.length, start + 1 + random.below(most))];
}

function poked(input: Input, random: Random, change: (byte: number) => number): Input {
  const copy = Uint8Array.from(input), at = random.below(copy.length);
  if (copy.length > 0) copy[at] = change(copy[at] ?? 0);
  return copy;
}

const CHANGES: readonly Change[] = [
  (input, random) => poked(input, random, (byte) => byte ^ (1 << random.below(8))),
  (input, random) => poked(input, random, () => random.below(256)),
  (input, random) => poked(input, random, (byte) => byte + 1 + random.below(8)),
  (input, random) => poked(input, random, (byte) => byte - 1 - random.below(8)),
  (input, random) => poked(input, random, () => random.pick([0, 1, 0x7f, 0x80, 0xff])),
  // an edge as a number of 2, 4 or 8 bytes, or as LEB128
  (input, random) => {
    const width = random.pick([2, 4, 4, 8, 0]), edge = random.pick(EDGES) + random.pick([0, 0, 0, 1, -1]);
    const bytes = width === 0 ? Uint8Array.from(leb(BigInt(edge < 0 ? 0 : edge))) : new Uint8Array(width);
    if (width > 0) {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigInt64(0, BigInt(edge), true);
      bytes.set(new Uint8Array(view.buffer, 0, width));
    }
    const at = random.below(input.length + 1), over = random.below(4) > 0 ? bytes.length : 0;
    return replaced(input, [at, Math.min(input.length, at + over)], bytes);
  },
  // some bytes more
  (input, random) => {
    const at = random.below(input.length + 1), count = 1 + random.below(8);
    return replaced(input, [at, at], Uint8Array.from({ length: count }, () => random.below(256)));
  },
  // less
  (input, random) => replaced(input, run(input, random), []),
  // the same twice, or elsewhere
  (input, random) => {
    const [start, end] = run(input, random), at = random.below(input.length + 1);
    return replaced(input, [at, at], input.subarray(start, end));
  },
  (input, random) => {
    const [start, end] = run(input, random), at = random.below(input.length + 1);
    return replaced(input, [at, Math.min(input.length, at + end - start)], input.subarray(start, end));
  },
  // a run of one byte
  (input, random) => {
    const at = random.below(input.length + 1), byte = random.pick([0, 0xff, 0x41, random.below(256)]);
    return replaced(input, [at, at], new Uint8Array(1 + random.below(64)).fill(byte));
  },
  // a word, between or over what is there
  (input, random, { words }) => words.length === 0 ? input : inserted(input, random, random.pick(words)),
  (input, random, { words }) => words.length === 0 ? input : inserted(input, random, random.pick(words)),
  // a part of another input
  (input, random, { other }) => inserted(input, random, other.subarray(...run(other, random))),
  // the front of this one, and the back of another
  (input, random, { other }) => {
    const at = random.below(input.length + 1);
    return replaced(
      input,
      [at, input.length],
      other.subarray(Math.min(other.length, random.below(2) === 0 ? at : random.below(other.length + 1))),
    );
  },
];

function inserted(input: Input, random: Random, bytes: Uint8Array): Input {
  const at = random.below(input.length + 1), over = random.below(2) === 0 ? bytes.length : 0;
  return replaced(input, [at, Math.min(input.length, at + over)], bytes);
}

/** Changes of text: lines, and digits. */
const TEXT_CHANGES: readonly Change[] = [
  // a line less, twice, elsewhere, or from another input
  (input, random, { other }) => {
    const lines = linesOf(input), line = random.below(lines.length), at = random.below(lines.length + 1);
    const moved = random.pick([[], lines.slice(line, line + 1), [random.pick(linesOf(other))]]);
    if (moved.length === 0) lines.splice(line, 1);
    else lines.splice(at, random.below(2), ...moved);
    return ENCODER.encode(lines.join("\n"));
  },
  // another number
  (input, random) => {
    const text = DECODER.decode(input), numbers = [...text.matchAll(/-?\d+/g)];
    if (numbers.length === 0) return input;
    const { 0: found, index } = random.pick(numbers),
      edge = `${random.below(5) === 0 ? "-" : ""}${random.pick(EDGES)}`;
    return ENCODER.encode(text.slice(0, index) + edge + text.slice(index + found.length));
  },
  // a character that means something
  (input, random) => {
    const at = random.below(input.length + 1);
    return replaced(input, [at, at], ENCODER.encode(random.pick(TELLING)));
  },
];

const TELLING = [..."[]{}\"'=.,:#\\\n\t /%&?+-_*<>|;@\0\u007f\u202e\ufeff\ud7ff\u{1f600}é"];

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

function linesOf(input: Input): string[] {
  return DECODER.decode(input).split("\n");
}

/** An input with a few changes. */
export function havoc(
  input: Input,
  random: Random,
  { text = false, ...materials }: Materials & { readonly text?: boolean },
): Input {
  const changes = text ? [...CHANGES, ...TEXT_CHANGES, ...TEXT_CHANGES, ...TEXT_CHANGES] : CHANGES;
  let changed = input;
  for (let count = 1 << random.below(4); count > 0; count--) {
    const next = random.pick(changes)(changed, random, materials);
    if (next.length <= materials.mostBytes) changed = next;
  }
  return changed;
}
