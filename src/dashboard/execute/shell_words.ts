/**
 * Words for a POSIX shell. What a command is made of may be names that a guest chose, and it is pasted into terminals: a
 * word becomes exactly one argument, and no character of it reaches the terminal that would drive it, such as an escape
 * sequence that ends a paste. Such characters are written by `printf`, in octal digits.
 */

/** Words that no shell changes. A tilde, a hash and an equals sign at the beginning mean something to some. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/** Control characters but line breaks, and what is not seen or turns the direction of what is. */
const UNSEEN = /[^\P{C}\n]|\p{Zl}|\p{Zp}/u;

/** A word, and the lines that have to stand before the command that uses it. */
export interface ShellWord {
  readonly text: string;
  readonly before: readonly string[];
}

/** Whether a shell can pass a text on: no argument of a process has a NUL. */
export function canBePassed(text: string): boolean {
  return !text.includes("\0");
}

/** Quotes words; those with unseen characters become variables, each with a name of its own. */
export class ShellWords {
  #variables = 0;

  /** @param text without NULs */
  word(text: string): ShellWord {
    if (PLAIN.test(text)) return { text, before: [] };
    const well = text.toWellFormed();
    return UNSEEN.test(well) ? this.#variable(well) : { text: singleQuoted(well), before: [] };
  }

  #variable(text: string): ShellWord {
    const name = `word${++this.#variables}`;
    // A command's output loses the line breaks at its end: the full stop keeps them, and is taken off again.
    return { text: `"$${name}"`, before: [`${name}=$(printf '${octal(text)}.')`, `${name}=\${${name}%.}`] };
  }
}

/** The bytes of a text as `printf` reads them, and no terminal does. */
function octal(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w ./:,=+]/.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
