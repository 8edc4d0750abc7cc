/** Words of the command line to the values that a function of the guest takes. */
import { AegisError, TypeMismatchError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { isContentKind, type Kind, KINDS } from "../core/signature.ts";
import { type CallValue, formatFuncType, type FuncType, VALUE_KINDS } from "../core/value.ts";
import { decimalToFloat32 } from "./decimal.ts";

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
  if (INFINITE.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
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

function isKind(type: string): type is Kind {
  return (KINDS as readonly string[]).includes(type);
}

/** The number of words is wrong. A flag of ours among them was meant for us. */
class ArgumentCountError extends TypeMismatchError {
  declare readonly suggestion?: string;

  constructor(what: string, { expected, words }: { expected: number; words: readonly string[] }) {
    super(`Cannot call ${what}`, `${expected} argument${expected === 1 ? "" : "s"}`, String(words.length));
    const option = words.find((word) => /^--?[a-z]/i.test(word) && !INFINITE.test(word));
    if (option === undefined) return;
    this.suggestion = `What follows "--" is for the function; options such as ${
      quote(option)
    } stand before it.`;
  }
}

/**
 * Reads one word for every parameter of a function.
 *
 * @param type in terms of WebAssembly, or of what the module says that they stand for
 * @param name the function's name, for messages
 * @throws {AegisError} `TypeMismatch` when their number is wrong, or one does not fit its parameter
 */
export function readGuestArguments(words: readonly string[], name: string, type: FuncType): CallValue[] {
  const what = `${quote(name)} of type ${formatFuncType(type)}`;
  for (const [index, param] of type.params.entries()) {
    if (!isKind(param)) {
      throw new AegisError(
        "TypeMismatch",
        `Cannot call ${what}: parameter ${index + 1} is ${
          /^[aeiou]/.test(param) ? "an" : "a"
        } ${param}, which no argument can give; ` +
          `functions of ${VALUE_KINDS.join(", ")} can be called`,
      );
    }
  }
  if (words.length !== type.params.length) {
    throw new ArgumentCountError(what, { expected: type.params.length, words });
  }
  return type.params.map((param, index) => {
    const word = words[index] ?? "";
    const kind = param as Kind, reader = READERS[kind]; // every parameter was tested above
    const value = word.length > LONGEST && !isContentKind(kind) ? undefined : reader.read(word);
    if (value === undefined) {
      throw new TypeMismatchError(
        `Cannot read argument ${index + 1} of ${quote(name)} as ${param}`,
        reader.allowed,
        quote(word),
      );
    }
    return value;
  });
}
