import { ModuleRefusedError } from "../../src/core/errors.ts";
import { moduleText } from "../../src/listing/module_text.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { exampleBytes, exampleFiles } from "../examples/example_file.ts";
import { readScript, testsuiteFolder } from "../testsuite/location.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { ScriptCompiler } from "../testsuite/script_compiler.ts";
import { splitScript } from "../testsuite/wast.ts";
import { wasmToolsCompiler } from "../testsuite/wasm_tools.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { body, funcType, leb, name, rawModule, section, vec } from "../wasm/module_builder.ts";
import { meaningOf, settled } from "./same_module.ts";

/** Modules of more bytes take too long for a test. */
const LARGEST = 20_000;

/** Characters: watr takes more than linear time. */
const LARGEST_FOR_WATR = 20_000;

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  return [...moduleText(readModule(bytes))].join("");
}

Deno.test("moduleText() of a module with everything compiles to the same module", async () => {
  const compile = await wasmToolsCompiler(), module = readModule(EVERYTHING);
  assertEquals(meaningOf(readModule(compile(textOf(EVERYTHING)))), meaningOf(module));
});

Deno.test("moduleText() of the examples is the same module for wasm-tools, and for the parser that runs use", async () => {
  const compile = await wasmToolsCompiler(), files = await exampleFiles();
  let count = 0;
  for (const file of files) {
    const module = readModule(Uint8Array.from(await exampleBytes(file)));
    if (module.bytes.length > LARGEST) continue;
    count++;
    const text = [...moduleText(module)].join("");
    assertEquals(meaningOf(readModule(compile(text))), meaningOf(module), file);
    if (text.length < LARGEST_FOR_WATR) {
      assertEquals(settled(readModule(compileText(text))), settled(module), file);
    }
  }
  assert(count > 25, `${count} examples`);
});

function same(one: unknown, other: unknown): boolean {
  try {
    assertEquals(one, other);
    return true;
  } catch {
    return false;
  }
}

/** What watr does not take of text that is right, by what it says. */
const REFUSED_BY_WATR: Readonly<Record<string, RegExp>> = {
  "an offset of memory above 2^63": /^Bad offset/,
  "elements of other references than functions": /^Unknown table arrayref/,
  "the type of a block that is declared later": /^Unknown type/,
  "the old exceptions": /^Unknown instruction try/,
};

/** Scripts of the suite that have every kind of instruction and item; all of it takes a minute. */
const SCRIPTS = [
  "align64.wast",
  "array_init_elem.wast",
  "binary_leb128_64.wast",
  "block.wast",
  "br_on_cast.wast",
  "br_table.wast",
  "bulk.wast",
  "call_ref.wast",
  "data.wast",
  "elem.wast",
  "exports.wast",
  "float_literals.wast",
  "global.wast",
  "i31.wast",
  "imports.wast",
  "legacy/try_catch.wast",
  "legacy/try_delegate.wast",
  "memory.wast",
  "names.wast",
  "ref_cast.wast",
  "return_call_indirect.wast",
  "select.wast",
  "simd_const.wast",
  "simd_lane.wast",
  "struct.wast",
  "table.wast",
  "tag.wast",
  "try_table.wast",
  "type-rec.wast",
  "type-subtyping.wast",
] as const;

function* modulesOf(folder: URL, compiler: ScriptCompiler): Generator<{ place: string; module: Module }> {
  for (const script of SCRIPTS) {
    for (const command of splitScript(readScript(folder, script))) {
      if (command.kind !== "module" || !("module" in command)) continue;
      const compiled = compiler.compile(script, command, command.module);
      if (!("bytes" in compiled)) continue;
      yield { place: `${script}:${command.line}`, module: readModule(compiled.bytes, ENGINE_LIMITS) };
    }
  }
}

Deno.test({
  name: "moduleText() of the official suite's modules compiles to the same modules",
  ignore: testsuiteFolder() === undefined,
  async fn() {
    const folder = testsuiteFolder(), compile = await wasmToolsCompiler(), wrong: string[] = [];
    assert(folder !== undefined);
    let count = 0;
    for (const { place, module } of modulesOf(folder, await ScriptCompiler.create())) {
      const text = [...moduleText(module)].join("");
      count++;
      if (!same(meaningOf(readModule(compile(text))), meaningOf(module))) {
        wrong.push(`${place} by wasm-tools`);
      }
      try {
        if (!same(settled(readModule(compileText(text))), settled(module))) wrong.push(`${place} by watr`);
      } catch (error) {
        const message = error instanceof Error ? error.message : "";
        const known = Object.values(REFUSED_BY_WATR).some((why) => why.test(message));
        if (!known) wrong.push(`${place} by watr: ${message.split("\n")[0]}`);
      }
    }
    assert(count > 200, `${count} modules`);
    assertEquals(wrong, []);
  },
});

Deno.test("moduleText() keeps the payload of a NaN", async () => {
  const bytes = compileText(
    "(module (func (result f32) f32.const -nan:0x200001) (func (result f64) f64.const nan:0x4000000000001))",
  );
  const compile = await wasmToolsCompiler();
  assertEquals(meaningOf(readModule(compile(textOf(bytes)))), meaningOf(readModule(bytes)));
  assertStringIncludes(textOf(bytes), "f32.const -nan:0x200001");
});

/** A module whose functions have these names, and call each other in turn. */
function moduleOfNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const code = names.map((_, index) => body([], [0x10, ...leb((index + 1) % names.length)]));
  const map = names.flatMap((text, index) => [...leb(index), ...name(text)]);
  const subsection = [...leb(names.length), ...map];
  return rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [...leb(names.length), ...names.map(() => 0)]),
    section(10, vec(code)),
    section(0, [...name("name"), 1, ...leb(subsection.length), ...subsection]),
  );
}

Deno.test("moduleText() gives items identifiers of their own, whatever a module calls them", async () => {
  const names = ["a", "a", "a#1", "a#4", "a", "a b", "a_b", "a\u202eb", '")(start 0)', "$", "7"];
  const text = textOf(moduleOfNames(names)), compile = await wasmToolsCompiler();
  const found = [...text.matchAll(/\(func (\$\S*) /g)].map(([, id = ""]) => id);
  assertEquals(found.length, names.length);
  assertEquals(new Set(found).size, names.length);
  const expected = meaningOf(readModule(moduleOfNames(names)));
  assertEquals(meaningOf(readModule(compile(text))), expected);
  assertEquals(meaningOf(readModule(compileText(text))), expected);
});

Deno.test("moduleText() prints no name that acts on a terminal, ends a string or a comment", async () => {
  const hostile = 'x"\\\n\x1b[2J\u202e;)\u206a(;';
  const bytes = rawModule(
    section(1, [1, ...funcType([], [])]),
    section(2, vec([[...name(hostile), ...name(hostile), 0, 0]])),
    section(7, vec([[...name(hostile), 0, 0]])),
    section(0, [...name(hostile), 1]),
  );
  const text = textOf(bytes), compile = await wasmToolsCompiler();
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u206a]/.test(text), text);
  assertEquals(meaningOf(readModule(compile(text))), meaningOf(readModule(bytes)));
});

Deno.test("moduleText() cuts identifiers, so that a name of 100,000 letters is not in every call", () => {
  const text = textOf(moduleOfNames(["n".repeat(100_000), "other", "third"]));
  assert(text.length < 4000, `${text.length} characters`);
});

Deno.test("moduleText() repeats no type of two thousand members for each function", () => {
  const count = 5000,
    bytes = rawModule(
      section(1, [1, ...funcType(new Array(1000).fill(0x7f), [])]),
      section(3, [...leb(count), ...new Array(count).fill(0)]),
      section(10, vec(new Array(count).fill(body([], [])))),
    );
  const { length } = textOf(bytes);
  assert(length < 60 * count, `${length} characters`);
});

Deno.test("moduleText() refuses a module whose locals would be gigabytes of text", () => {
  const count = 400,
    bytes = rawModule(
      section(1, [1, ...funcType([], [])]),
      section(3, [...leb(count), ...new Array(count).fill(0)]),
      section(10, vec(new Array(count).fill(body([[40_000, 0x7f]], [])))),
    );
  const error = assertThrows(() => textOf(bytes), ModuleRefusedError);
  assertStringIncludes(error.message, "16000000 locals");
});

Deno.test("moduleText() indents a body that nests 300,000 blocks as far as anybody can see", () => {
  const depth = 300_000, code = new Uint8Array(3 * depth + 1);
  for (let at = 0; at < depth; at++) code.set([0x02, 0x40], 2 * at);
  code.fill(0x0b, 2 * depth);
  const size = leb(code.length + 1), content = [...leb(size.length + code.length + 2), 1, ...size, 0];
  const head = rawModule(section(1, [1, ...funcType([], [])]), section(3, [1, 0]));
  const bytes = new Uint8Array(head.length + 1 + content.length + code.length);
  bytes.set([...head, 10, ...content]);
  bytes.set(code, bytes.length - code.length);
  let length = 0;
  for (const piece of moduleText(readModule(bytes))) length += piece.length;
  assert(length < 250 * 2 * depth, `${length} characters`);
});
