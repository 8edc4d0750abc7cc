import type { CodeContext } from "./additions.ts";
import { CODE, i32Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { I32 } from "../wasm/types.ts";

/**
 * The function `(owed) -> 0` that pays what a deferred loop owes and refuels if that was too much. In a function of its
 * own, since it is hardly ever called.
 */
export function payFunction(context: CodeContext): number {
  return context.additions.function("pay", () => {
    const { counters, additions } = context, writer = new CodeWriter(), owed = 0;
    writer.u32(0); // no locals
    counters.chargeDynamic(writer, 1, () => {
      indexed(writer, CODE.localGet, owed);
      writer.u8(CODE.i64ExtendI32U);
    });
    counters.test(writer);
    i32Const(writer, 0);
    writer.u8(CODE.end);
    return { type: additions.type([I32], [I32]), code: writer };
  });
}
