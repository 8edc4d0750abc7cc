/** Makes an input that fails smaller while it still fails in the same way: leaves out runs, then simplifies bytes. */
import type { Input } from "../target.ts";
import { replaced } from "./havoc.ts";

export interface ShrinkOptions {
  /** Milliseconds that may be spent. */
  readonly within: number;
}

/** @param fails whether an input still fails as the first did */
export async function shrink(
  input: Input,
  fails: (candidate: Input) => Promise<boolean>,
  { within }: ShrinkOptions,
): Promise<Input> {
  const end = performance.now() + within, late = () => performance.now() > end;
  let smallest = input;
  for (let before = Infinity; smallest.length < before && !late();) {
    before = smallest.length;
    for (
      let size = Math.ceil(smallest.length / 2);
      size > 0 && !late();
      size = size > 1 ? Math.ceil(size / 2) : 0
    ) {
      for (let at = 0; at < smallest.length && !late();) {
        const candidate = replaced(smallest, [at, Math.min(smallest.length, at + size)], []);
        if (await fails(candidate)) smallest = candidate;
        else at += size;
      }
    }
  }
  for (let at = 0; at < smallest.length && !late(); at++) {
    if (smallest[at] === 0) continue;
    const candidate = smallest.with(at, 0);
    if (await fails(candidate)) smallest = candidate;
  }
  return smallest;
}
