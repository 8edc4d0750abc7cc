/** The loop finds what is hidden behind steps, given counters; and everything that it says of a crash is so. */
import { Counters, COUNTERS_NAME } from "./counters.ts";
import { crashText, readCrash } from "./crash_file.ts";
import { FuzzLoop } from "./fuzz_loop.ts";
import { instrumentSource } from "./instrument_source.ts";
import { shrink } from "./shrink.ts";
import { crashKey, tryInput } from "./try_input.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import type { Input, Target } from "../target.ts";

/** Fails on inputs that begin with "fz!"; each letter is a branch of its own. */
const HIDDEN = `export const f = (b) => {
  if (b[0] === 102) { if (b[1] === 122) { if (b[2] === 33) throw new Error("found") } }
}`;

function hidden(counters: Counters): (input: Input) => void {
  const { text } = instrumentSource(HIDDEN, (branches) => counters.reserve(branches));
  return new Function(COUNTERS_NAME, text.replace("export const f =", "return "))(counters.counts);
}

const SEEDS = { doc: "", seeds: () => [], patience: { base: 1000, perKiB: 0 } } as const;

Deno.test("FuzzLoop finds what lies three branches deep, led by counters, and does not when it is blind", async () => {
  const most = { blind: 20_000, led: 150_000 };
  const run = async (blind: boolean) => {
    const counters = new Counters(), attempt = hidden(counters);
    const found: Input[] = [];
    const target: Target = { ...SEEDS, open: () => ({ attempt }) };
    const loop = new FuzzLoop(target, { attempt }, {
      seed: 5,
      ends: (executions) => executions >= most[blind ? "blind" : "led"] || found.length > 0,
      inputs: [new Uint8Array(4)],
      words: [],
      counters,
      blind,
      onCrash: (input) => Promise.resolve(void found.push(input)),
    });
    await loop.run();
    return { found, reached: counters.reached, corpus: loop.corpus.size };
  };
  const blind = await run(true);
  assertEquals([blind.found, blind.corpus], [[], 1]);
  const led = await run(false);
  assert(
    led.found.length === 1 && led.reached > blind.reached,
    `${led.reached} after ${blind.reached} branches`,
  );
  assertEquals(new TextDecoder().decode(led.found[0]).slice(0, 3), "fz!");
});

const failing = (input: Input) => {
  if (input.includes(7) && input.includes(9)) throw new RangeError(`no ${input.length}`);
};

Deno.test("shrink() leaves the bytes that a failure needs", async () => {
  const long = Uint8Array.from({ length: 500 }, (_, index) => index % 250),
    fails = async (input: Input) => {
      return (await tryInput({ attempt: failing }, input, { base: 1000, perKiB: 0 })).failure !== undefined;
    };
  assertEquals([...await shrink(long, fails, { within: 5000 })].sort(), [7, 9]);
});

Deno.test("a crash is written and read again; two of one kind have one key", async () => {
  const input = Uint8Array.from({ length: 100 }, (_, index) => index), path = ".fuzz/crashes/reader/0.txt";
  const text = crashText({ target: "reader", input, why: "Error: one\n  at two" }, path);
  assert(text.includes(`deno task fuzz --repeat ${path}`));
  const read = readCrash(text);
  assertEquals([read.target, read.input], ["reader", input]);
  assertThrows(() => readCrash("00"), TypeError);
  const key = async (...bytes: number[]) => {
    const { failure = "" } = await tryInput({ attempt: failing }, Uint8Array.from(bytes), {
      base: 1000,
      perKiB: 0,
    });
    return crashKey(failure);
  };
  assertEquals(await key(7, 9), await key(9, 7, 1));
});

Deno.test("tryInput() says that an input is slow when it is so each time, and not when it was once", async () => {
  let slow = 1;
  const attempt = async () => {
    if (slow-- > 0) await new Promise((resolve) => setTimeout(resolve, 60));
  };
  assertEquals((await tryInput({ attempt }, new Uint8Array(), { base: 40, perKiB: 0 })).failure, undefined);
  slow = Infinity;
  const { failure } = await tryInput({ attempt }, new Uint8Array(), { base: 40, perKiB: 0 });
  assert(failure?.startsWith("Slow: "), failure);
});
