/** Values of calls as people write them: words of a command line, fields of a form. */
import { decimalToFloat32 } from "./decimal.ts";
import { isContentKind, type Kind } from "./signature.ts";
import type { CallValue } from "./value.ts";

const INTEGER = /^[+-]?(?:0x[0-9a-f]+(?:_[0-9a-f]+)*|[0-9]+(?:_[0-9]+)*)$/i;
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** Longest number that is read: every double has a shorter exact decimal, and reading time grows with the square. */
const LONGEST = 1200;

/** Reads an integer that may be given signed or unsigned; undefined when it is none or does not fit. */
function integer(word: string, bits: number): bigint | undefined {
  if (!INTEGER.test(word)) return undefined;
  const digits = word.replace(/^[+-]/, "").replaceAll("_", "");
  const value = word.startsWith("-") ? -BigInt(digits) : BigInt(digits);
  const least = -(2n ** BigInt(bits - 1)), most = 2n ** BigInt(bits) - 1n;
  return value < least || value > most ? undefined : BigInt.asIntN(bits, value);
}

function float(word: string, round: (decimal: string) => number): number | undefined {
  if (/^[+-]?nan$/i.test(word)) return NaN;
  if (isInfinityWord(word)) return word.startsWith("-") ? -Infinity : Infinity;
  if (!DECIMAL.test(word)) return undefined;
  const value = round(word);
  return Number.isFinite(value) ? value : undefined;
}

/** How a word is read as a value of a kind. */
interface WordReader {
  readonly allowed: string;
  /** @returns undefined for a word that says none */
  readonly read: (word: string) => CallValue | undefined;
}

/** Structured values are given as JSON, whatever they cross as. */
const STRUCTURED: WordReader = {
  allowed: "JSON, such as '{\"a\": [1, null]}'",
  read: (word) => {
    try {
      return JSON.parse(word) as CallValue; // what JSON says is a value of calls
    } catch {
      return undefined;
    }
  },
};

const READERS: Readonly<Record<Kind, WordReader>> = {
  i32: {
    allowed: "a whole number from -2147483648 to 4294967295, decimal or 0x…",
    read: (word) => {
      const value = integer(word, 32);
      return value === undefined ? undefined : Number(value);
    },
  },
  i64: {
    allowed: "a whole number from -9223372036854775808 to 18446744073709551615, decimal or 0x…",
    read: (word) => integer(word, 64),
  },
  f32: {
    allowed: "a number from -3.4028235e38 to 3.4028235e38, inf, -inf or nan",
    read: (word) => float(word, decimalToFloat32),
  },
  f64: {
    allowed: "a number from -1.7976931348623157e308 to 1.7976931348623157e308, inf, -inf or nan",
    read: (word) => float(word, Number),
  },
  string: { allowed: "text", read: (word) => word },
  bytes: {
    allowed: "an even number of hexadecimal digits",
    read: (word) => /^(?:[0-9a-f]{2})*$/i.test(word) ? Uint8Array.fromHex(word) : undefined,
  },
  json: STRUCTURED,
  msgpack: STRUCTURED,
};

/** What a word may be for a value of a kind. */
export function allowedWords(kind: Kind): string {
  return READERS[kind].allowed;
}

/** Reads a word as a value of a kind. @returns undefined for a word that says none */
export function readValueWord(word: string, kind: Kind): CallValue | undefined {
  return word.length > LONGEST && !isContentKind(kind) ? undefined : READERS[kind].read(word);
}

/** Whether a word says that a number is infinite. */
export function isInfinityWord(word: string): boolean {
  return INFINITE.test(word);
}
