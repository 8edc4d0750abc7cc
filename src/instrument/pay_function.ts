import type { CodeContext } from "./additions.ts";
import { CODE, EMPTY_BLOCK, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { I32 } from "../wasm/types.ts";

/**
 * The function `(owed) -> (owed)` that pays what is owed if it is too much, and refuels if the counter is below zero. In
 * a function of its own, since it is hardly ever called. If it paid less whenever it refuels, slices would decide when a
 * guest is found to have used too much.
 */
export function payFunction(context: CodeContext): number {
  return context.additions.function("pay", () => {
    const { counters, additions } = context, writer = new CodeWriter(), owed = 0;
    writer.u32(0); // no locals
    counters.isDue(writer, owed);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    counters.settle(writer, owed);
    writer.u8(CODE.end);
    counters.test(writer);
    indexed(writer, CODE.localGet, owed);
    writer.u8(CODE.end);
    return { type: additions.type([I32], [I32]), code: writer };
  });
}
