import { surveyCode } from "../../src/inspection/code_survey.ts";
import { importUses } from "../../src/inspection/import_uses.ts";
import { ItemNames } from "../../src/inspection/item_names.ts";
import { Reach } from "../../src/inspection/reach.ts";
import { reachText } from "../../src/inspection/reach_text.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { funcType, HEADER, leb, name, SECTION, section } from "../wasm/module_builder.ts";

function reached(text: string) {
  const module = readModule(compileText(`(module ${text})`)), survey = surveyCode(module);
  const reach = new Reach(module, survey), names = new ItemNames(module);
  return { module, survey, reach, way: (index: number) => reachText(reach.chain(index), names) };
}

Deno.test("Reach finds the shortest way from an export to an import", () => {
  const { way } = reached(`(import "env" "send" (func $send))
    (func $a (export "run") (call $b) (call $c)) (func $b (call $c)) (func $c (call $send)) (func $d (call $send))`);
  assertEquals(way(0), 'Functions that reach it, from the export "run": 1 "run" → 3 → 0 "env.send".');
  assertEquals(way(4), "Nothing outside reaches it.");
});

Deno.test("Reach begins at the start function and at what stands in tables as well", () => {
  const { reach } = reached(`(table 2 funcref) (elem (i32.const 0) $t) (start $s)
    (func $s (call $u)) (func $t (call $v)) (func $u) (func $v) (func $w) (func $x (drop (ref.func $y))) (func $y)
    (elem declare func $y)`);
  assertEquals([0, 1, 2, 3, 4, 5, 6].map((index) => reach.has(index)), [
    true,
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
  assertEquals([0, 1].map((index) => reach.chain(index)?.root.kind), ["start", "table"]);
  assertEquals(reach.count, 5);
});

Deno.test("Reach takes a tail call for a call, and an exported import for reached", () => {
  const { reach } = reached(`(import "a" "b" (func $b)) (import "a" "c" (func $c)) (export "c" (func $c))
    (func (export "f") (return_call $b))`);
  assert(reach.has(0) && reach.has(1));
});

Deno.test("importUses() says of each capability what reaches it, and what nothing does", () => {
  const { module, survey, reach } = reached(`
    (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
    (import "env" "odd" (func $odd)) (import "env" "even" (func $even))
    (func (export "f") (drop (call $r (i32.const 0) (i32.const 0))) (call $even) (call $even))`);
  assertEquals(
    importUses(module, { survey, reach }).map((
      { capability, count, reached, imports },
    ) => [capability, count, reached, imports.map(({ name, calls }) => `${name} ${calls}`).join()]),
    [["random", 1, 1, "random_get 1"], ["host functions", 2, 1, "even 2,odd 0"], [
      "streams",
      1,
      0,
      "fd_write 0",
    ]],
  );
});

/** A million functions, each of which calls the next; the last one calls an import. */
function longChain(functions: number): Uint8Array<ArrayBuffer> {
  const call = (index: number) => {
    const target = leb(index);
    return [target.length + 3, 0, 0x10, ...target, 0x0b];
  };
  const code: number[] = [...leb(functions)];
  for (let at = 1; at <= functions; at++) {
    for (const byte of call(at === functions ? 0 : at + 1)) code.push(byte);
  }
  const parts = [
    HEADER,
    section(SECTION.type, [1, ...funcType([], [])]),
    section(SECTION.import, [1, ...name("a"), ...name("b"), 0, 0]),
    [SECTION.function, ...leb(functions + leb(functions).length), ...leb(functions)],
    new Uint8Array(functions),
    section(SECTION.export, [1, ...name("f"), 0, 1]),
    [SECTION.code, ...leb(code.length)],
    code,
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

Deno.test("Reach follows a chain of 200,000 calls, and shows its beginning and its end", () => {
  const module = readModule(longChain(200_000)), reach = new Reach(module, surveyCode(module));
  assertEquals(reach.chain(0), {
    root: { kind: "export", name: "f" },
    functions: [1, 199_995, 199_996, 199_997, 199_998, 199_999, 200_000, 0],
    omitted: 199_993,
  });
});
