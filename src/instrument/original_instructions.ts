/** Tells the guest's own instructions in instrumented code from those that were added. */
import { instructionAt, type OriginMap } from "./origin_map.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";

/**
 * The offset in the original of the instruction at an offset of the instrumented module; undefined for one that was
 * added. What took an instruction's place stands for it.
 */
export function originalInstructions(
  module: Pick<Module, "bytes" | "bodies">,
  map: OriginMap,
): (offset: number) => number | undefined {
  const begins = new Uint8Array(module.bytes.length), reader = new InstructionReader(module.bytes);
  for (const { code, end } of module.bodies) {
    reader.reset(code, end);
    while (reader.next()) begins[reader.offset] = 1;
  }
  return (offset) => {
    const original = instructionAt(map, offset);
    return original !== undefined && begins[original] === 1 ? original : undefined;
  };
}
