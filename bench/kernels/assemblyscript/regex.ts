// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * A backtracking matcher of regular expressions over a tree of objects with virtual methods: literals, `.`, classes
 * `[a-z]`, groups, `|`, `*`, `+` and `?`. `n` times the matches of four expressions are counted in 8 KiB of text.
 */

import { seed } from "./random.ts";
import { makeText } from "./text.ts";

const SIZE = 8192;
const text = new StaticArray<u8>(SIZE);
let length = 0;

/** A node matches from `at` on and asks what comes after it; the result is where the match ends, or -1. */
abstract class Matcher {
  next: Matcher | null = null;
  abstract match(at: i32): i32;

  protected rest(at: i32): i32 {
    const next = this.next;
    return next === null ? at : next.match(at);
  }
}

class Range extends Matcher {
  constructor(private low: i32, private high: i32) {
    super();
  }

  match(at: i32): i32 {
    if (at >= length) return -1;
    const c: i32 = text[at];
    return c >= this.low && c <= this.high ? this.rest(at + 1) : -1;
  }
}

class Either extends Matcher {
  constructor(private first: Matcher, private second: Matcher) {
    super();
  }

  match(at: i32): i32 {
    const end = this.first.match(at);
    return end >= 0 ? end : this.second.match(at);
  }
}

/** What a repetition comes back to. */
class Repeat extends Matcher {
  body: Matcher | null = null;

  match(at: i32): i32 {
    const end = this.body!.match(at);
    return end >= 0 ? end : this.rest(at);
  }
}

/** Joins the ends of alternatives to what follows them. */
class Join extends Matcher {
  match(at: i32): i32 {
    return this.rest(at);
  }
}

class Piece {
  constructor(public first: Matcher, public last: Matcher) {}
}

class Compiler {
  private at: i32 = 0;
  constructor(private source: string) {}

  private peek(): i32 {
    return this.at < this.source.length ? this.source.charCodeAt(this.at) : -1;
  }

  private atom(): Piece {
    const c = this.peek();
    this.at++;
    if (c == 0x28) {
      const group = this.alternatives();
      this.at++;
      return group;
    }
    let low = c, high = c;
    if (c == 0x2e) {
      low = 0x20;
      high = 0xff;
    } else if (c == 0x5b) {
      low = this.source.charCodeAt(this.at);
      high = this.source.charCodeAt(this.at + 2);
      this.at += 4;
    }
    const range = new Range(low, high);
    return new Piece(range, range);
  }

  private repeated(): Piece {
    const piece = this.atom(), c = this.peek();
    if (c != 0x2a && c != 0x2b && c != 0x3f) return piece;
    this.at++;
    const repeat = new Repeat(), end = new Join();
    repeat.body = piece.first;
    repeat.next = end;
    piece.last.next = c == 0x3f ? changetype<Matcher>(end) : changetype<Matcher>(repeat);
    return new Piece(c == 0x2b ? piece.first : changetype<Matcher>(repeat), end);
  }

  private sequence(): Piece {
    const all = this.repeated();
    for (let c = this.peek(); c >= 0 && c != 0x7c && c != 0x29; c = this.peek()) {
      const next = this.repeated();
      all.last.next = next.first;
      all.last = next.last;
    }
    return all;
  }

  alternatives(): Piece {
    let all = this.sequence();
    while (this.peek() == 0x7c) {
      this.at++;
      const other = this.sequence(), join = new Join();
      all.last.next = join;
      other.last.next = join;
      all = new Piece(new Either(all.first, other.first), join);
    }
    return all;
  }
}

function compile(source: string): Matcher {
  return new Compiler(source).alternatives().first;
}

function matches(matcher: Matcher): u32 {
  let sum: u32 = 0;
  for (let from = 0; from < length; from++) {
    const end = matcher.match(from);
    if (end > from) sum = sum * 3 + <u32> (end - from);
  }
  return sum;
}

export function run(n: i32): i32 {
  seed(12);
  makeText(text);
  length = SIZE;
  const matchers: Matcher[] = [
    compile("[a-f]+ [g-z]+"),
    compile("(a|e|i|o|u)[a-z]*(a|e|i|o|u)"),
    compile("t.?.?h|s(o|a)*"),
    compile("([a-m][n-z])+"),
  ];
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    text[round % SIZE] = 0x7a;
    for (let i = 0; i < matchers.length; i++) sum = sum * 31 + matches(matchers[i]);
  }
  return sum;
}

/** `a(b|c)*d` in "abcbd" is 5 long; `x+y?` in it is not there: 5 · 10 - 1. */
export function known(): i32 {
  const plain = "abcbd";
  length = plain.length;
  for (let i = 0; i < length; i++) text[i] = <u8> plain.charCodeAt(i);
  return compile("a(b|c)*d").match(0) * 10 + compile("x+y?").match(0);
}
