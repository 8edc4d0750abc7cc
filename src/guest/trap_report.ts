import { LABEL_PREFIX, type Layout } from "../instrument/layout.ts";
import { interpreterFrames } from "../interp/run/traps.ts";

/** Frames of a trap's stack that are reported. */
export const MOST_FRAMES = 32;

/** A frame, by the module's label; the offset is one in the instrumented bytes. */
export interface RawFrame {
  readonly instance: number;
  readonly offset: number;
}

// Deno prints the function index of every frame as 0, so the offset is all that can be relied on. Instrumented
// modules hold no names but their label, so a guest has no say in what stands here.
const FRAME = new RegExp(
  `wasm://wasm/(${LABEL_PREFIX}[a-z0-9]+)-[0-9a-f]+:wasm-function\\[\\d+\\]:0x([0-9a-f]+)`,
);

/** The WebAssembly frames of a trap, innermost first, whichever engine ran them. */
export function framesOf(error: unknown, layouts: readonly Layout[]): RawFrame[] {
  const interpreted = interpreterFrames(error);
  if (interpreted === undefined) return readFrames(error instanceof Error ? error.stack : undefined, layouts);
  return interpreted
    .map(({ label, offset }) => ({ instance: layouts.findIndex((layout) => layout.label === label), offset }))
    .filter(({ instance }) => instance >= 0)
    .slice(0, MOST_FRAMES);
}

/** Reads the WebAssembly frames out of a stack trace of V8's, innermost first. Frames of the shim are left out. */
export function readFrames(stack: string | undefined, layouts: readonly Layout[]): RawFrame[] {
  const frames: RawFrame[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const [, label, offset] = FRAME.exec(line) ?? [];
    const instance = layouts.findIndex((layout) => layout.label === label);
    if (instance < 0 || offset === undefined) continue;
    frames.push({ instance, offset: parseInt(offset, 16) });
    if (frames.length === MOST_FRAMES) break;
  }
  return frames;
}
