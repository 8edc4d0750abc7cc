import { byteMutant } from "../../generated/mutants/byte_mutant.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { changeInstructions } from "./change_instructions.ts";
import type { Shelf, Source } from "./corpus.ts";

/** A changed module, and where it comes from. */
export interface Mutant {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The shelf's name and the source's. */
  readonly shelf: string;
  readonly name: string;
}

/** A way to change a module. */
type Change = (source: Source, random: Random) => Uint8Array<ArrayBuffer>;

/** Of ten: whole instructions, bytes in sections, bytes anywhere with some taken out or put in. */
const CHANGES: readonly (readonly [often: number, change: Change])[] = [
  [5, ({ module, bytes }, random) => module && changeInstructions(module, random) || mutate(bytes, random)],
  [3, ({ bytes }, random) => mutate(bytes, random)],
  [2, byteMutant],
];

/** The item at which a number below the sum of all weights falls. */
function weighted<T>(items: readonly T[], weight: (item: T) => number, random: Random): T {
  let rest = random.below(items.reduce((sum, item) => sum + weight(item), 0));
  for (const item of items) {
    rest -= weight(item);
    if (rest < 0) return item;
  }
  throw new RangeError("Cannot draw from nothing");
}

/** Draws a source and changes it. */
export function makeMutant(shelves: readonly Shelf[], random: Random): Mutant {
  const shelf = weighted(shelves, ({ share }) => share, random), source = shelf.draw(random);
  const [, change] = weighted(CHANGES, ([often]) => often, random);
  return { bytes: change(source, random), shelf: shelf.name, name: source.name };
}
