/** Drivers for examples that work on memory: what a row of plain numbers cannot show. */
import type { Instance, Session } from "./instance.ts";
import { callUnsigned, writeText } from "./guest_memory.ts";

/** A driver for one example, and what it must return. */
export interface ExampleSession {
  /** Path below `examples/`. */
  readonly file: string;
  readonly note: string;
  session(): Session;
  readonly expected: unknown;
}

const withoutImports = (drive: Session["drive"]) => (): Session => ({ imports: {}, drive });

/** Lengths around the block of 64 bytes, where the padding changes its form, and a long one. */
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 65536];

const message = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 0xff);

async function digestOf(instance: Instance, bytes: Uint8Array): Promise<string> {
  await instance.writeMemory(await callUnsigned(instance, "buffer"), bytes);
  await instance.call("sha256", [bytes.length]);
  return (await instance.readMemory(await callUnsigned(instance, "digest"), 32)).toHex();
}

/** Lengths whose digest differs from the platform's. */
async function wrongDigests(instance: Instance): Promise<number[]> {
  const wrong: number[] = [];
  for (const length of LENGTHS) {
    const bytes = message(length);
    const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    if (await digestOf(instance, bytes) !== expected) wrong.push(length);
  }
  return wrong;
}

const EXPRESSIONS = [
  "1+1",
  "2*(3+4)^2",
  " ( 1.5 - .5 ) / 4 ",
  "abs(-2^3) % 3",
  "--1",
  "1 +",
  "2)",
  "1 & 2",
  "",
];

async function evaluate(instance: Instance, text: string): Promise<string> {
  const length = await writeText(instance, await callUnsigned(instance, "buffer"), text);
  const [value] = await instance.call("evaluate", [length]);
  const [at] = await instance.call("error_at", []);
  return at === -1 ? `${value}` : `error at ${at}`;
}

async function checksum(instance: Instance, text: string): Promise<string> {
  const length = await writeText(instance, await callUnsigned(instance, "buffer"), text);
  const [value] = await instance.call("crc32", [length]);
  return `${value?.toString(16)}`;
}

/** Every example that takes text or bytes, or leaves some. */
export const exampleSessions: readonly ExampleSession[] = [
  {
    file: "c/sha256/sha256.wasm",
    note: "hashes messages of many lengths as the platform's own SHA-256 does",
    session: withoutImports(wrongDigests),
    expected: [],
  },
  {
    file: "c/calculator/calculator.wasm",
    note: "evaluates texts, or tells where they are wrong",
    session: withoutImports((instance) =>
      EXPRESSIONS.reduce<Promise<string[]>>(
        async (done, text) => [...await done, await evaluate(instance, text)],
        Promise.resolve([]),
      )
    ),
    expected: ["2", "98", "0.25", "2", "1", "error at 3", "error at 1", "error at 2", "error at 0"],
  },
  {
    file: "c/mandelbrot/mandelbrot.wasm",
    note: "leaves a PGM file whose middle row is symmetric to the row below it",
    session: withoutImports(async (instance) => {
      const length = await callUnsigned(instance, "render", 16, 50);
      const file = await instance.readMemory(await callUnsigned(instance, "pixels"), length);
      const row = (y: number) => file.subarray(length - 256 + y * 16, length - 240 + y * 16).toHex();
      return {
        header: new TextDecoder().decode(file.subarray(0, length - 256)),
        symmetric: row(7) === row(8),
      };
    }),
    expected: { header: "P5\n16 16\n255\n", symmetric: true },
  },
  {
    file: "assemblyscript/crc32/crc32.wasm",
    note: "sums up texts as zip does",
    session: withoutImports(async (instance) => [
      await checksum(instance, "123456789"),
      await checksum(instance, "The quick brown fox jumps over the lazy dog"),
      await checksum(instance, ""),
    ]),
    expected: ["cbf43926", "414fa339", "0"],
  },
  {
    file: "assemblyscript/life/life.wasm",
    note: "keeps the board between calls: a blinker lies down and stands up",
    session: withoutImports(async (instance) => {
      const cells = async (generations: number) => {
        await instance.call("population", [0, 8, generations]);
        const found: string[] = [];
        for (let y = 0; y < 8; y++) {
          for (let x = 0; x < 8; x++) {
            if (await callUnsigned(instance, "alive", x, y) === 1) found.push(`${x},${y}`);
          }
        }
        return found;
      };
      return [await cells(0), await cells(1)];
    }),
    expected: [["2,3", "3,3", "4,3"], ["3,2", "3,3", "3,4"]],
  },
];
