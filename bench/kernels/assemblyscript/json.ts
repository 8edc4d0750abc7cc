// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * A recursive-descent parser of JSON that makes managed objects, over 16 KiB of generated records; `n` parses, so the
 * collector works too.
 */

import { nextRandom, seed } from "./random.ts";

const SIZE = 16384;

enum Kind {
  Null,
  False,
  True,
  Number,
  Text,
  List,
  Record,
}

class Node {
  number: f64 = 0;
  text: string = "";
  items: Node[] = [];
  keys: string[] = [];
  constructor(public kind: Kind) {}
}

class Parser {
  at: i32 = 0;
  failed: bool = false;
  constructor(private source: string) {}

  private peek(): i32 {
    return this.at < this.source.length ? this.source.charCodeAt(this.at) : -1;
  }

  private skip(): void {
    for (let c = this.peek(); c == 0x20 || c == 0x0a || c == 0x09 || c == 0x0d; c = this.peek()) this.at++;
  }

  private take(c: i32): bool {
    this.skip();
    if (this.peek() != c) return false;
    this.at++;
    return true;
  }

  private word(letters: string, kind: Kind): Node {
    if (this.source.substr(this.at, letters.length) != letters) this.failed = true;
    this.at += letters.length;
    return new Node(kind);
  }

  private string(): string {
    if (!this.take(0x22)) this.failed = true;
    const from = this.at;
    for (let c = this.peek(); c != 0x22 && c >= 0; c = this.peek()) this.at += c == 0x5c ? 2 : 1;
    return this.source.substring(from, this.at++);
  }

  private digits(value: f64): f64 {
    for (let c = this.peek(); c >= 0x30 && c <= 0x39; c = this.peek()) {
      value = value * 10 + (c - 0x30);
      this.at++;
    }
    return value;
  }

  private number(): Node {
    const node = new Node(Kind.Number), from = this.at;
    const negative = this.peek() == 0x2d;
    if (negative) this.at++;
    let value = this.digits(0), scale = 0;
    if (this.peek() == 0x2e) {
      const point = ++this.at;
      value = this.digits(value);
      scale = point - this.at;
    }
    if (this.peek() == 0x65) {
      this.at++;
      const down = this.peek() == 0x2d;
      if (down) this.at++;
      const exponent = <i32> this.digits(0);
      scale += down ? -exponent : exponent;
    }
    for (; scale < 0; scale++) value /= 10;
    for (; scale > 0; scale--) value *= 10;
    if (this.at == from) this.failed = true;
    node.number = negative ? -value : value;
    return node;
  }

  private list(kind: Kind, close: i32): Node {
    const node = new Node(kind);
    this.at++;
    if (this.take(close)) return node;
    do {
      if (kind == Kind.Record) {
        node.keys.push(this.string());
        if (!this.take(0x3a)) this.failed = true;
      }
      node.items.push(this.value());
    } while (!this.failed && this.take(0x2c));
    if (!this.take(close)) this.failed = true;
    return node;
  }

  value(): Node {
    this.skip();
    switch (this.peek()) {
      case 0x7b:
        return this.list(Kind.Record, 0x7d);
      case 0x5b:
        return this.list(Kind.List, 0x5d);
      case 0x22: {
        const node = new Node(Kind.Text);
        node.text = this.string();
        return node;
      }
      case 0x74:
        return this.word("true", Kind.True);
      case 0x66:
        return this.word("false", Kind.False);
      case 0x6e:
        return this.word("null", Kind.Null);
      default:
        return this.number();
    }
  }
}

/** Every number, length and kind goes in, so nothing of the tree can be left out. */
function sum(node: Node): u32 {
  let total: u32 = <u32> node.kind + node.items.length + node.text.length + <u32> <i32> (node.number * 16);
  for (let i = 0; i < node.items.length; i++) {
    if (node.kind == Kind.Record) total = total * 31 + node.keys[i].length;
    total = total * 31 + sum(node.items[i]);
  }
  return total;
}

function letters(count: i32): string {
  let text = "";
  for (let i = 0; i < count; i++) text += String.fromCharCode(0x61 + nextRandom() % 26);
  return text;
}

function makeSource(): string {
  let text = "[", between = "";
  for (let id = 0; text.length < SIZE; id++) {
    let tags = "";
    for (let i = nextRandom() % 5; i > 0; i--) {
      tags += `-${nextRandom() % 100}${i > 1 ? "e1, " : ""}`;
    }
    const name = letters(3 + nextRandom() % 12), price = nextRandom() % 100_000;
    text += `${between}{ "id": ${id}, "name": "item \\"${name}\\"", "price": ${price / 100}.${
      10 + price % 90
    }, `;
    text += `"sold": ${nextRandom() & 1 ? "true" : "false"}, "tags": [${tags}], "owner": { "none": null } }`;
    between = ",\n";
  }
  return text + "]";
}

export function run(n: i32): i32 {
  seed(11);
  const source = makeSource();
  let total: u32 = 0;
  for (let i = 0; i < n; i++) {
    const parser = new Parser(source);
    total = total * 31 + sum(parser.value()) + (parser.failed ? 1 : 0) + parser.at;
  }
  return total;
}

/** 12.5 and the items of a list of three; or -1 when it cannot be read: 12.5 · 10 + 3. */
export function known(): i32 {
  const parser = new Parser(' {"a": [1, 2, {}], "b": 125e-1} ');
  const root = parser.value();
  if (parser.failed || root.keys[1] != "b") return -1;
  return <i32> (root.items[1].number * 10) + root.items[0].items.length;
}
