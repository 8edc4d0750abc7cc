import { AegisError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { readSignatures } from "../../src/wasm/read_signatures.ts";
import { type AddedSection, withSections } from "../../src/toolchain/module_sections.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const GREET = compileText(
  '(module (memory (export "memory") 1) (func (export "greet") (param i32 i32) (result i64) (i64.const 0)))',
);

function section(name: AddedSection["name"], text: string): AddedSection {
  return { name, text, origin: "file.txt" };
}

Deno.test("withSections() adds sections that readers find, and replaces those of the same name", () => {
  const once = withSections(readModule(GREET), [
    section("aegis:signatures", "greet(bytes) -> bytes\n"),
    section("aegis:mcp", '{"name":"one"}'),
  ]);
  const twice = withSections(readModule(once), [section("aegis:signatures", "greet(string) -> string\n")]);
  const module = readModule(twice);
  assertEquals(module.customs.map(({ name }) => name), ["aegis:mcp", "aegis:signatures"]);
  assertEquals(readSignatures(module).exports.get("greet"), { params: ["string"], results: ["string"] });
  assert(WebAssembly.validate(twice));
});

Deno.test("withSections() refuses signatures that no function has, JSON that is none, and too much", () => {
  const table: [added: AddedSection, reason: string][] = [
    [section("aegis:signatures", "greet string"), '"greet string" is no signature'],
    [section("aegis:signatures", "great(string) -> string"), 'exports no function "great"'],
    [section("aegis:signatures", "memory(string) -> string"), 'exports no function "memory"'],
    [section("aegis:signatures", "greet(i32) -> string"), "does not fit its type in WebAssembly"],
    [section("aegis:mcp", "{"), "it is no JSON"],
    [section("aegis:plugin", "[]"), "it has to be a JSON object"],
    [section("aegis:plugin", `{"name":"${"x".repeat(1024 * 1024)}"}`), "larger than 1MiB"],
  ];
  for (const [added, reason] of table) {
    const error = assertThrows(() => withSections(readModule(GREET), [added]), AegisError);
    assertStringIncludes(error.message, reason);
    assertStringIncludes(error.message, '"file.txt"');
  }
});

Deno.test("withSections() takes lines of imports as they are", () => {
  const lines = "greet(string) -> string\nimport phrases translate(string) -> string\n";
  assertEquals(
    readSignatures(readModule(withSections(readModule(GREET), [section("aegis:signatures", lines)]))).imports
      .size,
    1,
  );
});
