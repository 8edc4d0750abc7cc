/** What a runtime is given for a module, and is none, or not in the form that is meant. */
import { Aegis, AegisError, ModuleRefusedError, run, TypeMismatchError } from "../../mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";

Deno.test("loadBytes() says of a component that it is one, as the command does", async () => {
  await using runtime = await Aegis.create();
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  for (const load of [() => runtime.loadBytes(component), () => run(component, "f")]) {
    const error = await assertRejects(load, ModuleRefusedError);
    assertEquals(
      [error.message.split(". ")[0], error.suggestion],
      [
        "Cannot load the module: it is a component, of WASI preview 2; Aegis runs core modules",
        "Build it for preview 1, in Rust with the target wasm32-wasip1.",
      ],
    );
  }
  // A version that nobody has is one of the module's own faults.
  const other = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0e, 0, 1, 0);
  assertEquals((await assertRejects(() => runtime.loadBytes(other), AegisError)).code, "ModuleInvalid");
});

Deno.test("loadBytes() and loadWat() refuse values of other types", async () => {
  await using runtime = await Aegis.create();
  for (
    const [given, actual] of [
      [new ArrayBuffer(8), "an ArrayBuffer"],
      ["(module)", '"(module)"'],
      [new Uint16Array(8), "a Uint16Array"],
      [[0, 0x61], "an array"],
      [undefined, "undefined"],
    ] as const
  ) {
    // `as`: what callers without types give.
    const error = await assertRejects(
      () => runtime.loadBytes(given as unknown as Uint8Array),
      TypeMismatchError,
    );
    assertEquals([error.expected, error.actual], ["a Uint8Array", actual]);
  }
  const bytes = new Uint8Array(8) as unknown as string;
  const error = await assertRejects(() => runtime.loadWat(bytes), TypeMismatchError);
  assertStringIncludes(error.message, "expected WebAssembly text, got a Uint8Array");
});

Deno.test("loadFile() takes a path and a file: URL, and no other", async () => {
  await using runtime = await Aegis.create();
  const url = new URL("../../examples/add.wat", import.meta.url);
  assertEquals((await runtime.loadFile(url)).name, "add.wat");
  const remote = new URL("https://example.org/add.wat");
  const error = await assertRejects(() => runtime.loadFile(remote), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "file"]);
  assertStringIncludes(error.suggestion ?? "", "loadBytes");
});
