/**
 * Empty functions that make V8 inline as it would without instrumentation, and more.
 *
 * V8 15 limits what may be inlined into a function by the bytes of all: to twice the function's own size and 600 bytes where
 * few functions of the module are small, to five times and 6,000 where half of them are (measured; small is less than about
 * 50 bytes). Metered code is larger, so that calls that were inlined before no longer are: 1.5 times the time on kernels
 * whose inner loop is in a function of its own. A tiny function costs four bytes.
 */
import type { CodeContext } from "./additions.ts";
import { CODE } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { ENGINE_LIMITS } from "../wasm/implementation_limits.ts";

/** Bodies below this are small; the switch was seen between 40 and 58. */
const SMALL_BYTES = 40;

/** Most functions that are added: a module that needs more gets less. */
const MOST_ADDED = 10_000;

/** @param sizes bytes of the bodies that the module has so far */
export function addInliningBallast(
  context: CodeContext,
  sizes: { readonly small: number; readonly large: number },
): void {
  const { additions, module } = context;
  const room = ENGINE_LIMITS.functions - module.functions.length - additions.functions.length;
  const wanted = Math.min(MOST_ADDED, room, sizes.large - sizes.small + 1);
  if (wanted <= 0) return;
  const writer = new CodeWriter();
  writer.u32(0); // no locals
  writer.u8(CODE.end);
  const type = additions.type([], []);
  for (let count = 0; count < wanted; count++) additions.functions.push({ type, code: writer });
}

/** Counts the sizes of bodies. */
export function countSize(counts: { small: number; large: number }, bytes: number): void {
  if (bytes < SMALL_BYTES) counts.small++;
  else counts.large++;
}
