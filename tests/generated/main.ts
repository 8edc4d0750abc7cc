/**
 * `deno task test:generated`: tries programs and mutants for as long as one likes, each from a seed of its own.
 *
 *     --seed N      the first seed @default the time
 *     --minutes M   how long @default 1
 *     --count C     how many seeds, whatever the time
 *     --kind K      only programs, mutants, bytes, or shapes
 *     --engine E    what runs the instrumented code: v8 alone, interpreter (each under one slice), both @default both
 *     --keep        goes on after a failure
 *     --traces      compares what is known from traces, too; needs V8's --liftoff-only
 *     --json        what was done, as JSON
 *     --progress    says what is tried before it is: the last line tells what hangs
 *     --shrink      makes what fails smaller, and prints it
 */
import { parseArgs } from "node:util";
import { type CompareOptions, compareProgram, type Engines, Mismatch } from "./compare.ts";
import { bareDifference } from "./compare_bare.ts";
import { GENERATIONS, randomProgram } from "./generator/random_program.ts";
import { listing } from "./listing.ts";
import { byteMutant } from "./mutants/byte_mutant.ts";
import { mutant, mutatedProgram, WITHIN } from "./mutants/mutant.ts";
import { realModules } from "./mutants/real_modules.ts";
import { Scrutiny } from "./mutants/scrutinize.ts";
import type { Program } from "./program.ts";
import { Shrinker } from "./shrink.ts";
import { Tally } from "./tally.ts";
import { shapeProgram } from "../interp/shapes/shape_program.ts";
import { Random } from "../wasm/random.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string", default: "1" },
    count: { type: "string", default: "Infinity" },
    kind: { type: "string" },
    engine: { type: "string", default: "both" },
    keep: { type: "boolean", default: false },
    traces: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    progress: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
  },
});

/** Units that no random program needs. */
const ENOUGH = 50_000_000n;

const ENGINES: readonly Engines[] = ["v8", "interpreter", "both"];
const [engines = "both"] = ENGINES.filter((name) => name === values.engine);
if (engines !== values.engine) {
  throw new RangeError(`No engine "${values.engine}", but ${ENGINES.join(", ")}`);
}

const programs = new Tally(), mutants = new Tally(), shapes = new Tally(), scrutiny = new Scrutiny();
const small = await realModules(16_000), large = await realModules(300_000);

/** One program in so many runs as it does where everything must be deterministic. */
const DETERMINISTIC = 4;

/** One mutant in so many was a random program, with exceptions and all. */
const RANDOM_AMONG_MUTANTS = 4;

/** What is done with a seed, by kind. */
const KINDS: Readonly<Record<string, (seed: number) => Promise<void>>> = {
  programs: (seed) =>
    compare(random(seed), programs, { within: ENOUGH, deterministic: seed % DETERMINISTIC === 0 }),
  mutants: async (seed) => {
    const program = seed % RANDOM_AMONG_MUTANTS === 0
      ? mutatedProgram(random(seed), seed)
      : mutant(new Random(seed).pick(small), seed);
    if (program !== undefined) await compare(program, mutants, { within: WITHIN });
  },
  shapes: async (seed) => {
    const program = shapeProgram(seed),
      found = engines === "v8" ? undefined : bareDifference(program, shapes);
    if (found !== undefined) throw new Error(found);
    await compare(program, shapes, { within: ENOUGH });
  },
  bytes: (seed) => {
    const numbers = new Random(seed), module = numbers.pick(large);
    return Promise.resolve(scrutiny.add(byteMutant(module, numbers), `${module.name}, seed ${seed}`));
  },
};

function random(seed: number): Program {
  return randomProgram(seed, GENERATIONS[seed % GENERATIONS.length] ?? "none");
}

async function compare(program: Program, tally: Tally, how: CompareOptions): Promise<void> {
  const options = { ...how, traces: values.traces, engines };
  try {
    await compareProgram(program, tally, options);
  } catch (error) {
    if (values.shrink && error instanceof Error) {
      console.error(listing(await shrunk(program, error, options)));
    }
    throw error;
  }
}

/** The smallest program that can be found in a minute and fails in the same way. */
function shrunk(program: Program, first: Error, options: CompareOptions): Promise<Program> {
  const aspect = (error: unknown) =>
    error instanceof Mismatch ? error.aspect : error instanceof Error && error.name;
  const fails = async (candidate: Program) => {
    try {
      await compareProgram(candidate, new Tally(), { ...options, within: WITHIN });
      return false;
    } catch (error) {
      return aspect(error) === aspect(first);
    }
  };
  return new Shrinker(program, fails, { seconds: 60 }).shrink();
}

const kinds = Object.entries(KINDS).filter(([name]) => values.kind === undefined || values.kind === name);
if (kinds.length === 0) {
  throw new RangeError(`No kind "${values.kind}", but ${Object.keys(KINDS).join(", ")}`);
}
const first = Number(values.seed ?? Date.now() % 2 ** 31);
const start = performance.now(), end = start + Number(values.minutes) * 60_000;
let failures = 0, tried = 0;
for (; tried < Number(values.count) && performance.now() < end && (values.keep || failures === 0); tried++) {
  for (const [kind, attempt] of kinds) {
    if (values.progress) console.error(`${kind} ${first + tried}`);
    try {
      await attempt(first + tried);
    } catch (error) {
      failures++;
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      console.error(`--kind ${kind} --seed ${first + tried} --count 1: ${text}`);
    }
  }
}
const { verdicts: { compared, valid }, instrumented } = scrutiny;
if (values.json) {
  const all: Record<string, unknown> = {
    programs,
    mutants,
    shapes,
    bytes: { compared, valid, instrumented },
  };
  const summary = Object.fromEntries(kinds.map(([kind]) => [kind, all[kind]]));
  console.log(JSON.stringify(summary, (_, part) => typeof part === "bigint" ? Number(part) : part));
} else console.log(`programs: ${programs}\nmutants: ${mutants}\nshapes: ${shapes}\nbytes: ${scrutiny}`);
const seconds = ((performance.now() - start) / 1000).toFixed();
console.error(`${tried} seeds from ${first} in ${seconds} s, ${failures} failures`);
Deno.exit(failures === 0 ? 0 : 1);
