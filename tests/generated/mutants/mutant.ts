/** A real module with some of its code changed, the same for the same seed. */
import { programOf, runnable } from "./as_program.ts";
import { MUTATIONS } from "./mutate_code.ts";
import { type RealModule } from "./real_modules.ts";
import { heightsOf, sequences } from "./statements.ts";
import { readTrees, withBodies, writeFunction } from "../code_tree.ts";
import type { Program } from "../program.ts";
import { Random } from "../../wasm/random.ts";

/** Changes that may turn out to be none, or to be invalid, for each that is made. */
const ATTEMPTS = 12;

/** Units within which a mutant must end to be compared with what bare V8 does: nothing would stop it there. */
export const WITHIN = 1_000_000n;

/** How often a change was made, and how often it was valid, by its name. */
export type MutationCounts = Map<string, { tried: number; valid: number }>;

/** Undefined if the module cannot be run, or nothing could be changed. */
export function mutant(
  module: RealModule,
  seed: number,
  counts: MutationCounts = new Map(),
): Program | undefined {
  const random = new Random(seed), base = runnable(module.bytes);
  if (base === undefined) return undefined;
  const changed = changedCode(base.bytes, random, counts);
  if (changed === undefined) return undefined;
  const source = `${module.name}, seed ${seed}: ${changed.made.join(", ")}`;
  return programOf({ ...base, bytes: changed.bytes }, random, source);
}

/** A program with some of its code changed; it may run for ever. */
export function mutatedProgram(program: Program, seed: number): Program | undefined {
  const changed = changedCode(program.bytes, new Random(seed), new Map());
  return changed &&
    { ...program, bytes: changed.bytes, source: `${program.source}: ${changed.made.join(", ")}` };
}

function changedCode(
  original: Uint8Array<ArrayBuffer>,
  random: Random,
  counts: MutationCounts,
): { bytes: Uint8Array<ArrayBuffer>; made: readonly string[] } | undefined {
  let bytes = original;
  const made: string[] = [], wanted = 1 + random.below(4);
  for (let attempt = 0; attempt < wanted * ATTEMPTS && made.length < wanted; attempt++) {
    const name = random.pick(Object.keys(MUTATIONS)), count = counts.get(name) ?? { tried: 0, valid: 0 };
    const changed = change(bytes, name, random);
    if (changed === undefined) continue;
    counts.set(name, count);
    count.tried++;
    if (!WebAssembly.validate(changed)) continue;
    count.valid++;
    bytes = changed;
    made.push(name);
  }
  return made.length === 0 ? undefined : { bytes, made };
}

function change(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  random: Random,
): Uint8Array<ArrayBuffer> | undefined {
  const { module, functions } = readTrees(bytes), heights = heightsOf(module);
  if (heights === undefined) return undefined;
  const index = random.below(functions.length), chosen = functions[index];
  if (chosen === undefined) return undefined;
  const sequence = random.pick(sequences(chosen));
  const place = { random, sequence, heights, functions: module.functions.length };
  const code = MUTATIONS[name]?.(place);
  if (code === undefined) return undefined;
  const bodies = functions.with(index, sequence.put(code)).map(writeFunction);
  return withBodies(module, bodies);
}
