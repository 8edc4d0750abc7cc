/** Random and mutated modules: the reader answers with a module or with an error of ours, whatever the bytes. */
import { ModuleInvalidError, ModuleRefusedError } from "../../src/core/errors.ts";
import { disassemble } from "../../src/wasm/disassemble.ts";
import { readNames } from "../../src/wasm/names.ts";
import { readProducers, readTargetFeatures } from "../../src/wasm/producers.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert } from "../assert.ts";
import { EVERYTHING } from "./everything_module.ts";
import { customSection, HEADER, name, vec } from "./module_builder.ts";
import { Random } from "./random.ts";

/** Changes with every run and is printed when one fails; `AEGIS_SEED` repeats it. */
const SEED = Number(Deno.env.get("AEGIS_SEED") ?? Date.now() % 2 ** 31);

const NAMES = customSection("name", [
  0,
  2,
  1,
  0x6d,
  1,
  7,
  2,
  0,
  1,
  0x66,
  1,
  1,
  0x67,
  2,
  7,
  1,
  1,
  1,
  0,
  2,
  0x61,
  0x62,
]); // deno-fmt-ignore-line
const PRODUCERS = customSection("producers", vec([[...name("language"), ...vec([[...name("C"), ...name("11")]])]]));
const FEATURES = customSection("target_features", vec([[0x2b, ...name("simd128")]]));

const SEEDED = Uint8Array.from([...EVERYTHING, ...NAMES, ...PRODUCERS, ...FEATURES]);

/** Reads a module and all that can be read of it; whether it was one. */
function readAll(bytes: Uint8Array): boolean {
  try {
    const module = readModule(bytes);
    const names = readNames(module);
    for (const index of module.functions.keys()) names.locals(index);
    readProducers(module);
    readTargetFeatures(module);
    for (const range of module.bodies) {
      assert(range.locals.reduce((sum, group) => sum + group.count, 0) === range.localCount);
      for (const line of disassemble(module, { start: range.code, end: range.end })) assert(line.text !== "");
    }
    return true;
  } catch (error) {
    if (error instanceof ModuleInvalidError) {
      assert(error.offset >= 0 && error.offset <= bytes.length, error.message);
    } else if (!(error instanceof ModuleRefusedError)) throw error;
    return false;
  }
}

/** Runs `attempt` for a while, and says with which seed it failed. */
function forAWhile(attempt: (random: Random) => void): void {
  const end = performance.now() + 700;
  for (let seed = SEED; performance.now() < end; seed++) {
    try {
      attempt(new Random(seed));
    } catch (error) {
      throw new Error(`Failed with AEGIS_SEED=${seed}`, { cause: error });
    }
  }
}

Deno.test("E42 readModule() survives random bytes behind a header", () => {
  forAWhile((random) => {
    const bytes = Uint8Array.from(
      { length: 8 + random.below(64) },
      (_, index) => HEADER[index] ?? random.below(256),
    );
    readAll(bytes);
  });
});

Deno.test("E42 readModule() survives sections of random bytes", () => {
  forAWhile((random) => {
    const bytes = [...HEADER];
    for (let id = 1; id <= 13; id++) {
      if (random.below(3) > 0) continue;
      const length = random.below(20);
      bytes.push(id, length, ...Array.from({ length }, () => random.below(random.pick([4, 128, 256]))));
    }
    readAll(Uint8Array.from(bytes));
  });
});

Deno.test("E42 readModule() survives a module with bytes changed, inserted and taken away", () => {
  let valid = 0;
  forAWhile((random) => {
    let bytes = [...SEEDED];
    for (let changes = 1 + random.below(3); changes > 0; changes--) {
      const at = HEADER.length + random.below(bytes.length - HEADER.length);
      const byte = random.pick([0, 1, 0x0b, 0x40, 0x7f, 0x80, 0xff, random.below(256)]);
      bytes = random.pick([
        [...bytes.slice(0, at), byte, ...bytes.slice(at + 1)],
        [...bytes.slice(0, at), byte, ...bytes.slice(at)],
        [...bytes.slice(0, at), ...bytes.slice(at + 1)],
      ]);
    }
    if (readAll(Uint8Array.from(bytes))) valid++;
  });
  assert(valid > 0, "no change at all left a module: the changes are too coarse to test much");
});

Deno.test("readModule() reads the module that the others are made of", () => {
  assert(readAll(SEEDED));
});
