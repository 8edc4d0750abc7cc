/** Words of the command line to the values that a function of the guest takes. */
import { AegisError, TypeMismatchError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { type Kind, KINDS } from "../core/signature.ts";
import { type CallValue, formatFuncType, type FuncType, VALUE_KINDS } from "../core/value.ts";
import { allowedWords, isInfinityWord, readValueWord } from "../core/value_word.ts";

function isKind(type: string): type is Kind {
  return (KINDS as readonly string[]).includes(type);
}

/** The number of words is wrong. A flag of ours among them was meant for us. */
class ArgumentCountError extends TypeMismatchError {
  declare readonly suggestion?: string;

  constructor(what: string, { expected, words }: { expected: number; words: readonly string[] }) {
    super(`Cannot call ${what}`, `${expected} argument${expected === 1 ? "" : "s"}`, String(words.length));
    const option = words.find((word) => /^--?[a-z]/i.test(word) && !isInfinityWord(word));
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
    const kind = param as Kind, value = readValueWord(word, kind); // every parameter was tested above
    if (value === undefined) {
      throw new TypeMismatchError(
        `Cannot read argument ${index + 1} of ${quote(name)} as ${param}`,
        allowedWords(kind),
        quote(word),
      );
    }
    return value;
  });
}
