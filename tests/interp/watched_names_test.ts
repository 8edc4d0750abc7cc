import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { NameFilter } from "../../src/interp/watch/name_filter.ts";
import { Profile } from "../../src/interp/watch/profile.ts";
import type { StackFrame } from "../../src/interp/watch/call_stack.ts";
import { WatchedModule } from "../../src/interp/watch/watched_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** A module whose functions are exported under these names. */
function moduleOf(...names: string[]): WatchedModule {
  const quoted = (name: string) =>
    `"${
      [...new TextEncoder().encode(name)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")
    }"`;
  const bytes = compileText(`(module ${names.map((name) => `(func (export ${quoted(name)}))`).join("")})`);
  const compiled = compileModule(bytes, {
    watch: {
      level: "functions",
      original: bytes,
      functions: Int32Array.from(names, (_, index) => index),
      owed: new Int32Array(names.length).fill(-1),
      passed: new Uint8Array(names.length),
      atCallers: new Float64Array(names.length),
      originalOf: (offset) => offset,
    },
  });
  if (compiled.watch === undefined) throw new Error("It is not watched");
  return new WatchedModule(compiled, compiled.watch);
}

Deno.test("NameFilter takes names, pieces of names and indices", () => {
  const names = ["parse", "parse_all", "reparse", "a*b", "main", "2"], module = moduleOf(...names);
  const found = (pattern: string) => names.filter((_, index) => new NameFilter(pattern).has(module, index));
  assertEquals(found(""), names);
  assertEquals(found("parse"), ["parse"]);
  assertEquals(found("parse*"), ["parse", "parse_all"]);
  assertEquals(found("*parse"), ["parse", "reparse"]);
  assertEquals(found("*ar*e*"), ["parse", "parse_all", "reparse"]);
  assertEquals(found("p*p*"), []);
  assertEquals(found("pa*arse"), []);
  assertEquals(found("main, 1"), ["parse_all", "main"]);
  assertEquals(found("2"), ["reparse", "2"]);
  assertEquals(found("*"), names);
});

Deno.test("WatchedModule.nameOf() gives names that break no line, no way and no terminal", () => {
  const module = moduleOf("a;b\n\x1b[2J", "x".repeat(1000));
  assertEquals(module.nameOf(0), "a_b\\u000a\\u001b[2J");
  assert(module.nameOf(1).length < 200);
});

Deno.test("Profile tells so many ways apart, and loses no unit beyond", () => {
  const module = moduleOf("f", "g"), profile = new Profile();
  const frame = (body: number): StackFrame => ({
    instance: { module: module.compiled } as StackFrame["instance"], // what else it has is not looked at
    module,
    body,
    fp: 0,
    held: 0n,
    start: 0n,
  });
  const frames = Array.from({ length: 300 }, (_, depth) => frame(depth % 2));
  for (const each of frames) {
    profile.entered(each);
    profile.charged(each, 2n);
  }
  for (const each of frames.toReversed()) profile.left(each, "returned", 2n);
  const { fuel, functions, stacks, cut } = profile.taken(1 << 20);
  assertEquals([fuel, cut], [600, true]);
  assertEquals(functions.map(({ name, calls, self }) => [name, calls, self]), [["f", 150, 300], [
    "g",
    150,
    300,
  ]]);
  const lines = stacks.trimEnd().split("\n");
  assertEquals([lines.length, Number(lines.at(-1)?.split(" ")[1])], [256, 2 + 44 * 2]);
  const small = profile.taken(1 << 10);
  assertEquals([small.fuel, small.cut, small.functions], [600, true, []]);
  const sum = small.stacks.trimEnd().split("\n").reduce(
    (all, line) => all + Number(line.split(" ").at(-1)),
    0,
  );
  assertEquals([sum, small.stacks.includes("(other)")], [600, true]);
});
