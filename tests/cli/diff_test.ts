import { assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { leb, name, rawModule, section, vec } from "../wasm/module_builder.ts";
import { runCommand } from "./fake_io.ts";

/** A function of very many instructions, and a last one. */
function long(last: number): Uint8Array<ArrayBuffer> {
  const body = [0, ...Array(100_010).fill(1), 0x41, last, 0x1a, 0x0b];
  return rawModule(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([[0]])),
    section(7, vec([[...name("f"), 0, 0]])),
    section(10, vec([[...leb(body.length), ...body]])),
  );
}

const two = (one: number, other: number) =>
  compileText(
    `(module (func (export "f") (result i32) i32.const ${one}) (func (export "g") (result i32) i32.const ${other}))`,
  );

const FILES = { "a.wasm": two(1, 2), "b.wasm": two(1, 3), "long.wasm": long(1), "other.wasm": long(2) };

const diff = (...words: string[]) => runCommand(["diff", ...words], { files: FILES });

Deno.test("diff --quiet prints nothing, whatever else is asked for", async () => {
  for (const more of [[], ["--format", "json"], ["--function", "g"]]) {
    const { status, out, err } = await diff("a.wasm", "b.wasm", "--quiet", ...more);
    assertEquals([status, out, err], [1, "", ""], more.join(" "));
  }
});

Deno.test("diff --function has the status of the function in every format", async () => {
  for (const format of ["human", "json", "json-compact"]) {
    const statusOf = async (wanted: string) =>
      (await diff("a.wasm", "b.wasm", "--function", wanted, "--format", format)).status;
    assertEquals([await statusOf("f"), await statusOf("g")], [0, 1], format);
  }
});

Deno.test("diff --function calls no function the same of which it compared a part", async () => {
  const { status, out } = await diff("long.wasm", "other.wasm", "--function", "f");
  assertEquals(status, 1);
  assertStringIncludes(out, "The code of the function is the same as far as it was compared\nCut: ");
  assertEquals((await diff("long.wasm", "long.wasm", "--function", "f")).status, 0);
});
