import { type Names, readNames } from "../../src/wasm/names.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { type Bytes, customSection, funcType, join, leb, name, vec, wasmModule } from "./module_builder.ts";

/** Names of a module with three functions, a memory and a global, whose name section holds these subsections. */
function namesOf(...subsections: Bytes[]): Names {
  return readNames(readModule(wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: [] }, { type: 0, locals: [[2, 0x7f]], code: [] }, { type: 0, code: [] }],
    memories: [[0, 1]],
    globals: [[0x7f, 0, 0x41, 0, 0x0b]],
    customs: [customSection("name", join(subsections))],
  })));
}

function subsection(id: number, payload: Bytes): Bytes {
  return [id, ...leb(payload.length), ...payload];
}

function map(entries: readonly (readonly [number, string])[]): Bytes {
  return vec(entries.map(([index, text]) => [...leb(index), ...name(text)]));
}

Deno.test("readNames() reads the names of the module, of functions and of other spaces", () => {
  const names = namesOf(
    subsection(0, name("the module")),
    subsection(1, map([[0, "first"], [2, "third"]])),
    subsection(6, map([[0, "heap"]])),
    subsection(7, map([[0, "counter"]])),
  );
  assertEquals(names.module, "the module");
  assertEquals([0, 1, 2, 3].map((index) => names.of("function", index)), [
    "first",
    undefined,
    "third",
    undefined,
  ]);
  assertEquals([names.of("memory", 0), names.of("global", 0), names.of("table", 0)], [
    "heap",
    "counter",
    undefined,
  ]);
  assertEquals(names.notes, []);
});

Deno.test("readNames() reads the names of locals when asked", () => {
  const names = namesOf(subsection(2, vec([[0, ...map([[0, "x"]])], [1, ...map([[0, "a"], [1, "b"]])]])));
  assertEquals([...names.locals(1)], [[0, "a"], [1, "b"]]);
  assertEquals([...names.locals(2)], []);
  assertEquals(names.notes, []);
});

Deno.test("readNames() finds nothing in a module without name section", () => {
  const names = readNames(readModule(wasmModule({})));
  assertEquals([names.module, names.of("function", 0), names.locals(0).size, names.notes.length], [
    undefined,
    undefined,
    0,
    0,
  ]);
});

Deno.test("E39 readNames() skips subsections that it does not know", () => {
  const names = namesOf(subsection(99, [1, 2, 3]), subsection(0, name("m")));
  assertEquals([names.module, names.notes], ["m", []]);
});

const LIES: Record<string, readonly [subsections: Bytes[], kept: string | undefined, note: RegExp]> = {
  "a size past the end": [[[1, 100, 0]], undefined, /name section was ignored.*length 100 exceeds/],
  "a count that is too large": [[subsection(1, [200, 1, 0, 1, 0x66])], "f", /function names was ignored/],
  "an index out of range": [
    [subsection(1, map([[0, "f"], [3, "x"]]))],
    "f",
    /function 3 is out of order or does not exist/,
  ],
  "indices that repeat": [[subsection(1, map([[0, "f"], [0, "x"]]))], "f", /function 0 is out of order/],
  "a name that is no UTF-8": [[subsection(1, [2, 0, 1, 0x66, 1, 1, 0xff])], "f", /not valid UTF-8/],
  "a name longer than its subsection": [[subsection(1, [1, 0, 9, 0x66])], undefined, /length 9 exceeds/],
  "a module name that is no UTF-8": [
    [subsection(0, [1, 0xff]), subsection(1, map([[0, "f"]]))],
    "f",
    /module name was ignored/,
  ],
};

for (const [title, [subsections, kept, note]] of Object.entries(LIES)) {
  Deno.test(`E39 readNames() keeps what stands before ${title}, with a note`, () => {
    const names = namesOf(...subsections);
    assertEquals([names.of("function", 0), names.notes.length], [kept, 1]);
    assertMatch(names.notes[0] ?? "", note);
  });
}

Deno.test("E39 readNames() keeps the names of locals that stand before a mistake", () => {
  const names = namesOf(subsection(2, [3, 0, ...map([[0, "x"]]), 1, 5, 0, 1, 0x61]));
  assertEquals([...names.locals(0)], [[0, "x"]]);
  assertEquals([...names.locals(1)], [[0, "a"]]);
  assertEquals(names.notes.length, 2);
});

Deno.test("E39 readNames() takes the first of two name sections", () => {
  const section = (text: string) => customSection("name", subsection(0, name(text)));
  const names = readNames(readModule(wasmModule({ customs: [section("one"), section("two")] })));
  assertEquals([names.module, names.notes], ["one", ["All name sections but the first were ignored."]]);
});
