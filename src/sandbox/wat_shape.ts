/**
 * What a text must be like before `watr` gets it. The package is made for texts of one's own: some words keep it busy for
 * ever, and long and deep lists for seconds. This reads a text once, divided into words as the package divides it, and
 * lets through what the package is done with soon. Whatever else is wrong with a text, the package says.
 */
import { ModuleInvalidError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** Bounds of a text. */
export const WAT_BOUNDS = {
  /** UTF-16 units of it. */
  characters: 192 * 1024,
  /** Lists within lists: each is a call of the package to itself. */
  depth: 256,
  /** Words and lists in one function, or another part of a module: each that is taken moves all that follow it. */
  items: 20 * 1024,
  /** The sum of their depths over a text: each list copies what is in it. */
  depths: 1024 * 1024,
  /** Characters of a word that is no name: numbers are taken apart in quadratic time. */
  word: 1024,
  /** Imports times functions: for each function all imports are counted. */
  products: 8 * 1024 * 1024,
} as const;

/** What there is too much of, in the words of a message. */
const TOO_MUCH = {
  depth: "lists within lists",
  items: "words in one function",
  depths: "as the sum of the depths of words",
  word: "characters in a word",
  products: "as the product of imports and functions",
} as const satisfies Partial<Record<keyof typeof WAT_BOUNDS, string>>;

/** The forms of a vector: of another one the package makes as many lanes as it says. */
const VECTORS: ReadonlySet<string> = new Set(["i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"]);

/** What a number below zero may stand behind: an index or a size that is one is encoded without end. */
const SIGNED: ReadonlySet<string> = new Set([
  ...["i32.const", "i64.const", "f32.const", "f64.const", "v128.const"],
  ...VECTORS,
]);

/** Heads of lists of numbers, in data; and those that have sizes, and no number below zero. */
const NUMBERS: ReadonlySet<string> = new Set(["i8", "i16", "i32", "i64", "f32", "f64"]),
  SIZES: ReadonlySet<string> = new Set(["memory", "table"]);

/**
 * Names that the package would take for those of sections, since its objects have them; `quote`, which would hide a text;
 * and an instruction of a proposal that no engine has, whose texts are searched for one by one.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...["quote", "code", "datacount", "strings", "custom", "metadata", "__proto__", "string.const"],
  ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** What a word is made of: what neither ends one nor starts something else. */
const WORD = /(?:[^\0- ()";]|;(?!;))+/y;

/** An escape in a text, as the specification has them. */
const ESCAPE = /\\(?:[tnr"'\\]|[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\})/y;

/** A list that is open. */
interface Open {
  head: string | undefined;
  /** The last keyword before it. */
  readonly before: string;
}

class WatShape {
  readonly #text: string;
  /** From here on there is no end of a line: a comment ends at a parenthesis, too. */
  readonly #lastLine: number;
  readonly #around: Open[] = [];
  #list: Open = { head: undefined, before: "" };
  /** Lists around a part of the module: none, or the one that is the module. */
  #aroundPart = 0;
  /** Words and lists of the part so far. */
  #items = 0;
  /** The sum of their depths so far. */
  #depths = 0;
  /** The last keyword. */
  #last = "";
  #at = 0;
  #imports = 0;
  #functions = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lastLine = text.lastIndexOf("\n");
  }

  check(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at), next = text.charCodeAt(this.#at + 1);
      if (code <= 32) this.#at++;
      else if (code === 40 && next === 59) this.#skipBlock();
      else if (code === 59 && next === 59) this.#skipLine();
      else if (code === 40) this.#open();
      else if (code === 41) this.#close();
      else if (code === 34) this.#quoted();
      else this.#word();
    }
  }

  #refuse(reason: string, advice = ""): ModuleInvalidError {
    const before = this.#text.slice(0, this.#at), line = before.split("\n").length;
    const place = `line ${line}, column ${this.#at - before.lastIndexOf("\n")}`;
    return new ModuleInvalidError(`Cannot parse the text: ${reason} in ${place}${advice}`, this.#at);
  }

  #tooMuch(bound: keyof typeof TOO_MUCH): ModuleInvalidError {
    return this.#refuse(`more than ${WAT_BOUNDS[bound]} ${TOO_MUCH[bound]}`, "; load it as a binary module");
  }

  /** `(; … ;)`, which may contain others. */
  #skipBlock(): void {
    const mark = /\(;|;\)/g;
    mark.lastIndex = this.#at;
    let depth = 0, found: RegExpExecArray | null;
    do {
      found = mark.exec(this.#text);
      depth += found?.[0] === "(;" ? 1 : -1;
    } while (found !== null && depth > 0);
    this.#at = found === null ? this.#text.length : mark.lastIndex;
  }

  #skipLine(): void {
    const end = this.#at > this.#lastLine ? /[\r)]/g : /[\n\r]/g;
    end.lastIndex = this.#at;
    this.#at = end.exec(this.#text)?.index ?? this.#text.length;
  }

  #open(): void {
    this.#item();
    if (this.#around.length >= WAT_BOUNDS.depth) throw this.#tooMuch("depth");
    this.#around.push(this.#list);
    this.#list = { head: undefined, before: this.#last };
    this.#at++;
  }

  #close(): void {
    const { head, before } = this.#list, outer = this.#around.pop();
    if (outer === undefined) throw this.#refuse("Unexpected closing parenthesis");
    if (head === undefined) throw this.#refuse("unexpected empty list");
    if (head.startsWith("@")) this.#last = before; // an annotation is taken out
    this.#list = outer;
    this.#at++;
  }

  /** Counts what stands in a list. Its first must be a word. */
  #item(word?: string): void {
    const list = this.#list, depth = this.#around.length;
    if (depth <= this.#aroundPart) this.#items = 0;
    else if (list.head !== "local" && ++this.#items > WAT_BOUNDS.items) throw this.#tooMuch("items");
    if ((this.#depths += depth) > WAT_BOUNDS.depths) throw this.#tooMuch("depths");
    if (depth === 0) {
      if (word !== undefined) throw this.#refuse(`unexpected ${quote(word)}`);
    } else if (list.head === undefined && !this.#leftOut()) {
      if (word === undefined || !/^[a-z@]/.test(word)) {
        throw this.#refuse("a list starts with what is no word");
      }
      list.head = word;
      if (depth === 1) this.#aroundPart = word === "module" ? 1 : 0;
      if (word === "import") this.#imports++;
      if (word === "func") this.#functions++;
      if (this.#imports * this.#functions > WAT_BOUNDS.products) throw this.#tooMuch("products");
      // A group of imports is multiplied with the type that is theirs.
      if (word === "item" && this.#around.at(-1)?.head === "import") throw this.#refuse('unexpected "item"');
    }
  }

  /** Whether an annotation starts here that the package takes out before it looks at the list around it. */
  #leftOut(): boolean {
    const text = this.#text, at = this.#at;
    return text.startsWith("(@", at) && !text.startsWith("(@custom", at) &&
      !text.startsWith("(@metadata", at);
  }

  /** Text in quotes, also as a name behind a dollar. */
  #quoted(): void {
    const text = this.#text, mark = /["\\]/g;
    this.#item('"');
    if (text.charCodeAt(this.#at + 1) === 59) {
      throw this.#refuse('a text that starts with ";", which is to be written as "\\3b"'); // it would be left out
    }
    for (let at = this.#at + 1;;) {
      mark.lastIndex = at;
      const found = mark.exec(text);
      if (found === null) break;
      if (found[0] === '"') {
        this.#at = mark.lastIndex;
        return;
      }
      ESCAPE.lastIndex = this.#at = found.index;
      if (!ESCAPE.test(text)) throw this.#refuse("unexpected escape");
      at = ESCAPE.lastIndex;
    }
    this.#at = text.length;
  }

  #word(): void {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? "";
    if (word === "$" && this.#text.charCodeAt(this.#at + 1) === 34) {
      this.#at++;
      this.#quoted();
      return;
    }
    if (word.includes(";")) throw this.#refuse(`unexpected ${quote(word)}`); // it would be left out
    this.#item(word);
    if (!word.startsWith("$")) this.#checkWord(word);
    this.#at += word.length;
  }

  #checkWord(word: string): void {
    if (word.length > WAT_BOUNDS.word) throw this.#tooMuch("word");
    if (!/^[!-~]+$/.test(word)) throw this.#refuse(`unexpected ${quote(word)}`);
    if (/^[-+0-9]|^(?:nan|inf)\b/.test(word)) {
      const head = this.#list.head ?? "", signed = SIGNED.has(this.#last) || NUMBERS.has(head);
      if (!word.startsWith("-") || signed && !SIZES.has(head)) return;
      throw this.#refuse(`unexpected ${quote(word)}, which is below zero,`);
    }
    const lanes = /^\w+?x([^x]*)/.exec(word)?.[1] ?? "";
    if (FORBIDDEN.has(word) || Number(lanes) > 0 && !VECTORS.has(word)) {
      throw this.#refuse(`unexpected ${quote(word)}`);
    }
    this.#last = word;
  }
}

/**
 * Refuses a text that would keep the parser busy.
 *
 * @throws {ModuleInvalidError} its offset counts characters of the text
 */
export function checkWatShape(text: string): void {
  if (text.length > WAT_BOUNDS.characters) {
    throw new ModuleInvalidError(
      `Cannot parse the text: ${text.length} characters exceed ${WAT_BOUNDS.characters}; load it as a binary module`,
      0,
    );
  }
  new WatShape(text).check();
}
