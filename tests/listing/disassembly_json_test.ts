/** The code and the texts of a module for programs: what is said of them, and that nothing is held. */
import { ItemNames } from "../../src/inspection/item_names.ts";
import { disassembly, type DisassemblyOptions } from "../../src/listing/disassembly.ts";
import { disassemblyDocument, disassemblyLines } from "../../src/listing/disassembly_json.ts";
import { stringsDocument, stringsLines } from "../../src/listing/strings_json.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { largeModule } from "../inspection/large_module.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { body, exportOf, funcType, rawModule, section, vec } from "../wasm/module_builder.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function named(bytes: Bytes) {
  const module = readModule(bytes);
  return { module, names: new ItemNames(module) };
}

/** What both forms come to, and the errors that were told. */
function read(bytes: Bytes, functions?: readonly number[]) {
  const errors: string[] = [];
  const options: DisassemblyOptions = {
    ...(functions === undefined ? {} : { functions }),
    onError: ({ message }) => errors.push(message),
  };
  const text = [...disassemblyDocument(named(bytes), options)].join("");
  const lines = [...disassemblyLines(named(bytes), options)];
  return { text, document: JSON.parse(text), lines: lines.map((line) => JSON.parse(line)), errors };
}

const ADDER = compileText(`(module
  (import "env" "log" (func (param i32)))
  (func (export "add") (param i32 i32) (result i32) (local i64)
    (if (local.get 0) (then (call 0 (i32.const 7))))
    (i32.add (local.get 0) (local.get 1))))`);

Deno.test("disassemblyDocument() has functions with their instructions, and the lines say the same", () => {
  const { document, lines } = read(ADDER);
  const [imported, add] = document.functions;
  assertEquals(imported, {
    index: 0,
    name: "env.log",
    type: "(i32) -> ()",
    imported: true,
    instructions: [],
    error: null,
  });
  const { instructions, error: _, ...head } = add;
  assertEquals(head, {
    index: 1,
    name: "add",
    type: "(i32, i32) -> (i32)",
    imported: false,
    offset: 0x33,
    size: 18,
    locals: [{ count: 1, type: "i64" }],
    localGroups: 1,
  });
  assertEquals(instructions[3], { offset: 0x3c, depth: 1, text: "call 0", note: "env.log" });
  assertEquals(lines.filter(({ kind }) => kind === "function").map(({ kind: _, ...rest }) => rest), [
    { index: 0, name: "env.log", type: "(i32) -> ()", imported: true },
    head,
  ]);
  assertEquals(
    lines.filter(({ kind }) => kind === "instruction"),
    instructions.map((one: object) => ({ kind: "instruction", function: 1, ...one })),
  );
  assertEquals(read(ADDER, [1]).document.functions, [add]);
  assertEquals(read(compileText("(module)")).document, { functions: [] });
});

Deno.test("what is no instruction ends its function in JSON, too, and is told; names stay text", () => {
  const bytes = rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [2, 0, 0]),
    section(7, vec([exportOf('a"\n\u001b]0;owned\u0007\u202e', 0, 0)])),
    section(10, vec([body([], [0x01, 0x27]), body([], [0x00])])),
  );
  const { text, document, lines, errors } = read(bytes), [broken, whole] = document.functions;
  assertEquals(broken.instructions.map((one: { text: string }) => one.text), ["nop"]);
  assertEquals([broken.error.offset, whole.error, errors.length], [
    broken.instructions[0].offset + 1,
    null,
    2,
  ]);
  assertEquals(lines.filter(({ kind }) => kind === "error").map((one) => one.function), [0]);
  assertEquals(broken.name, 'a"\n\u001b]0;owned\u0007\u202e');
  assertMatch(text, /^[\x20-\x7e\n]*$/);
});

Deno.test("JSON is made a line at a time, however large the module is", () => {
  const bytes = largeModule({ functions: 200, drops: 500 }), module = named(bytes), errors: unknown[] = [];
  const options = { onError: (error: unknown) => errors.push(error) };
  let instructions = 0;
  for (const line of disassembly(module, options)) if (line.startsWith("  0x")) instructions++;
  for (const form of [disassemblyDocument, disassemblyLines]) {
    let longest = 0, count = 0, braces = 0;
    for (const piece of form(module, options)) {
      longest = Math.max(longest, piece.length);
      if (piece.includes('"depth"')) count++;
      braces += piece.split("{").length - piece.split("}").length;
    }
    assert(longest < 2000, `${longest} characters`);
    assertEquals([count, braces, errors], [instructions, 0, []]);
  }
});

Deno.test("stringsDocument() says where texts stand, of which kind they are, and whether they are whole", () => {
  const module = readModule(compileText(`(module (memory 1)
    (data (i32.const 16) "\\00hello\\00${"x".repeat(1500)}")
    (data "w\\00i\\00d\\00e\\00")
    (@custom "note" "by tools"))`));
  const { texts } = JSON.parse([...stringsDocument(module, 4)].join(""));
  const said = texts.map(({ offset, size, text, ...rest }: Record<string, unknown>) => {
    const { bytes } = module, at = Number(offset);
    const whole = new TextDecoder(String(rest["encoding"])).decode(bytes.subarray(at, at + Number(size)));
    assertEquals(rest["cut"] ? `${whole.slice(0, 1000)}…` : whole, text);
    return { ...rest, text: String(text).slice(0, 8) };
  });
  assertEquals(said, [
    {
      encoding: "utf-8",
      characters: 5,
      segment: 0,
      segmentOffset: 1,
      address: 17,
      text: "hello",
      cut: false,
    },
    {
      encoding: "utf-8",
      characters: 1500,
      segment: 0,
      segmentOffset: 7,
      address: 23,
      text: "xxxxxxxx",
      cut: true,
    },
    {
      encoding: "utf-16le",
      characters: 4,
      segment: 1,
      segmentOffset: 0,
      address: null,
      text: "wide",
      cut: false,
    },
    { encoding: "utf-8", characters: 8, section: "note", text: "by tools", cut: false },
  ]);
  assertEquals([...stringsLines(module, 4)].map((line) => JSON.parse(line)), texts);
  assertEquals(JSON.parse([...stringsDocument(module, 9999)].join("")), { texts: [] });
});
