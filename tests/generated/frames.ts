/** Which functions are on the stack, by the offsets that V8 prints, in terms of the original module. */
import { functionAt, originalOffset, type OriginMap } from "../../src/instrument/origin_map.ts";
import { LABEL_PREFIX } from "../../src/instrument/layout.ts";
import type { InterpreterFrame } from "../../src/interp/run/traps.ts";

const FRAME = /wasm:\/\/wasm\/([\w-]+?)(?:-[0-9a-f]+)?:wasm-function\[\d+\]:0x([0-9a-f]+)/g;

/**
 * Original offsets of the frames of a stack, innermost first. Without a map the offsets are the original ones.
 *
 * @param stack what V8 prints, or what the interpreter noted
 */
export function originalFrames(
  stack: string | readonly InterpreterFrame[] | undefined,
  map: OriginMap | undefined,
): number[] {
  const frames: number[] = [];
  const placed = typeof stack === "object"
    ? stack.map(({ label, offset }) => [label, offset] as const)
    : [...(stack ?? "").matchAll(FRAME)].map(([, label = "", offset = ""]) =>
      [label, parseInt(offset, 16)] as const
    );
  for (const [module, at] of placed) {
    if (map === undefined) frames.push(at);
    else if (module.startsWith(LABEL_PREFIX)) {
      // What stands before the first pair is the entry of the first function.
      const original = at < (map.instrumented[0] ?? 0) ? map.bodies[0] : originalOffset(map, at);
      if (original !== undefined) frames.push(original);
    }
  }
  return frames;
}

/** In the place of an original offset in the map, where code of ours stands between bodies. */
const OURS = 0xffffffff;

/**
 * What is on the stack, innermost first: "function" and its number, or "entry" and the number, among those of its kind,
 * of the function of ours that a call from outside passes through.
 */
export function namesOfFrames(stack: string | undefined, map: OriginMap): string[] {
  const names: string[] = [];
  for (const [, module = "", offset = ""] of (stack ?? "").matchAll(FRAME)) {
    const at = parseInt(offset, 16), pair = map.instrumented.findLastIndex((start) => start <= at);
    if (!module.startsWith(LABEL_PREFIX) || at >= map.addedFrom) continue;
    const original = pair < 0 ? map.bodies[0] : originalOffset(map, at);
    if (original !== undefined) names.push(`function ${functionAt(map, original)}`);
    else names.push(`entry ${map.original.subarray(0, pair).filter((from) => from === OURS).length}`);
  }
  return names;
}

/** Runs something while V8 keeps all frames in the traces of errors. */
export function withAllFrames<T>(run: () => T): T {
  // `as`: V8's own property of the constructor.
  const traces = Error as unknown as { stackTraceLimit: number };
  const before = traces.stackTraceLimit;
  traces.stackTraceLimit = Infinity;
  try {
    return run();
  } finally {
    traces.stackTraceLimit = before;
  }
}
