/** Modules that are made to keep a scan busy: each is some megabytes, and what is quadratic in them would take minutes. */
import { scanModule } from "../../src/inspection/scan.ts";
import { assert, assertEquals } from "../assert.ts";
import { largeModule } from "./large_module.ts";
import { funcType, HEADER, leb, name, SECTION } from "../wasm/module_builder.ts";

/** Far above what any of them takes on a machine that has other work. */
const MOST_MILLISECONDS = 15_000;

type Part = Uint8Array | readonly number[];

function joined(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function section(id: number, ...parts: readonly Part[]): Uint8Array {
  const payload = joined(...parts);
  return joined([id], leb(payload.length), payload);
}

/** A part again and again. */
function repeated(part: readonly number[], times: number): Uint8Array {
  const bytes = new Uint8Array(part.length * times);
  for (let at = 0; at < times; at++) bytes.set(part, at * part.length);
  return bytes;
}

/** A module of one type, and of functions with the same code. */
function functionsOf(count: number, code: Part): Uint8Array<ArrayBuffer> {
  const body = joined(leb(code.length), code);
  return joined(
    HEADER,
    section(SECTION.type, [1], funcType([], [])),
    section(SECTION.function, leb(count), new Uint8Array(count)),
    section(SECTION.export, [1], name("f"), [0, 0]),
    section(SECTION.code, leb(count), ...Array<Uint8Array>(count).fill(body)),
  );
}

function dataOf(text: string, size: number): Uint8Array<ArrayBuffer> {
  const letters = [...text].map((letter) => letter.charCodeAt(0));
  return joined(
    HEADER,
    section(SECTION.custom, name("x"), repeated(letters, Math.floor(size / letters.length))),
  );
}

const MEGABYTE = 1 << 20;

const LOOPS = 1300, SEGMENTS = 50_000;

const SAMPLES: Readonly<Record<string, () => Uint8Array<ArrayBuffer>>> = {
  "a function that makes 500,000 calls of itself": () =>
    functionsOf(1, joined([0], repeated([0x10, 0], 500_000), [0x0b])),
  "1,000 functions with 1,000 calls each": () =>
    functionsOf(1000, joined([0], repeated([0x10, 7], 1000), [0x0b])),
  "100,000 functions": () => largeModule({ functions: 100_000 }),
  "20,000 exports": () => largeModule({ functions: 20_000, exported: true }),
  "800,000 blocks within each other": () =>
    functionsOf(1, joined([0], repeated([0x02, 0x40], 800_000), repeated([0x0b], 800_000), [0x0b])),
  "loops within loops, each small enough to be looked at": () =>
    functionsOf(
      1000,
      joined([0], repeated([0x03, 0x40], LOOPS), repeated([0x0b], LOOPS), [0x0b]),
    ),
  "a million loops in a row": () =>
    functionsOf(40, joined([0], repeated([0x03, 0x40, 0x0b], 25_000), [0x0b])),
  "50,000 segments of one byte": () =>
    joined(
      HEADER,
      section(SECTION.memory, [1, 0], [3]),
      section(
        SECTION.data,
        leb(SEGMENTS),
        Array.from({ length: SEGMENTS }, (_, at) => [0, 0x41, ...signed(at), 0x0b, 1, 0x41]).flat(),
      ),
    ),
  "megabytes of beginnings of what is looked for": () =>
    dataOf("eyJAKIAMZPK\x03AIzaghpstrhttp://bc14B-----BEGIN ", 4 * MEGABYTE),
  "megabytes of addresses": () => dataOf("http://ab.example/x ", 4 * MEGABYTE),
  "megabytes of one letter": () => dataOf("4", 4 * MEGABYTE),
  "megabytes of hosts without an end": () => dataOf(`http://${"a.".repeat(40)}`, 4 * MEGABYTE),
  "megabytes of short texts of two bytes a letter": () =>
    dataOf("a\0b\0c\0d\0e\0f\0g\0h\0\x01", 4 * MEGABYTE),
};

/** Signed LEB128 of a number that is none below 0. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

for (const [what, make] of Object.entries(SAMPLES)) {
  Deno.test(`a scan takes a time that is linear in the bytes of ${what}`, () => {
    const bytes = make(), started = performance.now(), { scan } = scanModule(bytes);
    const took = performance.now() - started;
    assertEquals(scan.invalid, undefined);
    assert(took < MOST_MILLISECONDS, `${took.toFixed()} ms for ${bytes.length} bytes`);
    assert(JSON.stringify(scan.findings).length < 100_000, "what is told is bounded");
  });
}
