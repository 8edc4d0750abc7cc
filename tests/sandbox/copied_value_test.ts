import { copyValue } from "../../src/sandbox/copied_value.ts";
import { Content } from "../../src/sandbox/content.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "../assert.ts";

const content = new Content();
await content.prepare(["msgpack"]);

/** What the encoders make of a value: its bytes, or that they refuse it. */
function said(value: object): string[] {
  return (["json", "msgpack"] as const).map((kind) => {
    try {
      return content.encode(kind, value).toString();
    } catch (error) {
      return String(error);
    }
  });
}

class Money {
  readonly #cents: number;
  readonly currency = "EUR";
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON(): unknown {
    return { amount: this.#cents / 100, toJSON: () => "not asked" };
  }
}

class Octets extends Uint8Array {
  toJSON(): unknown {
    return this.join(":");
  }
}

class Point {
  constructor(readonly x: number, readonly y: number) {}
  get sum(): number {
    return this.x + this.y;
  }
  set kept(_: number) {
    throw new Error("copied by its setter");
  }
}

/** Values that each say something else than what a clone of them would say. */
const VALUES: Readonly<Record<string, () => object>> = {
  "a tree": () => ({ a: [1, "b", null, { c: true, d: undefined }, [[]], -0, NaN], __proto__x: 1 }),
  "a key __proto__": () => JSON.parse('{"__proto__":{"x":[1]},"constructor":{"y":2},"toString":3}'),
  "no prototype": () => Object.assign(Object.create(null), { a: { b: 1 } }),
  "holes": () => Array.from({ length: 3 }, (_, index) => index).concat(new Array(2)),
  "a function as a field": () => ({ a: 1, run: () => 5 }),
  "a bigint": () => ({ a: 5n }),
  "dates": () => ({ at: new Date(86_400_000), never: new Date(NaN) }),
  "toJSON with fields that nobody sees": () => ({ price: new Money(1234), again: [new Money(5)] }),
  "toJSON of its own": () => ({ toJSON: (key: string) => ["said", key.length] }),
  "toJSON that gives itself": () => {
    const self = { a: 1, toJSON: (): unknown => self };
    return self;
  },
  "toJSON that throws": () => ({
    a: 1,
    toJSON: () => {
      throw new Error("no");
    },
  }),
  "a class": () => [new Point(1, 2), Object.assign(Object.create(Point.prototype), { x: 1 })],
  "a setter of the class": () =>
    Object.defineProperty(new Point(1, 2), "kept", { value: 7, enumerable: true }),
  "numbers as objects": () => [Object(5), Object("text"), Object(true)],
  "an address": () => ({ at: new URL("https://example.org/a?b") }),
  "a map and a set": () => [new Map([[1, 2]]), new Set([1]), /x/],
  "bytes inside": () => ({ bytes: new Uint8Array([1, 2, 3]).subarray(1), floats: new Float64Array([0.5]) }),
  "bytes with a JSON of their own": () => ({ octets: new Octets([1, 2]) }),
  "a view": () => ({ view: new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2) }),
  "one thing twice": () => {
    const one = { a: [1] };
    return [one, one, { one }];
  },
  "a circle": () => {
    const one: { self?: unknown } = {};
    one.self = [one];
    return one;
  },
};

Deno.test("copyValue() says the same as its original in JSON and in MessagePack", () => {
  for (const [name, make] of Object.entries(VALUES)) {
    const value = make(), expected = said(value);
    assertEquals(said(copyValue(value)), expected, name);
    assertEquals(said(value), expected, `${name} is as it was`);
  }
});

Deno.test("copyValue() has nothing in common with its original that can change", () => {
  const value = {
    list: [1, { deep: [2] }],
    bytes: new Uint8Array([3]),
    floats: new Float32Array([4]),
    view: new DataView(new ArrayBuffer(1)),
    at: new Date(5),
    map: Object.assign(new Map(), { field: [6] }),
  };
  const copy = copyValue(value), before = said(copy);
  const [, inner] = value.list as [number, { deep: number[] }];
  inner.deep.push(0);
  value.list.push(7);
  value.bytes[0] = value.floats[0] = 0;
  value.view.setInt8(0, 1);
  value.at.setTime(0);
  value.map.field.length = 0;
  assertEquals(said(copy), before);
});

Deno.test("copyValue() copies bytes, of shared memory too, and no more than the view has", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(100), 10, 4).fill(7);
  const copy = copyValue(shared);
  shared.fill(0);
  assert(copy instanceof Uint8Array && copy.buffer instanceof ArrayBuffer);
  assertEquals([[...copy], copy.buffer.byteLength], [[7, 7, 7, 7], 4]);
  const wide = copyValue({ part: new Uint16Array(new ArrayBuffer(1000), 2, 1) }) as { part: Uint16Array };
  assertEquals(wide.part.buffer.byteLength, 2);
});

Deno.test("copyValue() copies what occurs twice once, and leaves what cannot change", () => {
  let nested: unknown[] = [];
  for (let depth = 0; depth < 60; depth++) nested = [nested, nested]; // 2^60 places
  const copy = copyValue(nested) as unknown[];
  assertStrictEquals(copy[0], copy[1]);
  const frozen = Object.freeze({ a: 1 });
  assertStrictEquals(copyValue(frozen), frozen);
  assert(copyValue(Object.freeze({ a: [1] })) !== frozen);
});

Deno.test("copyValue() copies what is nested as deep as can be", () => {
  let nested: unknown[] = [5];
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  let copy = copyValue(nested) as unknown[];
  for (let depth = 0; depth < 100_000; depth++) copy = copy[0] as unknown[];
  assertEquals(copy, [5]);
});

Deno.test("copyValue() throws what getters throw", () => {
  const broken = {
    get a(): number {
      throw new TypeError("broken");
    },
  };
  assertThrows(() => copyValue(broken), TypeError, "broken");
});
