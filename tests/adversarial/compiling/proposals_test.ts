/** E44: what nobody has looked at is refused, whatever it is called and wherever it stands: proposals that engines may take some day. */
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import {
  type Bytes,
  END,
  funcType,
  I32,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "../../wasm/module_builder.ts";
import { Aegis, AegisError } from "../../../mod.ts";

const type = (...items: Bytes[]) => rawModule(section(SECTION.type, vec(items)));

const code = (...bytes: number[]) =>
  wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: bytes, name: "run" }],
    memories: [[0, 1]],
  });

/** A module of each proposal that is none of ours, and of what is no proposal at all. */
const UNKNOWN: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "a continuation type": type(funcType([], []), [0x5d, 0]),
  "a shared function type": type([0x65, 0x60, 0, 0]),
  "a string reference": type(funcType([0x67], [])),
  "a type with a descriptor": type([0x4d, 0, 0x5f, 0]),
  "an exact reference": type([0x5f, 0], funcType([], [0x64, 0x62, 0]).slice()),
  "pages of one byte": rawModule(section(SECTION.memory, [1, 0x08, 1, 0])),
  "limits with unknown flags": rawModule(section(SECTION.memory, [1, 0x10, 1])),
  "a table with unknown flags": rawModule(section(SECTION.table, [1, 0x70, 0x20, 1])),
  "a mutability that is none": rawModule(section(SECTION.global, [1, I32, 2, 0x41, 0, END])),
  "a tag with an attribute": rawModule(
    section(SECTION.type, vec([funcType([], [])])),
    section(SECTION.tag, [1, 1, 0]),
  ),
  "an import of an unknown kind": rawModule(section(SECTION.import, [1, 1, 0x61, 1, 0x62, 5, 0])),
  "imports in the compact form": rawModule(section(SECTION.import, [1, 1, 0x61, 0, 0x7f, 1, 1, 0x62, 0, 0])),
  "an export of an unknown kind": rawModule(section(SECTION.export, [1, 1, 0x61, 5, 0])),
  "a section that is none": rawModule([14, 1, 0]),
  "another version": Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0),
  "cont.new": code(0xe0, 0),
  "resume": code(0xe3, 0, 0),
  "memory.discard": code(0x41, 0, 0x41, 0, 0xfc, 18, 0),
  "i64.add128": code(0x42, 0, 0x42, 0, 0x42, 0, 0x42, 0, 0xfc, 19, 0x1a, 0x1a),
  "string.const": code(0xfb, 0x82, 1, 0, 0x1a),
  "struct.new_desc": code(0xfb, 32, 0, 0x1a),
  "f16x8.splat": code(0x43, 0, 0, 0, 0, 0xfd, 0xa0, 2, 0x1a),
  "a shared global.atomic.get": code(0xfe, 0x4f, 0, 0, 0x1a),
  "pause": code(0xfe, 0x04),
  "a prefix that is none": code(0xff, 0),
  "a function with a body of no instructions at all": code(0x06),
};

Deno.test("E44 proposals that nobody has looked at are refused at an offset, and the runtime goes on", async () => {
  await using runtime = await Aegis.create();
  for (const [what, bytes] of Object.entries(UNKNOWN)) {
    const error = await assertRejects(() => runtime.loadBytes(bytes), AegisError, undefined, what);
    assert(error.code === "ModuleInvalid" || error.code === "ModuleRefused", `${what}: ${error.code}`);
    assert("offset" in error && Number(error.offset) > 0, `${what}: ${error.message}`);
  }
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  const error = await assertRejects(() => runtime.loadBytes(component), AegisError, "it is a component");
  assertEquals(error.code, "ModuleRefused");
  assertEquals((await runtime.loadWat("(module)")).exports.length, 0);
});

Deno.test("E44 an opcode that is none of the table is refused, whatever V8 makes of it", async () => {
  await using runtime = await Aegis.create();
  // The gaps between the instructions that there are: reserved bytes, and those of proposals that came to nothing.
  const gaps = [0x16, 0x17, 0x1d, 0x1e, 0x27, 0xc5, 0xc6, 0xc7, 0xcf, 0xd7, 0xdf, 0xe1, 0xe9, 0xf0, 0xfa];
  for (const opcode of gaps) {
    const error = await assertRejects(
      () => runtime.loadBytes(code(opcode, 0, 0)),
      AegisError,
      undefined,
      `${opcode}`,
    );
    assertEquals(error.code, "ModuleInvalid", `${opcode}: ${error.message}`);
  }
});

Deno.test("E44 names that an engine has a meaning of its own for are imports like others, and nobody provides them", async () => {
  await using runtime = await Aegis.create();
  for (
    const [module, name, of] of [
      ["wasm:js-string", "length", "(func (param externref) (result i32))"],
      ["wasm:js-string", "fromCharCode", "(func (param i32) (result externref))"],
      ["'", "a constant", "(global externref)"],
      ["wasm:text-encoder", "measureStringAsUTF8", "(func (param externref) (result i32))"],
      ["wasi", "thread-spawn", "(func (param i32) (result i32))"],
    ] as const
  ) {
    const loaded = await runtime.loadWat(`(module (import "${module}" "${name}" ${of}))`);
    await using sandbox = await runtime.sandbox().build();
    const error = await assertRejects(() => sandbox.loadModule(loaded), AegisError, undefined, module);
    assertEquals(error.code, "MissingImport", module);
  }
});
