import { FunctionLines } from "../../../src/dashboard/inspect/function_lines.ts";
import type { CodePosition } from "../../../src/inspection/function_code.ts";
import { assertEquals } from "../../assert.ts";

/** Three parts of two instructions of two bytes each, from offset 10 on. */
const inspector = {
  disassemble: (index: number, from?: CodePosition) => {
    const offset = from?.offset ?? 10, next = offset + 4;
    return Promise.resolve({
      function: { index, kind: "function" as const },
      locals: "1 i32",
      lines: [offset, offset + 2].map((offset) => ({ offset, text: "nop", depth: 0 })),
      ...(next < 22 ? { next: { offset: next, depth: 0 } } : {}),
    });
  },
};

Deno.test("FunctionLines reads part by part and finds lines by their offsets", async () => {
  const lines = new FunctionLines(inspector, 5);
  await lines.more();
  assertEquals([lines.lines.length, lines.isComplete, lines.about?.locals], [2, false, "1 i32"]);
  assertEquals([10, 11, 12, 13].map((offset) => lines.placeOf(offset)), [0, 0, 1, undefined]);
  await lines.more();
  await lines.more();
  await lines.more();
  assertEquals([lines.lines.length, lines.isComplete], [6, true]);
  assertEquals([13, 20, 21].map((offset) => lines.placeOf(offset)), [1, 5, 5]);
});

Deno.test("FunctionLines begins in the midst where it is told to", async () => {
  const lines = new FunctionLines(inspector, 5, 14);
  await lines.more();
  assertEquals([lines.isCut, lines.lines[0]?.offset], [true, 14]);
});
