import { ModuleInvalidError, ModuleRefusedError } from "../../src/core/errors.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { prepare } from "../../src/guest/prepare.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { customSection, funcType, I32, join, name, vec, wasmModule } from "../wasm/module_builder.ts";

const limits = resolveLimits();
const text = (fields: string) => compileText(`(module ${fields})`);

Deno.test("prepare() gives compiled modules and what must be known to run them", async () => {
  const bytes = text('(func $f (export "f")) (memory 2)');
  const prepared = await prepare(bytes, { limits, label: "abc" });
  assert(prepared.module instanceof WebAssembly.Module && prepared.support instanceof WebAssembly.Module);
  assertEquals(prepared.layout.exports.map((item) => item.name), ["f"]);
  assertEquals([prepared.declared.moduleSize, prepared.declared.memoryLimit], [bytes.length, 2 * 65536]);
  assert(prepared.instrumentedSize > bytes.length);
  assert(structuredClone(prepared) !== undefined, "it can be posted to any thread");
});

Deno.test("prepare() takes names of functions from the name section", async () => {
  const names = customSection("name", [1, ...[...section([[0, ...name("first")], [1, ...name("second")]])]]);
  const bytes = wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: [] }, { type: 0, code: [] }],
    customs: [names],
  });
  const { functionNames } = await prepare(bytes, { limits });
  assertEquals([...functionNames], [[0, "first"], [1, "second"]]);
});

/** A subsection's payload with its size in front. */
function section(entries: readonly number[][]): number[] {
  const payload = vec(entries);
  return join([[payload.length], payload]);
}

Deno.test("prepare() refuses bytes that are no module, with the offset", async () => {
  const cases: readonly (readonly [Uint8Array<ArrayBuffer>, number])[] = [
    [new Uint8Array(), 0],
    [Uint8Array.of(0, 97, 115, 109, 2, 0, 0, 0), 4],
    [Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 99), 8],
  ];
  for (const [bytes, offset] of cases) {
    const error = await assertRejects(() => prepare(bytes, { limits }), ModuleInvalidError);
    assertEquals([error.code, error.offset], ["ModuleInvalid", offset]);
  }
});

Deno.test("prepare() judges the original, so that code cannot name what is added", async () => {
  // Global 0 and function 1 do not exist before the module is rewritten, and do afterwards.
  for (const code of [[0x23, 0, 0x1a], [0x42, 0, 0x24, 0], [0x10, 1]]) {
    const bytes = wasmModule({ types: [funcType([], [])], functions: [{ type: 0, code }] });
    const error = await assertRejects(() => prepare(bytes, { limits }), ModuleInvalidError);
    assert(error.offset > 8 && error.offset < bytes.length);
  }
  const table = wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: [0x41, 0, 0x11, 0, 0] }],
  });
  await assertRejects(() => prepare(table, { limits }), ModuleInvalidError);
  const type = wasmModule({ types: [funcType([I32], [])], functions: [{ type: 1, code: [] }] });
  await assertRejects(() => prepare(type, { limits }), ModuleInvalidError);
});

Deno.test("prepare() refuses valid modules beyond the limits, or unfit for a heap without bound", async () => {
  for (
    const fields of ["(memory 1025)", "(type (struct))", "(memory 1 1 shared)", "(table 100001 funcref)"]
  ) {
    const error = await assertRejects(() => prepare(text(fields), { limits }), ModuleRefusedError);
    assertEquals(error.code, "ModuleRefused");
  }
});

Deno.test("prepare() leaves its input as it was", async () => {
  const bytes = text('(func (export "f") loop br 0 end)'), before = bytes.slice();
  await prepare(bytes, { limits });
  assertEquals(bytes, before);
});
