/**
 * The kernels that the cost of metering is measured on: written for it from the algorithms' definitions, in two
 * languages. The list is fixed: a kernel stays, whatever its figure is.
 */

/** A kernel: a module without imports that exports `run(n)`, a checksum of work that grows with n, and `known()`. */
export interface Kernel {
  readonly name: string;
  readonly language: "C" | "AssemblyScript";
  /** Recursion apart: its work is calls alone, which no program is. */
  readonly group: "kernel" | "recursion";
  /** What takes about 40 ms on bare V8. */
  readonly n: number;
  /** The checksum of a run with a small n. Where both languages do the same work, both have the same. */
  readonly small: { readonly n: number; readonly checksum: number };
  /** What `known()` returns, and where the value comes from. */
  readonly known: { readonly value: number; readonly source: string };
}

const FIPS_180 = 'SHA-256 of "abc", first word, FIPS 180-4';
const FIPS_197 = "FIPS 197, appendix C.1, first word";
const CHECK = 'the check value of the algorithm, over "123456789"';
const ENERGY = "the energy of the start as published, in billionths";
const REGEX = "5 · 10 - 1: a match of 5, and none";
const JSON_TREE = "125 + 3: ten times the number 125e-1 and the length of a list";
const BASE64 = 'RFC 4648, section 10: "fooba" gives "Zm9vYmE="';
const SHAPES = "areas added up by hand";
const ESCAPES = "200 · 10,000 + 3 · 100 + 2: steps of 0, 1 and 2";
const WRONG = "the number of wrong elements";

/** Two's complement, as `run` and `known` return it. */
const i32 = (unsigned: number) => unsigned | 0;

function kernel(
  name: string,
  n: number,
  small: readonly [n: number, checksum: number],
  known: readonly [value: number, source: string],
): Kernel {
  return {
    name,
    language: name.endsWith("-c") ? "C" : "AssemblyScript",
    group: "kernel",
    n,
    small: { n: small[0], checksum: small[1] },
    known: { value: i32(known[0]), source: known[1] },
  };
}

function recursion(...row: Parameters<typeof kernel>): Kernel {
  return { ...kernel(...row), group: "recursion" };
}

export const kernels: readonly Kernel[] = [
  kernel("aes-c", 68, [2, -1291872558], [0x69c4e0d8, FIPS_197]),
  kernel("aes-as", 162, [2, -1291872558], [0x69c4e0d8, FIPS_197]),
  kernel("base64-c", 321, [2, 1580560], [0x596d453d, BASE64]),
  kernel("base64-as", 223, [2, 1580560], [0x596d453d, BASE64]),
  kernel("convolution-c", 508, [2, 1878710831], [421, "16 alone, blurred: 4 · 100 + 2 · 10 + 1"]),
  kernel("convolution-as", 50, [2, -875439297], [121, "84 alone, weighed: 12 · 10 + 1"]),
  kernel("copy-c", 955, [2, 7151947], [0, WRONG]),
  kernel("copy-as", 2354, [2, -674066971], [0, WRONG]),
  kernel("crc32-c", 248, [2, 1420622193], [0xcbf43926, CHECK]),
  kernel("crc32-as", 526, [2, 1420622193], [0xcbf43926, CHECK]),
  kernel("dispatch-c", 84, [2, -950924236], [201, SHAPES]),
  kernel("dispatch-as", 31, [2, -950924236], [201, SHAPES]),
  kernel("edit_distance-c", 39, [2, 22432], [3, 'from "kitten" to "sitting"']),
  kernel("edit_distance-as", 45, [2, 11360], [3, 'from "kitten" to "sitting"']),
  kernel("fft-c", 215, [2, 8095702], [100, "the peak of a wave of 100 periods"]),
  kernel("fft-as", 698, [2, 6063150], [100, "the peak of a wave of 100 periods"]),
  kernel("hash_map-as", 64, [2, 64533695], [42, '"to be or not to be": 4 words, 2 of them "be"']),
  kernel("heapsort-c", 23, [2, -1392172745], [0, WRONG]),
  kernel("interpreter-c", 72, [2, 452848], [61, "steps of Collatz's sequences below 10"]),
  kernel("interpreter-as", 267, [2, 3415456], [1060, "the sum of the primes below 100"]),
  kernel("json-c", 480, [2, 1394962704], [128, JSON_TREE]),
  kernel("json-as", 62, [2, 500646560], [128, JSON_TREE]),
  kernel("lz-c", 123, [2, 3015159], [0, WRONG]),
  kernel("lz-as", 105, [2, 3015159], [0, WRONG]),
  kernel("mandelbrot-c", 60, [2, 5608417], [2000302, ESCAPES]),
  kernel("mandelbrot-as", 60, [2, 5608417], [2000302, ESCAPES]),
  kernel("matrix-c", 45, [2, 4539], [0, WRONG]),
  kernel("matrix-as", 36, [2, 4539], [0, WRONG]),
  kernel("mix-c", 2000, [2, 23741], [0xbb3d, CHECK]),
  kernel("nbody-c", 457, [1, -169087605], [-169075164, ENERGY]),
  kernel("nbody-as", 510, [1, -169087605], [-169075164, ENERGY]),
  kernel("quicksort-as", 8, [2, -1570490583], [0, WRONG]),
  kernel("regex-c", 20, [2, -327924335], [49, REGEX]),
  kernel("regex-as", 31, [2, 1034791907], [49, REGEX]),
  kernel("sha256-c", 134, [2, -1247036133], [0xba7816bf, FIPS_180]),
  kernel("sha256-as", 98, [2, -1247036133], [0xba7816bf, FIPS_180]),
  kernel("sieve-as", 80, [2, 575487], [78498, "the number of primes below a million"]),
  recursion("ackermann-c", 241, [2, 19298], [9, "ack(2, 3)"]),
  recursion("ackermann-as", 294, [2, 19298], [9, "ack(2, 3)"]),
  recursion("fib-c", 36, [15, 610], [6765, "fib(20)"]),
  recursion("fib-as", 36, [15, 610], [6765, "fib(20)"]),
];

/** Where the committed module of a kernel lies. */
export function kernelUrl(kernel: Kernel): URL {
  const base = kernel.name.slice(0, kernel.name.lastIndexOf("-"));
  return new URL(`${kernel.language === "C" ? "c" : "assemblyscript"}/${base}.wasm`, import.meta.url);
}

/** Reads it. */
export function kernelBytes(kernel: Kernel): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(kernelUrl(kernel));
}
