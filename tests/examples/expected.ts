/**
 * What the examples compute. Each row is one call in a fresh instance that ends normally; literals come from the
 * algorithms' definitions and published values, so they hold for every engine.
 */
import type { GuestValue } from "./instance.ts";

/** One call and its results. */
export interface ExampleRow {
  /** Path below `examples/`. */
  readonly file: string;
  readonly function: string;
  readonly args: readonly GuestValue[];
  readonly results: readonly GuestValue[];
  readonly note: string;
}

type Call = readonly [args: readonly GuestValue[], results: readonly GuestValue[], note: string];

function rows(file: string, calls: Readonly<Record<string, readonly Call[]>>): ExampleRow[] {
  return Object.entries(calls).flatMap(([name, list]) =>
    list.map(([args, results, note]) => ({ file, function: name, args, results, note }))
  );
}

const I32_MIN = -2147483648;

/** Every example that needs no import and ends by itself. */
export const exampleRows: readonly ExampleRow[] = [
  ...rows("add.wat", {
    add: [
      [[5, 10], [15], "the sum"],
      [[2147483647, 1], [I32_MIN], "an i32 wraps around"],
    ],
    multiply: [[[6, 7], [42], "the product"], [[-3, 5], [-15], "a negative argument"]],
  }),
  ...rows("fibonacci.wat", {
    fib: [[[0], [0n], "the first"], [[20], [6765n], "by recursion"]],
    fib_iterative: [
      [[0], [0n], "the first"],
      [[20], [6765n], "the same by iteration"],
      [[90], [2880067194370816120n], "beyond 2^53"],
    ],
  }),
  ...rows("factorial.wat", {
    factorial: [[[5n], [120n], "small"], [[20n], [2432902008176640000n], "the largest that fits an i64"]],
  }),
  ...rows("multi_value.wat", {
    divmod: [[[17, 5], [3, 2], "two results"], [[-17, 5], [-3, -2], "the quotient is cut towards zero"]],
    swap: [[[1, 2n], [2n, 1], "results of different types"]],
  }),
  ...rows("floats.wat", {
    hypotenuse: [[[3, 4], [5], "f64 square root"]],
    circle_area: [[[2], [12.566370614359172], "4π"], [[Infinity], [Infinity], "infinity"]],
    fahrenheit: [[[100], [212], "f32"], [[36.6], [97.87999725341797], "nearest f32 values"]],
  }),
  ...rows("main.wat", {
    _start: [[[], [], "no result"]],
    main: [[[], [42], "the other default"]],
  }),
  ...rows("catch_all_loop.wat", { recover: [[[], [7], "the payload of a caught exception"]] }),
  ...rows("simple.wat", { main: [[[], [42], "a constant"]] }),
  ...rows("simple.wasm", { main: [[[], [42], "the same from bytes"]] }),
  ...rows("math.wat", {
    main: [[[], [21], "greatest common divisor of 1071 and 462"]],
    gcd: [[[48, 36], [12], "Euclid"], [[7, 0], [7], "nothing to do"]],
  }),
  ...rows("math.wasm", { main: [[[], [21], "the same from bytes"]] }),
  ...rows("c/sha256/sha256.wasm", {
    sha256_abc_word: [
      [[0], [0xba7816bfn], "digest of abc, word 0"],
      [[1], [0x8f01cfean], "word 1"],
      [[7], [0xf20015adn], "word 7"],
    ],
    sha256_million_a: [[[], [0xcdc76e5cn], "15,626 blocks"]],
    capacity: [[[], [65536], "bytes of the buffer"]],
    sha256: [[[65537], [0], "more than the buffer holds"]],
  }),
  ...rows("c/mandelbrot/mandelbrot.wasm", {
    render: [[[64, 100], [4109], "13 bytes of header, 64 × 64 pixels"], [[1025, 100], [0], "too large"]],
    render_checksum: [
      [[64, 100], [8142187206900195386n], "every byte of the image"],
      [[256, 100], [4864168113740703186n], "a larger image"],
    ],
    area: [[[256, 500], [1.51171875], "an estimate"]],
  }),
  ...rows("c/calculator/calculator.wasm", {
    sample: [
      [[0], [7], "precedence"],
      [[1], [9], "parentheses"],
      [[2], [512], "right to left"],
      [[3], [5], "sqrt"],
      [[4], [-4], "sign after power"],
      [[5], [0.30000000000000004], "binary fractions"],
      [[6], [0.5], "remainder and quotient"],
      [[7], [NaN], "incomplete"],
    ],
    nested: [[[100], [1], "recursion by the text"]],
  }),
  ...rows("c/pi/pi.wasm", {
    nine_decimals: [
      [[0], [141592653], "the first nine"],
      [[1], [589793238], "the next nine"],
      [[84], [211349999], "up to decimal 765"],
      [[110], [216420198], "from decimal 991"],
    ],
    decimal: [[[762], [9], "the first of six nines"], [[768], [8], "the one after them"]],
    compute: [[[100], [108], "whole limbs"]],
  }),
  ...rows("assemblyscript/crc32/crc32.wasm", {
    check: [[[], [0xcbf43926n], "the check value"]],
    crc32: [[[0], [0n], "of nothing"]],
  }),
  ...rows("assemblyscript/sieve/sieve.wasm", {
    countPrimes: [
      [[1], [0], "none"],
      [[100], [25], "up to a hundred"],
      [[1000000], [78498], "up to a million, 16 pages of memory"],
      [[33554432], [-1], "beyond its bound"],
    ],
    largestPrime: [[[1000000], [999983], "below a million"], [[1], [0], "none"]],
  }),
  ...rows("assemblyscript/life/life.wasm", {
    population: [
      [[0, 8, 1], [3], "a blinker blinks"],
      [[1, 16, 64], [5], "a glider goes round the torus"],
      [[2, 64, 129], [2], "diehard's last two cells"],
      [[2, 64, 130], [0], "diehard dies out"],
    ],
  }),
];
