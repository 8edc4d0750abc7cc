import { SHIM_NAME } from "../instrument/layout.ts";
import type { Layout } from "../instrument/layout.ts";

/** Frames of a trap's stack that are reported. */
export const MOST_FRAMES = 32;

/** A frame as V8 prints it: function index and offset in the instrumented bytes. */
export interface RawFrame {
  readonly functionIndex: number;
  readonly offset: number;
}

const FRAME = /wasm:\/\/wasm\/([^\s():]*):wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/**
 * Reads the WebAssembly frames out of a stack trace, innermost first. Left out are frames of the shim and of
 * functions that were added. A guest that names its module like the shim hides its own frames and nothing else.
 */
export function readFrames(stack: string | undefined, layout: Layout): RawFrame[] {
  const frames: RawFrame[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (match === null || match[1]?.startsWith(SHIM_NAME)) continue;
    const functionIndex = Number(match[2]);
    if (functionIndex >= layout.functionCount) continue;
    frames.push({ functionIndex, offset: parseInt(match[3] ?? "0", 16) });
    if (frames.length === MOST_FRAMES) break;
  }
  return frames;
}
