import { COUNTERS_NAME } from "./counters.ts";
import { instrumentSource } from "./instrument_source.ts";
import { assert, assertEquals } from "../../assert.ts";

/** Runs instrumented code; its value, and how often each branch was taken. */
function run(text: string): { value: unknown; counts: number[] } {
  const { text: code, branches } = instrumentSource(`export const f = () => {${text}};`, () => 0);
  const counts = new Uint8Array(branches);
  const plain = code.replace("export const f =", "return ");
  const value = new Function(COUNTERS_NAME, plain)(counts)();
  return { value, counts: [...counts] };
}

Deno.test("instrumentSource() counts branches and leaves what the code does", () => {
  const programs: readonly (readonly [text: string, value: unknown])[] = [
    ["let s = 0; for (let i = 0; i < 5; i++) if (i % 2) s += i; else s -= i; return s", -2],
    ["const a = [1, 2].map((x) => ({ x })); return a[1].x ? a.length : 0", 2],
    ["let n = 0; do n++; while (n < 3); return n && n || 7", 3],
    [
      "const v = null ?? (() => 4)(); switch (v) { case 1: return 1; case 4: case 5: return 5; default: return 0 }",
      5,
    ],
    ["outer: for (const a of [1, 2]) { for (;;) { if (a === 1) continue outer; break outer } } return 9", 9],
    ["try { throw 1 } catch { return 2 }", 2],
    ["let y\nif (true) y = 1 && 2\nelse y = 3\nreturn y", 2],
    ["return ((a, b = a ? 1 : 2) => a || b)(0)", 2],
  ];
  for (const [text, value] of programs) assertEquals(run(text).value, value, text);
  const { counts } = run("let n = 0; while (n < 3) n++; return true || n");
  assertEquals(counts, [1, 3, 0], "the function, the body of the loop, what is never looked at");
});

Deno.test("instrumentSource() collects literals, and no names of modules", () => {
  const { literals } = instrumentSource(
    'import a from "./module.ts"; export const b = a("text", 0x6d736100, 1, `part ${a} other`, "");',
    () => 0,
  );
  assertEquals([...literals].sort(), [0x6d736100, " other", "part ", "text"].sort());
});

Deno.test("instrumentSource() numbers branches from where it is told", () => {
  const { text } = instrumentSource("export function f(x) { return x ? 1 : 2 }", () => 700);
  for (const place of [700, 701, 702]) assert(text.includes(`[${place}]++`), text);
});
