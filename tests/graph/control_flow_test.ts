import { ModuleRefusedError } from "../../src/core/errors.ts";
import { controlFlow } from "../../src/graph/control_flow.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { body, funcType, rawModule, section, vec } from "../wasm/module_builder.ts";

/** Blocks as their numbers of instructions, edges as `from-to kind`. */
function flowOf(bytes: Uint8Array<ArrayBuffer>): { blocks: number[]; edges: string[] } {
  const { blocks, edges } = controlFlow(readModule(bytes), 0);
  return {
    blocks: blocks.map(({ instructions }) => instructions),
    edges: edges.map(({ from, to, kind, labels }) => `${from}-${to} ${kind}${labels > 1 ? ` ${labels}` : ""}`)
      .sort(),
  };
}

const flow = (code: string) => flowOf(compileText(`(module (tag) (func (param i32) ${code}))`));

Deno.test("controlFlow() of straight code is one block and the return", () => {
  assertEquals(flow("nop block nop end"), { blocks: [5, 0], edges: ["0-1 next"] });
});

Deno.test("controlFlow() forks at an if, and joins at its end", () => {
  assertEquals(flow("local.get 0 if nop else nop nop end"), {
    blocks: [2, 2, 2, 2, 0],
    edges: ["0-1 true", "0-2 false", "1-3 next", "2-3 next", "3-4 next"],
  });
  assertEquals(flow("local.get 0 if nop end"), {
    blocks: [2, 1, 2, 0],
    edges: ["0-1 true", "0-2 false", "1-2 next", "2-3 next"],
  });
  assertEquals(flow("local.get 0 if end"), {
    blocks: [2, 2, 0],
    edges: ["0-1 false", "0-1 true", "1-2 next"],
  });
});

Deno.test("controlFlow() leads a branch to a loop's beginning, and to a block's end", () => {
  assertEquals(flow("block loop local.get 0 br_if 1 br 0 end end nop"), {
    blocks: [1, 3, 1, 3, 0],
    edges: ["0-1 next", "1-2 false", "1-3 true", "2-1 branch", "3-4 next"],
  });
});

Deno.test("controlFlow() makes one edge of the cases of a br_table that lead to the same place", () => {
  assertEquals(flow("block block local.get 0 br_table 0 0 1 0 2 end nop end"), {
    blocks: [4, 2, 2, 0],
    edges: ["0-1 case 3", "0-2 case", "0-3 default", "1-2 next", "2-3 next"],
  });
});

Deno.test("controlFlow() ends at a return and at what traps, and shows code that nothing reaches", () => {
  assertEquals(flow("local.get 0 if return end unreachable nop"), {
    blocks: [2, 1, 2, 2, 0],
    edges: ["0-1 true", "0-2 false", "1-4 branch", "3-4 next"],
  });
});

Deno.test("controlFlow() leads to handlers, new ones and old ones", () => {
  const raw = (code: readonly number[]) =>
    rawModule(section(1, [1, ...funcType([], [])]), section(3, [1, 0]), section(10, vec([body([], code)])));
  // block, try_table (catch_all 0), nop, end, return, end
  assertEquals(flowOf(raw([0x02, 0x40, 0x1f, 0x40, 0x01, 0x02, 0x00, 0x01, 0x0b, 0x0f, 0x0b])), {
    blocks: [5, 2, 0],
    edges: ["0-1 catch", "0-2 branch", "1-2 next"],
  });
  // try, nop, catch_all, nop, nop, end
  assertEquals(flowOf(raw([0x06, 0x40, 0x01, 0x19, 0x01, 0x01, 0x0b])), {
    blocks: [3, 2, 2, 0],
    edges: ["0-1 catch", "0-2 next", "1-2 next", "2-3 next"],
  });
});

/** A body of one function in a module, however large. */
function moduleOf(code: Uint8Array): Uint8Array<ArrayBuffer> {
  const leb = (
    value: number,
  ) => [value & 0x7f | 0x80, value >> 7 & 0x7f | 0x80, value >> 14 & 0x7f | 0x80, value >> 21];
  const head = rawModule(section(1, [1, ...funcType([], [])]), section(3, [1, 0]));
  const frame = [10, ...leb(code.length + 6), 1, ...leb(code.length + 1), 0];
  const bytes = new Uint8Array(head.length + frame.length + code.length);
  bytes.set([...head, ...frame]);
  bytes.set(code, head.length + frame.length);
  return bytes;
}

Deno.test("controlFlow() takes a body that nests 300,000 blocks, and a branch out of all of them", () => {
  const depth = 300_000, code = new Uint8Array(3 * depth + 6);
  for (let at = 0; at < depth; at++) code.set([0x02, 0x40], 2 * at);
  code.set([0x0c, 0xe0, 0xa7, 0x12], 2 * depth); // br 300000
  code.fill(0x0b, 2 * depth + 4);
  const { blocks, edges } = controlFlow(readModule(moduleOf(code.subarray(0, 3 * depth + 5))), 0);
  assertEquals(edges, [{ from: 0, to: blocks.length - 1, kind: "branch", labels: 1 }]);
});

Deno.test("controlFlow() refuses a body of a million blocks", () => {
  const code = new Uint8Array(600_001);
  for (let at = 0; at < code.length - 1; at += 6) code.set([0x41, 0, 0x04, 0x40, 0x01, 0x0b], at);
  code.set([0x0b], code.length - 1);
  const error = assertThrows(() => controlFlow(readModule(moduleOf(code)), 0), ModuleRefusedError);
  assert(error.message.includes("100000 blocks"));
});
