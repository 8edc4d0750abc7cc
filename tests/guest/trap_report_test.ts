import { MOST_FRAMES, readFrames } from "../../src/guest/trap_report.ts";
import { LABEL_PREFIX, type Layout } from "../../src/instrument/layout.ts";
import { assertEquals } from "../assert.ts";

/** Layouts by label; the reader looks at nothing else. */
const layouts = (...labels: string[]) =>
  labels.map((label) => ({ label: LABEL_PREFIX + label })) as unknown as Layout[];

const frame = (label: string, offset: string) =>
  `    at <anonymous> (wasm://wasm/${LABEL_PREFIX}${label}-1a2b3c4d:wasm-function[0]:0x${offset})`;

Deno.test("readFrames() gives instance and offset of each frame, innermost first", () => {
  const stack = [
    "RuntimeError: unreachable",
    frame("aaa", "1f"),
    frame("bbb", "2"),
    frame("aaa", "ffff0000"),
  ];
  assertEquals(readFrames(stack.join("\n"), layouts("aaa", "bbb")), [
    { instance: 0, offset: 0x1f },
    { instance: 1, offset: 2 },
    { instance: 0, offset: 0xffff0000 },
  ]);
});

Deno.test("readFrames() leaves out the shim, JavaScript, and modules that it does not know", () => {
  const stack = [
    "    at <anonymous> (wasm://wasm/aegis-shim-95b9982a:wasm-function[0]:0xd3)",
    "    at Machine.call (data:text/javascript,x:12:3)",
    frame("other", "5"),
    frame("aaa", "6"),
  ];
  assertEquals(readFrames(stack.join("\n"), layouts("aaa")), [{ instance: 0, offset: 6 }]);
});

Deno.test("readFrames() stops at its limit, and takes a missing stack for an empty one", () => {
  const stack = new Array(3 * MOST_FRAMES).fill(frame("aaa", "1")).join("\n");
  assertEquals(readFrames(stack, layouts("aaa")).length, MOST_FRAMES);
  assertEquals(readFrames(undefined, layouts("aaa")), []);
});
