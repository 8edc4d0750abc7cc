import { SHIM_NAME } from "../instrument/layout.ts";

/** Frames of a trap's stack that are reported. */
export const MOST_FRAMES = 32;

// Deno prints the function index of every frame as 0, so the offset is all that can be relied on.
const FRAME = /wasm:\/\/wasm\/([^\s():]*):wasm-function\[\d+\]:0x([0-9a-f]+)/;

/**
 * Reads the WebAssembly frames out of a stack trace, innermost first, as offsets in the instrumented bytes. Frames of
 * the shim are left out; a guest that names its module like the shim hides its own frames and nothing else.
 */
export function readFrames(stack: string | undefined): number[] {
  const offsets: number[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (match === null || match[1]?.startsWith(SHIM_NAME)) continue;
    offsets.push(parseInt(match[2] ?? "0", 16));
    if (offsets.length === MOST_FRAMES) break;
  }
  return offsets;
}
