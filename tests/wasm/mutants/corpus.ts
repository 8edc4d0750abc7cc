/**
 * What mutants are made of: everything that we know to be a module, and what instrumentation makes of it. An
 * interpreter reads instrumented modules and has no other wall than our validator.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { resolveLimits } from "../../../src/core/limits.ts";
import { instrument } from "../../../src/guest/prepare.ts";
import { ENGINE_LIMITS } from "../../../src/wasm/implementation_limits.ts";
import type { Module } from "../../../src/wasm/module.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { GENERATIONS, randomProgram } from "../../generated/generator/random_program.ts";
import { type RealModule, realModules } from "../../generated/mutants/real_modules.ts";
import { WIDE_LIMITS } from "../../instrument/wide_limits.ts";
import { testsuiteFolder } from "../../testsuite/location.ts";
import { suiteModules } from "../../testsuite/suite_modules.ts";
import { EVERYTHING } from "../everything_module.ts";
import type { Random } from "../random.ts";
import { randomModule } from "../random_code.ts";
import { randomTypes } from "../random_types.ts";

/** A module to be changed. */
export interface Source extends RealModule {
  /** Absent where our reader refuses the bytes: only they can be changed, not instructions. */
  readonly module: Module | undefined;
}

/** Sources of one kind, by the size that says how long a comparison takes. */
export interface Shelf {
  readonly name: string;
  /** How often it is drawn from, compared with the others. */
  readonly share: number;
  /** How many sources there are; `undefined` where each is made when it is drawn. */
  readonly count: number | undefined;
  readonly draw: (random: Random) => Source;
}

/** Larger modules take milliseconds a mutant, so they are drawn less often; those above the second are left out. */
const SMALL_BYTES = 16_000, LARGE_BYTES = 300_000;

/** Generated programs that mutants are made of. */
const PROGRAMS = 300;

/** Every so many modules are instrumented with canonical NaNs. */
const DETERMINISTIC = 4;

const LIMITS = resolveLimits(WIDE_LIMITS);

/** How often each kind is drawn, of 100. */
const SHARES = { suite: 26, small: 16, large: 2, programs: 10 } as const;

/** The same for their instrumented bytes. */
const INSTRUMENTED_SHARES = { suite: 16, small: 14, large: 2, programs: 8 } as const;

const FRESH_SHARE = 6;

const PROGRAM_FOLDER = new URL("../../programs/wasm/", import.meta.url);

/** Everything that can be drawn from, the same at each call. */
export async function corpus(): Promise<Shelf[]> {
  const real = [...await realModules(LARGE_BYTES, 0), ...await programModules()];
  const modules: Record<keyof typeof SHARES, RealModule[]> = {
    suite: await suite(),
    small: real.filter(({ bytes }) => bytes.length <= SMALL_BYTES),
    large: real.filter(({ bytes }) => bytes.length > SMALL_BYTES),
    programs: Array.from({ length: PROGRAMS }, (_, seed) => {
      const { bytes, source } = randomProgram(seed, GENERATIONS[seed % GENERATIONS.length] ?? "none");
      return { bytes, name: source };
    }),
  };
  const shelves: Shelf[] = [];
  for (const [kind, share] of entries(SHARES)) {
    const made = modules[kind].flatMap(instrumented);
    shelves.push(shelf(kind, share, modules[kind]));
    shelves.push(shelf(`${kind} instrumented`, INSTRUMENTED_SHARES[kind], made));
  }
  return [...shelves.filter(({ count }) => count !== 0), ...FRESH];
}

function entries<Key extends string>(table: Readonly<Record<Key, number>>): [Key, number][] {
  return Object.entries(table) as [Key, number][]; // `as`: its keys are the table's
}

function shelf(name: string, share: number, modules: readonly RealModule[]): Shelf {
  const sources = modules.map(source);
  return { name, share, count: sources.length, draw: (random) => random.pick(sources) };
}

function source({ name, bytes }: RealModule): Source {
  try {
    return { name, bytes, module: readModule(bytes, ENGINE_LIMITS) };
  } catch (error) {
    if (error instanceof AegisError) return { name, bytes, module: undefined };
    throw error;
  }
}

/** Sources that are made when they are drawn: no two are alike. */
const FRESH: readonly Shelf[] = [
  { name: "random", makes: (random: Random) => [{ name: "random module", bytes: anyRandom(random) }] },
  {
    name: "random instrumented",
    makes: (random: Random) => {
      const original = { name: "random module", bytes: anyRandom(random) }, made = instrumented(original);
      return made.length === 0 ? [original] : made;
    },
  },
].map(({ name, makes }) => ({
  name,
  share: FRESH_SHARE / 2,
  count: undefined,
  draw: (random) => source(random.pick(makes(random))),
}));

function anyRandom(random: Random): Uint8Array<ArrayBuffer> {
  return random.pick([() => EVERYTHING, randomModule, randomTypes])(random);
}

/** The instrumented bytes and the shim of a module, if it can be instrumented. */
function instrumented({ name, bytes }: RealModule, index = 0): RealModule[] {
  try {
    const deterministic = index % DETERMINISTIC === 0;
    const made = instrument(bytes, { limits: LIMITS, unboundedHeap: true, deterministic });
    return [
      { name: `${name}, instrumented`, bytes: Uint8Array.from(made.bytes) },
      ...(index % SHIMS === 0 ? [{ name: `${name}, shim`, bytes: Uint8Array.from(made.shim) }] : []),
    ];
  } catch (error) {
    if (error instanceof AegisError) return [];
    throw error;
  }
}

/** Shims are much alike: so many modules give one. */
const SHIMS = 8;

async function suite(): Promise<RealModule[]> {
  const folder = testsuiteFolder();
  if (folder === undefined) {
    console.error("The official suite was not found, so no mutant is made of it: set AEGIS_TESTSUITE");
    return [];
  }
  return (await suiteModules(folder)).flatMap(({ bytes, place }) =>
    bytes === undefined || bytes.length > SMALL_BYTES ? [] : [{ name: place, bytes }]
  );
}

async function programModules(): Promise<RealModule[]> {
  const names = [];
  for await (const { name } of Deno.readDir(PROGRAM_FOLDER)) if (name.endsWith(".wasm")) names.push(name);
  const read = names.sort().map(async (name) => ({
    name,
    bytes: await Deno.readFile(new URL(name, PROGRAM_FOLDER)),
  }));
  return (await Promise.all(read)).filter(({ bytes }) => bytes.length <= LARGE_BYTES);
}
