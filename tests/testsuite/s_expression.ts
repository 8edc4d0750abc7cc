/**
 * Reads the s-expressions that `.wast` files are made of: atoms, strings, lists. White space, line comments, nested
 * block comments and annotations lie between tokens and mean nothing here.
 */

/** A word, a number, a keyword, an identifier such as `$x`. */
export interface Atom {
  readonly kind: "atom";
  readonly text: string;
}

/** A string as the bytes it stands for: escapes may spell any byte, so it need not be UTF-8. */
export interface StringNode {
  readonly kind: "string";
  readonly bytes: Uint8Array;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Node[];
}

export type Node = Atom | StringNode | List;

const ESCAPES: Readonly<Record<string, number>> = {
  n: 0x0a,
  t: 0x09,
  r: 0x0d,
  '"': 0x22,
  "'": 0x27,
  "\\": 0x5c,
};

const ENCODER = new TextEncoder();

function isSpace(char: string): boolean {
  return char === " " || char === "\n" || char === "\t" || char === "\r";
}

function endsAtom(char: string): boolean {
  return isSpace(char) || char === "(" || char === ")" || char === '"' || char === ";";
}

/** A position in a text that moves forward over tokens. Positions count UTF-16 units. */
export class Scanner {
  /** The next unread position. */
  position = 0;
  #line = 1;
  #counted = 0;

  constructor(readonly text: string) {}

  /** @throws {SyntaxError} always, with the line of the next token */
  fail(reason: string): never {
    throw new SyntaxError(`${reason} in line ${this.line()}`);
  }

  /** The line of the next unread position, counted from 1. */
  line(): number {
    for (; this.#counted < this.position; this.#counted++) {
      if (this.text[this.#counted] === "\n") this.#line++;
    }
    return this.#line;
  }

  /** The first character of the next token, `""` at the end. */
  peek(): string {
    this.#skipSpace();
    return this.text[this.position] ?? "";
  }

  /** Whether the next token opens a list whose first atom is `keyword`. */
  opens(keyword: string): boolean {
    if (this.peek() !== "(") return false;
    const start = this.position;
    this.position++;
    const found = this.peek() !== "" && this.takeAtom(keyword);
    this.position = start;
    return found;
  }

  /** Reads one character that must be there. */
  expect(char: "(" | ")"): void {
    if (this.peek() !== char) this.fail(`Expected "${char}", found "${this.peek()}"`);
    this.position++;
  }

  /** Reads the next token if it is the atom `keyword`. */
  takeAtom(keyword: string): boolean {
    this.#skipSpace();
    const end = this.position + keyword.length;
    if (!this.text.startsWith(keyword, this.position) || !endsAtom(this.text[end] ?? " ")) return false;
    this.position = end;
    return true;
  }

  /** Reads the next token if it is an identifier, and gives it with its `$`. */
  takeIdentifier(): string | undefined {
    if (this.peek() !== "$") return undefined;
    if (this.text[this.position + 1] !== '"') return this.#atom();
    this.position++;
    return `$${new TextDecoder().decode(this.string())}`;
  }

  /** Reads an atom that must be there. */
  atom(): string {
    const char = this.peek();
    if (char === "" || endsAtom(char)) this.fail(`Expected a word, found "${char}"`);
    return this.#atom();
  }

  /** Reads a string that must be there. */
  string(): Uint8Array {
    if (this.peek() !== '"') this.fail(`Expected a string, found "${this.peek()}"`);
    const bytes: number[] = [];
    this.position++;
    for (;;) {
      const char = this.text[this.position];
      if (char === undefined) this.fail("Unterminated string");
      if (char === '"') break;
      if (char === "\\") this.#escape(bytes);
      else {
        const point = this.text.codePointAt(this.position) ?? 0;
        if (point < 0x80) bytes.push(point);
        else bytes.push(...ENCODER.encode(String.fromCodePoint(point)));
        this.position += point > 0xffff ? 2 : 1;
      }
    }
    this.position++;
    return Uint8Array.from(bytes);
  }

  /** Reads one atom, string or list. */
  node(): Node {
    const char = this.peek();
    if (char === '"') return { kind: "string", bytes: this.string() };
    if (char !== "(") return { kind: "atom", text: this.atom() };
    this.position++;
    const items = this.nodes();
    this.expect(")");
    return { kind: "list", items };
  }

  /** Reads everything up to the closing parenthesis or the end. */
  nodes(): Node[] {
    const items: Node[] = [];
    for (let char = this.peek(); char !== ")" && char !== ""; char = this.peek()) items.push(this.node());
    return items;
  }

  /** Moves past the end of the list whose `depth` opening parentheses were read, without building nodes. */
  skipList(depth = 1): void {
    while (depth > 0) {
      const char = this.peek();
      if (char === "") this.fail("Unterminated list");
      else if (char === '"') this.#skipString();
      else {
        this.position++;
        if (char === "(") depth++;
        else if (char === ")") depth--;
      }
    }
  }

  #atom(): string {
    const start = this.position;
    while (this.position < this.text.length && !endsAtom(this.text[this.position] ?? "")) this.position++;
    return this.text.slice(start, this.position);
  }

  #escape(bytes: number[]): void {
    const char = this.text[this.position + 1] ?? "";
    const plain = ESCAPES[char];
    if (plain !== undefined) {
      bytes.push(plain);
      this.position += 2;
      return;
    }
    if (char === "u") {
      const match = /^\{([0-9a-fA-F_]+)\}/.exec(this.text.slice(this.position + 2, this.position + 32));
      if (match === null) this.fail("Malformed unicode escape");
      bytes.push(...ENCODER.encode(String.fromCodePoint(parseInt((match[1] ?? "").replaceAll("_", ""), 16))));
      this.position += 2 + match[0].length;
      return;
    }
    const hex = this.text.slice(this.position + 1, this.position + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(hex)) this.fail(`Malformed escape "\\${hex}"`);
    bytes.push(parseInt(hex, 16));
    this.position += 3;
  }

  #skipString(): void {
    this.position++;
    while (this.text[this.position] !== '"') {
      if (this.position >= this.text.length) this.fail("Unterminated string");
      this.position += this.text[this.position] === "\\" ? 2 : 1;
    }
    this.position++;
  }

  #skipSpace(): void {
    for (;;) {
      const char = this.text[this.position] ?? "";
      if (isSpace(char)) this.position++;
      else if (char === ";" && this.text[this.position + 1] === ";") this.#skipLine();
      else if (char === "(" && this.text[this.position + 1] === ";") this.#skipComment();
      else if (char === "(" && this.text[this.position + 1] === "@") {
        this.position += 2;
        this.skipList();
      } else return;
    }
  }

  #skipLine(): void {
    while (this.position < this.text.length && !/[\r\n]/.test(this.text[this.position] ?? "")) {
      this.position++;
    }
  }

  #skipComment(): void {
    let depth = 0;
    do {
      if (this.position >= this.text.length) this.fail("Unterminated comment");
      const pair = this.text.slice(this.position, this.position + 2);
      if (pair === "(;") depth++;
      if (pair === ";)") depth--;
      this.position += pair === "(;" || pair === ";)" ? 2 : 1;
    } while (depth > 0);
  }
}
